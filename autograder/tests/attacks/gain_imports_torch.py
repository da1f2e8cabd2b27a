"""Lets torch do the work."""

import torch


class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A = torch.tensor(A, dtype=torch.float64, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(self.A, torch.tensor(Y, dtype=torch.float64))
        loss.backward()
        return loss.item()

    def backward(self):
        return self.A.grad.numpy()
