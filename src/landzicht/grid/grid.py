"""Where pixels lie: a coordinate reference system, an affine transform and a shape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from affine import Affine

from landzicht.grid.bounds import Bounds

if TYPE_CHECKING:
    from landzicht.grid.window import Window


_LARGEST, _FARTHEST, _SMALLEST_AREA = 1e9, 1e12, 1e-24


def can_lie_on_earth(transform: Affine) -> bool:
    """Whether pixels of this size at this place are possible, in metres, feet or degrees.

    Damaged headers hold any number, and computing with most of them ends in an overflow.
    """
    if not all(math.isfinite(number) for number in transform):
        return False
    a, b, c, d, e, f = (abs(number) for number in tuple(transform)[:6])
    near = max(a, b, d, e) <= _LARGEST and max(c, f) <= _FARTHEST
    return near and abs(transform.determinant) >= _SMALLEST_AREA


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A regular grid of pixels on the map.

    Row 0, column 0 is the first pixel in the file; `transform` maps `(column, row)` of a pixel's
    upper-left corner to `(x, y)` in `crs`. Axis order is always x (east, longitude) first.
    """

    crs: str
    """`EPSG:32631` when the system has a code, else its WKT2."""
    transform: Affine
    """`(column, row)` → `(x, y)`, unit of the CRS."""
    height: int
    """Rows."""
    width: int
    """Columns."""

    def __hash__(self) -> int:
        """Return the hash; grids are keys of all that is kept of geometry, so it must be quick."""
        t = self.transform
        return hash((self.height, self.width, t.a, t.c, t.f))

    @property
    def shape(self) -> tuple[int, int]:
        """`(height, width)`, the order of numpy arrays."""
        return (self.height, self.width)

    @property
    def is_north_up(self) -> bool:
        """Whether rows run from north to south and columns from west to east, unrotated."""
        t = self.transform
        return bool(t.b == 0 and t.d == 0 and t.a > 0 and t.e < 0)

    @property
    def resolution(self) -> tuple[float, float]:
        """Size of a pixel `(x, y)`, positive, in the unit of the CRS."""
        t = self.transform
        return (float((t.a**2 + t.d**2) ** 0.5), float((t.b**2 + t.e**2) ** 0.5))

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The four outer corners `(x, y)`: upper-left, upper-right, lower-right, lower-left."""
        w, h = self.width, self.height
        return tuple(self.transform @ corner for corner in ((0, 0), (w, 0), (w, h), (0, h)))

    @property
    def bounds(self) -> Bounds:
        """The rectangle around the four corners, in the CRS of the grid."""
        xs, ys = zip(*self.corners, strict=True)
        return Bounds(min(xs), min(ys), max(xs), max(ys))

    def crop(self, window: Window) -> Grid:
        """Return the part of this grid under `window` (which may stick out)."""
        a, b, c, d, e, f = tuple(self.transform)[:6]
        x = a * window.column + b * window.row + c
        y = d * window.column + e * window.row + f
        moved = Affine(a, b, x, d, e, y)
        return Grid(crs=self.crs, transform=moved, height=window.height, width=window.width)
