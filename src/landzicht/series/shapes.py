"""From shapes to flat arrays, and from their system to the pixels of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.grid.crs import is_geographic, transformer
from landzicht.kinds.parcels import Parcels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Grid

_PIECE_M = 300.0
_PIECE_DEGREES = 0.003
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
    into pieces of 300 m first: between these a straight line is off by less than 3 mm on the
    Dutch grids (the sagitta L²·tan(φ) / 8R of a parallel).
    """
    xs, ys = parcels.xs, parcels.ys
    if parcels.crs != grid.crs:
        parcels = _in_pieces(parcels)
        xs, ys = transformer(parcels.crs, grid.crs).transform(parcels.xs, parcels.ys)
    inverse = ~grid.transform
    columns = inverse.a * xs + inverse.b * ys + inverse.c
    rows = inverse.d * xs + inverse.e * ys + inverse.f
    return _points_to_pixels(parcels.moved(columns, rows, ""))


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


def _in_pieces(parcels: Parcels) -> Parcels:
    """Cut long edges into pieces."""
    longest = _PIECE_DEGREES if is_geographic(parcels.crs) else _PIECE_M
    dx, dy = np.diff(parcels.xs), np.diff(parcels.ys)
    edges = np.zeros(parcels.xs.size, np.int64)  # one for each corner: the edge that starts there
    edges[:-1] = np.ceil(np.nan_to_num(np.hypot(dx, dy)) / longest)
    edges[parcels.rings[1:] - 1] = 1
    pieces = np.maximum(edges, 1)
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
