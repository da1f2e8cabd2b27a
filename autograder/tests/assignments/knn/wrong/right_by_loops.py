import numpy as np


class KNN:
    def fit(self, X, y):
        self.X, self.y = X, y

    def distances(self, Q):
        D = np.zeros((len(Q), len(self.X)))
        for i in range(len(Q)):
            for j in range(len(self.X)):
                D[i, j] = np.linalg.norm(Q[i] - self.X[j])
        return D

    def predict(self, Q, k=1):
        nearest = np.argsort(self.distances(Q), axis=1, kind="stable")[:, :k]
        return np.array([np.bincount(labels).argmax() for labels in self.y[nearest]])
