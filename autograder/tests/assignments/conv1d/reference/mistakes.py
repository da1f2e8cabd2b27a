import conv


class Flipped:
    """The kernel is not flipped here: w[0] meets the first number of each window."""

    breaks = ("out", "dx", "dw")

    def conv1d(x, w):
        return conv.conv1d(x, w[::-1])

    def conv1d_backward(dout, x, w):
        dx, dw = conv.conv1d_backward(dout, x, w[::-1])
        return dx, dw[::-1]
