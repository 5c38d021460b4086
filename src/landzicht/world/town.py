"""Towns and villages: quarters of different ages, each with its own street plan and houses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import Turned, placed, stroke
from landzicht.world.materials import Material

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

Drawn = tuple[Material, "NDArray[Any]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How one kind of quarter is built."""

    ground: Material
    """What lies between the houses."""
    pitch: float
    """Distance between two rows of houses, metres; a street after every second row."""
    length: tuple[float, float]
    """Shortest and longest row, metres."""
    depth: tuple[float, float]
    """Smallest and largest depth of a house, metres."""
    gap: tuple[float, float]
    """Space between two rows in one line, metres."""
    setback: float
    """Space between the street and the houses, metres."""
    built: float
    """Share of the places that is built on, 0 to 1."""
    roofs: tuple[tuple[Material, float], ...]
    """Roof materials with their shares, which add up to 1."""
    road: Material = Material.BRICK
    """What the streets are made of."""


STYLES: dict[str, Style] = {
    "core": Style(
        ground=Material.GARDEN, pitch=20, length=(22, 46), depth=(11, 14),
        gap=(1, 5), setback=0.6, built=0.96,
        roofs=((Material.TILE, 0.72), (Material.SLATE, 0.22), (Material.WHITE, 0.06)),
    ),
    "terraces": Style(
        ground=Material.GARDEN, pitch=27, length=(20, 46), depth=(8.5, 10.5),
        gap=(6, 16), setback=3.5, built=0.94, roofs=((Material.TILE, 0.80), (Material.SLATE, 0.20)),
    ),
    "new": Style(
        ground=Material.GARDEN, pitch=29, length=(18, 40), depth=(9, 11),
        gap=(7, 18), setback=4, built=0.92,
        roofs=((Material.SLATE, 0.70), (Material.TILE, 0.18), (Material.WHITE, 0.12)),
    ),
    "villas": Style(
        ground=Material.LEAFY, pitch=40, length=(11, 17), depth=(10, 14),
        gap=(16, 34), setback=7, built=0.75,
        roofs=((Material.TILE, 0.6), (Material.SLATE, 0.4)),
    ),
    "flats": Style(
        ground=Material.LEAFY, pitch=62, length=(50, 105), depth=(13, 16),
        gap=(35, 60), setback=9, built=0.8,
        roofs=((Material.SLATE, 0.6), (Material.WHITE, 0.4)),
    ),
    "halls": Style(
        ground=Material.YARD, pitch=92, length=(35, 110), depth=(36, 68),
        gap=(18, 40), setback=10, built=0.85,
        roofs=((Material.WHITE, 0.38), (Material.STEEL, 0.40), (Material.SLATE, 0.22)),
        road=Material.ASPHALT,
    ),
    "park": Style(
        ground=Material.LEAFY, pitch=400, length=(5, 6), depth=(5, 6),
        gap=(400, 500), setback=9, built=0.0,
        roofs=((Material.TILE, 1.0),), road=Material.STONE,
    ),
}  # fmt: skip


