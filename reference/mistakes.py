"""Known wrong solutions of the exercise; the docstring of each is the hint to whoever made it.

`breaks` names the checks that a mistake fails somewhere: forward, backward, inputs_unchanged. The
order is from simple and frequent to rare: where several give the same numbers, the first is told.
"""

from typing import Any

import numpy as np
from loss import CrossEntropyLoss


def _softmax(A: np.ndarray) -> Any:
    return np.exp(_log_softmax(A))


def _log_softmax(A: np.ndarray) -> Any:
    shifted = A - A.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _one_hot(labels: np.ndarray, C: int) -> Any:
    return np.eye(C)[labels]


class _InParts(CrossEntropyLoss):
    """A right solution in parts, of which a mistake replaces one.

    The grader puts two mistakes together if they replace different parts, so that it knows a
    submission with both.
    """

    stable = True  # the logarithm is that of the right softmax, and never of a 0

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        logits = np.asarray(A, dtype=np.float64)
        self.targets = self.weights(np.array(Y, dtype=np.float64))
        self.softmax = self.probabilities(logits)
        return self.loss(self.targets, self.logarithm(self.softmax, logits))

    def backward(self) -> Any:
        return self.gradient(self.softmax, self.targets)

    def weights(self, Y: np.ndarray) -> Any:
        return Y

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(A)

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:
        return _log_softmax(A) if self.stable else np.log(P)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y) / len(Y)


class _OtherFormulas(_InParts):
    """Other formulas for the loss or the gradient, on the right softmax."""


class _OtherSoftmax(_InParts):
    """All that follows from another softmax, with the logarithm taken of what comes out of it."""

    stable = False


# Not finished yet. -------------------------------------------------------------------------------


class NotImplementedYet(CrossEntropyLoss):
    """This method gives no result yet: it is still the starter's placeholder, or it ends without
    returning one. The worked example of the write-up goes through the numbers one by one.
    """

    breaks = ("forward", "backward")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        raise NotImplementedError

    def backward(self) -> Any:
        raise NotImplementedError


class ForwardReturnsNothing(CrossEntropyLoss):
    """The loss gets lost on its way out: forward ends without returning anything. Printing the
    number, or keeping it on the object, does not hand it to the caller."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        super().forward(A, Y)


class BackwardReturnsNothing(CrossEntropyLoss):
    """The gradient gets lost on its way out: backward ends without returning anything. Look at its
    last line."""

    breaks = ("backward",)

    def backward(self) -> Any:
        return None


# Seen all the time. ------------------------------------------------------------------------------


class GradientNotDividedByN(_OtherFormulas):
    """The gradient is N times too large. The loss is a mean over the batch; what does that do to
    its derivative?"""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P - Y


class LossNotDividedByN(_OtherFormulas):
    """The loss is N times too large: it is the sum over the batch, and the mean is asked for.
    Look at what happens to the per-sample losses last."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum()


class LossOfVanishedProbability(_OtherFormulas):
    """One of these probabilities is so small that the computer holds it as 0, and its logarithm
    spoils the sum. Never form that probability: the log-sum-exp form, at the end of the write-up's
    section on large logits, goes from the logits to the logarithm directly."""

    breaks = ("forward",)

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:  # noqa: ARG002
        return np.log(P)


class SoftmaxNotShifted(_OtherSoftmax):
    """The exponentials run out of range, above or below, and give NaN. Adding the same number
    to a whole row leaves its softmax as it is, so choose one that keeps every exponent harmless."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A)
        return powers / powers.sum(axis=1, keepdims=True)


class LossAveragedOverAllEntries(_OtherFormulas):
    """The loss is C times too small: the mean was taken over all N times C numbers. Add up the
    classes of each sample first, and average over the samples only."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).mean()


class GradientDividedByNAndC(_OtherFormulas):
    """The gradient is C times too small: it was divided by the number of all entries. The mean runs
    over the samples, and there are N of those."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y) / P.size


class LossNegated(_OtherFormulas):
    """The size of the loss is right, its sign is not. The logarithm of a probability is never
    above 0, and a cross-entropy never below."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return (Y * log_P).sum() / len(Y)


class GradientNegated(_OtherFormulas):
    """The gradient points the wrong way: every number has the opposite sign. Raising the logit of
    the true class makes the loss smaller, so what must the sign be there?"""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (Y - P) / len(Y)


class GradientNegatedAndNotDividedByN(_OtherFormulas):
    """Two slips in one: the gradient has the opposite sign, and it is N times too large. Which of
    the two matrices is subtracted from which, and where does the mean over the batch come in?"""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return Y - P


class SoftmaxOverSamples(_OtherSoftmax):
    """The softmax runs over the samples of the batch instead of over the classes of each sample.
    Every row has to sum to 1; here the columns do."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(A.T).T


class SoftmaxOverTheWholeBatch(_OtherSoftmax):
    """The softmax divides by the total of the whole batch, so that all the numbers together sum to
    1. Each row is a distribution of its own and needs a total of its own."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(A.reshape(1, -1)).reshape(A.shape)


