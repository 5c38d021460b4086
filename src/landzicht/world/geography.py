"""The whole map as shapes: who lies where, and what lies on top of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.coast import make_coast
from landzicht.world.drawing import Turned, blob, stroke, within, without
from landzicht.world.farms import make_farms, spread_out
from landzicht.world.materials import Material
from landzicht.world.nature import make_nature
from landzicht.world.oldland import make_forelands, make_old_land
from landzicht.world.polder import NEW, OLD, lay_out
from landzicht.world.river import make_river
from landzicht.world.town import STYLES, make_town
from landzicht.world.works import make_port, make_works

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.coast import Coast
    from landzicht.world.nature import Nature
    from landzicht.world.oldland import OldLand
    from landzicht.world.polder import Polder
    from landzicht.world.river import River
    from landzicht.world.spec import WorldSpec
    from landzicht.world.town import Drawn, Town
    from landzicht.world.works import Works

NEW_LAND, DRAINED_LAKE, OLD_LAND, FORELAND = range(4)
"""Zones of a parcel."""
LEAST_PARCEL_M2 = 500.0
"""Smaller remnants are verge."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Geography:
    """Shapes of everything, in metres from the north-west corner, y to the south."""

    river: River
    """The river and its coordinates."""
    angle: float
    """Direction of the new polder's roads, radians."""
    parcels: NDArray[Any]
    """(n,) Polygons and multipolygons; some have holes."""
    zone: NDArray[np.int8]
    """(n,) `NEW_LAND`, `DRAINED_LAKE`, `OLD_LAND` or `FORELAND`."""
    layers: tuple[Drawn, ...]
    """What is not a parcel, **top layer first**: material and shapes."""
    coast: Coast
    """Sea, beach and dunes."""
    sea: Shape
    """Water that ships cross freely."""
    channel: Shape
    """Water of the river."""
    forelands: Shape
    """Land and water between the dykes, which the river may flood."""
    site: Shape
    """Where houses will be built."""
    towns: tuple[Town, ...]
    """Built-up areas."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lands:
    """The three countries: the new polder, the drained lake and the old land."""

    new: Polder
    drained: Polder
    old: OldLand
    west: Shape
    """Where the new polder may be."""
    ring: Shape
    """Outline of the drained lake."""

    def lines(self, name: str) -> NDArray[Any]:
        """Return the `roads`, `canals`, `ditches` or `trees` of all three."""
        return np.concatenate(
            [
                within(getattr(self.new, name), self.west),
                within(getattr(self.drained, name), self.ring.buffer(-6)),
                getattr(self.old, name, np.zeros(0, object)),
            ]
        )


def make_geography(spec: WorldSpec) -> Geography:
    """Return the map of a world; only the seed and the size matter."""
    side = spec.extent_m
    rng = spec.rng(0, 0)
    river = make_river(spec, rng)
    angle = float(np.radians(13 + rng.normal(0, 2)))
    old_breaches = river.at(rng.uniform(0, side, 5), 255.0)
    hollows = river.at(np.arange(0.04, 1, 0.13) * side, 112.0 * rng.choice([-1.0, 1.0], 8))
    wet = np.concatenate([old_breaches, hollows])
    nature = make_nature(spec, spec.rng(0, 1), angle, wet)
    coast = make_coast(spec, spec.rng(0, 11))
    salt = coast.sea.buffer(34).union(coast.dunes.buffer(12))
    towns = _towns(spec, river, shapely.union(river.corridor(18.0), salt.buffer(30)))
    works = make_works(spec, spec.rng(0, 3), angle, towns[0])
    lands = _lands(spec, river, angle)
    port, quays = make_port(spec.rng(0, 10), river, 0.505 * side)
    taken = shapely.union_all(
        [
            *(town.outline.buffer(12) for town in towns),
            salt,
            nature.wood,
            nature.marsh,
            *nature.pools,
            *works.ground,
            port,
        ]
    )
    yards, farms = _farms(spec, lands, taken)
    parcels, zone = _parcels(spec, lands, river, shapely.union_all([taken, *yards]))
    window = shapely.box(-5, -5, side + 5, side + 5)
    drawn = _layers(lands, river, (coast, nature), towns, works, (*quays, *farms))
    return Geography(
        river=river,
        angle=angle,
        parcels=parcels,
        zone=zone,
        layers=tuple((m, s[shapely.intersects(window, s)]) for m, s in drawn),
        coast=coast,
        sea=coast.sea.difference(shapely.union_all(coast.banks)),
        channel=river.water(),
        forelands=river.corridor(),
        site=works.site,
        towns=towns,
    )


def _lands(spec: WorldSpec, river: River, angle: float) -> _Lands:
    side = spec.extent_m
    at = (0.20 * side, 0.90 * side)
    ring = blob(spec.rng(0, 4), at, 0.150 * side, 0.12)
    own = Turned(x=at[0], y=at[1], angle=angle - 0.62)
    west = river.band(-3 * side, river.dyke(-1, river.stations()) - 18)
    return _Lands(
        new=lay_out(spec.rng(0, 5), Turned(x=0, y=0, angle=angle), (0, 0, side, side), NEW),
        drained=lay_out(spec.rng(0, 6), own, ring.bounds, OLD),
        old=make_old_land(spec.rng(0, 7), river),
        west=west.difference(ring.buffer(20)),
        ring=ring.intersection(west),
    )


def _towns(spec: WorldSpec, river: River, keep_out: Shape) -> tuple[Town, ...]:
    side = spec.extent_m
    rng = spec.rng(0, 2)
    radius = float(np.clip(0.105 * side, 230, 1500))
    bank = river.at(0.43 * side, river.dyke(-1, 0.43 * side) - 0.35 * radius)
    across = river.at(0.50 * side, river.dyke(1, 0.50 * side) + 0.30 * radius)
    places = [
        ((float(bank[0]), float(bank[1])), radius),
        ((0.275 * side, 0.43 * side), 0.42 * radius),
        ((float(across[0]), float(across[1])), 0.36 * radius),
        ((0.44 * side, 0.93 * side), 0.40 * radius),
    ]
    made: list[Town] = []
    for at, reach in places:
        town = make_town(rng, at, reach, keep_out)
        if len(town.quarters):
            made.append(town)
            keep_out = shapely.union(keep_out, town.outline.buffer(40))
    return tuple(made)


def _farms(spec: WorldSpec, lands: _Lands, taken: Shape) -> tuple[NDArray[Any], tuple[Drawn, ...]]:
    """Return farmyards and their buildings in all three countries."""
    rng = spec.rng(0, 8)
    yards: list[NDArray[Any]] = []
    drawn: list[Drawn] = []
    window = shapely.box(0, 0, spec.extent_m, spec.extent_m)
    settings = (
        (lands.new.fronts, lands.west.buffer(-80), 330.0, (96.0, 118.0)),
        (lands.drained.fronts, lands.ring.buffer(-60), 240.0, (62.0, 84.0)),
        (lands.old.fronts, window, 70.0, (44.0, 92.0)),
    )
    for places, land, apart, size in settings:
        inside = window.intersection(land).difference(taken)
        shapely.prepare(inside)
        on = places[shapely.contains_xy(inside, places[:, :2])]
        made, shapes = make_farms(rng, spread_out(rng, on, apart, taken), size)
        yards.append(made)
        drawn += shapes
    return np.concatenate(yards), tuple(drawn)


def _parcels(
    spec: WorldSpec, lands: _Lands, river: River, taken: Shape
) -> tuple[NDArray[Any], NDArray[np.int8]]:
    """Return what is left for the farmers, inside the map, and the zone of each parcel."""
    dry = lands.west.union(lands.ring)
    zones = (
        within(lands.new.parcels, lands.west.buffer(-12)),
        within(lands.drained.parcels, lands.ring.buffer(-14).intersection(dry)),
        lands.old.parcels,
        make_forelands(spec.rng(0, 9), river),
    )
    window = shapely.box(0, 0, spec.extent_m, spec.extent_m)
    inside = [within(each, window) for each in zones]
    zone = np.concatenate([np.full(len(each), i, np.int8) for i, each in enumerate(inside)])
    shapes = without(np.concatenate(inside), taken)
    large = shapely.area(shapes) >= LEAST_PARCEL_M2
    return shapes[large], zone[large]


def _layers(
    lands: _Lands,
    river: River,
    wild: tuple[Coast, Nature],
    towns: tuple[Town, ...],
    works: Works,
    farms: tuple[Drawn, ...],
) -> tuple[Drawn, ...]:
    """Return everything that is not a parcel, top layer first."""
    coast, nature = wild
    built = shapely.union_all([town.outline for town in towns] + list(works.ground[:3]))
    layers: list[Drawn] = [(Material.ASPHALT, works.lanes)]
    for town in towns:
        layers += [*town.buildings, *town.greens, *town.streets]
    layers += [*works.drawn, *farms]
    # Towns, islands and woods lie above the polder's lines, so the lines end there.
    for town in towns:
        grounds = np.array([STYLES[name].ground for name in town.styles])
        layers += [(Material(kind), town.quarters[grounds == kind]) for kind in np.unique(grounds)]
    wet = shapely.union_all([coast.sea, coast.dunes, river.corridor(-14), built])
    return (
        *layers,
        (Material.STONE, river.groynes()),
        (Material.RIVER, np.array([river.water()], object)),
        *coast.drawn,
        (Material.POOL, nature.pools),
        (Material.ASPHALT, without(lands.lines("roads"), wet)),
        (Material.DITCH, without(lands.lines("canals"), wet)),
        (Material.DITCH, stroke([shapely.boundary(lands.ring)], 17.0)),
        (Material.VERGE, np.concatenate([river.dykes(), coast.dyke])),
        (Material.REED, np.array([nature.marsh], object)),
        (Material.VERGE, nature.rides),
        (Material.TREE, np.array([nature.wood], object)),
        (Material.TREE, without(lands.lines("trees"), wet)),
        (Material.VERGE, works.motorway),
        (Material.DITCH, without(lands.lines("ditches"), wet)),
    )
