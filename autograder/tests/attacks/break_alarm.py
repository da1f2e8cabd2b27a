"""Sets an alarm that ends the process, and waits for it."""

import signal
import time

import numpy as np


class CrossEntropyLoss:
    def forward(self, A, Y):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(5)
        self.A = A
        return 0.0

    def backward(self):
        return np.zeros(self.A.shape)
