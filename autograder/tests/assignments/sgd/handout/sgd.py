class SGD:
    def __init__(self, layers, lr=0.1, momentum=0.0):
        self.layers = layers

    def step(self):
        raise NotImplementedError