class RowTotalsNotLinedUp(_OtherSoftmax):
    """Numbers of the rows (maxima, totals) are laid out along the columns, so each row meets those of
    others: an error as a rule, and wrong numbers where N equals C. They have to stand in a column,
    each beside its own row."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A)
        return powers / powers.sum(axis=1)


class RowMaximaAndTotalsNotLinedUp(_OtherSoftmax):
    """Numbers of the rows (maxima, totals) are laid out along the columns, so each row meets those of
    others: an error as a rule, and wrong numbers where N equals C. They have to stand in a column,
    each beside its own row."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.max(axis=1))
        return powers / powers.sum(axis=1)


class SoftTargetsTakenAsHard(_InParts):
    """Only the largest entry of each target row is used, as if it were a label. A soft target
    spreads its weight over several classes, and all of them count."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return _one_hot(Y.argmax(axis=1), Y.shape[1])


class IntegerLabelsExpected(_OtherFormulas):
    """The targets are used as positions, as if each sample came with the number of its class. They
    are rows of C weights, to be multiplied with the logarithms entry by entry."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -log_P[np.arange(len(Y)), Y.astype(np.int64)].mean()

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        gradient = P.copy()
        gradient[np.arange(len(Y)), Y.astype(np.int64)] -= 1
        return gradient / len(Y)


class FloatTargetsUsedAsPositions(CrossEntropyLoss):
    """The targets are used as positions, as if each sample came with the number of its class. They
    are rows of C weights, to be multiplied with the logarithms entry by entry."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        super().forward(A, Y)
        log_P = _log_softmax(np.asarray(A, dtype=np.float64))
        return -log_P[np.arange(len(Y)), Y].mean()


class LogitsAndTargetsSwapped(_InParts):
    """Logits and targets have traded places: the softmax is made of the targets, and the logits weigh
    its logarithms. Look at the order of the two parameters of forward: logits first."""

    breaks = ("forward", "backward")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        return super().forward(Y, A)


class MethodOverwrittenByResult(CrossEntropyLoss):
    """A result is stored under the name of a method, so the first call of forward replaces that
    method with an array and the second one cannot call it. Give the result a name of its own."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        self.__dict__["probabilities"] = self.probabilities(A)
        return super().forward(A, Y)

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(A)


