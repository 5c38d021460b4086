"""Which parcel is measured on which grid, and the cells of a grid that are read in one go."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.errors.files import UnknownCrs
from landzicht.grid import Window
from landzicht.grid.crs import transform_bounds, transformer
from landzicht.kinds.parcels import Parcels
from landzicht.series.shapes import in_pixels, parcels_of, shapes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Grid

CELL = 1024
"""Rows and columns of a cell: whole blocks of our own files (512) and of the archives (1024)."""
MOST_COVERED = 4 * CELL * CELL
"""Pixels of all parcels of a cell together, about; more (parcels over each other) are divided."""
_MANY_CORNERS = 1_000
_MARGIN = 0.01
_POINTS_ON_EDGE = 100
_TURNS = 3
"""An edge of a columns and b rows touches at most a + b + 3 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Territory:
    """The parcels that one of several grids measures."""

    grid: Grid
    """Where the pixels lie."""
    members: NDArray[np.intp]
    """Numbers of the parcels."""
    shapes: Parcels
    """These parcels in columns and rows of `grid`; what sticks out is measured elsewhere."""
    whole: NDArray[np.bool_]
    """`(member,)`, True = lies in this grid with all that it has."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Division:
    """All parcels over the grids of one overpass."""

    territories: tuple[Territory, ...]
    """One for each grid, in the order of the grids; some without members."""
    inside: NDArray[np.bool_]
    """`(parcel, grid)`, True = lies in that grid with all that it has."""
    areas: NDArray[np.float64]
    """`(parcel,)`, area in pixels of the grid that measures it (the first); NaN for none."""


def divide(parcels: Parcels, grids: Sequence[Grid]) -> Division:
    """Give each parcel to the first grid that holds all of it.

    A parcel that no grid holds is cut: the first grid that it meets gets its part, the next one
    what is left of it, and so on; so no piece of land is counted twice where grids overlap.
    """
    count = len(parcels)
    inside = np.zeros((count, len(grids)), np.bool_)
    meets = np.zeros((count, len(grids)), np.bool_)
    areas = np.full(count, np.nan)
    near = [_near(parcels, grid) for grid in grids]
    for number, grid in enumerate(grids):
        shapes = in_pixels(parcels.take(near[number]), grid)
        inside[near[number], number], meets[near[number], number] = _where(shapes, grid)
        first = meets[near[number], number] & np.isnan(areas[near[number]])
        areas[near[number][first]] = shapes.areas()[first]
    home = np.where(inside.any(axis=1), inside.argmax(axis=1), -1)
    territories = []
    for number, grid in enumerate(grids):
        whole = np.flatnonzero(home == number)
        cut = np.flatnonzero((home < 0) & meets[:, number])
        shapes, kept = _pieces(parcels, whole, cut, grids[: number + 1])
        territories.append(
            Territory(
                grid=grid,
                members=np.concatenate((whole, cut[kept])),
                shapes=shapes,
                whole=np.arange(whole.size + kept.size) < whole.size,
            )
        )
    return Division(territories=tuple(territories), inside=inside, areas=areas)


def territory(parcels: Parcels, members: NDArray[np.intp], grid: Grid) -> Territory:
    """Return some parcels, each of which lies in `grid` with all that it has."""
    shapes = in_pixels(parcels.take(members), grid)
    return Territory(
        grid=grid, members=members, shapes=shapes, whole=np.ones(members.size, np.bool_)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cell:
    """A part of a grid that is read in one go, and the parcels in it."""

    grid: Grid
    """The whole grid."""
    window: Window
    """Pixels to read: around what the parcels have in this cell."""
    members: NDArray[np.intp]
    """Numbers of the parcels."""
    shapes: Parcels
    """These parcels in columns and rows of `window`; what sticks out belongs to other cells."""
    whole: NDArray[np.bool_]
    """`(member,)`, True = no other cell has a part of it."""
    closes: NDArray[np.bool_]
    """`(member,)`, True = no later cell has a part of it."""
    covered: NDArray[np.float64]
    """`(member,)`, pixels that it touches here; never too few."""
    most: NDArray[np.float64]
    """`(member,)`, pixels that it touches in all cells together; never too few."""
    key: bytes
    """Tells cells apart: equal for equal shapes in equal windows."""


def cells_of(land: Territory, side: int = CELL, most: int = MOST_COVERED) -> Iterator[Cell]:
    """Divide a territory into cells of `side` pixels, row by row; each pixel is in one of them.

    Where parcels lie over each other a cell comes several times, each time for some of them, so
    that what it takes in memory is bounded by `most` and the largest parcel, not by what is sent.

    Args:
        land: what to divide.
        side: rows and columns of a cell.
        most: pixels of the parcels of one cell together.
    """
    boxes = _clipped(land.shapes.boxes(), land.grid)
    some = np.flatnonzero((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
    if not some.size:
        return
    boxes, most_of = boxes[some], touched(land.shapes)[some]
    first, last = boxes[:, :2] // side, (boxes[:, 2:] - 1) // side
    spread = last - first + 1  # cells across and down
    many = spread[:, 0] * spread[:, 1]
    member = np.repeat(np.arange(some.size), many)
    place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    at = first[member] + np.column_stack((place % spread[member, 0], place // spread[member, 0]))
    low = np.maximum(boxes[member, :2], at * side)
    high = np.minimum(boxes[member, 2:], (at + 1) * side)
    covered = np.minimum(np.prod(high - low, axis=1), most_of[member])
    order = np.lexsort((member, at[:, 0], at[:, 1]))
    for group in _groups(at[order], covered[order], most):
        own = order[group]
        corner, end = low[own].min(axis=0), high[own].max(axis=0)
        chosen = some[member[own]]
        window = Window(*(int(n) for n in (*corner[::-1], *(end - corner)[::-1])))
        shapes = land.shapes.take(chosen)
        shapes = shapes.moved(shapes.xs - corner[0], shapes.ys - corner[1], "")
        shapes = _thinned(shapes, window)
        yield Cell(
            grid=land.grid,
            window=window,
            members=land.members[chosen],
            shapes=shapes,
            whole=land.whole[chosen] & (many[member[own]] == 1),
            closes=land.whole[chosen] & (at[own] == last[member[own]]).all(axis=1),
            covered=covered[own],
            most=most_of[member[own]],
            key=_key(shapes, window),
        )


def _groups(
    at: NDArray[np.int64], covered: NDArray[np.float64], most: int
) -> Iterator[NDArray[np.intp]]:
    """Yield runs of equal places, each cut where it covers more than `most`."""
    ends = np.flatnonzero(np.diff(at, axis=0).any(axis=1)) + 1
    for run in np.split(np.arange(len(at)), ends):
        number = np.floor((np.cumsum(covered[run]) - covered[run]) / most)
        yield from np.split(run, np.flatnonzero(np.diff(number)) + 1)


def _thinned(shapes: Parcels, window: Window) -> Parcels:
    """Leave out corners that change nothing in a window: amid others above, below or right of it.

    A coast of a million corners over a hundred cells would take a hundred times its memory. Edges
    between such corners add nothing to a cover, and neither does the edge that takes their place,
    so the cover keeps its bits. (Those to the left do add, see `kernels.cover`.)
    """
    if shapes.xs.size < _MANY_CORNERS:
        return shapes
    side = np.where(shapes.xs > window.width, 3, 0)
    side[shapes.ys < 0] = 1
    side[shapes.ys > window.height] = 2
    kept = np.ones(side.size, np.bool_)
    kept[1:-1] = (side[1:-1] == 0) | (side[1:-1] != side[:-2]) | (side[1:-1] != side[2:])
    kept[shapes.rings[:-1]] = True
    kept[shapes.rings[1:] - 1] = True
    return Parcels(
        ids=shapes.ids,
        xs=shapes.xs[kept],
        ys=shapes.ys[kept],
        rings=np.concatenate(([0], np.cumsum(kept)))[shapes.rings].astype(np.int64),
        starts=shapes.starts,
        crs=shapes.crs,
    )


def touched(shapes: Parcels) -> NDArray[np.float64]:
    """Return how many pixels each shape touches at most: those inside, and those on an edge."""
    edges = np.zeros(shapes.xs.size)
    if edges.size:
        edges[:-1] = np.abs(np.diff(shapes.xs)) + np.abs(np.diff(shapes.ys)) + _TURNS
        edges[shapes.rings[1:] - 1] = 0.0  # from the end of a ring to the next is no edge
    sums = np.concatenate(([0.0], np.cumsum(edges)))
    firsts = shapes.corners()
    whole: NDArray[np.float64] = np.ceil(shapes.areas() + sums[firsts[1:]] - sums[firsts[:-1]])
    return whole


def _key(shapes: Parcels, window: Window) -> bytes:
    digest = hashlib.sha256(f"{window.height} {window.width}".encode())
    for array in (shapes.xs, shapes.ys, shapes.rings, shapes.starts):
        digest.update(array.tobytes())
    return digest.digest()


def _near(parcels: Parcels, grid: Grid) -> NDArray[np.intp]:
    """Return the parcels that may meet a grid: cheap, and never too few."""
    try:
        around = transform_bounds(grid.bounds, grid.crs, parcels.crs)
    except UnknownCrs:
        return np.arange(len(parcels))
    if around.west > around.east:  # the grid crosses the antimeridian
        return np.arange(len(parcels))
    boxes = parcels.boxes()
    wide, tall = (
        _MARGIN * (around.east - around.west),
        _MARGIN * (around.north - around.south),
    )
    return np.flatnonzero(
        (boxes[:, 0] <= around.east + wide)
        & (boxes[:, 2] >= around.west - wide)
        & (boxes[:, 1] <= around.north + tall)
        & (boxes[:, 3] >= around.south - tall)
    )


def _where(shapes: Parcels, grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which parcels lie wholly in a grid, and which meet it."""
    boxes = shapes.boxes()
    known = np.isfinite(boxes).all(axis=1)
    west, north, east, south = boxes.T
    meets = known & (east > 0) & (south > 0) & (west < grid.width) & (north < grid.height)
    inside = known & (west >= 0) & (north >= 0) & (east <= grid.width) & (south <= grid.height)
    return inside & meets, meets


