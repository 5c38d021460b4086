"""What one asks for: the size, seed, year and difficulty of a simulated landscape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landzicht.errors.world import BadWorld

DIFFICULTIES = {"easy": 0.8, "real": 1.9, "hard": 3.0}
"""How much fields of one crop differ from each other: 1 = little."""
PIXEL_M = 10.0
"""Size of the finest satellite pixel, in metres."""
MIN_SIZE, MAX_SIZE = 128, 4096
"""Pixels along one side."""
MAX_DATES = 73
"""About half of the passes in a year: two orbits, each every five days, some lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """A wish for a Zonderland. Equal wishes give equal bytes, on any number of workers."""

    seed: int = 7
    """0 or more; another seed is another landscape."""
    size: int = 1024
    """Pixels of 10 m along one side; a multiple of 4, 128 to 4096."""
    dates: int = 24
    """Images in each year, 1 to 73; the images of a smaller number are among those of a larger."""
    year: int = 2025
    """The last calendar year, 2016 to 2100."""
    years: int = 1
    """Number of years, 1 to 5, of which `year` is the last."""
    zones: int = 1
    """UTM zones in which the Sentinel-2-like images are delivered: 1, or 2 that overlap."""
    difficulty: str = "real"
    """How much crops differ from field to field: `easy`, `real` or `hard`."""

    def __post_init__(self) -> None:
        """Check every field.

        Raises:
            BadWorld: a field has a value with which no landscape can be made.
        """
        _check("seed", self.seed, 0, 2**63 - 1)
        _check("size", self.size, MIN_SIZE, MAX_SIZE)
        if self.size % 4:
            raise BadWorld(name="size", value=self.size, known="128, 132, 136, …, 4096")
        _check("dates", self.dates, 1, MAX_DATES)
        _check("year", self.year, 2016, 2100)
        _check("years", self.years, 1, 5)
        _check("zones", self.zones, 1, 2)
        if self.difficulty not in DIFFICULTIES:
            known = ", ".join(DIFFICULTIES)
            raise BadWorld(name="difficulty", value=str(self.difficulty)[:40], known=known)

    @property
    def extent_m(self) -> float:
        """Length of one side in metres."""
        return self.size * PIXEL_M

    @property
    def spread(self) -> float:
        """How much fields of one crop differ from each other: 1 = little."""
        return DIFFICULTIES[self.difficulty]

    @property
    def key(self) -> str:
        """Name of the land: equal for all images that may lie together, such as `7-1024-real-2025`.

        The number of images and of earlier years and the zones do not change the land.
        """
        return f"{self.seed}-{self.size}-{self.difficulty}-{self.year}"

    @property
    def short_name(self) -> str:
        """What tells this land from the usual one: `8-512`, `7-1024-hard`; empty for the usual."""
        usual = WorldSpec()
        if self.key == usual.key:
            return ""
        others = ("difficulty", "year")
        told = [
            getattr(self, name) for name in others if getattr(self, name) != getattr(usual, name)
        ]
        return "-".join(map(str, (self.seed, self.size, *told)))

    def rng(self, *stream: int) -> np.random.Generator:
        """Return the random numbers of one part of the world.

        Every part has its own stream, so that its numbers depend neither on the order in which
        parts are made nor on the number of workers.
        """
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=stream))


def _check(name: str, value: object, low: int, high: int) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not low <= value <= high:  # type: ignore[operator]
        raise BadWorld(name=name, value=str(value)[:40], known=f"{low} … {high}")
