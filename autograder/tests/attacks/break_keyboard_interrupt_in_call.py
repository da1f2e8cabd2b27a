"""Raises what Ctrl-C raises, in every call."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise KeyboardInterrupt

    def backward(self):
        raise NotImplementedError
