"""Undoing TIFF's predictors: differences (TIFF 6.0, 14), floating point (Technical Note 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def add_up(steps: NDArray[np.uint16], out: NDArray[np.uint16]) -> None:
    """Add up differences along each row; sums go round at 2 ** 16.

    Args:
        steps: `(y, x)` uint16, differences.
        out: `(y, x)` uint16, written; may be `steps` itself.
    """
    for row in range(steps.shape[0]):
        total = np.uint16(0)
        for k in range(steps.shape[1]):
            total = np.uint16(total + steps[row, k])
            out[row, k] = total


@njit(nogil=True, cache=True)
def unpredict_float(planes: NDArray[np.uint8], size: int, out: NDArray[np.uint8]) -> None:
    """Add up byte differences along each row and put the bytes of each number together.

    Args:
        planes: `(y, x * size)` uint8; per row first all highest bytes, then the next, …,
            differences; changed in place.
        size: bytes in a number.
        out: `(y, x * size)` uint8; little-endian numbers.
    """
    height, length = planes.shape
    width = length // size
    for row in range(height):
        total = np.uint8(0)
        for k in range(length):
            total = np.uint8(total + planes[row, k])
            planes[row, k] = total
        for part in range(size):
            for k in range(width):
                out[row, k * size + size - 1 - part] = planes[row, part * width + k]
