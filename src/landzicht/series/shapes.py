"""From shapes to flat arrays, and from their system to the pixels of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.errors.series import TooManyCorners
from landzicht.grid.crs import is_geographic, transformer
from landzicht.kinds.parcels import Parcels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Grid

_PIECE_M = 300.0
_PIECE_DEGREES = 0.003
MOST_PIECES = 50_000_000
"""Most pieces of edges of all parcels together; each takes some 80 bytes for a while."""
_MOST_OF_SHORT = 64
"""Pieces of the most bent of short edges."""
_BEND, _BEND_SHARE = 3e-6, 3e-8
"""How far, in pixels and as a share of its length, an edge may lie beside its true course."""
_SQUARE = 5
"""Corners of a square as a closed ring; a point is one without size."""
_ACROSS = np.array([0.0, 1.0, 1.0, 0.0, 0.0])
_DOWN = np.array([0.0, 0.0, 1.0, 1.0, 0.0])


def parcels_of(ids: Sequence[str], shapes: NDArray[Any], crs: str) -> Parcels:
    """Return polygons as flat arrays, with shells and holes turning opposite ways.

    Args:
        ids: name of each.
        shapes: `(parcel,)` shapely Polygons and MultiPolygons, valid and two-dimensional; or
            Points, each of which stands for the pixel that it lies in.
        crs: system of their coordinates, x first.
    """
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if points.any():
        shapes = shapes.copy()
        corners = np.repeat(shapely.get_coordinates(shapes[points])[:, None], _SQUARE, axis=1)
        shapes[points] = shapely.polygons(corners)
    turned = shapely.orient_polygons(shapes, exterior_cw=False)
    parts, of_part = shapely.get_parts(turned, return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    corners, of_corner = shapely.get_coordinates(rings, return_index=True)
    in_ring = np.bincount(of_corner, minlength=rings.size)
    in_parcel = np.bincount(of_part[of_ring], minlength=len(shapes))
    return Parcels(
        ids=tuple(ids),
        xs=np.ascontiguousarray(corners[:, 0]),
        ys=np.ascontiguousarray(corners[:, 1]),
        rings=_ends(in_ring),
        starts=_ends(in_parcel),
        crs=crs,
    )


def shapes_of(parcels: Parcels) -> NDArray[Any]:
    """Return parcels as shapely shapes `(parcel,)`: the way back.

    The largest ring of a parcel is a shell, and tells which way shells turn: in pixels, where y
    points down, it is the other way.
    """
    if not len(parcels):
        return np.empty(0, object)
    corners = np.column_stack((parcels.xs, parcels.ys))
    rings = [
        corners[first:last]
        for first, last in zip(parcels.rings[:-1], parcels.rings[1:], strict=True)
    ]
    out = np.empty(len(parcels), object)
    for number in range(len(parcels)):
        own = [shapely.Polygon(ring) for ring in rings[slice(*parcels.starts[number : number + 2])]]
        turn = max(own, key=lambda ring: ring.area).exterior.is_ccw
        shells = [ring for ring in own if ring.exterior.is_ccw == turn]
        holes = [ring for ring in own if ring.exterior.is_ccw != turn]
        whole: Any = shapely.union_all(shells)
        out[number] = whole.difference(shapely.union_all(holes)) if holes else whole
    return out


def in_pixels(parcels: Parcels, grid: Grid) -> Parcels:
    """Return parcels in columns (x) and rows (y) of a grid; (0, 0) is its upper-left corner.

    Edges are straight in the parcels' own system. Where the grid has another one, they are cut
    into pieces first, of 300 m at most, and as many as their bend takes: a straight line lies
    beside an arc by its sagitta, which is a hundredth in pieces of a tenth.
    """
    if parcels.crs != grid.crs:
        parcels = _in_pieces(parcels, grid)
    return _points_to_pixels(parcels.moved(*_placed(parcels.xs, parcels.ys, parcels.crs, grid), ""))


def _placed(
    xs: NDArray[np.float64], ys: NDArray[np.float64], crs: str, grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return columns and rows of places in a system."""
    if crs != grid.crs:
        xs, ys = transformer(crs, grid.crs).transform(xs, ys)
    inverse = ~grid.transform
    columns = inverse.a * xs + inverse.b * ys + inverse.c
    return columns, inverse.d * xs + inverse.e * ys + inverse.f