_WIDTH = {Material.BRICK: 6.5, Material.ASPHALT: 9.0, Material.STONE: 5.0}
"""Width of a street by what it is made of, metres."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Town:
    """One built-up area."""

    outline: Shape
    """Polygon around all quarters, metres."""
    quarters: NDArray[Any]
    """Polygons of the quarters."""
    styles: tuple[str, ...]
    """Kind of each quarter, a key of `STYLES`."""
    buildings: tuple[Drawn, ...]
    """Roofs by material."""
    streets: tuple[Drawn, ...]
    """Streets and squares by material."""
    greens: tuple[Drawn, ...]
    """Trees and ponds by material."""


def make_town(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, keep_out: Shape
) -> Town:
    """Return a town that grew around `centre`, with its old core there.

    Args:
        rng: its random numbers.
        centre: position of the core, metres.
        radius: about how far the town reaches, metres.
        keep_out: where nothing may be built (the river and its forelands).
    """
    quarters, away = _quarters(rng, centre, radius, keep_out)
    styles = tuple(_style(rng, d) for d in away)
    plans = [
        _Quarter(number=number, shape=shape, name=name, angle=rng.uniform(0, np.pi))
        for number, (shape, name) in enumerate(zip(quarters, styles, strict=True))
    ]
    whole = shapely.union_all(quarters)
    ring = shapely.intersection(stroke(shapely.boundary(quarters), 11.0), whole)
    streets = _streets(rng, plans, quarters, ring)
    return Town(
        outline=whole,
        quarters=quarters,
        styles=styles,
        buildings=_buildings(rng, plans, quarters, streets),
        streets=streets,
        greens=_greens(rng, plans, quarters),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Quarter:
    """One quarter with its own axes."""

    number: int
    shape: Shape
    name: str
    angle: float

    @property
    def style(self) -> Style:
        return STYLES[self.name]

    @property
    def own(self) -> Turned:
        middle = self.shape.centroid
        return Turned(x=middle.x, y=middle.y, angle=self.angle)

    def span(self) -> NDArray[np.float64]:
        """Return the lowest and highest u, v of the quarter."""
        points = self.own.from_map(shapely.get_coordinates(self.shape))
        return np.stack([points.min(0), points.max(0)])


def _quarters(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, keep_out: Shape
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return quarters as Voronoi cells and how far out each lies (0 core, 1 edge)."""
    pitch = float(np.clip(radius / 2.6, 150, 330))
    reach = int(np.ceil(1.7 * radius / pitch)) + 2
    i, j = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    x = centre[0] + pitch * (i + 0.5 * (j % 2)).ravel() + rng.normal(0, 0.27 * pitch, i.size)
    y = centre[1] + 0.87 * pitch * j.ravel() + rng.normal(0, 0.27 * pitch, i.size)
    turn = np.arctan2(y - centre[1], x - centre[0])
    lobes = 1 + sum(
        rng.normal(0, 0.20) * np.cos(k * turn + rng.uniform(0, 2 * np.pi)) for k in (1, 2, 3)
    )
    away = np.hypot(x - centre[0], y - centre[1]) / (radius * np.clip(lobes, 0.55, 1.6))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(np.stack([x, y], -1)), ordered=True)
    )
    inside = away < 1
    cells, away = shapely.difference(cells[inside], keep_out), away[inside]
    parts, owner = shapely.get_parts(cells, return_index=True)
    large = shapely.area(parts) > 0.25 * pitch**2
    return parts[large], away[owner[large]]


def _style(rng: np.random.Generator, away: float) -> str:
    if away < 0.28:
        return "core"
    names, shares = (
        ["terraces", "new", "villas", "flats", "park", "halls"],
        [
            (0.42, 0.06, 0.14, 0.20, 0.14, 0.04),
            (0.30, 0.26, 0.16, 0.05, 0.07, 0.16),
        ][int(away > 0.66)],
    )
    return str(rng.choice(names, p=shares))


def _buildings(
    rng: np.random.Generator,
    plans: list[_Quarter],
    quarters: NDArray[Any],
    streets: tuple[Drawn, ...],
) -> tuple[Drawn, ...]:
    rows, roofs, numbers = [], [], []
    for plan in plans:
        places = _places(rng, plan)
        kinds = [int(roof) for roof, _ in plan.style.roofs]
        rows.append(places)
        roofs.append(rng.choice(kinds, len(places), p=[part for _, part in plan.style.roofs]))
        numbers.append(np.full(len(places), plan.number))
    if not rows:
        return ()
    houses, roof, number = (
        placed(np.concatenate(rows)),
        np.concatenate(roofs),
        np.concatenate(numbers),
    )
    inner = shapely.buffer(quarters, -9)
    shapely.prepare(inner)
    keep = shapely.contains(inner[number], houses)
    roads = shapely.STRtree(np.concatenate([shapes for _, shapes in streets]))
    keep[roads.query(houses, predicate="intersects")[0]] = False
    houses, roof = houses[keep], roof[keep]
    return tuple((Material(kind), houses[roof == kind]) for kind in np.unique(roof))


