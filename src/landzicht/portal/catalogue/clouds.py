"""How much of a place is not usable in a scene, by the mask of its collection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely

from landzicht.errors import LandzichtError
from landzicht.grid import Window
from landzicht.grid.crs import transformer
from landzicht.rules import Action, Use, decide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Asset, Mask, Scene
    from landzicht.portal.services import Services

MOST_PIXELS = 65_536
"""Pixels of the mask that are looked at, at most: the first level with so few is read."""
TURN = 360.0


def cloud_share(
    services: Services, scene: Scene, place: shapely.Geometry, name: str, who: str = "public"
) -> float | None:
    """Return the share of the pixels in a place that the mask does not call usable, 0 to 1.

    Only pixels with data count. None = nothing to look at: no mask, no data there, or the pixels
    may not be measured. Remembered for as long as the portal runs and room allows.

    Args:
        services: adapters of the portal.
        scene: the scene.
        place: WGS84 degrees.
        name: of the place, to remember by.
        who: whom we serve.
    """
    use = Use(action=Action.MEASURE, who=who)
    if not decide(use, scene.collection, services.policies).allowed:
        return None
    mask = services.catalog.collection(scene.collection).mask
    asset = scene.assets.get(mask.asset) if mask else None
    if mask is None or asset is None:
        return None
    found: float | None = services.memory.get(
        ("aoi-cloud", scene.collection, scene.id, scene.source, mask, name),
        lambda: _look(services, asset, mask, place),
    )
    return found


def _look(services: Services, asset: Asset, mask: Mask, place: shapely.Geometry) -> float | None:
    try:
        levels = services.reader.levels(asset)
        for level, grid in enumerate(levels):
            there = _moved(place, grid, asset.grid.crs)
            window = _window(there, grid)
            if window is None:
                return None
            if window.height * window.width <= MOST_PIXELS or level == len(levels) - 1:
                block = services.reader.read(asset, level, window)
                return _share(block.values[0], block.valid, _inside(there, window), mask)
    except LandzichtError:  # a file that is gone tells nothing; fetching it tells why
        return None
    return None


def _share(
    values: NDArray[np.generic], valid: NDArray[np.bool_], inside: NDArray[np.bool_], mask: Mask
) -> float | None:
    counted = inside & valid
    total = int(np.count_nonzero(counted))
    if total == 0:
        return None
    usable = np.isin(values, np.array(mask.valid)) & counted
    return 1.0 - int(np.count_nonzero(usable)) / total


def _moved(place: shapely.Geometry, grid: Grid, crs: str) -> shapely.Geometry:
    """Return a place in columns and rows of a grid."""
    change = transformer("OGC:CRS84", crs)
    back = ~grid.transform

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = change.transform((xy[:, 0] + 180.0) % TURN - 180.0, xy[:, 1])
        x, y = np.asarray(x), np.asarray(y)
        return np.column_stack([back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f])

    return shapely.transform(shapely.segmentize(place, 0.05), move)


def _window(there: shapely.Geometry, grid: Grid) -> Window | None:
    """Return the pixels around a place, or None when it lies beside the grid."""
    edges = shapely.bounds(there)
    if not np.isfinite(edges).all():
        return None
    left, top = max(0, math.floor(edges[0])), max(0, math.floor(edges[1]))
    right = min(grid.width, math.floor(edges[2]) + 1)
    bottom = min(grid.height, math.floor(edges[3]) + 1)
    if right <= left or bottom <= top:
        return None
    return Window(row=top, column=left, height=bottom - top, width=right - left)


def _inside(there: shapely.Geometry, window: Window) -> NDArray[np.bool_]:
    """Return which pixels lie in a place by their middle; every one it meets when none does."""
    rows = window.row + np.arange(window.height) + 0.5
    columns = window.column + np.arange(window.width) + 0.5
    x, y = np.meshgrid(columns, rows)
    shapely.prepare(there)
    found: NDArray[np.bool_] = shapely.contains_xy(there, x, y)
    if not found.any():
        found = shapely.intersects(there, shapely.box(x - 0.5, y - 0.5, x + 0.5, y + 0.5))
    return found