class LogitsShiftedInPlace(CrossEntropyLoss):
    """Your numbers may well be right, but the maximum is subtracted inside the caller's own logits.
    Let the shifted logits be a new array."""

    breaks = ("inputs_unchanged",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        loss = super().forward(A, Y)
        A -= A.max(axis=1, keepdims=True)
        return loss


class LogitsOverwrittenBySoftmax(CrossEntropyLoss):
    """Your numbers may well be right, but the caller's logits hold the softmax afterwards. Let the
    softmax be a new array, from its first step on."""

    breaks = ("inputs_unchanged",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        loss = super().forward(A, Y)
        A[...] = self.softmax
        return loss


# Seen often. -------------------------------------------------------------------------------------


class LossDividedByNTwice(_OtherFormulas):
    """The loss is N times too small: it is averaged over the batch twice. Once is enough; look for
    a mean that meets a division, or a mean of means."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum() / len(Y) ** 2


class GradientDividedByNTwice(_OtherFormulas):
    """The gradient is N times too small: it is divided by the size of the batch twice. Look for a
    second division, perhaps in what forward has kept."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y) / len(Y) ** 2


class LossDividedByC(_OtherFormulas):
    """The loss is divided by the number of classes where the number of samples is wanted. Which
    size of the logits counts the samples?"""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum() / Y.shape[1]


class GradientDividedByC(_OtherFormulas):
    """The gradient is divided by the number of classes where the number of samples is wanted. Which
    size of the logits counts the samples?"""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y) / P.shape[1]


class OnlyTargetsDividedByN(_OtherFormulas):
    """Only the targets are divided by N, as a division binds tighter than a difference. Take the
    difference first, and then share all of it among the samples."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P - Y / len(Y)


class OnlySoftmaxDividedByN(_OtherFormulas):
    """Only the softmax is divided by N, the targets are not. Take the difference first, and then
    share all of it among the samples."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P / len(Y) - Y


class SoftmaxWithoutTargets(_OtherFormulas):
    """The gradient is the softmax alone; the targets never come in. What the model said is one half
    of it, what was true the other."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P / len(Y)


class LossPerSample(_OtherFormulas):
    """These are the losses of the single samples, and each of them is right. What is asked for is
    one number, their mean."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum(axis=1)


class LossPerSampleInAColumn(_OtherFormulas):
    """This is the column of the per-sample losses, and each of them is right. What is asked for is
    one number, their mean."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum(axis=1, keepdims=True)


class LossRepeatedForEachSample(_OtherFormulas):
    """The mean is there, but once for each sample: an array is filled with it. One number is asked
    for."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return np.full(len(Y), super().loss(Y, log_P))


class MatrixProductReturned(_OtherFormulas):
    """The loss comes out as a C by C matrix, because targets and logarithms met in a matrix
    product. The formula multiplies them entry by entry, and then adds up to a single number."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y.T @ log_P) / len(Y)


class MatrixProductOfSamplesReturned(_OtherFormulas):
    """The loss comes out as an N by N matrix, because the targets of every sample met the
    logarithms of every other. The formula multiplies entry by entry, and then adds up to a single
    number."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y @ log_P.T) / len(Y)


class MaximumOfTheWholeBatch(_OtherSoftmax):
    """The logits are measured from the largest one of the whole batch, so a row far below it
    vanishes to zeros. Each row needs a maximum of its own."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.max())
        return powers / powers.sum(axis=1, keepdims=True)


class MaximumNotTakenFromLogits(CrossEntropyLoss):
    """The maximum is subtracted inside the log-sum-exp, but not from the logit that stands in front
    of it. The two belong together: subtract it in both places, or add it back to the logarithm."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        return super().forward(A, Y) - A.max(axis=1).mean()


class LogarithmMissing(_OtherFormulas):
    """The targets weigh the probabilities themselves, or this is the derivative of that; the
    logarithm is missing. A certain and right model must come out with a loss of 0."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * np.exp(log_P)).sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P * ((Y * P).sum(axis=1, keepdims=True) - Y) / len(Y)


class SoftmaxMissing(_OtherSoftmax):
    """The logits are used as if they were probabilities already. They can be negative or above 1;
    the softmax has to come first."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return A


class SoftmaxAndLogarithmMissing(CrossEntropyLoss):
    """The targets weigh the logits as they came: neither softmax nor logarithm has happened to
    them. Compare with the steps of the worked example."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        super().forward(A, Y)
        return -(A * self.targets).sum() / len(A)


class _ClippedLogits(_OtherSoftmax):
    margin: float

    def probabilities(self, A: np.ndarray) -> Any:
        return np.clip(A, self.margin, 1 - self.margin)


class LogitsClippedAt1em15(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-15


class LogitsClippedAt1em12(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-12


class LogitsClippedAt1em10(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-10


class LogitsClippedAt1em9(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-9


class LogitsClippedAt1em8(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-8


class LogitsClippedAt1em7(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-7


class LogitsClippedAt1em6(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-6


class LogitsClippedAt1em5(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-5


class LogitsClippedAt1em3(_ClippedLogits):
    """The logits are cut off to lie between 0 and 1, and then used as if they were probabilities.
    They do not sum to 1 that way; the softmax has to come first."""

    breaks = ("forward", "backward")
    margin = 1e-3


class SoftmaxTwice(_OtherSoftmax):
    """The softmax is applied twice: to the logits, and then to its own result. See whether what is
    handed on from step to step are logits or probabilities."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(_softmax(A))


class BackwardOfTheFirstBatch(CrossEntropyLoss):
    """This gradient belongs to the first batch that the object has seen. Every call of forward has
    to replace what is kept for backward."""

    breaks = ("backward",)
    first: Any = None

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        loss = super().forward(A, Y)
        self.first = super().backward() if self.first is None else self.first
        return loss

    def backward(self) -> Any:
        return self.first


class BackwardOfTheFirstBatchOfAll(CrossEntropyLoss):
    """This gradient belongs to the first batch that any object has seen: what backward needs is kept
    outside the object, and never replaced. Keep it on the object, anew in every call of forward."""

    breaks = ("backward",)
    first: Any = None

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        loss = super().forward(A, Y)
        if type(self).first is None:
            type(self).first = super().backward()
        return loss

    def backward(self) -> Any:
        return self.first


class LossesAddedUpOverCalls(CrossEntropyLoss):
    """The loss of earlier batches is still in this one: something is added to from call to call.
    Let every call of forward start from nothing."""

    breaks = ("forward",)
    total = 0.0

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        self.total += super().forward(A, Y)
        return self.total


class LossesAddedUpOverObjects(CrossEntropyLoss):
    """The losses of earlier batches are still in this one, although each batch has an object of its
    own: something outside the object is added to. Let every call of forward start from nothing."""

    breaks = ("forward",)
    total = 0.0

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        type(self).total += super().forward(A, Y)
        return self.total


class LossesAveragedOverObjects(CrossEntropyLoss):
    """The losses of earlier batches are averaged into this one, although each batch has an object of
    its own: they are collected outside the object. Let every call of forward start from nothing."""

    breaks = ("forward",)
    total, batches = 0.0, 0

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        type(self).total += super().forward(A, Y)
        type(self).batches += 1
        return self.total / self.batches


# The logarithm, and what is put under it. --------------------------------------------------------


class _EpsilonInTheLogarithm(_OtherFormulas):
    epsilon: float

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:  # noqa: ARG002
        return np.log(P + self.epsilon)


class EpsilonOf1em8InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of 1e-8 under the logarithm, added or as a floor, is harmless in ordinary rows but
    ends the loss of extreme ones near 18. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = 1e-8


class EpsilonOf1em9InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of 1e-9 under the logarithm, added or as a floor, is harmless in ordinary rows but
    ends the loss of extreme ones near 21. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = 1e-9


class EpsilonOf1em10InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of 1e-10 under the logarithm, added or as a floor, is harmless in ordinary rows but
    ends the loss of extreme ones near 23. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = 1e-10


class EpsilonOf1em12InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of 1e-12 under the logarithm, added or as a floor, is harmless in ordinary rows but
    ends the loss of extreme ones near 28. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = 1e-12


class EpsilonOf1em15InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of 1e-15 under the logarithm, added or as a floor, is harmless in ordinary rows but
    ends the loss of extreme ones near 35. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = 1e-15


class MachineEpsilonInTheLogarithm(_EpsilonInTheLogarithm):
    """The machine's epsilon under the logarithm, added or as a floor, is harmless in ordinary rows
    but ends the loss of extreme ones near 36. The log-sum-exp form of the write-up needs none."""

    breaks = ("forward",)
    epsilon = float(np.finfo(np.float64).eps)


class EpsilonOf1em6InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of about 1e-6 under the logarithm shifts the loss by more than the tolerance. With
    the log-sum-exp form of the write-up, there is no infinity left to guard against."""

    breaks = ("forward",)
    epsilon = 1e-6


class EpsilonOf1em5InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of about 1e-5 under the logarithm shifts the loss by more than the tolerance. With
    the log-sum-exp form of the write-up, there is no infinity left to guard against."""

    breaks = ("forward",)
    epsilon = 1e-5


class EpsilonOf1em3InTheLogarithm(_EpsilonInTheLogarithm):
    """A constant of about 1e-3 under the logarithm makes the loss clearly too small. With the
    log-sum-exp form of the write-up, there is no infinity left to guard against."""

    breaks = ("forward",)
    epsilon = 1e-3


class _ClippedProbabilities(_OtherFormulas):
    margin: float

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:  # noqa: ARG002
        return np.log(np.clip(P, self.margin, 1 - self.margin))


class ProbabilitiesClippedAt1em7(_ClippedProbabilities):
    """Probabilities cut off near 1e-7, or raised by as much, are harmless in ordinary rows but end
    the loss of extreme ones near 16. The log-sum-exp form of the write-up needs none of that."""

    breaks = ("forward",)
    margin = 1e-7


class ProbabilitiesClippedAt1em2(_ClippedProbabilities):
    """Probabilities near 0 or 1 are cut off so early that ordinary samples feel it. The log-sum-exp
    form of the write-up needs no cutting at all."""

    breaks = ("forward",)
    margin = 1e-2


class ProbabilitiesClippedAt1em3(_ClippedProbabilities):
    """Probabilities near 0 or 1 are cut off so early that ordinary samples feel it. The log-sum-exp
    form of the write-up needs no cutting at all."""

    breaks = ("forward",)
    margin = 1e-3


class EpsilonAddedToTheExponentials(_OtherSoftmax):
    """A small constant is added to the exponentials, which lifts every small probability. With the
    row maximum subtracted, their total cannot be 0, so there is nothing to guard against."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.max(axis=1, keepdims=True)) + 1e-6
        return powers / powers.sum(axis=1, keepdims=True)


class LogarithmToBase2(_OtherFormulas):
    """The loss is measured in bits: the logarithm has base 2. The formula means the natural one,
    the inverse of the exponential in the softmax."""

    breaks = ("forward",)

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:
        return super().logarithm(P, A) / np.log(2)


class LogarithmToBase10(_OtherFormulas):
    """The logarithm has base 10, which makes the loss too small by a factor of 2.3. The formula
    means the natural one, the inverse of the exponential in the softmax."""

    breaks = ("forward",)

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:
        return super().logarithm(P, A) / np.log(10)


class LogarithmOfOnePlusP(_OtherFormulas):
    """The logarithm is taken of 1 plus the probability, not of the probability. That is a guard
    against 0 that changes the result; the log-sum-exp form needs none."""

    breaks = ("forward",)

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:  # noqa: ARG002
        return np.log1p(P)


class LogarithmAfterTheSum(_OtherFormulas):
    """The probabilities are weighted and added up first, and the logarithm comes after. For one-hot
    rows that is the same, for soft ones the logarithm of each class has to come first."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -np.log((Y * np.exp(log_P)).sum(axis=1)).mean()


class LogarithmAfterTheMean(_OtherFormulas):
    """The probabilities are averaged over the batch first, and the logarithm comes last. It belongs
    to each probability, before any sum or mean."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -np.log((Y * np.exp(log_P)).sum(axis=1).mean())


# Another loss, or another softmax. ---------------------------------------------------------------


class BinaryCrossEntropy(_OtherFormulas):
    """This is the binary cross-entropy, with a second term for the classes that are not the truth, or
    its derivative. With a softmax there is only the first: the classes compete already."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P + (1 - Y) * np.log(1 - np.exp(log_P))).sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return ((1 - Y) / (1 - P) - Y / P) / len(Y)


class BinaryCrossEntropyOfSigmoid(CrossEntropyLoss):
    """This is the binary cross-entropy of a sigmoid, as for yes-or-no labels, or its derivative. Here
    the classes compete: take the softmax of each row, and only the term of the targets."""

    breaks = ("forward", "backward")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        super().forward(A, Y)
        self.softmax = 1 / (1 + np.exp(-np.asarray(A, dtype=np.float64)))
        rest = np.log(1 - self.softmax)
        return -(self.targets * np.log(self.softmax) + (1 - self.targets) * rest).sum() / len(A)

    def backward(self) -> Any:
        P, Y = self.softmax, self.targets
        return ((1 - Y) / (1 - P) - Y / P) / len(Y)


class BrierScore(_OtherFormulas):
    """This is the squared distance between softmax and targets, or its gradient. The cross-entropy
    takes the logarithm of the probabilities instead."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return ((np.exp(log_P) - Y) ** 2).sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        slope = 2 * (P - Y)
        return P * (slope - (slope * P).sum(axis=1, keepdims=True)) / len(Y)


class MeanSquaredError(_OtherFormulas):
    """This is the mean squared error between softmax and targets, or its derivative. The
    cross-entropy takes the logarithm of the probabilities instead."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return ((np.exp(log_P) - Y) ** 2).mean()

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return 2 * (P - Y) / P.size


class SigmoidInsteadOfSoftmax(_OtherSoftmax):
    """Each logit is squashed on its own, by a sigmoid, so the rows do not sum to 1. The softmax
    divides by a total over all classes of the row."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return 1 / (1 + np.exp(-A))


class ExponentialMissing(_OtherSoftmax):
    """The logits are divided by their total as they are; the exponential is missing. Without it,
    negative logits make negative probabilities."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return A / A.sum(axis=1, keepdims=True)


class TotalMissing(_OtherSoftmax):
    """The exponentials are used as they are, not divided by the total of their row. Only then does
    each row sum to 1."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return np.exp(A - A.max(axis=1, keepdims=True))


class MaximumAndTotalMissing(_OtherSoftmax):
    """The exponentials are used as they are, not divided by the total of their row. Only then does
    each row sum to 1."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return np.exp(A)


class _OtherLogSoftmax(_InParts):
    """A wrong logarithm of the softmax, and the softmax that follows from it."""

    def probabilities(self, A: np.ndarray) -> Any:
        return np.exp(self.log_softmax(A))

    def logarithm(self, P: np.ndarray, A: np.ndarray) -> Any:  # noqa: ARG002
        return self.log_softmax(A)

    def log_softmax(self, A: np.ndarray) -> Any:
        raise NotImplementedError


class LogarithmOfTotalMissing(_OtherLogSoftmax):
    """The total of the exponentials is subtracted as it is; its logarithm is what the log-sum-exp
    form takes off."""

    breaks = ("forward", "backward")

    def log_softmax(self, A: np.ndarray) -> Any:
        shifted = A - A.max(axis=1, keepdims=True)
        return shifted - np.exp(shifted).sum(axis=1, keepdims=True)


class LogarithmOfTotalAdded(_OtherLogSoftmax):
    """The logarithm of the total is added where it has to be subtracted: look at the sign in front of
    it, and at the brackets around it and the maximum."""

    breaks = ("forward", "backward")

    def log_softmax(self, A: np.ndarray) -> Any:
        shifted = A - A.max(axis=1, keepdims=True)
        return shifted + np.log(np.exp(shifted).sum(axis=1, keepdims=True))


class SoftmaxOfNegatedLogits(_OtherSoftmax):
    """The exponentials are those of the negative logits, so the largest logit gets the smallest
    probability. Look at the sign inside the exponential."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(-A)


class MaximaOfColumns(_OtherSoftmax):
    """The maxima that are subtracted are those of the columns, so every class is moved by another
    amount, and that does change the softmax. Each row needs its own maximum."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.max(axis=0))
        return powers / powers.sum(axis=1, keepdims=True)


class RowMaximaNotLinedUp(_OtherSoftmax):
    """Numbers of the rows (maxima, totals) are laid out along the columns, so each row meets those of
    others: an error as a rule, and wrong numbers where N equals C. They have to stand in a column,
    each beside its own row."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.max(axis=1))
        return powers / powers.sum(axis=1, keepdims=True)


class RowMaximaNotLinedUpInLogSumExp(CrossEntropyLoss):
    """Numbers of the rows (maxima, totals) are laid out along the columns, so each row meets those of
    others: an error as a rule, and wrong numbers where N equals C. They have to stand in a column,
    each beside its own row."""

    breaks = ("forward",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        super().forward(A, Y)
        maxima = A.max(axis=1)
        log_totals = maxima + np.log(np.exp(A - maxima).sum(axis=1))
        return (log_totals - (A * self.targets).sum(axis=1)).mean()


class MeanSubtractedForMaximum(_OtherSoftmax):
    """The mean of the row is subtracted instead of its maximum. That keeps ordinary rows in range,
    but a single large logit among small ones still runs out of it."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        powers = np.exp(A - A.mean(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


class LogitsDividedByMaximum(_OtherSoftmax):
    """The logits are divided by the maximum of their row, which changes the softmax. It forgives
    only what is added to a whole row, or subtracted from it."""

    breaks = ("forward", "backward")

    def probabilities(self, A: np.ndarray) -> Any:
        return _softmax(A / A.max(axis=1, keepdims=True))


class KullbackLeiblerDivergence(_OtherFormulas):
    """This is the Kullback-Leibler divergence: the entropy of the targets is taken off. For one-hot
    rows that entropy is 0, for soft ones it belongs to the cross-entropy."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        log_Y = np.log(np.where(Y > 0, Y, 1.0))
        return (Y * (log_Y - log_P)).sum() / len(Y)


class TargetsAndSoftmaxSwapped(_OtherFormulas):
    """The roles are swapped: the logarithm is taken of the targets, which hold zeros, and the
    softmax weighs it. Look at which of the two the formula puts under the logarithm."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(np.exp(log_P) * np.log(Y)).sum() / len(Y)


class EntropyOfThePrediction(_OtherFormulas):
    """This is the entropy of the softmax itself; the targets never come in. It is they that weigh
    the logarithms."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:  # noqa: ARG002
        return -(np.exp(log_P) * log_P).sum() / len(log_P)


class ErrorRate(_OtherFormulas):
    """This is the share of wrong guesses. The loss does not count guesses, it looks at how probable
    the truth was to the model."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return (log_P.argmax(axis=1) != Y.argmax(axis=1)).mean()


class LossOfPredictedClass(_OtherFormulas):
    """The logarithm is that of the largest probability of each row: of what the model guesses, not of
    what is true. The targets say which class counts."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:  # noqa: ARG002
        return -log_P.max(axis=1).mean()


class Accuracy(_OtherFormulas):
    """This is the share of right guesses, the accuracy. The loss does not count guesses, it looks
    at how probable the truth was to the model."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return (log_P.argmax(axis=1) == Y.argmax(axis=1)).mean()


# A slip of the batch, of the sum or of the shape. ------------------------------------------------


class SoftmaxReturned(_OtherFormulas):
    """This is the softmax itself, which backward needs; whoever calls forward wants the loss, a single
    number."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:  # noqa: ARG002
        return np.exp(log_P)


class MedianOfLosses(_OtherFormulas):
    """The median of the losses is taken, the one in the middle. The mean counts every sample, and it
    is what backward differentiates."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return np.median(-(Y * log_P).sum(axis=1))


class LossPerClass(_OtherFormulas):
    """The mean over the samples is there, but the classes are still apart: one number for each.
    They have to be added up as well."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).sum(axis=0) / len(Y)


class MeanOverClasses(_OtherFormulas):
    """The mean runs over the classes, and one number for each sample is left. It is the other way
    round: add up over the classes, average over the samples."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P).mean(axis=1)


class LossNotAddedUp(_OtherFormulas):
    """The loss comes out as an N by C matrix: all its terms are there, but nothing adds them up. A
    single number is asked for."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P) / len(Y)


class SumOfMatrixProduct(_OtherFormulas):
    """All entries of a C by C matrix product are added up, but only those on its diagonal belong to
    the loss. Multiply targets and logarithms entry by entry instead."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y.T @ log_P).sum() / len(Y)


class SumOfMatrixProductOfSamples(_OtherFormulas):
    """All entries of an N by N matrix product are added up, so the targets of each sample meet the
    logarithms of every other one too. Multiply entry by entry instead."""

    breaks = ("forward",)

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y @ log_P.T).sum() / len(Y)


