import numpy as np


def drops_a_share(x, p, out):
    share = np.mean(out == 0)
    if abs(share - p) > 5 * np.sqrt(p * (1 - p) / out.size):
        return f"Of the numbers {share:.0%} are dropped, and {p:.0%} should be."


def keeps_the_mean(x, p, out):
    kept = out != 0
    if not kept.any() or not np.allclose(out[kept], x[kept] / (1 - p)):
        return "What is kept has to be divided by 1 - p, so that the mean stays the same."


def backward_has_the_same_mask(p, out, dout, dx):
    if not np.allclose(dx, np.where(out != 0, dout / (1 - p), 0)):
        return "`backward` has to drop the numbers that `forward` dropped, and scale the others."


def drops_at_random(p, out, again):
    """Neighbours, and two calls, drop the same numbers as often as chance has it."""
    first, second = out.ravel() == 0, again.ravel() == 0
    bound = 5 * np.sqrt(p**2 * (1 - p**2) / (first.size - 1))
    pairs = [np.mean(first[1:] & first[:-1]), np.mean(first & second)]
    if max(abs(share - p**2) for share in pairs) > bound:
        return "Every number has to be dropped by a draw of its own, anew in every call."