def _clipped(boxes: NDArray[np.float64], grid: Grid) -> NDArray[np.int64]:
    """Return whole pixels around boxes, within the grid."""
    limits = np.array([grid.width, grid.height] * 2, np.float64)
    outer = np.concatenate((np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])), axis=1)
    inner: NDArray[np.float64] = np.clip(np.nan_to_num(outer, posinf=0, neginf=0), 0, limits)
    return inner.astype(np.int64)


def _pieces(
    parcels: Parcels, whole: NDArray[np.intp], cut: NDArray[np.intp], grids: Sequence[Grid]
) -> tuple[Parcels, NDArray[np.intp]]:
    """Return shapes in pixels of the last grid, and which of those to cut have a part left."""
    grid = grids[-1]
    shapes = in_pixels(parcels.take(np.concatenate((whole, cut))), grid)
    if not cut.size:
        return shapes, np.arange(0)
    taken = [_footprint(other, grid) for other in grids[:-1]]
    if not taken:
        return shapes, np.arange(cut.size)
    left = shapely.difference(
        shapely.make_valid(shapes_of(shapes.take(np.arange(whole.size, len(shapes))))),
        shapely.union_all(taken),
    )
    left = shapely.intersection(left, shapely.box(0, 0, grid.width, grid.height))
    kept = np.flatnonzero(shapely.area(left) > 0)
    rest = parcels_of([parcels.ids[cut[number]] for number in kept], _polygons(left[kept]), "")
    return _together(shapes.take(np.arange(whole.size)), rest), kept


