import numpy as np
...  # lines


class CrossEntropyLoss:
    ...  # class

    def forward(self, A, Y):
        ...  # forward
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        ...  # backward
        return (np.exp(self.log_p) - self.Y) / len(self.Y)


...  # end
