"""Raises an exception with HTML in its text."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise ValueError('<script>alert(1)</script><img src=x onerror=alert(1)></pre>')

    def backward(self):
        raise NotImplementedError
