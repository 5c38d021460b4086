"""Where target pixels lie in a source system: a coarse lattice of exact points, error checked.

Transforming every pixel of a tile costs 30 ms; transforming 17 x 17 points and interpolating
costs 0.2 ms. The interpolation error is measured against pyproj at the middles of lattice edges
(not of cells: between two conformal projections the error in a cell's middle is zero) and bounded
everywhere else by second differences. Where it is too large the lattice gets finer, and at last
exact: one point for each pixel, nothing interpolated. So breaks in a projection (antimeridian,
poles, the far side of the Earth) never smear.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.grid.crs import transformer

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray

    from landzicht.grid.grid import Grid

TOLERANCE = 1 / 256
"""Largest error of an interpolated position, in target pixels."""
NOWHERE = 1e30
"""Coordinate of a point that has no place in the source system."""
_CELLS = 16
_MOST_CELLS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """Source coordinates of a target grid."""

    nodes: NDArray[np.float64]
    """`(2, row, column)`: x and y in the source system; `NOWHERE` when there is no such place."""
    first: float
    """Position of node 0 in target pixels, both ways: 0.0, or 0.5 when exact."""
    step: tuple[float, float]
    """Target pixels from one node to the next: `(down, right)`."""
    error: float
    """Largest error found or bounded, in target pixels."""

    @property
    def is_exact(self) -> bool:
        """Whether there is a node at the centre of every pixel, so that none is interpolated."""
        return self.first > 0


def lattice(target: Grid, crs: str) -> Lattice:
    """Return the lattice of `target` in `crs`, fine enough for `TOLERANCE`.

    Lattices are kept, so that all bands, dates and scenes in one system share them.
    """
    coarse = _even(target, crs, _CELLS)
    return coarse if coarse.error <= TOLERANCE else _fine(target, crs)


def coarse_lattice(target: Grid, crs: str) -> Lattice:
    """Return the cheapest lattice, whatever its error."""
    return _even(target, crs, _CELLS)


@lru_cache(maxsize=1024)
def _even(target: Grid, crs: str, cells: int) -> Lattice:
    rows, columns = min(cells, target.height), min(cells, target.width)
    if min(target.shape) <= cells:
        return _exact(target, crs)
    step = (target.height / rows, target.width / columns)
    downs = np.linspace(0, target.height, rows + 1)
    rights = np.linspace(0, target.width, columns + 1)
    across, along = np.meshgrid(rights, downs)
    checks = _edge_middles(downs, rights)
    columns_at = np.concatenate([across.ravel(), checks[0]])
    rows_at = np.concatenate([along.ravel(), checks[1]])
    points = _transform(target.transform, target.crs, crs, columns_at, rows_at)
    nodes = points[:, : across.size].reshape(2, rows + 1, columns + 1)
    error = _error(nodes, points[:, across.size :], step)
    return Lattice(nodes=np.ascontiguousarray(nodes), first=0.0, step=step, error=error)


@lru_cache(maxsize=64)
def _fine(target: Grid, crs: str) -> Lattice:
    cells = 2 * _CELLS
    while cells <= min(_MOST_CELLS, min(target.shape) // 2):
        found = _even(target, crs, cells)
        if found.error <= TOLERANCE:
            return found
        cells *= 2
    return _exact(target, crs)


def _exact(target: Grid, crs: str) -> Lattice:
    """One node at the centre of every pixel."""
    across, along = np.meshgrid(np.arange(target.width) + 0.5, np.arange(target.height) + 0.5)
    points = _transform(target.transform, target.crs, crs, across.ravel(), along.ravel())
    nodes = points.reshape(2, target.height, target.width)
    return Lattice(nodes=nodes, first=0.5, step=(1.0, 1.0), error=0.0)


def _transform(
    affine: Affine,
    source: str,
    target: str,
    columns: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return `(2, n)` coordinates of pixel positions, `NOWHERE` for those without a place."""
    xs = affine.a * columns + affine.b * rows + affine.c
    ys = affine.d * columns + affine.e * rows + affine.f
    if source != target:
        xs, ys = transformer(source, target).transform(xs, ys)
    points = np.stack([xs, ys])
    points[:, ~np.isfinite(points).all(axis=0)] = NOWHERE
    return points


def _edge_middles(
    downs: NDArray[np.float64], rights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `(columns, rows)` of the middles of edges on 3 rows and 3 columns of the lattice."""
    middle_right, middle_down = (rights[1:] + rights[:-1]) / 2, (downs[1:] + downs[:-1]) / 2
    on_rows = np.meshgrid(middle_right, downs[_three(downs.size)])
    on_columns = np.meshgrid(rights[_three(rights.size)], middle_down)
    return (
        np.concatenate([on_rows[0].ravel(), on_columns[0].ravel()]),
        np.concatenate([on_rows[1].ravel(), on_columns[1].ravel()]),
    )


def _three(size: int) -> list[int]:
    return [0, size // 2, size - 1]


def _error(
    nodes: NDArray[np.float64], checks: NDArray[np.float64], step: tuple[float, float]
) -> float:
    """Return the largest interpolation error in target pixels."""
    nowhere = nodes[0] == NOWHERE
    if nowhere.any():
        return 0.0 if nowhere.all() else float("inf")
    rows, columns = nodes.shape[1] - 1, nodes.shape[2] - 1
    by_row, by_column = nodes[:, _three(rows + 1)], nodes[:, :, _three(columns + 1)]
    between = 3 * columns
    off_rows = checks[:, :between].reshape(2, 3, columns) - (by_row[..., 1:] + by_row[..., :-1]) / 2
    off_columns = (
        checks[:, between:].reshape(2, rows, 3) - (by_column[:, 1:] + by_column[:, :-1]) / 2
    )
    along, down = np.diff(nodes, axis=2), np.diff(nodes, axis=1)
    worst = max(
        _longest(off_rows),
        _longest(off_columns),
        # A parabola strays from its chord by an eighth of its second difference.
        _longest(np.diff(along, axis=2)) / 8,
        _longest(np.diff(down, axis=1)) / 8,
    )
    pixel = min(_shortest(along) / step[1], _shortest(down) / step[0])
    return worst / pixel if pixel > 0 else float("inf")


def _longest(vectors: NDArray[np.float64]) -> float:
    return float(np.hypot(vectors[0], vectors[1]).max()) if vectors.size else 0.0


def _shortest(vectors: NDArray[np.float64]) -> float:
    return float(np.hypot(vectors[0], vectors[1]).min())