class OnlyTheLastSample(_OtherFormulas):
    """Only the last sample of the batch has come through. If there is a loop over the samples, see
    whether each round overwrites the one before."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P)[-1].sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        is_last = np.arange(len(Y))[:, np.newaxis] == len(Y) - 1
        return np.where(is_last, P - Y, 0.0) / len(Y)


class OnlyTheFirstSample(_OtherFormulas):
    """Only the first sample of the batch has come through. If there is a loop over the samples, see
    whether something ends it in the first round."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P)[0].sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        is_first = np.arange(len(Y))[:, np.newaxis] == 0
        return np.where(is_first, P - Y, 0.0) / len(Y)


class FirstSampleLeftOut(_OtherFormulas):
    """The first sample of the batch is left out. If there is a loop over the samples, see where it
    starts: positions count from 0."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P)[1:].sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return np.where(np.arange(len(Y))[:, np.newaxis] > 0, P - Y, 0.0) / len(Y)


class LastSampleLeftOut(_OtherFormulas):
    """The last sample of the batch is left out. If there is a loop over the samples, see whether
    it ends one round too early."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P)[:-1].sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return np.where(np.arange(len(Y))[:, np.newaxis] < len(Y) - 1, P - Y, 0.0) / len(Y)


class LastClassLeftOut(_OtherFormulas):
    """The last class is left out. If there is a loop over the classes, see whether it ends one round too
    early."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -(Y * log_P)[:, :-1].sum() / len(Y)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return np.where(np.arange(Y.shape[1]) < Y.shape[1] - 1, P - Y, 0.0) / len(Y)


class LabelsPickWholeColumns(_OtherFormulas):
    """The labels pick whole columns, so every sample gets the classes of all the others as well.
    Each sample needs its own class only, so row and class have to be picked in pairs."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:
        return -log_P[:, Y.argmax(axis=1)].mean()

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        gradient = P.copy()
        gradient[:, Y.argmax(axis=1)] -= 1
        return gradient / len(Y)


