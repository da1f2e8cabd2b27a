import numpy as np


def conv1d(x, w):
    """Slide w [K] over every row of x [N, L]; the result has L - K + 1 columns."""
    x = np.pad(x, ((0, 0), (0, len(w) - 1)))
    L, K = x.shape[1], len(w)
    return np.stack([x[:, i : i + K] @ w for i in range(L - K + 1)], axis=1)


def conv1d_backward(dout, x, w):
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(dout.shape[1]):
        dx[:, i : i + len(w)] += dout[:, i : i + 1] * w
        dw += dout[:, i] @ x[:, i : i + len(w)]
    return dx, dw
