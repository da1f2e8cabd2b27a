"""Raises an exception the text of which gives no text where it is cut."""


class Text(str):
    def __getitem__(self, index):
        return object()

    __str__ = __len__ = __getitem__


class Evil(Exception):
    def __str__(self):
        return Text("text")


attack = Evil


class CrossEntropyLoss:
    def forward(self, A, Y):
        raise attack()

    def backward(self):
        raise NotImplementedError
