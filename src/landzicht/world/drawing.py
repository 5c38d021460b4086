"""Drawing on the flat map of Zonderland: x to the east, y to the **south**, metres.

The origin is the north-west corner, so a pixel's row is `y / 10` and its column `x / 10`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry as Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A street plan's own axes: turned by `angle` about `(x, y)`."""

    x: float
    """Origin on the map, metres."""
    y: float
    """Origin on the map, metres."""
    angle: float
    """Radians, clockwise on the map (y points south)."""

    def to_map(self, u: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
        """Return `(…, 2)` map positions of own positions `u` (along) and `v` (across)."""
        u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.stack([self.x + u * cos - v * sin, self.y + u * sin + v * cos], -1)

    def from_map(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `(…, 2)` own positions of map positions."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        dx, dy = points[..., 0] - self.x, points[..., 1] - self.y
        return np.stack([dx * cos + dy * sin, dy * cos - dx * sin], -1)

    def span(self, area: tuple[float, float, float, float]) -> NDArray[np.float64]:
        """Return `[[u low, v low], [u high, v high]]` around west, north, east, south."""
        west, north, east, south = area
        corners = np.array([[west, north], [east, north], [east, south], [west, south]])
        turned = self.from_map(corners)
        return np.stack([turned.min(0), turned.max(0)])

    def boxes(self, u0: ArrayLike, u1: ArrayLike, v0: ArrayLike, v1: ArrayLike) -> NDArray[Any]:
        """Return rectangles between the given own positions."""
        u0, u1, v0, v1 = np.broadcast_arrays(*(np.asarray(a, float) for a in (u0, u1, v0, v1)))
        ring = self.to_map(np.stack([u0, u1, u1, u0], -1), np.stack([v0, v0, v1, v1], -1))
        return np.atleast_1d(shapely.polygons(ring))

    def lines(self, u0: ArrayLike, v0: ArrayLike, u1: ArrayLike, v1: ArrayLike) -> NDArray[Any]:
        """Return straight lines from `(u0, v0)` to `(u1, v1)`."""
        ends = np.stack([self.to_map(u0, v0), self.to_map(u1, v1)], -2)
        return np.atleast_1d(shapely.linestrings(ends))


def placed(rows: Sequence[tuple[float, ...]] | NDArray[np.float64]) -> NDArray[Any]:
    """Return many rectangles that each lie in axes of their own, in one go.

    Args:
        rows: (n, 7) origin x and y and angle as in `Turned`, then u0, u1, v0, v1.
    """
    x, y, angle, u0, u1, v0, v1 = np.array(rows, float).reshape(-1, 7).T[..., None]
    u = np.concatenate([u0, u1, u1, u0], 1)
    v = np.concatenate([v0, v0, v1, v1], 1)
    cos, sin = np.cos(angle), np.sin(angle)
    ring = np.stack([x + u * cos - v * sin, y + u * sin + v * cos], -1)
    return np.atleast_1d(shapely.polygons(ring))


def stroke(lines: NDArray[Any] | Sequence[Any], width: ArrayLike) -> NDArray[Any]:
    """Return lines drawn as polygons `width` metres wide."""
    drawn = shapely.buffer(
        np.asarray(lines, object), np.asarray(width) / 2, cap_style="flat", join_style="mitre"
    )
    return np.atleast_1d(drawn)


def blob(
    rng: np.random.Generator, at: tuple[float, float], radius: float, rough: float = 0.3
) -> Shape:
    """Return a closed, smooth, irregular outline: a wood, a pool, an island."""
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    waves = np.arange(2, 10)
    sizes = rough * rng.normal(size=len(waves)) / waves**1.25
    phases = rng.uniform(0, 2 * np.pi, len(waves))
    wobble = (sizes[:, None] * np.cos(waves[:, None] * turn + phases[:, None])).sum(0)
    reach = radius * np.clip(1 + wobble, 0.35, 1.8)
    stretch = rng.uniform(0.75, 1.0)
    ring = np.stack([at[0] + reach * np.cos(turn), at[1] + stretch * reach * np.sin(turn)], -1)
    return shapely.make_valid(shapely.Polygon(ring))


def cuts(
    rng: np.random.Generator, low: float, high: float, least: float, most: float
) -> NDArray[np.float64]:
    """Return positions that divide `low … high` into pieces of about `least … most`.

    The pieces are stretched a little so that they fit exactly; both ends are included.
    """
    length = high - low
    number = max(1, round(length / (0.5 * (least + most))))
    pieces = rng.uniform(least, most, number)
    ends: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(pieces)])
    ends *= length / pieces.sum()
    return ends + low


def joined(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return all shapes of a list of arrays as one array."""
    return np.concatenate(pieces) if len(pieces) else np.zeros(0, object)


def within(shapes: NDArray[Any], area: Shape) -> NDArray[Any]:
    """Return the parts of the shapes that lie in `area`; those outside are left out."""
    shapely.prepare(area)
    shapes = shapes[shapely.intersects(area, shapes)]
    whole = shapely.contains_properly(area, shapes)
    shapes = shapes.copy()
    shapes[~whole] = shapely.intersection(shapes[~whole], area)
    return shapes


def without(shapes: NDArray[Any], area: Shape) -> NDArray[Any]:
    """Return the parts of the shapes outside `area`; what is covered becomes an empty shape."""
    shapely.prepare(area)
    shapes = shapes.copy()
    hit = shapely.intersects(area, shapes)
    gone = shapely.contains(area, shapes)
    shapes[gone] = shapely.Polygon()
    cut = hit & ~gone
    shapes[cut] = shapely.difference(shapes[cut], area)
    return shapes
