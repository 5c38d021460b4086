"""What is asked, and which scenes were made in one overpass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    import numpy as np
    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Mask, Scene

    Values = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which value a pixel has."""

    keys: tuple[str, ...]
    """Bands that are all needed."""
    formula: Callable[[Values], NDArray[np.float64]]
    """From physical values `(n,)` by key to the value `(n,)`, NaN where it has none; it must be
    possible to pickle, so that other machines can compute it."""
    mask: Mask | None = None
    """Leave out what this classification does not call usable; None = take all."""
    raw: bool = False
    """Compute with stored numbers instead of physical values."""
    text: str = ""
    """The formula as text, which tells questions apart; empty = answers are not kept."""


@dataclass(frozen=True, slots=True)
class Source:
    """A scene, and the grid of its finest band that is asked for: pixels are counted there."""

    scene: Scene
    """The scene."""
    grid: Grid
    """Its grid."""


@dataclass(frozen=True, slots=True)
class Overpass:
    """Scenes of one collection and one solar day: tiles of one pass over the land."""

    moment: datetime
    """Of the first scene."""
    sources: tuple[Source, ...]
    """By id of the scene; where they overlap, the first that has data counts."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scene that cannot answer a question."""

    scene: str
    """Its id."""
    moment: datetime
    """When it was made."""
    reason: Text
    """Why, as the end of a sentence that starts with the scene."""


def overpasses(scenes: Iterable[Scene], question: Question) -> tuple[Overpass, ...]:
    """Group scenes by solar day, the oldest first, without those of `left_out`.

    The solar day is that of the clock by the sun at the middle of the scene: 15 degrees are an
    hour. So tiles of a pass by daylight belong together wherever they lie, also where the day of
    UTC ends meanwhile (the Pacific); two satellites over one place on one day are one date.
    """
    days: dict[date, list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: (scene.moment, scene.id)):
        if not _missing(scene, question):
            days.setdefault(_solar_day(scene), []).append(scene)
    found = []
    for day in days.values():
        ordered = sorted(day, key=lambda scene: scene.id)
        sources = tuple(Source(scene, _finest(scene, question.keys)) for scene in ordered)
        found.append(Overpass(day[0].moment, sources))
    return tuple(sorted(found, key=lambda overpass: overpass.moment))


def left_out(scenes: Iterable[Scene], question: Question) -> tuple[LeftOut, ...]:
    """Return the scenes without a band that is asked for, the oldest first.

    One without the band of the mask is among them: nobody knows then what is cloud.
    """
    found = []
    for scene in sorted(scenes, key=lambda scene: (scene.moment, scene.id)):
        missing = _missing(scene, question)
        if missing:
            names = ", ".join(missing)
            reason = Text(nl=f"heeft geen band {names}", en=f"has no band {names}")
            if question.mask and missing == (question.mask.asset,):
                reason = Text(
                    nl=f"heeft geen band {names}, die zegt waar wolken zijn",
                    en=f"has no band {names}, which tells where clouds are",
                )
            found.append(LeftOut(scene.id, scene.moment, reason))
    return tuple(found)


def _missing(scene: Scene, question: Question) -> tuple[str, ...]:
    """Return the bands that are asked for and not there."""
    needed = (*question.keys, *((question.mask.asset,) if question.mask else ()))
    return tuple(dict.fromkeys(key for key in needed if key not in scene.assets))


def _solar_day(scene: Scene) -> date:
    """Return the day by the sun at the middle of a scene."""
    west, east = scene.bounds.west, scene.bounds.east
    middle = (west + east) / 2 + (180 if west > east else 0)  # it may cross the antimeridian
    return (scene.moment + timedelta(hours=middle / 15)).date()


def _finest(scene: Scene, keys: tuple[str, ...]) -> Grid:
    grids = [scene.assets[key].grid for key in keys]
    return min(grids, key=lambda grid: math.prod(grid.resolution))