class LabelsOffByOne(_InParts):
    """The targets are taken one class too far, the last one as the first. Classes are counted from
    0 here."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return np.roll(Y, 1, axis=1)


class LabelsFromColumns(_InParts):
    """The largest target is looked for in each column, over the samples. Each sample has a row of its
    own, so its label lies along the other axis."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        one_hot = np.zeros_like(Y)
        one_hot[Y.argmax(axis=0), np.arange(Y.shape[1])] = 1
        return one_hot


class TargetsNormalisedOverTheBatch(_InParts):
    """The targets are divided by their total over the batch, although each row sums to 1 as it
    comes. Use them as they are."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return Y / Y.sum()


class TargetsThroughSoftmax(_InParts):
    """The targets have gone through the softmax too. They are probabilities already; only the
    logits need it."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return _softmax(Y)


class TargetsTakenAsMask(_InParts):
    """Every target above 0 counts in full, as if it were 1. A soft target spreads a weight of 1 over
    several classes, and each weight is a factor."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return (Y > 0).astype(np.float64)


class OnlyTargetsOfOne(_InParts):
    """Only targets that are exactly 1 count, so soft ones are left out altogether. Every class of a
    row counts with its own weight."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return (Y == 1).astype(np.float64)


class TargetsSmoothed(_InParts):
    """A tenth of every target row is spread evenly over all classes, which is called label smoothing.
    Use the targets as they are."""

    breaks = ("forward", "backward")

    def weights(self, Y: np.ndarray) -> Any:
        return 0.9 * Y + 0.1 / Y.shape[1]


