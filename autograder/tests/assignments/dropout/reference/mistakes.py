import numpy as np
from dropout import Dropout


class NotScaled(Dropout):
    """What is kept has to be divided by 1 - p while training."""

    breaks = ("keeps_the_mean", "backward_has_the_same_mask")

    def forward(self, x, train=True):
        out = super().forward(x, train)
        return out * (1 - self.p) if train else out

    def backward(self, dout):
        return super().backward(dout) * (1 - self.p)


class KeepsP(Dropout):
    """p is the probability to drop a number, not to keep it."""

    breaks = (
        "drops_a_share",
        "keeps_the_mean",
        "drops_at_random",
        "backward_has_the_same_mask",
    )

    def __init__(self, p):
        self.p = 1 - p


class NewMask(Dropout):
    """`backward` needs the mask of `forward`; a new one drops other numbers."""

    breaks = ("backward_has_the_same_mask",)

    def backward(self, dout):
        return dout * (np.random.rand(*dout.shape) >= self.p) / (1 - self.p)
