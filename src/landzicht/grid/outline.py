"""The outline of an area: reading it from GeoJSON, and which pixels lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.pixels import BadOutline, OutlineTooLarge
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import WGS84, is_geographic, transformer
from landzicht.grid.turns import beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from landzicht.grid.grid import Grid

MOST_CORNERS = 10_000
"""Most corners of an area."""
_MOST_PARTS = 1_000
_PIECES = 64
_CLOSED = 4
_CROSSINGS = 1_000_000

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One or more polygons, with holes."""

    rings: tuple[Ring, ...]
    """Closed rings of `(x, y)`, outer ones and holes alike: a point is in when a line from it
    crosses an odd number of edges."""
    crs: str = WGS84
    """System of the coordinates, x first."""

    @property
    def bounds(self) -> Bounds:
        """The rectangle around it."""
        xs = [x for ring in self.rings for x, _ in ring]
        ys = [y for ring in self.rings for _, y in ring]
        return Bounds(min(xs), min(ys), max(xs), max(ys))


def read_outline(told: Mapping[str, Any], crs: str = WGS84) -> Outline:
    """Read a GeoJSON Polygon or MultiPolygon, or a Feature that has one.

    Args:
        told: the GeoJSON object.
        crs: system of its coordinates; GeoJSON itself knows WGS84 only.

    Raises:
        BadOutline: not an area, crosses itself, or has no place on Earth.
        OutlineTooLarge: more corners than we take.
    """
    geometry = told.get("geometry") if told.get("type") == "Feature" else told
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise BadOutline(reason="Polygon, MultiPolygon")
    parts = geometry.get("coordinates")
    polygons = [parts] if kind == "Polygon" else parts
    if not isinstance(polygons, list) or not polygons:
        raise BadOutline(reason="coordinates")
    if len(polygons) > _MOST_PARTS:
        raise OutlineTooLarge(most=MOST_CORNERS)
    shapes = [tuple(_rings(polygon)) for polygon in polygons]
    rings = tuple(ring for shape in shapes for ring in shape)
    outline = Outline(_joined(rings) if is_geographic(crs) else rings, crs)
    if sum(len(ring) for ring in outline.rings) > MOST_CORNERS:
        raise OutlineTooLarge(most=MOST_CORNERS)
    _check_place(outline)
    _check_valid(shapes)
    return outline


def inside(outline: Outline, grid: Grid) -> NDArray[np.bool_]:
    """Return `(y, x)`: True where the centre of a pixel lies in the outline.

    Edges are straight in the outline's own system; where the grid's system bends them, points in
    between are moved too.
    """
    turns = np.zeros((grid.height, grid.width + 1), np.uint8)
    inverse = ~grid.transform
    for ring in outline.rings:
        points = np.array(ring, np.float64).T
        if outline.crs != grid.crs:
            points = _dense(points, outline.bounds)
            points = np.stack(transformer(outline.crs, grid.crs).transform(*points))
            if not np.isfinite(points).all():
                raise BadOutline(reason=grid.crs[:80])
            points[0] = beside(points[0], grid.bounds, grid.crs)
        columns = inverse.a * points[0] + inverse.b * points[1] + inverse.c
        rows = inverse.d * points[0] + inverse.e * points[1] + inverse.f
        _turn(turns, columns, rows)
    odd = np.bitwise_xor.accumulate(turns & 1, axis=1)[:, :-1]
    return np.ascontiguousarray(odd).view(np.bool_)


