"""Approximate statistics of a band, from an even sample of its pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.levels import usable_pixels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Band

SAMPLE = 512
"""About so many rows and columns are looked at: all pixels of a small image."""


class Sampler:
    """Gathers every n-th row and column while the image passes by."""

    def __init__(self, grid: Grid, band: Band) -> None:
        self._band = band
        self._step = max(1, math.ceil(max(grid.shape) / (2 * SAMPLE)))
        self._row = 0
        self._chosen: list[NDArray[Any]] = []
        self._seen = 0

    def add(self, values: NDArray[Any], valid: NDArray[np.bool_] | None) -> None:
        """Look at the next rows `(y, x)`; `valid` is None when the file has no mask."""
        first = -self._row % self._step
        self._row += values.shape[0]
        part = values[first :: self._step, :: self._step]
        usable = usable_pixels(part, self._band.nodata)
        if valid is not None:
            flags = valid[first :: self._step, :: self._step]
            usable = flags if usable is None else usable & flags
        self._seen += part.size
        # A copy in any case: a view of one row would keep the whole strip in memory.
        self._chosen.append(part.flatten() if usable is None else part[usable])

    def state(self) -> tuple[int, int, NDArray[Any]]:
        """Return rows passed, pixels looked at, and the usable ones among them `(n,)`."""
        sample = np.concatenate(self._chosen) if self._chosen else np.empty(0, self._band.dtype)
        return self._row, self._seen, sample

    def restore(self, row: int, seen: int, sample: NDArray[Any] | None) -> None:
        """Go on where another was; see `state`."""
        self._row, self._seen = row, seen
        self._chosen = [] if sample is None else [sample]

    def statistics(self) -> Mapping[str, float]:
        """Return `minimum`, `maximum`, `mean`, `stddev` (physical) and `valid_percent`.

        Without a single usable pixel only `valid_percent` is there.
        """
        stored = np.concatenate(self._chosen) if self._chosen else np.empty(0)
        share = 100.0 * stored.size / self._seen if self._seen else 0.0
        finite = stored[np.isfinite(stored)] if stored.dtype.kind == "f" else stored
        if not finite.size:
            return {"valid_percent": 0.0}
        scale, offset = self._band.scale, self._band.offset
        ends = [float(finite.min()) * scale + offset, float(finite.max()) * scale + offset]
        return {
            "minimum": min(ends),
            "maximum": max(ends),
            "mean": float(finite.mean(dtype=np.float64)) * scale + offset,
            "stddev": float(finite.std(dtype=np.float64)) * abs(scale),
            "valid_percent": round(share, 4),
        }
