"""Your solution: fill in the two methods below, and hand in this file."""

import numpy as np


class CrossEntropyLoss:
    """Cross-entropy between targets Y and the softmax of logits A, averaged over a batch.

    N is the number of samples, C the number of classes. Each row belongs to one sample:

        A  logits, shape (N, C): any finite numbers, large ones too
        Y  targets, shape (N, C): one-hot rows, or probabilities that sum to 1

    The same object may be used again, for batches of other sizes too.
    """

    def forward(self, A: np.ndarray, Y: np.ndarray) -> float:
        """Return the loss of this batch: one number, the mean of the N per-sample losses.

        Finite logits give a finite loss, even if they are large (1000, say). A and Y are left
        as they are.
        """
        # Compute the softmax of every row of A, and from it the loss of every sample.
        # Keep on self what backward will need.
        raise NotImplementedError("CrossEntropyLoss.forward is not implemented yet")

    def backward(self) -> np.ndarray:
        """Return the gradient of the loss with respect to A, an array of shape (N, C).

        It belongs to the A and Y of the last call of forward, and to the mean over the batch.
        """
        # Use what forward has kept.
        raise NotImplementedError("CrossEntropyLoss.backward is not implemented yet")
