"""Known wrong solutions: whoever makes one of these mistakes reads its docstring as a hint.

Each is a class with functions in place of the reference's, and says in `breaks` which checks it
fails somewhere. (To replace a class of the reference, derive from it.) Their order is from frequent
to rare. `autograder matrix` shows which test case catches which of them.
"""

import mse
import numpy as np


class SumOfSquares:
    """The error is the mean of the squared differences; this is their sum. Divide by their number."""

    breaks = ("error",)

    @staticmethod
    def mean_squared_error(guess, target):
        return np.sum((guess - target) ** 2)


class AbsoluteDifferences:
    """The differences have to be squared; these are their absolute values."""

    breaks = ("error",)

    @staticmethod
    def mean_squared_error(guess, target):
        return np.mean(np.abs(guess - target))


class GradientOfTheSum:
    """The error is a mean, so its gradient is divided by the number of terms as well."""

    breaks = ("slope",)

    @staticmethod
    def gradient(guess, target):
        return mse.gradient(guess, target) * len(guess)


class WithoutTheTwo:
    """The derivative of a square is twice its base; the factor 2 is missing."""

    breaks = ("slope",)

    @staticmethod
    def gradient(guess, target):
        return mse.gradient(guess, target) / 2


class ByTheTarget:
    """This is the derivative by the target. The one by the guess has the other sign."""

    breaks = ("slope",)

    @staticmethod
    def gradient(guess, target):
        return -mse.gradient(guess, target)


class InPlace:
    """The code changes an array that it was given, as `-=` does. Make a new one: `guess - target`."""

    breaks = ("inputs_unchanged",)

    @staticmethod
    def mean_squared_error(guess, target):
        guess -= target
        return np.mean(guess**2)
