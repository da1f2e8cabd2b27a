"""One thread for numpy's libraries: the others would be lost in a fork, and take memory until then."""

import os

SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def use_one_thread() -> None:
    """Have a numpy that is imported from here on use one thread, unless somebody has said otherwise."""
    for name, value in SINGLE_THREADED.items():
        os.environ.setdefault(name, value)