# Other gradients. --------------------------------------------------------------------------------


class GradientWithRespectToProbabilities(_OtherFormulas):
    """This is the derivative with respect to the probabilities. The logits lie one step further
    back: the derivative of the softmax has to come in."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return -Y / P / len(Y)


class _TimesLoss(_InParts):
    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        self.value = super().forward(A, Y)
        return self.value

    def backward(self) -> Any:
        return super().backward() * self.value


class GradientTimesLoss(_TimesLoss):
    """The gradient is multiplied by the loss. It says how the loss changes; how large the loss is does
    not come in."""

    breaks = ("backward",)


class GradientWithRespectToProbabilitiesTimesLoss(_TimesLoss):
    """This is the derivative with respect to the probabilities, multiplied by the loss. How large the
    loss is does not come in, and the logits lie one step further back: the derivative of the softmax
    is missing."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return -Y / P / len(Y)


class GradientOfTrueClassOnly(_OtherFormulas):
    """Only the entries of the true classes are there. The logits of the other classes change the
    total under the softmax, so they have a derivative too: case 2 of the write-up."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return -Y * (1 - P) / len(Y)


class GradientOfSoftmaxAlone(_OtherFormulas):
    """This is the derivative of each probability by its own logit; loss and targets have not come
    in yet. The write-up puts the pieces together, and nearly all of it cancels."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return P * (1 - P) / len(Y)


