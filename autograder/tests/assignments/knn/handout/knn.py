class KNN:
    def fit(self, X, y):
        raise NotImplementedError

    def distances(self, Q):
        raise NotImplementedError

    def predict(self, Q, k=1):
        raise NotImplementedError
