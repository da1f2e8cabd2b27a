"""Returns an object of a class with a name of 10 MB."""


Long = type("x" * 10_000_000, (), {})


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return Long()

    def backward(self):
        return Long()