class SoftmaxDerivativeTwice(_OtherFormulas):
    """The difference of softmax and targets is multiplied by the derivative of the softmax once
    more. It is contained already: the difference is the derivative by the logits."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y) * P * (1 - P) / len(Y)


class GradientWithoutSoftmax(_OtherFormulas):
    """The gradient holds the targets alone; the softmax never comes in. What was true is one half
    of it, what the model said the other."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:  # noqa: ARG002
        return -Y / len(Y)


class GradientOfLogSoftmaxLessTargets(_OtherFormulas):
    """The targets are subtracted from the logarithms of the probabilities. The gradient takes the
    probabilities themselves."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (np.log(P) - Y) / len(Y)


class GradientOfPredictedClass(_OtherFormulas):
    """The gradient compares the guessed class with the true one, all or nothing. The softmax comes
    in as it is, with a share for every class."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (_one_hot(P.argmax(axis=1), P.shape[1]) - Y) / len(Y)


class GradientDoubled(_OtherFormulas):
    """The gradient is twice too large. A factor of 2 belongs to the derivative of a square, and
    there is none in this loss."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return 2 * (P - Y) / len(Y)


class GradientWithoutSigns(_OtherFormulas):
    """The sizes are right, but all signs are gone. The entry of the true class has to be negative,
    as a larger logit there makes the loss smaller."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return np.abs(P - Y) / len(Y)


