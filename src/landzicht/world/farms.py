"""Farmyards: barns, a house, a pond now and then, and a belt of trees against the wind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import placed
from landzicht.world.materials import Material

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.town import Drawn


def make_farms(
    rng: np.random.Generator, places: NDArray[np.float64], size: tuple[float, float]
) -> tuple[NDArray[Any], tuple[Drawn, ...]]:
    """Return farmyards and what stands on them.

    Args:
        rng: their random numbers.
        places: `(n, 3)` x and y of the middle of the front, and the direction to the back of the
            yard in radians.
        size: width along the road and depth of a yard, metres.

    Returns:
        `(n,)` outlines of the yards, and roofs, trees and paving by material, top layer first.
    """
    wide, deep = size
    drawn: dict[Material, list[tuple[float, ...]]] = {kind: [] for kind in _ORDER}
    for x, y, way in places:
        half = wide * rng.uniform(0.42, 0.58)
        back = deep * rng.uniform(0.8, 1.2)
        own = (x, y, way)
        drawn[Material.LEAFY].append((*own, 0, back, -half, half))
        drawn[Material.YARD].append((*own, 0.20 * back, 0.85 * back, -0.75 * half, 0.6 * half))
        # The belt stands on the west and the back, where the wind comes from, with a gap now
        # and then; the front is open.
        belt = [(back - 9, back, -half, half), (4, back, -half, -half + 9)]
        if rng.random() < 0.6:
            belt.append((14, back, half - 8, half))
        drawn[Material.TREE] += [(*own, *box) for box in belt]
        drawn[Material.TILE].append((*own, 9, 20, -6, 8))
        for barn in range(int(rng.integers(1, 4))):
            u = 0.33 * back + barn * 0.22 * back
            v, long = rng.uniform(-0.55, 0.0) * half, half * rng.uniform(0.6, 1.0)
            roof = Material.SLATE if rng.random() < 0.45 else Material.STEEL
            drawn[roof].append((*own, u, u + rng.uniform(12, 20), v, v + long))
    made = tuple((kind, placed(rows)) for kind, rows in drawn.items())
    return placed(drawn[Material.LEAFY]), made


_ORDER = (
    Material.TILE,
    Material.SLATE,
    Material.STEEL,
    Material.TREE,
    Material.YARD,
    Material.LEAFY,
)
"""What lies on a farmyard, top layer first."""


def spread_out(
    rng: np.random.Generator, places: NDArray[np.float64], apart: float, keep_out: Shape
) -> NDArray[np.float64]:
    """Return those places that lie at least `apart` metres from each other and are free."""
    if not len(places):
        return places
    shapely.prepare(keep_out)
    near = shapely.dwithin(keep_out, shapely.points(places[:, :2]), 70.0)
    order = rng.permutation(np.flatnonzero(~near))
    kept: list[int] = []
    for index in order:
        gaps = np.hypot(*(places[kept, :2] - places[index, :2]).T) if kept else np.array([np.inf])
        if gaps.min() > apart:
            kept.append(int(index))
    chosen: NDArray[np.float64] = places[np.sort(np.array(kept, int))]
    return chosen
