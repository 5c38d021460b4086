"""Works of our own time: motorway, greenhouses, solar park, building site, bridges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.drawing import Turned, joined, placed, stroke
from landzicht.world.materials import NEW_ROOFS, Material

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.river import River
    from landzicht.world.spec import WorldSpec
    from landzicht.world.town import Drawn, Town


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Works:
    """Large works and the ground they take from the farmers."""

    ground: tuple[Shape, ...]
    """Polygons that are no longer fields."""
    drawn: tuple[Drawn, ...]
    """Glass, panels, new roofs and sand, top layer first."""
    site: Shape
    """Ground where houses will be built this year."""
    motorway: NDArray[Any]
    """The reserve of the motorway: both lanes and the verge."""
    lanes: NDArray[Any]
    """Asphalt of the two carriageways."""


def make_works(spec: WorldSpec, rng: np.random.Generator, angle: float, town: Town) -> Works:
    """Return the works around a town; everything lines up with the polder's `angle`."""
    side = spec.extent_m
    scale = float(np.clip(side / 10240, 0.35, 1.2))
    glass_at = (0.475 * side, 0.745 * side)
    glass_ground, glass = _greenhouses(
        rng, Turned(x=glass_at[0], y=glass_at[1], angle=angle), scale
    )
    solar = Turned(x=0.40 * side, y=0.365 * side, angle=angle)
    rows = np.arange(-170 * scale, 170 * scale, 9.0)
    panels = solar.boxes(-260 * scale, 260 * scale, rows, rows + 5.5)
    solar_ground = solar.boxes(-275 * scale, 275 * scale, -185 * scale, 180 * scale)[0]
    site, roofs = _site(rng, town, angle, scale)
    reserve, lanes = _motorway(side, rng)
    return Works(
        ground=(glass_ground, solar_ground, site, reserve),
        drawn=(
            (Material.GLASS, glass),
            (Material.SOLAR, panels),
            *zip(NEW_ROOFS, roofs, strict=True),
            (Material.HEAP, np.array([site], object)),
            (Material.YARD, np.array([glass_ground], object)),
        ),
        site=site,
        motorway=np.array([reserve], object),
        lanes=lanes,
    )


def _greenhouses(rng: np.random.Generator, own: Turned, scale: float) -> tuple[Shape, NDArray[Any]]:
    half, deep = 430 * scale, 300 * scale
    houses = []
    u = -half
    while u < half - 60:
        wide = min(rng.uniform(80, 190), half - u - 6)
        v = -deep
        while v < deep - 60:
            long = min(rng.uniform(110, 260), deep - v - 6)
            if rng.random() < 0.9:
                houses.append(own.boxes(u, u + wide, v, v + long))
            v += long + 11
        u += wide + 13
    return own.boxes(-half - 15, half + 15, -deep - 15, deep + 15)[0], joined(houses)


def _site(
    rng: np.random.Generator, town: Town, angle: float, scale: float
) -> tuple[Shape, list[NDArray[Any]]]:
    """Return a building site on the polder side of the town and the houses of each phase."""
    west, south = town.outline.bounds[0], town.outline.bounds[3]
    own = Turned(x=west - 20 * scale, y=south - 260 * scale, angle=angle)
    free = own.boxes(-300 * scale, 300 * scale, -250 * scale, 250 * scale)[0]
    parts = shapely.get_parts(free.difference(town.outline.buffer(16)))
    site = parts[int(np.argmax(shapely.area(parts)))]
    v = np.arange(-235 * scale, 240 * scale, 27.0)
    u = np.arange(-290 * scale, 280 * scale, 44.0)
    u, v = (a.ravel() for a in np.meshgrid(u, v))
    houses = own.boxes(u, u + rng.uniform(20, 36, len(u)), v, v + 10)
    inside = shapely.contains(site.buffer(-6), houses)
    # Building goes from one end of the site to the other.
    order = u + rng.normal(0, 18 * scale, len(u))
    ends = np.quantile(order[inside], [1 / 3, 2 / 3]) if inside.any() else [0.0, 0.0]
    phase = np.searchsorted(ends, order)
    return site, [houses[inside & (phase == number)] for number in range(len(NEW_ROOFS))]


def make_port(
    rng: np.random.Generator, river: River, along: float
) -> tuple[Shape, tuple[Drawn, ...]]:
    """Return the ground of an inland port on the west bank, and what is drawn there.

    Args:
        rng: its random numbers.
        river: the river.
        along: where along the river its middle is, metres.
    """
    half = float(np.clip(river.extent * 0.028, 90, 260))
    s = np.linspace(along - half, along + half, 9)
    deep = np.minimum(-river.half_width - 75.0, river.dyke(-1, s) + 62.0)
    edge = np.concatenate([river.at(s, -20.0), river.at(s, deep)[::-1]])
    basin = shapely.make_valid(shapely.Polygon(edge))
    ground = basin.buffer(40, cap_style="square", join_style="mitre").difference(river.water())
    places = np.arange(along - half + 20, along + half - 20, 46.0)
    at, ahead = river.at(places, deep.mean() - 23.0), river.at(places + 10, deep.mean() - 23.0)
    way = np.arctan2(*(ahead - at).T[::-1])
    long = rng.uniform(18, 40, len(places))
    rows = np.stack(
        [
            *at.T,
            way,
            np.zeros(len(places)),
            long,
            np.full(len(places), -9.0),
            np.full(len(places), 9.0),
        ],
        -1,
    )
    drawn: tuple[Drawn, ...] = (
        (Material.STEEL, placed(rows[rng.random(len(rows)) < 0.8])),
        (Material.RIVER, np.array([basin], object)),
        (Material.STONE, np.array([basin.buffer(9).difference(river.water())], object)),
        (Material.YARD, np.array([ground], object)),
    )
    return ground.union(basin), drawn


def _motorway(side: float, rng: np.random.Generator) -> tuple[Shape, NDArray[Any]]:
    """Return the reserve and the carriageways of a motorway from west to east."""
    x = np.arange(-200.0, side + 201, 50)
    wave = 0.018 * np.sin(2 * np.pi * x / side * 1.3 + rng.uniform(0, 6.28))
    y = side * (0.800 - 0.235 * x / side + wave)
    line = shapely.LineString(np.stack([x, y], -1))
    lanes = stroke([line.parallel_offset(15), line.parallel_offset(-15)], 14.0)
    return stroke([line], 66.0)[0], lanes
