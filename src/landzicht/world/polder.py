"""The new polder: straight roads and canals, kavels, and the parcels that farmers make of them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.world.drawing import cuts, stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.drawing import Turned


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Measures with which the engineers laid out a polder, metres."""

    block: tuple[float, float]
    """Length of a block along the roads."""
    row: tuple[float, float]
    """Depth of a block between two roads."""
    kavel: tuple[float, float]
    """Width of a kavel, the piece of one farm."""
    anew: float
    """How often roads do not run on across a main road, 0 to 1."""


NEW = Plan(block=(1150, 1900), row=(640, 960), kavel=(190, 355), anew=0.6)
OLD = Plan(block=(520, 760), row=(430, 560), kavel=(85, 180), anew=0.25)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Polder:
    """What engineers and farmers made of a polder, before towns and water take their part."""

    parcels: NDArray[Any]
    """Rectangles."""
    roads: NDArray[Any]
    canals: NDArray[Any]
    ditches: NDArray[Any]
    trees: NDArray[Any]
    """Rows of trees along roads."""
    fronts: NDArray[np.float64]
    """`(n, 3)` places for farms: x, y on the map and the direction to the field, radians."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A polder while it is being drawn, in its own axes; shapes are made in one go at the end."""

    boxes: list[tuple[float, float, float, float]]
    """Parcels as u0, u1, v0, v1."""
    lines: dict[str, list[tuple[float, float, float, float, float]]]
    """Roads and the like by name, as u0, v0, u1, v1 and width."""
    fronts: list[tuple[float, float, float]]
    """Places for farms: u, v and the side of the road."""

    def finish(self, own: Turned) -> Polder:
        """Turn all numbers into shapes on the map."""
        drawn = {}
        for name, lines in self.lines.items():
            u0, v0, u1, v1, width = np.array(lines, float).reshape(-1, 5).T
            drawn[name] = stroke(own.lines(u0, v0, u1, v1), width)
        u, v, side = np.array(self.fronts, float).reshape(-1, 3).T
        way = own.angle + side * np.pi / 2
        return Polder(
            parcels=own.boxes(*np.array(self.boxes, float).reshape(-1, 4).T),
            fronts=np.concatenate([own.to_map(u, v), way[:, None]], 1),
            **drawn,
        )


def lay_out(
    rng: np.random.Generator, own: Turned, area: tuple[float, float, float, float], plan: Plan
) -> Polder:
    """Return a rectangle full of polder, to be cut to size by whoever knows where it ends.

    Args:
        rng: its random numbers.
        own: axes of the polder; roads run along u.
        area: what must be filled: west, north, east, south on the map, metres.
        plan: the measures.
    """
    sheet = _Sheet([], {"roads": [], "canals": [], "ditches": [], "trees": []}, [])
    (u_low, v_low), (u_high, v_high) = own.span(area)
    mains = cuts(rng, u_low, u_high, 1.7 * plan.block[0], 1.7 * plan.block[1])
    for u in mains[1:-1]:
        sheet.lines["roads"].append((u, v_low, u, v_high, 7.0))
        sheet.lines["canals"].append((u + 17, v_low, u + 17, v_high, 15.0))
    rows = cuts(rng, v_low, v_high, *plan.row)
    for main, following in itertools.pairwise(mains):
        # Roads run on across a main road, or begin anew there where another plan was followed.
        if rng.random() < plan.anew:
            rows = cuts(rng, v_low - rng.uniform(0, 600), v_high, *plan.row)
        for number, (v0, v1) in enumerate(itertools.pairwise(rows)):
            _road(rng, sheet, (main, following, v0), canal=bool(number % 2))
            _column(rng, sheet, plan, (main, following, v0, v1))
    return sheet.finish(own)


def _column(
    rng: np.random.Generator, sheet: _Sheet, plan: Plan, box: tuple[float, float, float, float]
) -> None:
    """Fill the land between two main roads and two roads with one block or two."""
    main, following, v0, v1 = box
    middle = main + (following - main) * rng.uniform(0.38, 0.62)
    ends = [main, middle, following] if rng.random() < 0.8 else [main, following]
    for u0, u1 in itertools.pairwise(ends):
        _block(rng, sheet, plan, (u0 + 30, u1 - 12, v0 + 26, v1 - 26))
    if len(ends) == 3:
        sheet.lines["roads"].append((middle, v0, middle, v1, 4.5))
        sheet.lines["ditches"].append((middle + 9, v0, middle + 9, v1, 5.0))


def _road(
    rng: np.random.Generator, sheet: _Sheet, line: tuple[float, float, float], *, canal: bool
) -> None:
    start, end, v = line
    sheet.lines["roads"].append((start, v, end, v, 6.0))
    beside, width = ("canals", 12.0) if canal else ("ditches", 5.0)
    sheet.lines[beside].append((start, v + 16, end, v + 16, width))
    while start < end:
        stop = start + rng.uniform(250, 1500)
        if rng.random() < 0.45:
            sheet.lines["trees"].append((start, v - 8.5, stop, v - 8.5, 9.0))
        start = stop


def _block(
    rng: np.random.Generator, sheet: _Sheet, plan: Plan, box: tuple[float, float, float, float]
) -> None:
    u0, u1, v0, v1 = box
    edges = cuts(rng, u0, u1, *plan.kavel)
    sheet.lines["ditches"] += [(u, v0, u, v1, 3.2) for u in edges[1:-1]]
    number = len(edges) - 1
    for v, side in ((v0, 1.0), (v1, -1.0)):
        for kavel in rng.choice(number, max(1, number // 3), replace=False):
            u = 0.5 * (edges[kavel] + edges[kavel + 1]) + rng.normal(0, 25)
            sheet.fronts.append((u, v, side))
    for low, high in itertools.pairwise(edges):
        sheet.boxes.extend(_divide(rng, (low + 2.5, high - 2.5, v0, v1)))


def _divide(
    rng: np.random.Generator, box: tuple[float, float, float, float]
) -> list[tuple[float, float, float, float]]:
    """Return the parcels of one kavel: whole, in strips, halved, or halved and then in strips."""
    u0, u1, v0, v1 = box
    way = rng.random()
    if way < 0.22:
        return [box]
    halves = [v0, v1] if way < 0.62 else [v0, v0 + (v1 - v0) * rng.uniform(0.3, 0.7), v1]
    made = []
    for near, far in itertools.pairwise(halves):
        number = int(rng.integers(1, 2 + min(4, int((u1 - u0) // 45))))
        shares = rng.uniform(0.5, 1.6, number)
        edges = u0 + np.concatenate([[0.0], np.cumsum(shares / shares.sum())]) * (u1 - u0)
        made += [(a + 0.8, b - 0.8, near + 1, far - 1) for a, b in itertools.pairwise(edges)]
    return made
