from mlp import MLP


class NoMask(MLP):
    """Where ReLU gave 0 no gradient passes: multiply by the mask of each layer."""

    breaks = ("dx", "dW0", "gradients")

    def forward(self, x):
        out = super().forward(x)
        self.masks = [1 for _ in self.masks]
        return out