def _places(rng: np.random.Generator, plan: _Quarter) -> NDArray[np.float64]:
    """Return `(n, 7)` rows of houses as `placed` takes them, also some outside the quarter."""
    style, (low, high), own = plan.style, plan.span(), plan.own
    lines = np.arange(low[1] + style.pitch * 0.6, high[1], style.pitch)
    step = 0.5 * (sum(style.length) + sum(style.gap))
    shape = (len(lines), int((high[0] - low[0]) / step * 1.15) + 2)
    long, space = rng.uniform(*style.length, shape), rng.uniform(*style.gap, shape)
    start = low[0] + np.cumsum(long + space, 1) - long
    # Houses stand along the street: rows come in pairs with back gardens between them.
    side = np.where(np.arange(len(lines)) % 2, -1.0, 1.0)[:, None]
    deep = rng.uniform(*style.depth, shape)
    curb = 0.5 * _WIDTH[style.road] + style.setback
    near = lines[:, None] + side * (0.5 * style.pitch - curb - deep / 2)
    there = rng.random(shape) < style.built
    boxes = np.stack([start, start + long, near - deep / 2, near + deep / 2], -1)[there]
    origin = np.tile([own.x, own.y, own.angle], (len(boxes), 1))
    return np.concatenate([origin, boxes], 1)


def _streets(
    rng: np.random.Generator, plans: list[_Quarter], quarters: NDArray[Any], ring: NDArray[Any]
) -> tuple[Drawn, ...]:
    lines, roads, numbers = [], [], []
    for plan in plans:
        style, (low, high), own = plan.style, plan.span(), plan.own
        along = np.arange(low[1] + style.pitch * 1.1, high[1], 2 * style.pitch)
        across = np.cumsum(rng.uniform(95, 190, 24)) + low[0] - 60
        across = across[across < high[0]]
        lines += [
            own.lines(low[0], along, high[0], along),
            own.lines(across, low[1], across, high[1]),
        ]
        roads.append(np.full(len(along) + len(across), int(style.road)))
        numbers.append(np.full(len(along) + len(across), plan.number))
    if not lines:
        return ()
    road, number = np.concatenate(roads), np.concatenate(numbers)
    inside = shapely.intersection(np.concatenate(lines), quarters[number])
    drawn = stroke(inside, [_WIDTH[Material(kind)] for kind in road])
    found = [(Material(kind), drawn[road == kind]) for kind in np.unique(road)]
    return (*found, (Material.ASPHALT, ring))


_TREES_PER_HECTARE = {"villas": 22, "park": 34, "flats": 16, "terraces": 15, "new": 7, "core": 7}


def _greens(
    rng: np.random.Generator, plans: list[_Quarter], quarters: NDArray[Any]
) -> tuple[Drawn, ...]:
    """Return crowns of trees and the ponds of parks."""
    points, numbers, ponds = [], [], []
    for plan in plans:
        west, north, east, south = plan.shape.bounds
        hectares = (east - west) * (south - north) / 1e4
        number = int(hectares * _TREES_PER_HECTARE.get(plan.name, 2))
        points.append(rng.uniform((west, north), (east, south), (number, 2)))
        numbers.append(np.full(number, plan.number))
        if plan.name == "park":
            ponds.append(plan.shape.intersection(plan.shape.centroid.buffer(38, 6)))
    if not points:
        return ()
    x, y = np.concatenate(points).T
    shapely.prepare(quarters)
    inside = shapely.contains_xy(quarters[np.concatenate(numbers)], x, y)
    middles = shapely.points(x[inside], y[inside])
    crowns = shapely.buffer(middles, rng.uniform(3, 7, len(middles)), quad_segs=2)
    return ((Material.TREE, np.atleast_1d(crowns)), (Material.POOL, np.array(ponds, object)))
