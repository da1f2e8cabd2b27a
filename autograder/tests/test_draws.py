"""Draws: the same numbers everywhere, and the numbers that a case file asks for."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.errors import AssignmentError
from autograder.formats import draws
from autograder.formats.assignment import load_assignment
from autograder.model import Assignment, Inputs, Randomness, Recipe, Sizes

Arrays = dict[str, NDArray[Any]]
Draw = Callable[..., list[Arrays]]
DrawOne = Callable[[str], NDArray[Any]]

# Of every number that the shipped cases draw. It must be the same on every platform, Python and
# numpy; it changes where a case file, a seed or a draw is changed on purpose, and only there.
DIGEST = "41ccffe0abe84e0fe654a98190c05bb1795bb6ab3be50e92dd1e00403a818d6b"


def arrays_of(inputs: Inputs) -> list[Arrays]:
    return [batch.inputs for batch in draws.draw(inputs)]


@pytest.fixture
def draw(tmp_path: Path, repository: Path) -> Draw:
    """Draws the batches of a case that has these lines of YAML for `random` and its inputs."""
    shutil.copytree(repository / "reference", tmp_path / "reference")
    (tmp_path / "testcases").mkdir()
    shutil.copy(repository / "testcases" / "assignment.yaml", tmp_path / "testcases")

    def draw_case(A: str, Y: str = "{one_hot: [2, 3]}", random: str = "seed: 1") -> list[Arrays]:
        (tmp_path / "testcases" / "10_case.yaml").write_text(
            "cases:\n"
            "  - name: One\n"
            f"    random: {{{random}}}\n"
            f"    inputs: {{A: {A}, Y: {Y}}}\n"
            "    points: {forward: 1}\n",
            encoding="utf-8",
        )
        (case,) = load_assignment(tmp_path).cases
        return arrays_of(case.inputs)

    return draw_case


@pytest.fixture
def draw_one(draw: Draw) -> DrawOne:
    """Draws a single array."""
    return lambda text: np.asarray(draw(text)[0]["A"])


def digest_of(assignment: Assignment) -> str:
    """A digest of the names, dtypes, shapes and numbers of all batches of all cases."""
    digest = hashlib.sha256()
    for case in assignment.cases:
        for number, batch in enumerate(arrays_of(case.inputs)):
            for name, array in batch.items():
                digest.update(f"{case.name}/{number}/{name}/{array.dtype}/{array.shape}/".encode())
                digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


def assert_same(one: list[Arrays], other: list[Arrays]) -> None:
    assert len(one) == len(other)
    for batch, twin in zip(one, other):
        assert list(batch) == list(twin)
        for name in batch:
            assert batch[name].dtype == twin[name].dtype
            assert np.array_equal(batch[name], twin[name])


# Every draw, each with settings of its own, as it was before sizes could be expressions.
EVERY_DRAW: dict[str, NDArray[Any] | Recipe] = {
    "a": Recipe("normal", ("N", "C"), {"mean": 0.5, "scale": 3.0}, 0.0, "float64"),
    "b": Recipe("uniform", ("C", 3), {"low": -2.0, "high": 6.0}, 0.0, "float32"),
    "c": Recipe("integers", ("N", "C"), {"low": -4, "high": 4}, 0.0, "int64"),
    "d": Recipe("constant", ("N",), {"value": 0.1}, 0.0, "float64"),
    "e": Recipe("one_hot", ("N", "C"), {}, 0.0, "int8"),
    "f": Recipe("probabilities", (2, "N", "C"), {"concentration": 0.5}, 0.0, "float64"),
    "g": np.array([[1.0, 2.5]]),
    "h": Recipe("normal", (), {"mean": 0.0, "scale": 1.0}, 1000.0, "float16", 1),
}


# The same numbers, everywhere and each time.


def test_every_draw_gives_the_numbers_that_it_always_gave() -> None:
    random = Randomness(20261125, 7, {"N": Sizes(1, 9), "C": Sizes(2, 6)})
    digest = hashlib.sha256()
    for number, batch in enumerate(arrays_of(Inputs(EVERY_DRAW, random))):
        for name, array in batch.items():
            digest.update(f"{number}/{name}/{array.dtype}/{array.shape}/".encode())
            digest.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    assert digest.hexdigest() == "4005e54272272d5621884aa6ecb841afc97228f56bae07e84d972f26387c6328"


def test_the_shipped_cases_draw_the_same_numbers_everywhere(assignment: Assignment) -> None:
    assert digest_of(assignment) == DIGEST


def test_a_case_drawn_twice_gives_the_same_batches(assignment: Assignment) -> None:
    for case in assignment.cases:
        assert_same(arrays_of(case.inputs), arrays_of(case.inputs))


def test_a_case_drawn_twice_shares_no_memory(assignment: Assignment) -> None:
    for case in assignment.cases:
        first = arrays_of(case.inputs)
        for batch in first:
            for array in batch.values():
                array[...] = 0
        assert any(array.any() for batch in arrays_of(case.inputs) for array in batch.values())


def test_numbers_do_not_depend_on_the_global_state_of_numpy(draw: Draw) -> None:
    np.random.seed(1)
    one = draw("{normal: [2, 3]}")
    np.random.seed(2)
    assert_same(one, draw("{normal: [2, 3]}"))


def test_another_seed_gives_other_numbers(draw: Draw) -> None:
    one = draw("{normal: [2, 3]}", random="seed: 1")[0]["A"]
    other = draw("{normal: [2, 3]}", random="seed: 2")[0]["A"]
    assert not np.array_equal(one, other)


def test_adding_batches_leaves_the_earlier_ones_as_they_were(draw: Draw) -> None:
    A, Y = "{normal: [N, C]}", "{probabilities: [N, C]}"
    few = draw(A, Y, "seed: 5, batches: 3, N: 1..50, C: 2..20")
    many = draw(A, Y, "seed: 5, batches: 30, N: 1..50, C: 2..20")
    assert len(many) == 30
    assert_same(few, many[:3])


def test_every_batch_is_drawn_anew(draw: Draw) -> None:
    batches = draw("{normal: [2, 3]}", random="seed: 1, batches: 10")
    assert len({batch["A"].tobytes() for batch in batches}) == 10


# Sizes and dtypes.


def test_sizes_are_drawn_anew_for_every_batch_and_both_ends_occur(draw: Draw) -> None:
    batches = draw(
        "{normal: [N, C]}", "{one_hot: [N, C]}", "seed: 3, batches: 200, N: 1..4, C: 2..5"
    )
    shapes = [batch["A"].shape for batch in batches]
    assert shapes == [batch["Y"].shape for batch in batches]
    assert {N for N, _ in shapes} == {1, 2, 3, 4}
    assert {C for _, C in shapes} == {2, 3, 4, 5}
    assert len(set(shapes)) == 16  # each in its own right


@pytest.mark.parametrize(
    ("shape", "expected"),
    [("[]", ()), ("[4]", (4,)), ("[N, N]", (3, 3)), ("[2, N, C, 1]", (2, 3, 5, 1))],
)
@pytest.mark.parametrize("name", ["normal", "uniform", "integers", "constant"])
def test_a_draw_has_the_shape_that_is_asked_for(
    draw: Draw, name: str, shape: str, expected: tuple[int, ...]
) -> None:
    (batch,) = draw(f"{{{name}: {shape}}}", random="seed: 1, N: 3, C: 5")
    assert type(batch["A"]) is np.ndarray
    assert batch["A"].shape == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("L - K + 1", 6),
        ("2*K", 6),
        ("L // K", 2),
        ("(L - 1) // 2 + K * (K - 1)", 9),
        ("L - K - 1", 4),
        ("L-(K-1)", 6),
        ("L // K * K", 6),
        ("7", 7),
        ("größe", 5),
    ],
)
def test_a_size_may_be_a_sum_or_a_product(draw: Draw, shape: str, expected: int) -> None:
    (batch,) = draw(f"{{normal: [{shape}, L]}}", random="seed: 1, L: 8, K: 3, größe: 5")
    assert batch["A"].shape == (expected, 8)


def test_a_batch_knows_its_sizes(draw: Draw, tmp_path: Path) -> None:
    draw("{normal: [N]}", random="seed: 3, batches: 20, N: 1..9")
    (case,) = load_assignment(tmp_path).cases
    batches = draws.draw(case.inputs)
    assert [batch.inputs["A"].shape for batch in batches] == [(b.sizes["N"],) for b in batches]
    assert len({batch.sizes["N"] for batch in batches}) > 3


@pytest.mark.parametrize("N", ["1..999999999", "1..1000001"])
def test_wide_ranges_are_told_at_once(draw: Draw, N: str) -> None:
    with pytest.raises(AssignmentError, match="1,000,000 is the most"):
        draw("{normal: [N]}", random=f"seed: 1, N: {N}, M: 1..999999999")
    with pytest.raises(AssignmentError, match="is at least 1"):
        draw("{normal: [M - N]}", random=f"seed: 1, N: {N}, M: 1..999999999")


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("normal", "float64"),
        ("uniform", "float64"),
        ("constant", "float64"),
        ("one_hot", "float64"),
        ("probabilities", "float64"),
        ("integers", "int64"),
    ],
)
def test_a_draw_has_a_dtype_of_its_own(draw_one: DrawOne, name: str, dtype: str) -> None:
    assert draw_one(f"{{{name}: [2, 3]}}").dtype == dtype


@pytest.mark.parametrize(
    "dtype", ["float64", "float32", "float16", "int64", "int32", "int16", "int8"]
)
def test_any_draw_takes_any_dtype(draw_one: DrawOne, dtype: str) -> None:
    numbers = draw_one("{normal: [50, 3], scale: 20}")
    array = draw_one(f"{{normal: [50, 3], scale: 20, dtype: {dtype}}}")
    expected = np.rint(numbers) if dtype.startswith("int") else numbers
    assert array.dtype == dtype
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert np.array_equal(array, expected.astype(dtype))
    assert np.any(array > 0)
    assert np.any(array < 0)


def test_a_fixed_input_takes_a_dtype_and_is_the_same_in_every_batch(draw: Draw) -> None:
    Y = "{values: [[0, 2.0, -3], [1, 0, 7]], dtype: int32}"
    batches = draw("{normal: [2, 3]}", Y, "seed: 1, batches: 3")
    for batch in batches:
        assert batch["Y"].dtype == np.int32
        assert batch["Y"].tolist() == [[0, 2, -3], [1, 0, 7]]


def test_shift_is_added_to_any_draw(draw_one: DrawOne) -> None:
    for name in ("normal", "uniform", "integers", "constant", "one_hot", "probabilities"):
        plain = draw_one(f"{{{name}: [20, 3]}}")
        shifted = draw_one(f"{{{name}: [20, 3], shift: -1000}}")
        assert np.array_equal(shifted, plain - 1000)


# Each draw.


def test_normal_numbers_have_the_mean_and_the_scale_that_are_asked_for(draw_one: DrawOne) -> None:
    numbers = draw_one("{normal: [1000, 100], mean: -7, scale: 3}")
    assert abs(numbers.mean() + 7) < 0.1  # ten standard errors
    assert abs(numbers.std() - 3) < 0.07
    assert 0.67 < np.mean(np.abs(numbers + 7) < 3) < 0.70  # as in a bell, not in a box


def test_normal_numbers_are_standard_by_default(draw_one: DrawOne) -> None:
    numbers = draw_one("{normal: [1000, 100]}")
    assert abs(numbers.mean()) < 0.03
    assert abs(numbers.std() - 1) < 0.03


@pytest.mark.parametrize("scale", [1e-9, 0.5, 1.0, 30.0, 4e12])
def test_normal_numbers_have_few_digits(draw_one: DrawOne, scale: float) -> None:
    numbers = draw_one(f"{{normal: [100, 10], scale: {scale}}}")
    assert all(float(f"{x:.4e}") == x for x in numbers.flat)
    assert len(set(numbers.flat)) > 800  # and yet enough to tell them apart


def test_uniform_numbers_fill_the_range_and_stay_within(draw_one: DrawOne) -> None:
    numbers = draw_one("{uniform: [1000, 100], low: -2, high: 6}")
    assert numbers.min() >= -2
    assert numbers.max() <= 6
    assert abs(numbers.mean() - 2) < 0.1
    counts, _ = np.histogram(numbers, bins=8, range=(-2, 6))
    assert counts.min() > 12_000


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.12342, 0.98765), (-0.98765, -0.12342), (1 / 3, 2 / 3), (1e-9, 1.0), (100.00049, 100.9)],
)
def test_uniform_numbers_stay_within_uneven_bounds(
    draw_one: DrawOne, low: float, high: float
) -> None:
    numbers = draw_one(f"{{uniform: [1000, 200], low: {low!r}, high: {high!r}}}")
    assert numbers.min() >= low
    assert numbers.max() <= high


def test_integers_include_both_ends(draw_one: DrawOne) -> None:
    numbers = draw_one("{integers: [100, 10], low: -2, high: 3}")
    assert set(numbers.flat) == {-2, -1, 0, 1, 2, 3}
    assert set(draw_one("{integers: [100, 10]}").flat) == set(range(10))


def test_integers_reach_the_largest_that_a_float_can_tell_apart(draw_one: DrawOne) -> None:
    largest = 2**53
    numbers = draw_one(f"{{integers: [1000], low: {largest - 1}, high: {largest}}}")
    assert set(numbers.tolist()) == {largest - 1, largest}


def test_labels_are_whole_numbers_below_their_number(draw: Draw) -> None:
    batches = draw("{labels: [400], of: 2 * C - 1}", random="seed: 1, batches: 9, C: 1..3")
    assert {tuple(sorted(set(batch["A"].tolist()))) for batch in batches} == {
        (0,),
        (0, 1, 2),
        (0, 1, 2, 3, 4),
    }
    assert batches[0]["A"].dtype == np.int64
    assert set(draw("{labels: [90], of: 3}")[0]["A"].tolist()) == {0, 1, 2}


def test_flags_can_be_drawn(draw_one: DrawOne) -> None:
    flags = draw_one("{integers: [50], low: 0, high: 1, dtype: bool}")
    assert flags.dtype == np.bool_
    assert flags.any()
    assert not flags.all()


def test_equal_bounds_give_that_number(draw_one: DrawOne) -> None:
    assert set(draw_one("{integers: [20], low: 4, high: 4}").flat) == {4}
    assert set(draw_one("{uniform: [20], low: 0.25, high: 0.25}").flat) == {0.25}
    assert set(draw_one("{normal: [20], mean: 0.25, scale: 0}").flat) == {0.25}


def test_a_constant_is_the_same_everywhere(draw_one: DrawOne) -> None:
    assert draw_one("{constant: [2, 3], value: 0.1}").tolist() == [[0.1] * 3] * 2
    assert not draw_one("{constant: [2, 3]}").any()


@pytest.mark.parametrize("classes", [1, 2, 7, 200])
def test_one_hot_rows_have_a_single_one_and_every_class_occurs(
    draw_one: DrawOne, classes: int
) -> None:
    rows = draw_one(f"{{one_hot: [4000, {classes}]}}")
    assert set(rows.flat) <= {0.0, 1.0}
    assert np.array_equal(rows.sum(axis=1), np.ones(4000))
    assert rows.any(axis=0).all()


def test_one_hot_and_probabilities_take_leading_dimensions(draw_one: DrawOne) -> None:
    assert np.array_equal(draw_one("{one_hot: [2, 3, 4]}").sum(axis=-1), np.ones((2, 3)))
    rows = draw_one("{probabilities: [2, 3, 4]}")
    assert np.abs(rows.sum(axis=-1) - 1).max() < 1e-14
    assert draw_one("{one_hot: [4]}").sum() == 1


@pytest.mark.parametrize("concentration", [0.01, 0.3, 1, 100, 1e6])
@pytest.mark.parametrize("classes", [1, 2, 10, 95, 200, 950])
def test_probabilities_are_not_negative_and_sum_to_one(
    draw_one: DrawOne, classes: int, concentration: float
) -> None:
    rows = draw_one(f"{{probabilities: [500, {classes}], concentration: {concentration}}}")
    assert rows.min() >= 0
    assert rows.max() <= 1
    assert np.abs(rows.sum(axis=1) - 1).max() < 1e-13


def test_a_small_concentration_gives_peaks_and_a_large_one_gives_equal_parts(
    draw_one: DrawOne,
) -> None:
    peaked = draw_one("{probabilities: [500, 10], concentration: 0.01}")
    even = draw_one("{probabilities: [500, 10], concentration: 10000}")
    assert peaked.max(axis=1).mean() > 0.9
    assert peaked.any(axis=0).all()
    assert np.abs(even - 0.1).max() < 0.02


def test_every_class_is_as_probable_as_the_others(draw_one: DrawOne) -> None:
    for concentration in (0.01, 1):
        text = f"{{probabilities: [20000, 4], concentration: {concentration}}}"
        assert np.abs(draw_one(text).mean(axis=0) - 0.25).max() < 0.02


@pytest.mark.parametrize(
    "text",
    [
        "{uniform: [20], low: -1.7e+308, high: 1.7e+308}",
        "{normal: [20], scale: 1.0e-310}",
        "{normal: [20], mean: 1.0e+306}",
        "{normal: [20], scale: 1.0e-300}",
        "{normal: [20], scale: 1.0e+300}",
    ],
)
def test_extreme_settings_give_finite_numbers_or_are_refused(draw_one: DrawOne, text: str) -> None:
    try:
        numbers = draw_one(text)
    except AssignmentError:
        return
    assert np.isfinite(numbers).all()
    assert len(set(numbers.flat)) > 1 or "mean" in text
