"""How large pixels are on the ground."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Geod

from landzicht.grid.crs import WGS84, transformer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.grid.grid import Grid


@lru_cache(maxsize=256)
def ground_size(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how wide and how high the pixels of each row are, in metres; not to be changed.

    Measured along the ellipsoid in the middle column: a pixel of a web map is 1 / cos(latitude)
    smaller than its coordinates say. Neighbours in the east and west agree.

    Returns:
        Widths and heights `(row,)`; NaN where the grid has no place on Earth.
    """
    rows: NDArray[np.float64] = np.arange(grid.height, dtype=np.float64) + 0.5
    middle: NDArray[np.float64] = np.full(grid.height, grid.width / 2)
    across = np.stack([middle - 0.5, middle + 0.5, middle, middle])
    lon, lat = _places(grid, across, np.stack([rows, rows, rows - 0.5, rows + 0.5]))
    geod = Geod(ellps="WGS84")
    sizes = [
        _distance(geod, lon[first], lat[first], lon[first + 1], lat[first + 1]) for first in (0, 2)
    ]
    for size in sizes:
        size.flags.writeable = False
    return sizes[0], sizes[1]


def _places(
    grid: Grid, across: NDArray[np.float64], down: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    t = grid.transform
    xs, ys = t.a * across + t.b * down + t.c, t.d * across + t.e * down + t.f
    if grid.crs != WGS84:
        xs, ys = transformer(grid.crs, WGS84).transform(xs, ys)
    return xs, ys


def _distance(
    geod: Geod,
    lon_a: NDArray[np.float64],
    lat_a: NDArray[np.float64],
    lon_b: NDArray[np.float64],
    lat_b: NDArray[np.float64],
) -> NDArray[np.float64]:
    known = (
        np.isfinite(lon_a + lat_a + lon_b + lat_b) & (np.abs(lat_a) <= 90) & (np.abs(lat_b) <= 90)
    )
    found = np.full(lon_a.shape, np.nan)
    if known.any():
        ends = (lon_a[known], lat_a[known], lon_b[known], lat_b[known])
        found[known] = geod.inv(*ends)[2]
    found[found <= 0] = np.nan
    return found
