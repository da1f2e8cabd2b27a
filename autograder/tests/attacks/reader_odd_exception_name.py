"""Raises an exception with a name of controls, marks and lines."""


Evil = type("<b>Evil\x1b[2J\u202e\n\nCorrect" + "!" * 5000, (Exception,), {})


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise Evil("text")

    def backward(self):
        raise NotImplementedError
