"""The model solution: the cross-entropy loss of a softmax classifier, in numpy."""

import numpy as np


class CrossEntropyLoss:
    """Cross-entropy between targets Y and the softmax of logits A, averaged over a batch.

    For N samples and C classes, A and Y have shape (N, C); a row of Y is one-hot or soft
    (probabilities that sum to 1). With the sums over classes c and k:

        softmax          P[n, c] = exp(A[n, c]) / sum_k exp(A[n, k])     shape (N, C)
        per-sample loss  l[n] = -sum_c Y[n, c] * log P[n, c]             shape (N,)
        loss             L = mean of l                                   a scalar
        gradient         dL/dA = (P - Y) / N                             shape (N, C)

    Source: C. M. Bishop, Pattern Recognition and Machine Learning (2006), (4.104) to (4.109).
    The stable form of log P: P. Blanchard, D. J. Higham and N. J. Higham, "Accurately computing
    the log-sum-exp and softmax functions", IMA Journal of Numerical Analysis 41 (2021).
    """

    def forward(self, A: np.ndarray, Y: np.ndarray) -> float:
        """Return the loss, a scalar, of logits A and targets Y, both of shape (N, C)."""
        logits = np.asarray(A, dtype=np.float64)
        self.targets = np.array(Y, dtype=np.float64)  # a copy: backward needs these very values
        N, C = logits.shape

        # Everything is measured from the row's largest logit: no exp can overflow, and -log P
        # is a sum of terms >= 0, in which nothing cancels.
        with np.errstate(over="ignore"):  # a loss beyond float64's 1.8e308 is inf, without a fuss
            gap = logits.max(axis=1, keepdims=True) - logits  # (N, C), 0 for the top class
            odds = np.exp(-gap)  # (N, C), P[n, c] / P[n, top], 1 for the top class
            is_top = np.arange(C) == logits.argmax(axis=1)[:, np.newaxis]  # first of equal ones
            rest = np.where(is_top, 0.0, odds).sum(axis=1, keepdims=True)  # (N, 1), without top
            self.softmax = odds / (1.0 + rest)  # (N, C)

            surprise = gap + np.log1p(rest)  # (N, C), -log P; log(1 + rest) loses a small rest
            surprise[self.targets == 0.0] = 0.0  # 0 * inf counts as 0 here; numpy says NaN
            self.losses = (self.targets * surprise).sum(axis=1)  # (N,)
            self.mean_loss = float((self.losses / N).sum())  # not summed first: that may be inf
            return self.mean_loss

    def backward(self) -> np.ndarray:
        """Return dL/dA, shape (N, C), for the batch of the last call of forward."""
        N = len(self.targets)
        return (self.softmax - self.targets) / N

    def steps(self) -> dict[str, dict[str, np.ndarray]]:
        """Return the way to the results of the last batch, for each method in order of computation.

        The grader shows these steps where the worked example goes wrong.
        """
        difference = self.softmax - self.targets
        return {
            "forward": {
                "softmax of each row of A": self.softmax,
                "loss of each sample": self.losses,
                "mean of the losses": np.array(self.mean_loss),
            },
            "backward": {
                "softmax of each row of A": self.softmax,
                "softmax less targets": difference,
                "divided by the number of samples": difference / len(self.targets),
            },
        }
