"""From parcels and scenes to a table for each overpass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from landzicht.series.divide import cells_of, divide, territory
from landzicht.series.measure import joined, measure_cell
from landzicht.series.statistics import summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds.parcels import Parcels
    from landzicht.ports import Reader, Runner
    from landzicht.series.divide import Cell, Division
    from landzicht.series.measure import Answer
    from landzicht.series.plan import Overpass, Question, Source
    from landzicht.series.statistics import Statistics

_DIVISIONS = 8
"""Divisions that are kept: a satellite's orbits over one place take turns."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """All parcels at one overpass."""

    moment: datetime
    """Of its first scene."""
    table: NDArray[np.float64]
    """`(parcel, column)`, as of `summarise`; count 0 and NaN where nothing counts."""
    areas: NDArray[np.float64]
    """`(parcel,)`, pixels that a parcel has; NaN where no scene meets it."""
    seen: NDArray[np.float64]
    """`(parcel,)`, pixels that hold data, cloud or not."""
    scenes: tuple[tuple[str, ...], ...]
    """`(parcel,)`: ids of the scenes that gave its pixels; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Job:
    """One cell of one scene."""

    overpass: int
    source: Source
    cell: Cell


class Land:
    """Parcels, divided over the grids of the overpasses that come along."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self._divided = lru_cache(maxsize=_DIVISIONS)(self._divide)

    def division(self, grids: tuple[Grid, ...]) -> tuple[Division, tuple[tuple[Cell, ...], ...]]:
        """Return who measures what, and the cells of each grid."""
        return self._divided(grids)

    def _divide(self, grids: tuple[Grid, ...]) -> tuple[Division, tuple[tuple[Cell, ...], ...]]:
        division = divide(self.parcels, grids)
        return division, tuple(tuple(cells_of(land)) for land in division.territories)


def measure(
    parcels: Parcels,
    passes: Sequence[Overpass],
    question: Question,
    wanted: Statistics,
    tools: tuple[Reader, Runner],
) -> Iterator[Measured]:
    """Measure all parcels at one overpass after the other.

    Each pixel is read once for all parcels. Parcels without data in their scene (the edge of a
    swath) are measured in another scene of the same overpass that holds them, if there is one.

    Args:
        parcels: what to measure.
        passes: from `overpasses`.
        question: which value a pixel has.
        wanted: what to compute.
        tools: gives the pixels; runs the cells, here or elsewhere: all runners give equal bits.

    Raises:
        StoredFileFailed: a file is gone or damaged.
    """
    reader, runner = tools
    land = Land(parcels)
    job = partial(_run, reader, question, wanted)
    answers = runner.map(job, _jobs(land, passes))
    pending: list[tuple[_Key, Answer]] = []
    number = 0
    for answer in answers:
        while answer[0][0] != number:
            yield _finish(land, passes[number], pending, wanted, (job, runner))
            pending, number = [], number + 1
        pending.append(answer)
    for rest in range(number, len(passes)):
        yield _finish(land, passes[rest], pending, wanted, (job, runner))
        pending = []


_Key = tuple[int, str]


def _run(reader: Reader, question: Question, wanted: Statistics, job: _Job) -> tuple[_Key, Answer]:
    answer = measure_cell(reader, job.source, job.cell, question, wanted)
    return (job.overpass, job.source.scene.id), answer


def _jobs(land: Land, passes: Sequence[Overpass]) -> Iterator[_Job]:
    for number, overpass in enumerate(passes):
        _, cells = land.division(tuple(source.grid for source in overpass.sources))
        for source, own in zip(overpass.sources, cells, strict=True):
            for cell in own:
                yield _Job(overpass=number, source=source, cell=cell)


def _finish(
    land: Land,
    overpass: Overpass,
    pending: list[tuple[_Key, Answer]],
    wanted: Statistics,
    again: tuple[Callable[[_Job], tuple[_Key, Answer]], Runner],
) -> Measured:
    """Put the answers of all cells together; look elsewhere for parcels without data."""
    division, _ = land.division(tuple(source.grid for source in overpass.sources))
    sheet = _Sheet(len(land.parcels), wanted)
    sheet.add(pending)
    home = np.where(
        division.inside.any(axis=1), division.inside.argmax(axis=1), len(overpass.sources)
    )
    job, runner = again
    for number, source in enumerate(overpass.sources):
        blank = (sheet.seen == 0) & division.inside[:, number] & (home < number)
        if blank.any():
            other = territory(land.parcels, np.flatnonzero(blank), source.grid)
            jobs = [_Job(overpass=0, source=source, cell=cell) for cell in cells_of(other)]
            sheet.add(list(runner.map(job, jobs)))
    return Measured(
        moment=overpass.moment,
        table=sheet.table,
        areas=division.areas,
        seen=sheet.seen,
        scenes=tuple(sheet.scenes),
    )


class _Sheet:
    """The table of one overpass while it is being filled."""

    def __init__(self, count: int, wanted: Statistics) -> None:
        bins = max(0, len(wanted.edges) - 1)
        columns = len(wanted.columns)
        self._wanted = wanted
        self.table = np.full((count, columns + bins), np.nan)
        self.table[:, 0] = 0.0
        self.table[:, columns:] = 0.0
        self.seen = np.zeros(count)
        self.scenes: list[tuple[str, ...]] = [()] * count

    def add(self, answers: list[tuple[_Key, Answer]]) -> None:
        """Add what cells say; parcels that cross cells are computed from all their values."""
        parts = []
        for (_, scene), answer in answers:
            single = (scene,)
            self.table[answer.members] = answer.table
            np.add.at(self.seen, answer.all_members, answer.seen)
            for member in answer.all_members:
                known = self.scenes[member]
                if not known:
                    self.scenes[member] = single
                elif scene not in known:
                    self.scenes[member] = (*known, scene)
            if answer.rest.members.size:
                parts.append(answer.rest)
        if parts:
            one = joined(parts)
            self.table[one.members] = summarise(
                one.starts, one.values, one.share, one.usable, self._wanted
            )
