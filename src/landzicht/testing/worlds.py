"""Small simulated worlds for tests: arrays in memory, made once in each process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from landzicht.world import WorldSpec, acquisition, acquisitions, landscape, observe
from landzicht.world.sheets import in_the_east

if TYPE_CHECKING:
    from landzicht.grid import Grid
    from landzicht.world import Landscape, Observation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """A landscape and some images of it."""

    scene: Landscape
    """What is on the ground: shapes, fields, truth."""
    images: tuple[Observation, ...]
    """What the satellite saw; the first is 26 April and clear."""

    def __getitem__(self, day: str) -> Observation:
        """Return the image of a day, as `04-26`."""
        found = {f"{image.acquisition.date:%m-%d}": image for image in self.images}
        return found[day]


@lru_cache(maxsize=4)
def polder(dates: int = 2, size: int = 256, seed: int = 7) -> World:
    """Return a small polder of 2.56 by 2.56 km, about half a second of work the first time.

    The order is that of `landzicht.world.acquisitions`: 26 April and 10 June (clear), 9 August
    (hardly any cloud), 10 July (partly cloudy), and so on. Do not change the arrays: other tests
    use them too.
    """
    spec = WorldSpec(seed=seed, size=size, dates=dates)
    scene = landscape(spec)
    return World(scene=scene, images=tuple(observe(scene, a) for a in acquisitions(spec)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoZones:
    """One pass over the same ground, delivered in two UTM zones."""

    west: Observation
    """In the zone of the map."""
    west_grid: Grid
    """Its 10 m pixels."""
    east: Observation
    """The tile of the zone east of it: the east of the map, on pixels that are turned."""
    east_grid: Grid
    """Its 10 m pixels."""


@lru_cache(maxsize=2)
def two_zones(day: int = 161, size: int = 256, seed: int = 7) -> TwoZones:
    """Return one day of a small polder in two UTM zones; both are drawn from the same shapes.

    Args:
        day: of the year 2025, from 1; 161 (10 June) is clear, 191 (10 July) partly cloudy.
        size: pixels of 10 m along one side of the map.
        seed: which polder.
    """
    spec = WorldSpec(seed=seed, size=size)
    taken = acquisition(spec, day)
    west, east = landscape(spec), in_the_east(spec, spec.year)
    return TwoZones(
        west=observe(west, taken),
        west_grid=west.grid,
        east=observe(east, replace(taken, east=True)),
        east_grid=east.grid,
    )


def cloudy() -> World:
    """Return the polder with four dates; the last, `07-10`, has clouds and shadows."""
    return polder(dates=4)
