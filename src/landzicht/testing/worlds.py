"""Small simulated worlds for tests: arrays in memory, made once in each process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from landzicht.world import WorldSpec, acquisitions, landscape, observe

if TYPE_CHECKING:
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


def cloudy() -> World:
    """Return the polder with four dates; the last, `07-10`, has clouds and shadows."""
    return polder(dates=4)
