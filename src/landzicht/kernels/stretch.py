"""Stretching values to the 8 bits of a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def stretch(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    gain: float,
    bias: float,
    low: int,
    high: int,
    out: NDArray[np.uint8],
) -> None:
    """Write `round(value * gain + bias)`, kept within `low` and `high`; 0 where not usable.

    Args:
        values: `(n,)` float32; NaN counts as not usable.
        usable: `(n,)` bool; True = show.
        gain: factor.
        bias: added after the factor.
        low: smallest value written.
        high: largest value written.
        out: `(n,)` uint8.
    """
    floor, ceiling = np.float32(low), np.float32(high)
    factor, added = np.float32(gain), np.float32(bias + 0.5)
    for k in range(values.size):
        shade = values[k] * factor + added
        shade = min(max(shade, floor), ceiling)
        out[k] = np.uint8(shade) if usable[k] and shade == shade else np.uint8(0)  # noqa: PLR0124
