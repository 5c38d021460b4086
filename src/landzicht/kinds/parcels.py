"""Areas to measure: many polygons in flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parcels:
    """Polygons with holes and of several parts, as ragged arrays (GeoArrow's way, flattened).

    Rings are closed, and the holes of a polygon turn the other way round than its shell.
    """

    ids: tuple[str, ...]
    """Name of each parcel, unique."""
    xs: NDArray[np.float64]
    """`(corner,)`, x (east, longitude) in `crs`."""
    ys: NDArray[np.float64]
    """`(corner,)`, y (north, latitude) in `crs`."""
    rings: NDArray[np.int64]
    """`(ring + 1,)`: ring `k` is corners `rings[k]` up to `rings[k + 1]`."""
    starts: NDArray[np.int64]
    """`(parcel + 1,)`: parcel `p` is rings `starts[p]` up to `starts[p + 1]`."""
    crs: str
    """System of the coordinates, x first."""

    def __len__(self) -> int:
        """Return the number of parcels."""
        return len(self.ids)

    def corners(self) -> NDArray[np.int64]:
        """Return `(parcel + 1,)`: parcel `p` has corners `[p]` up to `[p + 1]`."""
        return self.rings[self.starts]

    def boxes(self) -> NDArray[np.float64]:
        """Return `(parcel, 4)`: west, south, east, north; NaN for a parcel without corners."""
        firsts = self.corners()
        boxes = np.full((len(self), 4), np.nan)
        full = np.flatnonzero(np.diff(firsts) > 0)
        if full.size:
            at = firsts[:-1][full]
            boxes[full, 0] = np.minimum.reduceat(self.xs, at)
            boxes[full, 1] = np.minimum.reduceat(self.ys, at)
            boxes[full, 2] = np.maximum.reduceat(self.xs, at)
            boxes[full, 3] = np.maximum.reduceat(self.ys, at)
        return boxes

    def areas(self) -> NDArray[np.float64]:
        """Return the area of each parcel in squares of the unit of `crs` (shoelace formula)."""
        cross = np.zeros(self.xs.size)
        if self.xs.size:
            # Moved to its first corner, so that large coordinates do not eat the digits.
            origin = np.repeat(self.corners()[:-1], np.diff(self.corners()))
            x, y = self.xs - self.xs[origin], self.ys - self.ys[origin]
            cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
            cross[self.rings[1:] - 1] = 0.0  # from the end of a ring to the next is no edge
        sums = np.concatenate(([0.0], np.cumsum(cross)))
        firsts = self.corners()
        twice: NDArray[np.float64] = np.abs(sums[firsts[1:]] - sums[firsts[:-1]])
        return twice / 2

    def take(self, numbers: NDArray[np.intp]) -> Parcels:
        """Return the parcels with these numbers, in this order."""
        ring, starts = _spread(self.starts, numbers)
        corner, rings = _spread(self.rings, ring)
        return Parcels(
            ids=tuple(self.ids[number] for number in numbers),
            xs=self.xs[corner],
            ys=self.ys[corner],
            rings=rings,
            starts=starts,
            crs=self.crs,
        )

    def moved(self, xs: NDArray[np.float64], ys: NDArray[np.float64], crs: str) -> Parcels:
        """Return the same parcels with other coordinates."""
        return Parcels(ids=self.ids, xs=xs, ys=ys, rings=self.rings, starts=self.starts, crs=crs)


def _spread(
    starts: NDArray[np.int64], numbers: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of these groups, and where each group begins among them."""
    sizes = starts[1:][numbers] - starts[:-1][numbers]
    ends = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    shift = np.repeat(starts[:-1][numbers] - ends[:-1], sizes)
    return np.arange(ends[-1], dtype=np.int64) + shift, ends
