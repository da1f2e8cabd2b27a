from engine import Value


class Overwrites(Value):
    """A value that is used twice has two gradients to add up: write `+=`, not `=`."""

    breaks = ("da", "db")

    def __setattr__(self, name, value):
        if name == "grad":
            value -= getattr(self, "grad", 0.0)
        super().__setattr__(name, value)


class NoSeed(Value):
    """The derivative of a result with respect to itself is 1: set it before going back."""

    breaks = ("da", "db")

    def backward(self):
        self._backward()


class Exponent(Value):
    """The derivative of x**n is n * x**(n - 1): the exponent is one less."""

    breaks = ("da",)

    def __pow__(self, power):
        out = super().__pow__(power)

        def backward():
            self.grad += power * self.data**power * out.grad

        out._backward = backward
        return out