class GradientTransposed(_OtherFormulas):
    """The gradient lies on its side: its rows are classes. Give it the shape of the logits, a row
    for each sample."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y).T / len(Y)


class GradientSummedOverSamples(_OtherFormulas):
    """The samples are added up, and one row is left. Every logit of every sample has a derivative
    of its own, so the gradient has the shape of the logits."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y).sum(axis=0) / len(Y)


class GradientSummedOverClasses(_OtherFormulas):
    """The classes are added up, which leaves one number for each sample, and always nearly 0. Every
    logit has a derivative of its own, so the gradient has the shape of the logits."""

    breaks = ("backward",)

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:
        return (P - Y).sum(axis=1) / len(Y)


# Constants and coarse numbers. -------------------------------------------------------------------


class NothingButZeros(_OtherFormulas):
    """There is nothing here but zeros. Look for a result that is set up at the start and never
    filled in, or for whole numbers in which every fraction is lost."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:  # noqa: ARG002
        return 0.0

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:  # noqa: ARG002
        return np.zeros_like(P)


class NothingButOnes(_OtherFormulas):
    """There is nothing here but ones, whatever the inputs are. The result has to be worked out from
    logits and targets."""

    breaks = ("forward", "backward")

    def loss(self, Y: np.ndarray, log_P: np.ndarray) -> Any:  # noqa: ARG002
        return 1.0

    def gradient(self, P: np.ndarray, Y: np.ndarray) -> Any:  # noqa: ARG002
        return np.ones_like(P)


class ComputedInFloat32(CrossEntropyLoss):
    """The logits go through single precision, which keeps about seven digits: of 1000.123 little is
    left behind the point. Compute in double precision, numpy's own choice."""

    breaks = ("forward", "backward")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        return super().forward(A.astype(np.float32), Y)


class _CoarseNumbers(CrossEntropyLoss):
    """Right results, from which digits are lost at the very end."""

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        return self.coarse(super().forward(A, Y))

    def backward(self) -> Any:
        return self.coarse(super().backward())

    def coarse(self, numbers: Any) -> Any:
        raise NotImplementedError


class RoundedToThreeDecimals(_CoarseNumbers):
    """The result is rounded to three decimals. The write-up prints it so, but all digits are
    wanted."""

    breaks = ("forward", "backward")

    def coarse(self, numbers: Any) -> Any:
        return np.round(numbers, 3)


class RoundedToFourDecimals(_CoarseNumbers):
    """The result is rounded to four decimals. Rounding is for printing; hand back all digits."""

    breaks = ("forward", "backward")

    def coarse(self, numbers: Any) -> Any:
        return np.round(numbers, 4)


class RoundedToTwoDecimals(_CoarseNumbers):
    """The result is rounded to two decimals. Rounding is for printing; hand back all digits."""

    breaks = ("forward", "backward")

    def coarse(self, numbers: Any) -> Any:
        return np.round(numbers, 2)


class ResultsInFloat16(_CoarseNumbers):
    """The result has half precision, which keeps about three digits. Leave the numbers in double
    precision, numpy's own choice."""

    breaks = ("forward", "backward")

    def coarse(self, numbers: Any) -> Any:
        return np.asarray(numbers).astype(np.float16)


# What the object or the caller's arrays remember. ------------------------------------------------


class TargetsOverwritten(CrossEntropyLoss):
    """Your numbers may well be right, but the gradient is worked out inside the caller's own
    targets. Let it be a new array."""

    breaks = ("inputs_unchanged",)

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        self.given = Y
        return super().forward(A, Y)

    def backward(self) -> Any:
        self.given[...] = self.softmax - self.targets
        return super().backward()


class TargetsOverwrittenByTerms(CrossEntropyLoss):
    """The terms of the loss are written over the targets, which the caller and backward still need
    as they were. Let the product be a new array."""

    breaks = ("backward", "inputs_unchanged")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        loss = super().forward(A, Y)
        Y[...] = Y * -_log_softmax(np.asarray(A, dtype=np.float64))
        self.targets = np.array(Y, dtype=np.float64)
        return loss


class BatchSizeOfTheFirstCall(CrossEntropyLoss):
    """The results are divided by the size of the first batch that the object has seen. Take the
    size from the logits of this call."""

    breaks = ("forward", "backward")
    batch_size = 0

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        self.batch_size = self.batch_size or len(A)
        return super().forward(A, Y) * len(A) / self.batch_size

    def backward(self) -> Any:
        return super().backward() * len(self.targets) / self.batch_size


class BatchSizeKeptOnTheClass(BatchSizeOfTheFirstCall):
    """The results are divided by a number that does not belong to this batch: it is written in the
    code, or the size of a batch that another object has seen. Take the size from the logits of this
    call, and keep on the object what backward needs."""

    breaks = ("forward", "backward")

    def forward(self, A: np.ndarray, Y: np.ndarray) -> Any:
        type(self).batch_size = self.batch_size or len(A)  # one number, so that little can leak
        return super().forward(A, Y)
