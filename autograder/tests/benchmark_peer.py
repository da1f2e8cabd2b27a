# mypy: disallow-untyped-decorators=False
"""What the benchmark compares with: the same cases as a suite for gradescope-utils, written by hand.

It imports the submission into its own process, without any isolation, and writes results.json. Run by
`python -m autograder.tests.benchmark_peer SUBMISSION RESULTS`, it needs nothing of the engine.
"""

from __future__ import annotations

import importlib.util
import sys
import unittest
from collections.abc import Iterator
from typing import Any

import numpy as np
from gradescope_utils.autograder_utils.decorators import number, visibility, weight
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

Batch = tuple[Any, Any]

ROWS = [[1, 2, 3], [1001, 1002, 1003], [-998, -999, -997]]
EXTREME = [[1000, -1000, 0], [-1000, 1000, 0], [1000, 1000, -1000]]


def submission(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("submission", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def batches(
    seed: int, count: int, n: tuple[int, int], c: tuple[int, int], *, soft: bool = False
) -> Iterator[Batch]:
    rng = np.random.RandomState(seed)
    for _ in range(count):
        rows, columns = rng.randint(n[0], n[1] + 1), rng.randint(c[0], c[1] + 1)
        A = np.round(rng.standard_normal((rows, columns)), 3)
        if soft:
            Y = np.round(rng.dirichlet(np.ones(columns), rows), 3)
        else:
            Y = np.eye(columns)[rng.randint(0, columns, rows)]
        yield A, Y


def expected(A: Any, Y: Any) -> tuple[Any, Any]:
    A, Y = np.asarray(A, dtype=np.float64), np.asarray(Y, dtype=np.float64)
    shifted = A - A.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(np.sum(Y * log_softmax, axis=1))
    return loss, (np.exp(log_softmax) - Y) / len(A)


class TestLoss(unittest.TestCase):
    path = ""

    def judge(self, given: list[Batch], loss: Any = None) -> None:
        module = submission(self.path) if loss is None else None
        for A, Y in given:
            instance = loss or module.CrossEntropyLoss()  # type: ignore[union-attr]
            forward, backward = expected(A, Y)
            got = instance.forward(np.array(A), np.array(Y))
            np.testing.assert_allclose(got, forward, rtol=1e-5, atol=1e-7)
            np.testing.assert_allclose(instance.backward(), backward, rtol=1e-5, atol=1e-7)

    def judge_unchanged(self, given: list[Batch]) -> None:
        module = submission(self.path)
        for A, Y in given:
            before = A.copy(), Y.copy()
            loss = module.CrossEntropyLoss()
            loss.forward(A, Y)
            loss.backward()
            np.testing.assert_array_equal(before[0], A)
            np.testing.assert_array_equal(before[1], Y)

    @weight(16)
    @number("10.1")
    def test_worked_example(self) -> None:
        self.judge([(np.array([[2.0, 1, 0.1], [0.1, 2, 1.9]]), np.array([[0, 1, 0], [1, 0, 0]]))])

    @weight(16)
    @number("20.1")
    def test_random_batches(self) -> None:
        self.judge(list(batches(11785, 12, (1, 64), (2, 20))))

    @weight(10)
    @number("20.2")
    def test_soft_targets(self) -> None:
        self.judge(list(batches(20260, 5, (2, 16), (3, 10), soft=True)))

    @weight(4)
    @number("20.3")
    def test_equal_logits(self) -> None:
        given = batches(30101, 2, (2, 8), (3, 10))
        self.judge([(np.full_like(A, 0.5), Y) for A, Y in given])

    @weight(6)
    @number("30.1")
    @visibility("after_published")
    def test_a_single_sample(self) -> None:
        self.judge(list(batches(41201, 2, (1, 1), (3, 10))))

    @weight(6)
    @number("30.2")
    @visibility("after_published")
    def test_as_many_samples_as_classes(self) -> None:
        self.judge([(A[:3, :3], np.eye(3)) for A, _ in batches(42202, 2, (3, 8), (3, 8))])

    @weight(4)
    @number("30.3")
    @visibility("after_published")
    def test_two_classes(self) -> None:
        self.judge(list(batches(43203, 2, (3, 12), (2, 2))))

    @weight(2)
    @number("30.4")
    @visibility("after_published")
    def test_many_samples_and_classes(self) -> None:
        self.judge(list(batches(44204, 1, (300, 300), (100, 100))))

    @weight(4)
    @number("30.5")
    @visibility("after_published")
    def test_float32(self) -> None:
        given = batches(45205, 2, (2, 16), (3, 10))
        self.judge([(A.astype(np.float32), Y.astype(np.float32)) for A, Y in given])

    @weight(4)
    @number("30.6")
    @visibility("after_published")
    def test_whole_numbers(self) -> None:
        given = batches(46206, 2, (2, 16), (3, 10))
        self.judge([(np.rint(2 * A).astype(int), Y.astype(int)) for A, Y in given])

    @weight(6)
    @number("40.1")
    @visibility("after_published")
    def test_plus_1000(self) -> None:
        self.judge([(A + 1000, Y) for A, Y in batches(51301, 2, (2, 16), (3, 10))])

    @weight(5)
    @number("40.2")
    @visibility("after_published")
    def test_minus_1000(self) -> None:
        self.judge([(A - 1000, Y) for A, Y in batches(52302, 2, (2, 16), (3, 10))])

    @weight(2)
    @number("40.3")
    @visibility("after_published")
    def test_rows_of_very_different_size(self) -> None:
        self.judge([(np.array(ROWS), np.eye(3)[[1, 0, 2]])])

    @weight(5)
    @number("50.1")
    def test_extreme_rows(self) -> None:
        self.judge([(np.array(EXTREME), np.eye(3)[[1, 1, 0]])])

    @weight(3)
    @number("50.2")
    def test_inputs_are_left_as_they_are(self) -> None:
        self.judge_unchanged(list(batches(61401, 2, (2, 6), (3, 5), soft=True)))

    @weight(5)
    @number("50.3")
    @visibility("after_published")
    def test_one_object_for_several_batches(self) -> None:
        loss = submission(self.path).CrossEntropyLoss()
        self.judge(list(batches(62402, 4, (1, 8), (2, 6))), loss)

    @weight(2)
    @number("50.4")
    def test_one_hot_inputs_are_left_as_they_are(self) -> None:
        self.judge_unchanged(list(batches(63403, 2, (2, 6), (3, 5))))


def main() -> None:
    TestLoss.path, results = sys.argv[1:]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestLoss)
    with open(results, "w", encoding="utf-8") as file:
        JSONTestRunner(visibility="visible", stream=file).run(suite)


if __name__ == "__main__":
    main()
