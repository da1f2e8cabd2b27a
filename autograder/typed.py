"""The type of arrays in annotations: numpy's own, the import of which takes as long as much of numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
else:
    NDArray = np.ndarray  # which can be subscribed, too

__all__ = ["NDArray"]
