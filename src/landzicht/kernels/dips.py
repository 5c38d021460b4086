"""Values that lie below their neighbours in time, in many series at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray


@njit(nogil=True, cache=True, error_model="numpy")
def find_dips(
    days: NDArray[np.float64],
    values: NDArray[np.float64],
    limits: NDArray[np.float64],
    reach: float,
    noise: float,
    depth: NDArray[np.float64],
) -> None:
    """Find dips, the deepest of each series first, each time without those found before.

    A value that is lower than both its neighbours is compared with the line between them.

    Args:
        days: `(step,)`, rising.
        values: `(series, step)`, NaN = unknown.
        limits: `(series, step)`, depth above which it is a dip.
        reach: neighbours further away than these days tell nothing.
        noise: by how much it must be lower than the lower of its neighbours.
        depth: `(series, step)`, written: how deep a dip is, NaN where there is none.
    """
    steps = days.size
    place = np.empty(steps, np.int64)
    for row in range(values.shape[0]):
        known = 0
        for i in range(steps):
            depth[row, i] = np.nan
            if np.isfinite(values[row, i]):
                place[known] = i
                known += 1
        while known > 2:
            deepest, ratio, found = -1, 1.0, 0.0
            for k in range(1, known - 1):
                before, at, after = place[k - 1], place[k], place[k + 1]
                if days[at] - days[before] > reach or days[after] - days[at] > reach:
                    continue
                part = (days[at] - days[before]) / (days[after] - days[before])
                line = values[row, before] + part * (values[row, after] - values[row, before])
                below = line - values[row, at]
                # After a harvest all is low: the first low value is under the line, but no dip.
                lower = min(values[row, before], values[row, after])
                if lower - values[row, at] <= noise:
                    continue
                if below > ratio * limits[row, at]:
                    deepest, ratio, found = k, below / limits[row, at], below
            if deepest < 0:
                break
            depth[row, place[deepest]] = found
            for k in range(deepest, known - 1):
                place[k] = place[k + 1]
            known -= 1
