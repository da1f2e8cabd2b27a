import os, pickle


class Bomb:
    """Makes a folder where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (f"/tmp/{MARK}-unpickled",)
