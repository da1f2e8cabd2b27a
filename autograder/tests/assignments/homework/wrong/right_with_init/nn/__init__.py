from nn.linear import Linear
