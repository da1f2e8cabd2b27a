"""Has threads that wait longer than it lives, one of them no daemon."""

import threading
import time

import numpy as np

never = threading.Event()
threading.Thread(target=never.wait, args=(60,), daemon=True).start()
threading.Thread(target=never.wait, args=(60,)).start()
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


class CrossEntropyLoss:
    def forward(self, A, Y):
        z = A - A.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.Y = Y
        return -(Y * self.log_p).sum() / len(A)

    def backward(self):
        return (np.exp(self.log_p) - self.Y) / len(self.Y)