def _polygons(shapes: NDArray[Any]) -> NDArray[Any]:
    """Drop points and lines that an intersection leaves behind."""
    out = np.empty(shapes.size, object)
    for number, shape in enumerate(shapes):
        flat = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        out[number] = shapely.multipolygons(flat)
    return out


def _together(first: Parcels, second: Parcels) -> Parcels:
    """Return two sets of parcels as one."""
    return Parcels(
        ids=first.ids + second.ids,
        xs=np.concatenate((first.xs, second.xs)),
        ys=np.concatenate((first.ys, second.ys)),
        rings=np.concatenate((first.rings, second.rings[1:] + first.rings[-1])),
        starts=np.concatenate((first.starts, second.starts[1:] + first.starts[-1])),
        crs=first.crs,
    )


def _footprint(other: Grid, grid: Grid) -> Any:  # noqa: ANN401 - a shapely geometry
    """Return what another grid covers, in columns and rows of `grid`."""
    edge = np.linspace(0, 1, _POINTS_ON_EDGE, endpoint=False)
    zero, one = np.zeros_like(edge), np.ones_like(edge)
    columns = np.concatenate((edge, one, 1 - edge, zero)) * other.width
    rows = np.concatenate((zero, edge, one, 1 - edge)) * other.height
    forth = other.transform
    xs = forth.a * columns + forth.b * rows + forth.c
    ys = forth.d * columns + forth.e * rows + forth.f
    if other.crs != grid.crs:
        xs, ys = transformer(other.crs, grid.crs).transform(xs, ys)
    back = ~grid.transform
    ring = np.column_stack((back.a * xs + back.b * ys + back.c, back.d * xs + back.e * ys + back.f))
    return shapely.make_valid(shapely.Polygon(ring))
