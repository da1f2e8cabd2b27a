"""Returns an object of a type with a name of controls, marks and lines."""

import numpy as np

Evil = type("<b>Evil\x1b[2J\u202e\n\nCorrect", (), {})


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = A
        return Evil()

    def backward(self):
        return np.zeros(self.A.shape)
