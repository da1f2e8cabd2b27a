"""Raises an exception that is no Exception, in every call."""


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise GeneratorExit

    def backward(self):
        raise NotImplementedError
