"""Where a grid lies on the globe: a GeoJSON footprint that is right at the antimeridian.

RFC 7946, 3.1.9: a footprint that crosses the antimeridian is cut in two; 5.2: its box then has
west > east.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.files import UnknownCrs
from landzicht.grid import Bounds
from landzicht.grid.crs import WGS84, transformer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landzicht.grid import Grid

POINTS_PER_SIDE = 32
"""Straight edges on the map are curves on the globe; so many pieces follow them."""
TOLERANCE = 0.0005
"""Points that stray less than this share of the footprint's size from the line are left out."""
_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Footprint:
    """Outline and box of a place, WGS84."""

    geometry: Mapping[str, Any]
    """GeoJSON Polygon or MultiPolygon, outer rings anticlockwise."""
    bounds: Bounds
    """`west > east` when it crosses the antimeridian."""


def footprint(grid: Grid) -> Footprint:
    """Return the outline of a grid.

    Raises:
        UnknownCrs: the grid cannot be placed on the globe.
    """
    outline = _outline(grid)
    longitudes = np.unwrap(outline[:, 0], period=360.0)
    latitudes = np.clip(outline[:, 1], -90.0, 90.0)
    turn = longitudes[-1] - longitudes[0]
    if abs(turn) > 180.0:  # the outline runs around a pole
        return _around_pole(latitudes)
    west, east = float(longitudes.min()), float(longitudes.max())
    south, north = float(latitudes.min()), float(latitudes.max())
    if not (west < east and south < north):
        raise UnknownCrs(crs=grid.crs[:80])
    if east - west >= 360.0 - 1e-9:
        return _box(Bounds(-180.0, _round(south), 180.0, _round(north)))
    shift = math.floor((west + 180.0) / 360.0) * 360.0
    ring = np.column_stack([longitudes - shift, latitudes])
    return _cut(ring, Bounds(west - shift, south, east - shift, north))


def _outline(grid: Grid) -> NDArray[np.float64]:
    """Return `(point, [longitude, latitude])` along the edge of the grid, closed."""
    along = np.linspace(0.0, 1.0, POINTS_PER_SIDE + 1)[:-1]
    zeros, ones = np.zeros_like(along), np.ones_like(along)
    columns = np.concatenate([along, ones, 1 - along, zeros, [0.0]]) * grid.width
    rows = np.concatenate([zeros, along, ones, 1 - along, [0.0]]) * grid.height
    t = grid.transform
    xs, ys = t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f
    longitudes, latitudes = transformer(grid.crs, WGS84).transform(xs, ys)
    points: NDArray[np.float64] = np.column_stack([longitudes, latitudes])
    beyond = max(grid.resolution) / 2  # half a pixel, where centres lie on the pole
    if grid.crs == WGS84 and np.abs(latitudes).max() > 90.0 + beyond + 1e-6:
        raise UnknownCrs(crs=grid.crs)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < len(along):  # most of the edge lies outside what the system can express
        raise UnknownCrs(crs=grid.crs[:80])
    return points


def _cut(ring: NDArray[np.float64], bounds: Bounds) -> Footprint:
    import shapely
    from shapely.affinity import translate

    size = min(bounds.east - bounds.west, bounds.north - bounds.south)
    outline = shapely.make_valid(shapely.Polygon(ring).simplify(TOLERANCE * size))
    if bounds.east <= 180.0 + 1e-9:
        return _shaped([outline], bounds)
    this = outline.intersection(shapely.box(-180, -90, 180, 90))
    other = translate(outline.intersection(shapely.box(180, -90, 540, 90)), -360.0)
    across = Bounds(bounds.west, bounds.south, bounds.east - 360.0, bounds.north)
    return _shaped([this, other], across)


def _shaped(parts: list[Any], bounds: Bounds) -> Footprint:
    from shapely.geometry.polygon import orient

    polygons = [
        orient(polygon)
        for part in parts
        for polygon in getattr(part, "geoms", [part])
        if polygon.geom_type == "Polygon" and polygon.area > 0
    ]
    rings = [[[_round(x), _round(y)] for x, y in polygon.exterior.coords] for polygon in polygons]
    edges = (bounds.west, bounds.south, bounds.east, bounds.north)
    rounded = Bounds(*(_round(edge) for edge in edges))
    if len(rings) == 1:
        return Footprint({"type": "Polygon", "coordinates": [rings[0]]}, rounded)
    return Footprint({"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}, rounded)


def _around_pole(latitudes: NDArray[np.float64]) -> Footprint:
    """Return the cap around the pole that the grid encloses, out to its farthest corner."""
    if float(latitudes.mean()) > 0:
        return _box(Bounds(-180.0, _round(float(latitudes.min())), 180.0, 90.0))
    return _box(Bounds(-180.0, -90.0, 180.0, _round(float(latitudes.max()))))


def _box(b: Bounds) -> Footprint:
    corners = ((b.west, b.south), (b.east, b.south), (b.east, b.north), (b.west, b.north))
    ring = [[x, y] for x, y in (*corners, corners[0])]
    return Footprint({"type": "Polygon", "coordinates": [ring]}, b)


def _round(degrees: float) -> float:
    """Seven digits are a centimetre; plus 0.0 turns -0.0 into 0.0."""
    return round(degrees, _DIGITS) + 0.0
