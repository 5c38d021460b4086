"""What is asked, and which scenes were made in one overpass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

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
    """Scenes of one collection and one day (UTC): tiles of one pass over the land."""

    moment: datetime
    """Of the first scene."""
    sources: tuple[Source, ...]
    """By id of the scene; where they overlap, the first that has data counts."""


def overpasses(scenes: Iterable[Scene], question: Question) -> tuple[Overpass, ...]:
    """Group scenes by day, the oldest first; those that lack a band that is asked for are left out.

    A scene without the band of the mask is left out too: nobody knows then what is cloud.
    """
    needed = set(question.keys) | ({question.mask.asset} if question.mask else set())
    known = [scene for scene in scenes if needed <= scene.assets.keys()]
    known.sort(key=lambda scene: (scene.moment, scene.id))
    found = []
    for _, group in groupby(known, key=lambda scene: scene.moment.date()):
        day = list(group)
        ordered = sorted(day, key=lambda scene: scene.id)
        sources = tuple(Source(scene, _finest(scene, question.keys)) for scene in ordered)
        found.append(Overpass(day[0].moment, sources))
    return tuple(found)


def _finest(scene: Scene, keys: tuple[str, ...]) -> Grid:
    grids = [scene.assets[key].grid for key in keys]
    return min(grids, key=lambda grid: math.prod(grid.resolution))