def _turn(turns: NDArray[np.uint8], columns: NDArray[Any], rows: NDArray[Any]) -> None:
    """Count, on each row of pixel centres, the crossings with edges before each pixel."""
    height, across = turns.shape
    # The centre of row r lies at r + 0.5; an edge owns its upper end and not its lower one.
    upper, lower = np.minimum(rows[:-1], rows[1:]), np.maximum(rows[:-1], rows[1:])
    first = np.clip(np.ceil(upper - 0.5), 0, height).astype(np.int64)
    counts = np.clip(np.ceil(lower - 0.5), 0, height).astype(np.int64) - first
    edges = np.flatnonzero(counts > 0)
    ends = np.cumsum(counts[edges])
    last = int(ends[-1]) if edges.size else 0
    cuts = np.searchsorted(ends, np.arange(_CROSSINGS, last, _CROSSINGS))
    for part in np.split(edges, cuts):
        edge = np.repeat(part, counts[part])
        before = np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        at = first[edge] + np.arange(edge.size) - before
        slope = (columns[edge + 1] - columns[edge]) / (rows[edge + 1] - rows[edge])
        crossed = columns[edge] + (at + 0.5 - rows[edge]) * slope
        column = np.clip(np.ceil(crossed - 0.5), 0, across - 1).astype(np.int64)
        np.add.at(turns.reshape(-1), at * across + column, np.uint8(1))


def _dense(points: NDArray[np.float64], bounds: Bounds) -> NDArray[np.float64]:
    """Add points on long edges."""
    longest = max(bounds.east - bounds.west, bounds.north - bounds.south) / _PIECES
    steps = np.diff(points, axis=1)
    pieces = np.ceil(np.hypot(*steps) / longest).astype(int) if longest > 0 else np.ones(1, int)
    pieces = np.maximum(pieces, 1)
    edge = np.repeat(np.arange(pieces.size), pieces)
    nth = np.arange(edge.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    between = points[:, edge] + steps[:, edge] * (nth / pieces[edge])
    return np.concatenate([between, points[:, -1:]], axis=1)


def _rings(polygon: object) -> Iterator[Ring]:
    if not isinstance(polygon, list) or not polygon:
        raise BadOutline(reason="coordinates")
    if len(polygon) > _MOST_PARTS:
        raise OutlineTooLarge(most=MOST_CORNERS)
    for ring in polygon:
        if not isinstance(ring, list) or len(ring) < _CLOSED or ring[0] != ring[-1]:
            raise BadOutline(reason="ring")
        if len(ring) > MOST_CORNERS:
            raise OutlineTooLarge(most=MOST_CORNERS)
        yield tuple(_point(point) for point in ring)


def _joined(rings: tuple[Ring, ...]) -> tuple[Ring, ...]:
    """Put an area together again that was cut at the antimeridian, as RFC 7946 asks (3.1.9)."""
    sides = [(min(x for x, _ in ring), max(x for x, _ in ring)) for ring in rings]
    low, high = min(west for west, _ in sides), max(east for _, east in sides)
    if (low, high) != (-180.0, 180.0):
        return rings
    moved = tuple(
        tuple((x + 360.0, y) for x, y in ring) if east < 0 else ring
        for ring, (_, east) in zip(rings, sides, strict=True)
    )
    west = min(x for ring in moved for x, _ in ring)
    return moved if west > low else rings


def _point(point: object) -> tuple[float, float]:
    numbers = point[:2] if isinstance(point, list) else []
    real = [n for n in numbers if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(real) != 2 or not all(abs(number) < 1e12 for number in real):  # nor NaN
        raise BadOutline(reason=f"{str(point)[:40]}?")
    return float(real[0]), float(real[1])


def _check_place(outline: Outline) -> None:
    if not is_geographic(outline.crs):
        return
    box = outline.bounds
    if box.west < -360 or box.east > 360 or box.south < -90 or box.north > 90:
        raise BadOutline(reason="-180 ≤ lon ≤ 180, -90 ≤ lat ≤ 90")


def _check_valid(shapes: list[tuple[Ring, ...]]) -> None:
    import shapely

    whole = shapely.multipolygons([shapely.Polygon(rings[0], rings[1:]) for rings in shapes])
    if not shapely.is_valid(whole) or shapely.area(whole) <= 0:
        raise BadOutline(reason=str(shapely.is_valid_reason(whole))[:120])
