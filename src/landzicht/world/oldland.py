"""The old land: long narrow meadows on peat at right angles to the river, and the forelands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import joined, stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.river import River


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OldLand:
    """Meadows east of the river."""

    parcels: NDArray[Any]
    """Strips, before anything takes its part."""
    ditches: NDArray[Any]
    """Between the strips, a few metres wide."""
    canals: NDArray[Any]
    """Weteringen: behind each row of strips."""
    roads: NDArray[Any]
    """One in front of each row."""
    fronts: NDArray[np.float64]
    """`(n, 3)` places for farms: x, y on the map and the direction to the field, radians."""


def make_old_land(rng: np.random.Generator, river: River) -> OldLand:
    """Return the meadows from the east dyke to the edge of the map."""
    depth, deepest = 275.0, river.extent
    parcels, ditches, canals, roads, fronts = [], [], [], [], []
    while depth < deepest * 0.75:
        far = depth + rng.uniform(760, 1250)
        strips, between, places = _row(rng, river, depth, far)
        parcels.append(strips)
        ditches.append(between)
        fronts.append(places)
        canals.append(stroke([shapely.LineString(river.line(far + 14))], 9.0))
        roads.append(stroke([shapely.LineString(river.line(depth - 22))], 5.0))
        depth = far + 62
    return OldLand(
        parcels=joined(parcels),
        ditches=joined(ditches),
        canals=joined(canals),
        roads=joined(roads),
        fronts=np.concatenate(fronts) if fronts else np.zeros((0, 3)),
    )


def _row(
    rng: np.random.Generator, river: River, near: float, far: float
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """Return strips, ditches between them and places for farms of one row."""
    low, high = -1400.0, river.extent + 1400.0
    widths = rng.uniform(26, 62, int((high - low) / 40))
    widths[rng.random(len(widths)) < 0.22] *= 2
    edges = low + np.cumsum(widths)
    edges = edges[edges < high]
    s0, s1 = edges[:-1] + 1.6, edges[1:] - 1.6
    # All edges have their corners at the same stations, so that neighbours share them exactly.
    stations = np.linspace(near, far, 9)
    one, other = (river.at(s[:, None], stations[None]) for s in (s0, s1))
    split = rng.integers(2, 7, len(s0))
    split[rng.random(len(s0)) < 0.45] = 8
    strips = []
    for last in range(2, 9):
        which = split == last
        strips.append(_strips(one[which, : last + 1], other[which, : last + 1], gap=last < 8))
        if last < 8:
            rest = np.s_[which, last:]
            strips.append(_strips(one[rest], other[rest], gap=False))
    lines = shapely.linestrings(river.at(edges[:, None], stations[None]))
    wide = rng.choice([2.4, 3.6, 6.0], len(edges), p=[0.55, 0.35, 0.10])
    front = np.flatnonzero(rng.random(len(s0)) < 0.30)
    s = 0.5 * (s0 + s1)[front]
    place, behind = river.at(s, near + 26.0), river.at(s, near + 60.0)
    way = np.arctan2(behind[:, 1] - place[:, 1], behind[:, 0] - place[:, 0])
    return joined(strips), stroke(lines, wide), np.concatenate([place, way[:, None]], 1)


def _strips(one: NDArray[np.float64], other: NDArray[np.float64], *, gap: bool) -> NDArray[Any]:
    """Return strips between two sets of edges `(n, corner, 2)`; `gap` leaves a ditch at the end."""
    if not len(one):
        return np.zeros(0, object)
    if gap:
        one, other = (np.concatenate([e[:, :-1], _short_of(e)], 1) for e in (one, other))
    rings = np.concatenate([one, other[:, ::-1]], 1)
    return np.atleast_1d(shapely.buffer(shapely.polygons(rings), 0))


def _short_of(edge: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the point 2.4 m before the last corner of each edge."""
    along = edge[:, -1] - edge[:, -2]
    length = np.hypot(along[:, 0], along[:, 1])[:, None]
    return (edge[:, -1] - along * 2.4 / length)[:, None]


def make_forelands(rng: np.random.Generator, river: River) -> NDArray[Any]:
    """Return the grass parcels between the river and its dykes."""
    made = []
    for side in (-1, 1):
        edges = -400 + np.cumsum(rng.uniform(130, 420, int(river.extent / 150) + 8))
        edges = edges[edges < river.extent + 400]
        for s0, s1 in zip(edges[:-1] + 2, edges[1:] - 2, strict=True):
            s = np.linspace(s0, s1, 8)
            inner = river.at(s, side * (river.half_width * 1.16 + 14))
            outer = river.at(s, river.dyke(side, s) - side * 24)
            ring = np.concatenate([inner, outer[::-1]])
            made.append(shapely.Polygon(ring))
    # Where a dyke comes close to a sharp bend a ring can cross itself.
    return np.atleast_1d(shapely.buffer(np.array(made, object), 0))
