"""The model solution against arbitrary precision, central differences, PyTorch and print."""

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[Any]
Batch = tuple[Array, Array]

mpmath = pytest.importorskip("mpmath", reason="mpmath computes the expected values")

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "loss.py"
LARGEST = float(np.finfo(np.float64).max)
SMALLEST = float(np.finfo(np.float64).smallest_subnormal)
DIGITS = 400  # of mpmath's numbers


def load_class() -> Any:
    """Load the class from its file, under a name that no other `loss.py` can take."""
    spec = importlib.util.spec_from_file_location("reference_loss_under_test", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CrossEntropyLoss


CrossEntropyLoss = load_class()


# Batches


def one_hot(rng: np.random.RandomState, N: int, C: int) -> Array:
    return np.eye(C)[rng.randint(C, size=N)]


def soft(rng: np.random.RandomState, N: int, C: int) -> Array:
    return rng.dirichlet(np.ones(C), size=N)


Targets = Callable[[np.random.RandomState, int, int], Array]


def normal(seed: int, N: int, C: int, targets: Targets, *, scale: float, shift: float = 0) -> Batch:
    rng = np.random.RandomState(seed)
    return rng.normal(shift, scale, size=(N, C)), targets(rng, N, C)


def on_a_grid(batch: Batch) -> Batch:
    """Round the logits to multiples of 1/64, so that their differences are exact in float64."""
    A, Y = batch
    return np.round(A * 64) / 64, Y


def every_target(*rows: list[float]) -> Batch:
    """Pair every row of logits with every class as the true one, and with equal shares."""
    C = len(rows[0])
    targets = np.vstack([np.eye(C), np.full((1, C), 1 / C)])
    return np.repeat(np.array(rows), C + 1, axis=0), np.tile(targets, (len(rows), 1))


def integers(seed: int, dtype: str, low: int, high: int) -> Batch:
    rng = np.random.RandomState(seed)
    return rng.randint(low, high, size=(9, 4)).astype(dtype), one_hot(rng, 9, 4).astype(dtype)


def single_precision(seed: int, targets: Targets) -> Batch:
    A, Y = normal(seed, 12, 5, targets, scale=4)
    return A.astype(np.float32), Y.astype(np.float32)


# Differences of these logits are exact in float64, so that a few roundings are all the error.
EXACT_GAPS: dict[str, Batch] = {
    "one-hot": on_a_grid(normal(1, 20, 6, one_hot, scale=3)),
    "soft": on_a_grid(normal(2, 20, 6, soft, scale=3)),
    "one sample": on_a_grid(normal(3, 1, 5, one_hot, scale=2)),
    "one soft sample": on_a_grid(normal(4, 1, 5, soft, scale=2)),
    "two classes": on_a_grid(normal(5, 30, 2, one_hot, scale=5)),
    "one class": (np.array([[3.0], [-7.0]]), np.ones((2, 1))),
    "many classes": on_a_grid(normal(6, 3, 400, one_hot, scale=3)),
    "many soft classes": on_a_grid(normal(7, 3, 400, soft, scale=3)),
    "many samples": on_a_grid(normal(8, 200, 3, soft, scale=3)),
    "shifted by 1000": on_a_grid(normal(9, 12, 5, soft, scale=3, shift=1000)),
    "shifted by -1000": on_a_grid(normal(10, 12, 5, one_hot, scale=3, shift=-1000)),
    "wide one-hot": on_a_grid(normal(11, 30, 4, one_hot, scale=300)),
    "wide soft": on_a_grid(normal(12, 30, 4, soft, scale=300)),
    "all equal": every_target([0.0] * 3, [7.5] * 3, [-1000.0] * 3, [1e308] * 3),
    "ties at the top": every_target([4.0, 4.0, 1.0], [900.0, -900.0, 900.0]),
    "plus and minus 1000": every_target([1000.0, -1000.0], [-1000.0, 1000.0]),
    "targets that do not sum to 1": (
        np.array([[3.0, 1.0], [0.5, 2.0]]),
        np.array([[0.2, 0.3], [2.0, 0.0]]),
    ),
    "float32 one-hot": single_precision(13, one_hot),
    "float32 soft": single_precision(14, soft),
    "int64": integers(15, "int64", -20, 20),
    "int8, differences beyond its range": integers(16, "int8", -128, 128),
    "uint8": integers(17, "uint8", 0, 40),
}
EXACT_GAPS |= {
    f"tiny loss, gap {gap}": (np.array([[gap, 0.0, 0.0]]), np.array([[1.0, 0.0, 0.0]]))
    for gap in (5.0, 36.0, 50.0, 300.0, 700.0, 744.0)
}

# Differences of these are rounded before anything else happens to them.
ROUNDED_GAPS: dict[str, Batch] = {
    "any one-hot": normal(21, 40, 6, one_hot, scale=3),
    "any soft": normal(22, 40, 6, soft, scale=3),
    "any wide one-hot": normal(23, 60, 4, one_hot, scale=300),
    "any wide soft": normal(24, 60, 4, soft, scale=300),
    "any shifted by 1000": normal(25, 40, 5, one_hot, scale=3, shift=1000),
    "nearly equal": normal(26, 10, 5, one_hot, scale=1e-9, shift=1),
    "tiny losses": (np.array([[700.3, 0.1], [50.7, 0.2], [0.1, 33.3]]), np.eye(2)[[0, 0, 1]]),
    "1e308 beside tiny": every_target([1e308, 1e-308, 0.0], [SMALLEST, -SMALLEST, 0.0]),
}

# Rows of finite logits. With some true classes the loss is beyond float64, and inf is right.
EXTREME_ROWS: dict[str, list[float]] = {
    "beyond exp": [1000.0, -1000.0, 999.0],
    "exp is subnormal": [0.0, -710.0, -745.0],
    "large": [1e308, -1e308, 0.0],
    "largest": [LARGEST, -LARGEST, LARGEST],
    "all largest": [LARGEST, LARGEST, LARGEST],
    "all lowest": [-LARGEST, -LARGEST, -LARGEST],
    "subnormal": [SMALLEST, 0.0, -SMALLEST],
    "one alone": [0.0, 0.0, -1e200],
}


def batches(table: dict[str, Batch]) -> pytest.MarkDecorator:
    params = [pytest.param(A, Y, id=name) for name, (A, Y) in table.items()]
    return pytest.mark.parametrize(("A", "Y"), params)


# Arbitrary precision


def textbook(A: Array, Y: Array) -> tuple[Any, list[list[Any]], list[list[Any]]]:
    """Loss, gradient and softmax by their definitions, as mpmath numbers.

    Without a shift and without any other care: mpmath's exponents have no bounds, and its digits
    suffice (324 of them tell 1 - exp(-745) from 1).
    """
    with mpmath.workdps(DIGITS):
        logits = [[mpmath.mpf(float(a)) for a in row] for row in A]
        targets = [[mpmath.mpf(float(y)) for y in row] for row in Y]
        N = len(logits)
        loss, gradient, softmax = mpmath.mpf(0), [], []
        for a, y in zip(logits, targets, strict=True):
            exps = [mpmath.exp(a_c) for a_c in a]
            total = mpmath.fsum(exps)
            p = [e / total for e in exps]
            # A term with a target of 0 is left out: it is slow to compute, and 0 by definition.
            terms = [-y_c * mpmath.log(p_c) for y_c, p_c in zip(y, p, strict=True) if y_c]
            loss += mpmath.fsum(terms) / N
            gradient.append([(p_c - y_c) / N for p_c, y_c in zip(p, y, strict=True)])
            softmax.append(p)
    return loss, gradient, softmax


def difference(got: float, exact: Any) -> float:
    with mpmath.workdps(DIGITS):
        return float(abs(mpmath.mpf(float(got)) - exact))


def assert_agrees(A: Array, Y: Array, *, ulps: float, relative: float = 0) -> None:
    """Allow some units in the last place, or a part of the size, whichever is more."""

    def assert_close(what: str, got: float, exact: Any, size: float) -> None:
        unit = float(np.spacing(size))
        error = difference(got, exact)
        assert error <= max(ulps * unit, relative * size), f"{what} is {error / unit:.3g} ulp off"

    criterion = CrossEntropyLoss()
    got_loss, got_gradient = criterion.forward(A, Y), criterion.backward()
    loss, gradient, softmax = textbook(A, Y)
    assert_close("loss", got_loss, loss, float(loss))

    # p - y has no more correct digits than p, or y, had before the subtraction. So the yardstick
    # is the larger of the two, over N, and not the difference, which may be as small as one likes.
    N, C = A.shape
    assert got_gradient.shape == (N, C)
    for n, c in np.ndindex(N, C):
        size = max(float(softmax[n][c]), float(Y[n, c])) / N
        assert_close(f"gradient[{n}, {c}]", got_gradient[n, c], gradient[n][c], size)


@batches(EXACT_GAPS)
def test_loss_and_gradient_agree_with_arbitrary_precision(A: Array, Y: Array) -> None:
    assert_agrees(A, Y, ulps=4)


@batches(ROUNDED_GAPS)
def test_rounded_differences_of_logits_cost_no_more_than_1e_12(A: Array, Y: Array) -> None:
    # The rounding of max(A) - A, up to 2**-53 of a gap of up to 745 (beyond, exp is 0), is the
    # relative error of the exp: 8e-14. No formula that starts with this difference does better.
    assert_agrees(A, Y, ulps=4, relative=1e-12)


@pytest.mark.parametrize("true_class", [0, 1, 2])
@pytest.mark.parametrize("row", EXTREME_ROWS.values(), ids=EXTREME_ROWS.keys())
def test_extreme_finite_logits_give_the_true_loss_and_never_nan(
    row: list[float], true_class: int
) -> None:
    A, Y = np.array([row]), np.eye(3)[[true_class]]
    loss, _, _ = textbook(A, Y)
    if loss <= LARGEST:
        assert_agrees(A, Y, ulps=4)
    else:
        criterion = CrossEntropyLoss()
        assert criterion.forward(A, Y) == np.inf
        assert np.isfinite(criterion.backward()).all()


@pytest.mark.parametrize("row", EXTREME_ROWS.values(), ids=EXTREME_ROWS.keys())
def test_extreme_finite_logits_raise_no_numpy_warning(row: list[float]) -> None:
    A, Y = every_target(row)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        criterion = CrossEntropyLoss()
        criterion.forward(A, Y)
        criterion.backward()


@pytest.mark.parametrize("N", [3, 9, 11])
def test_rounding_at_the_end_of_the_range_raises_no_numpy_warning(N: int) -> None:
    # N losses of the largest float64 each: a mean that is rounded up even once is inf.
    A, Y = np.array([[LARGEST, 0.0]] * N), np.array([[0.0, 1.0]] * N)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = CrossEntropyLoss().forward(A, Y)
    assert loss >= LARGEST * (1 - 1e-15)


@batches(EXACT_GAPS | ROUNDED_GAPS)
def test_nothing_overflows_and_nothing_is_invalid_on_the_way(A: Array, Y: Array) -> None:
    # Underflow stays at numpy's default, ignored: exp(-2000) is meant to become 0.
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        criterion = CrossEntropyLoss()
        criterion.forward(A, Y)
        criterion.backward()


@pytest.mark.parametrize(
    ("A", "Y", "expected"),
    [
        ([[1000.0, -1000.0]], [[0.0, 1.0]], 2000.0),
        ([[1000.0, -1000.0]], [[1.0, 0.0]], 0.0),
        ([[50.0, 0.0]], [[1.0, 0.0]], 1.9287498479639178e-22),
        ([[1e308, -1e308]], [[1.0, 0.0]], 0.0),
        ([[1e308, 0.0]], [[0.0, 1.0]], 1e308),
        ([[1e308, -1e308]], [[0.0, 1.0]], np.inf),
        ([[1.7e308, 0.0], [1.7e308, 0.0]], [[0.0, 1.0], [0.0, 1.0]], 1.7e308),
    ],
)
def test_losses_that_are_known_by_heart(
    A: list[list[float]], Y: list[list[float]], expected: float
) -> None:
    loss = CrossEntropyLoss().forward(A, Y)
    assert loss == pytest.approx(expected, rel=1e-15, abs=0)


# Other witnesses


@batches(
    {
        "one-hot": normal(31, 4, 5, one_hot, scale=2),
        "soft": normal(32, 5, 3, soft, scale=2),
        "one sample": normal(33, 1, 4, soft, scale=2),
        "as many samples as classes": normal(34, 3, 3, one_hot, scale=2),
        "shifted by 100": normal(35, 4, 5, soft, scale=2, shift=100),
    }
)
def test_backward_is_the_slope_of_forward(A: Array, Y: Array) -> None:
    # A central difference is off by h**2/6 * L''' from the curvature and by about 2**-53 * L/h
    # from rounding. Near h = eps**(1/3) = 6e-6 the sum is smallest; with losses below 10 and
    # |L'''| below 1 that is 1e-10. A power of two, 2**-17 = 8e-6, makes A + h nearly exact.
    step, tolerance = 2.0**-17, 1e-9
    criterion = CrossEntropyLoss()
    criterion.forward(A, Y)
    gradient = criterion.backward()
    slopes = np.empty_like(A)
    for index in np.ndindex(*A.shape):
        up, down = A.copy(), A.copy()
        up[index] += step
        down[index] -= step
        rise = CrossEntropyLoss().forward(up, Y) - CrossEntropyLoss().forward(down, Y)
        slopes[index] = rise / (up[index] - down[index])
    np.testing.assert_allclose(gradient, slopes, rtol=0, atol=tolerance)


@batches(
    {
        "one-hot": normal(41, 16, 10, one_hot, scale=3),
        "soft": normal(42, 16, 10, soft, scale=3),
        "one sample": normal(43, 1, 7, soft, scale=3),
        "wide": normal(44, 16, 4, one_hot, scale=300),
        "shifted by 1000": normal(45, 16, 4, soft, scale=3, shift=1000),
    }
)
def test_loss_and_gradient_agree_with_pytorch(A: Array, Y: Array) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, the witness here, is not installed")
    logits = torch.tensor(A, dtype=torch.float64, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor(Y, dtype=torch.float64))
    expected.backward()
    criterion = CrossEntropyLoss()
    assert criterion.forward(A, Y) == pytest.approx(expected.item(), rel=1e-12, abs=0)
    np.testing.assert_allclose(criterion.backward(), logits.grad.numpy(), rtol=0, atol=1e-15)


WORKED_A = np.array([[2.0, 1.0, 0.1], [0.1, 2.0, 1.9]])
WORKED_Y = np.array([[0, 1, 0], [1, 0, 0]])


def test_worked_example_gives_the_printed_figures() -> None:
    rows = [CrossEntropyLoss().forward(WORKED_A[n : n + 1], WORKED_Y[n : n + 1]) for n in (0, 1)]
    assert [f"{loss:.3f}" for loss in rows] == ["1.417", "2.620"]
    criterion = CrossEntropyLoss()
    assert f"{criterion.forward(WORKED_A, WORKED_Y):.3f}" == "2.019"
    printed = [[0.330, -0.379, 0.049], [-0.464, 0.243, 0.220]]
    np.testing.assert_array_equal(np.round(criterion.backward(), 3), printed)


# The contract


@pytest.mark.parametrize("N", [1, 4])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_loss_is_a_scalar_and_gradient_a_float64_array(N: int, dtype: str) -> None:
    A, Y = np.arange(3 * N).reshape(N, 3).astype(dtype), np.eye(3)[[1] * N].astype(dtype)
    criterion = CrossEntropyLoss()
    assert isinstance(criterion.forward(A, Y), float)  # np.float64 is a float as well
    gradient = criterion.backward()
    assert isinstance(gradient, np.ndarray)
    assert (gradient.shape, gradient.dtype) == ((N, 3), np.float64)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
def test_inputs_stay_as_they_were(dtype: str) -> None:
    A, Y = np.array([[5, 1, 3], [2, 2, 8]], dtype), np.array([[0, 1, 0], [0, 0, 1]], dtype)
    A_before, Y_before = A.copy(), Y.copy()
    criterion = CrossEntropyLoss()
    criterion.forward(A, Y)
    gradient = criterion.backward()
    gradient[:] = 99  # not a view of anything that was handed in
    assert A.dtype == Y.dtype == dtype
    np.testing.assert_array_equal(A, A_before)
    np.testing.assert_array_equal(Y, Y_before)


def test_read_only_inputs_are_accepted() -> None:
    A, Y = normal(51, 4, 3, soft, scale=2)
    writable = CrossEntropyLoss()
    expected = writable.forward(A, Y), writable.backward()
    A.setflags(write=False)
    Y.setflags(write=False)
    criterion = CrossEntropyLoss()
    assert criterion.forward(A, Y) == expected[0]
    np.testing.assert_array_equal(criterion.backward(), expected[1])


def test_one_object_serves_batches_of_different_shapes() -> None:
    shared = CrossEntropyLoss()
    for seed, (N, C) in enumerate([(5, 4), (1, 4), (8, 2), (5, 4), (2, 9)]):
        A, Y = normal(60 + seed, N, C, soft, scale=3)
        fresh = CrossEntropyLoss()
        assert shared.forward(A, Y) == fresh.forward(A, Y)
        np.testing.assert_array_equal(shared.backward(), fresh.backward())


def test_backward_may_be_called_twice_and_gives_away_no_state() -> None:
    criterion = CrossEntropyLoss()
    criterion.forward(WORKED_A, WORKED_Y)
    first = criterion.backward()
    kept = first.copy()
    first[:] = 99
    np.testing.assert_array_equal(criterion.backward(), kept)


def test_backward_belongs_to_the_values_that_forward_saw() -> None:
    A, Y = normal(71, 4, 3, soft, scale=2)
    criterion = CrossEntropyLoss()
    criterion.forward(A, Y)
    expected = criterion.backward()
    A[:], Y[:] = 0, 0
    np.testing.assert_array_equal(criterion.backward(), expected)


def test_two_objects_share_nothing() -> None:
    one, other = CrossEntropyLoss(), CrossEntropyLoss()
    one.forward(WORKED_A, WORKED_Y)
    expected = one.backward()
    other.forward(WORKED_A[::-1] * 2, WORKED_Y)
    np.testing.assert_array_equal(one.backward(), expected)


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_layout_does_not_matter(order: Literal["C", "F"]) -> None:
    A, Y = normal(81, 6, 5, soft, scale=3)
    strided_A, strided_Y = np.repeat(A, 2, axis=1)[:, ::2], np.array(Y, order=order)
    criterion, contiguous = CrossEntropyLoss(), CrossEntropyLoss()
    loss = contiguous.forward(A, Y)
    assert criterion.forward(np.array(strided_A, order=order), strided_Y) == pytest.approx(loss)
    np.testing.assert_allclose(criterion.backward(), contiguous.backward(), rtol=0, atol=1e-15)