def _points_to_pixels(parcels: Parcels) -> Parcels:
    """Make the pixel around it of each parcel that is a point."""
    boxes, firsts = parcels.boxes(), parcels.corners()
    points = (boxes[:, 0] == boxes[:, 2]) & (boxes[:, 1] == boxes[:, 3])
    points &= (np.diff(firsts) == _SQUARE) & np.isfinite(boxes).all(axis=1)
    if points.any():
        at = firsts[:-1][points][:, None] + np.arange(_SQUARE)
        parcels.xs[at] = np.floor(boxes[points, :1]) + _ACROSS
        parcels.ys[at] = np.floor(boxes[points, 1:2]) + _DOWN
    return parcels


def _bends(parcels: Parcels, grid: Grid) -> NDArray[np.float64]:
    """Return into how many pieces each edge `(corner - 1,)` is cut for its bend on a grid."""
    corners = np.stack(_placed(parcels.xs, parcels.ys, parcels.crs, grid))
    middle_x = (parcels.xs[:-1] + parcels.xs[1:]) / 2
    middle_y = (parcels.ys[:-1] + parcels.ys[1:]) / 2
    middle = np.stack(_placed(middle_x, middle_y, parcels.crs, grid))
    along, beside = np.diff(corners), middle - corners[:, :-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        length = np.hypot(*along)
        sagitta = np.abs(along[0] * beside[1] - along[1] * beside[0]) / length
        pieces: NDArray[np.float64] = np.sqrt(sagitta / np.maximum(_BEND, _BEND_SHARE * length))
    pieces[~np.isfinite(pieces)] = 0.0  # beyond the map nothing is measured
    return pieces


def _in_pieces(parcels: Parcels, grid: Grid) -> Parcels:
    """Cut edges that are long, or that bend on a grid, into pieces."""
    longest = _PIECE_DEGREES if is_geographic(parcels.crs) else _PIECE_M
    dx, dy = np.diff(parcels.xs), np.diff(parcels.ys)
    edges = np.zeros(parcels.xs.size, np.int64)  # one for each corner: the edge that starts there
    long = np.nan_to_num(np.hypot(dx, dy)) / longest
    # At most ten times as many for the bend: what bends more lies far off the map.
    bends = np.minimum(_bends(parcels, grid), np.maximum(10 * long, _MOST_OF_SHORT))
    edges[:-1] = np.ceil(np.maximum(long, bends))
    edges[parcels.rings[1:] - 1] = 1
    pieces = np.maximum(edges, 1)
    if pieces.sum() > MOST_PIECES:
        raise TooManyCorners(corners=int(pieces.sum()) // 10**6, most=MOST_PIECES // 10**6)
    if pieces.sum() == pieces.size:
        return parcels
    ends = _ends(pieces)
    corner = np.repeat(np.arange(pieces.size), pieces)
    part = (np.arange(ends[-1]) - ends[corner]) / pieces[corner]
    following = np.minimum(corner + 1, pieces.size - 1)
    xs = parcels.xs[corner] + part * (parcels.xs[following] - parcels.xs[corner])
    ys = parcels.ys[corner] + part * (parcels.ys[following] - parcels.ys[corner])
    return Parcels(
        ids=parcels.ids,
        xs=xs,
        ys=ys,
        rings=ends[parcels.rings],
        starts=parcels.starts,
        crs=parcels.crs,
    )


def _ends(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where groups of these sizes begin and end in a flat array."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
