import numpy as np
...  # lines


class CrossEntropyLoss:
    ...  # class

    def forward(self, A, Y):
        self.A = A
        ...  # forward
        return 0.0

    def backward(self):
        ...  # backward
        return np.zeros(self.A.shape)


...  # end
