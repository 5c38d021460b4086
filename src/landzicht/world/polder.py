"""The new polder: straight roads and canals, kavels, and the parcels that farmers make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import Turned, cuts, stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.spec import WorldSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Measures with which the engineers laid out a polder, metres."""

    block: tuple[float, float]
    """Length of a block along the roads."""
    row: tuple[float, float]
    """Depth of a block between two roads."""
    kavel: tuple[float, float]
    """Width of a kavel, the piece of one farm."""


NEW = Plan(block=(1150, 1900), row=(640, 930), kavel=(190, 330))
OLD = Plan(block=(520, 760), row=(430, 560), kavel=(85, 180))


@dataclass(slots=True)
class Polder:
    """What is drawn in a polder; lists grow while it is laid out."""

    own: Turned
    """Axes of the polder: roads run along u."""
    parcels: list[NDArray[Any]]
    """Rectangles, before towns and water take their part."""
    roads: list[NDArray[Any]]
    canals: list[NDArray[Any]]
    ditches: list[NDArray[Any]]
    trees: list[NDArray[Any]]
    """Rows of trees along roads."""
    fronts: list[NDArray[np.float64]]
    """Places for farms: `(n, 3)` of u, v and the side (+1, -1) of the road, own metres."""


def lay_out(
    spec: WorldSpec, rng: np.random.Generator, angle: float, at: tuple[float, float], plan: Plan
) -> Polder:
    """Return a whole map full of polder, to be cut to size by whoever knows where it ends."""
    own = Turned(x=at[0], y=at[1], angle=angle)
    polder = Polder(own, [], [], [], [], [], [])
    (u_low, v_low), (u_high, v_high) = own.span(spec.extent_m)
    rows = cuts(rng, v_low, v_high, *plan.row)
    mains = cuts(rng, u_low, u_high, 1.7 * plan.block[0], 1.7 * plan.block[1])
    polder.roads.append(stroke(own.lines(mains[1:-1], v_low, mains[1:-1], v_high), 7.0))
    polder.canals.append(stroke(own.lines(mains[1:-1] + 17, v_low, mains[1:-1] + 17, v_high), 15))
    for number, (v0, v1) in enumerate(zip(rows[:-1], rows[1:], strict=True)):
        _road(rng, polder, v0, u_low, u_high, canal=bool(number % 2))
        for main, following in zip(mains[:-1], mains[1:], strict=True):
            middle = main + (following - main) * rng.uniform(0.38, 0.62)
            ends = [main, middle, following] if rng.random() < 0.8 else [main, following]
            for u0, u1 in zip(ends[:-1], ends[1:], strict=True):
                _block(rng, polder, plan, (u0 + 30, u1 - 12, v0 + 26, v1 - 26))
            if len(ends) == 3:
                polder.roads.append(stroke(own.lines(middle, v0, middle, v1), 4.5))
                polder.ditches.append(stroke(own.lines(middle + 9, v0, middle + 9, v1), 5.0))
    return polder


def _road(
    rng: np.random.Generator, polder: Polder, v: float, u_low: float, u_high: float, *, canal: bool
) -> None:
    own = polder.own
    polder.roads.append(stroke(own.lines(u_low, v, u_high, v), 6.0))
    if canal:
        polder.canals.append(stroke(own.lines(u_low, v + 17, u_high, v + 17), 12.0))
    else:
        polder.ditches.append(stroke(own.lines(u_low, v + 14, u_high, v + 14), 5.0))
    start = u_low
    while start < u_high:
        end = start + rng.uniform(250, 1500)
        if rng.random() < 0.45:
            polder.trees.append(stroke(own.lines(start, v - 8.5, end, v - 8.5), 9.0))
        start = end


def _block(
    rng: np.random.Generator,
    polder: Polder,
    plan: Plan,
    box: tuple[float, float, float, float],
) -> None:
    u0, u1, v0, v1 = box
    own = polder.own
    edges = cuts(rng, u0, u1, *plan.kavel)
    polder.ditches.append(stroke(own.lines(edges[1:-1], v0, edges[1:-1], v1), 3.2))
    for side in (0, 1):
        houses = rng.choice(len(edges) - 1, max(1, (len(edges) - 1) // 3), replace=False)
        u = 0.5 * (edges[houses] + edges[houses + 1]) + rng.normal(0, 25, len(houses))
        v = np.full(len(u), v0 if side == 0 else v1)
        polder.fronts.append(np.stack([u, v, np.where(v == v0, 1.0, -1.0)], -1))
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        polder.parcels.append(_divide(rng, own, (low + 2.5, high - 2.5, v0, v1)))


def _divide(
    rng: np.random.Generator, own: Turned, box: tuple[float, float, float, float]
) -> NDArray[Any]:
    """Return the parcels of one kavel: whole, in strips, halved, or halved and then in strips."""
    u0, u1, v0, v1 = box
    way = rng.random()
    if way < 0.22:
        return own.boxes(u0, u1, v0, v1)
    halves = [v0, v1] if way < 0.62 else [v0, v0 + (v1 - v0) * rng.uniform(0.3, 0.7), v1]
    made = []
    for near, far in zip(halves[:-1], halves[1:], strict=True):
        number = int(rng.integers(1, 2 + min(4, int((u1 - u0) // 45))))
        shares = rng.uniform(0.5, 1.6, number)
        edges = u0 + np.concatenate([[0.0], np.cumsum(shares / shares.sum())]) * (u1 - u0)
        made.append(own.boxes(edges[:-1] + 0.8, edges[1:] - 0.8, near + 1, far - 1))
    return np.concatenate(made)


def joined(pieces: list[NDArray[Any]]) -> NDArray[Any]:
    """Return all shapes of a list of arrays as one array."""
    return np.concatenate(pieces) if pieces else np.zeros(0, object)


def within(shapes: NDArray[Any], area: Any) -> NDArray[Any]:
    """Return the parts of the shapes that lie in `area`; those outside are left out."""
    shapely.prepare(area)
    shapes = shapes[shapely.intersects(area, shapes)]
    whole = shapely.contains_properly(area, shapes)
    shapes = shapes.copy()
    shapes[~whole] = shapely.intersection(shapes[~whole], area)
    return shapes


def without(shapes: NDArray[Any], area: Any) -> NDArray[Any]:
    """Return the parts of the shapes that lie outside `area`; nothing becomes an empty shape."""
    shapely.prepare(area)
    shapes = shapes.copy()
    hit = shapely.intersects(area, shapes)
    gone = shapely.contains(area, shapes)
    shapes[gone] = shapely.Polygon()
    cut = hit & ~gone
    shapes[cut] = shapely.difference(shapes[cut], area)
    return shapes
