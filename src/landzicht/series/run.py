"""From parcels and scenes to a table for each overpass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors import SourceFailed
from landzicht.series.divide import cells_of, divide, territory
from landzicht.series.measure import joined, measure_cell
from landzicht.series.statistics import summarise
from landzicht.series.stored import arrays_of, fingerprint, key_of, measured_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds.parcels import Parcels
    from landzicht.ports import Columns, Reader, Runner
    from landzicht.series.divide import Cell, Division
    from landzicht.series.measure import Answer
    from landzicht.series.plan import Overpass, Question, Source
    from landzicht.series.statistics import Statistics

_DIVISIONS = 8
"""Divisions that are kept: a satellite's orbits over one place take turns."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failure:
    """Parcels that were not measured, because pixels of theirs cannot be read."""

    scene: str
    """Id of the scene."""
    members: NDArray[np.intp]
    """Numbers of the parcels."""
    error: SourceFailed
    """What is the matter with its file."""


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
    failures: tuple[Failure, ...] = ()
    """Parcels that could not be measured; each number at most once."""


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

    @cached_property
    def fingerprint(self) -> str:
        """What tells these parcels from others."""
        return fingerprint(self.parcels)

    def division(self, grids: tuple[Grid, ...]) -> tuple[Division, tuple[tuple[Cell, ...], ...]]:
        """Return who measures what, and the cells of each grid."""
        return self._divided(grids)

    def _divide(self, grids: tuple[Grid, ...]) -> tuple[Division, tuple[tuple[Cell, ...], ...]]:
        division = divide(self.parcels, grids)
        return division, tuple(tuple(cells_of(land)) for land in division.territories)


def stored_keys(
    land: Land, passes: Sequence[Overpass], question: Question, wanted: Statistics
) -> tuple[str | None, ...]:
    """Return under which key the answer of each overpass is kept; None = it is not."""
    return tuple(key_of(land.fingerprint, overpass, question, wanted) for overpass in passes)


def measure(
    parcels: Parcels | Land,
    passes: Sequence[Overpass],
    question: Question,
    wanted: Statistics,
    tools: tuple[Reader, Runner],
    kept: Columns | None = None,
) -> Iterator[Measured]:
    """Measure all parcels at one overpass after the other.

    Each pixel is read once for all parcels. Parcels without data in their scene (the edge of a
    swath) are measured in another scene of the same overpass that holds them, if there is one. A
    file that cannot be read fails the parcels on it, and no others.

    Args:
        parcels: what to measure; as `Land` when somebody divided them already.
        passes: from `overpasses`.
        question: which value a pixel has.
        wanted: what to compute.
        tools: gives the pixels; runs the cells, here or elsewhere: all runners give equal bits.
        kept: answers of before, which are not made again; None = there are none.
    """
    land = parcels if isinstance(parcels, Land) else Land(parcels)
    keys = stored_keys(land, passes, question, wanted) if kept else (None,) * len(passes)
    known = [bool(kept and key and kept.holds(key)) for key in keys]
    todo = [overpass for overpass, is_known in zip(passes, known, strict=True) if not is_known]
    job = partial(_run, tools[0], question, wanted, kept)
    fresh = _measure(land, todo, wanted, job, tools[1])
    for overpass, key, is_known in zip(passes, keys, known, strict=True):
        found = _recall(land, overpass, wanted, kept, key) if is_known else next(fresh)
        if found is None:  # it was damaged, or thrown away meanwhile
            found = next(_measure(land, [overpass], wanted, job, tools[1]))
        elif is_known:
            yield found
            continue
        if kept and key and not found.failures:
            kept.keep(key, arrays_of(found))
        yield found


_Key = tuple[int, str]
_Told = tuple[_Key, "Answer | Failure"]


def _recall(
    land: Land,
    overpass: Overpass,
    wanted: Statistics,
    kept: Columns | None,
    key: str | None,
) -> Measured | None:
    arrays = kept.load(key) if kept and key else None
    columns = len(wanted.columns) + max(0, len(wanted.edges) - 1)
    return measured_of(arrays, overpass.moment, len(land.parcels), columns) if arrays else None


def _measure(
    land: Land,
    passes: Sequence[Overpass],
    wanted: Statistics,
    job: Callable[[_Job], _Told],
    runner: Runner,
) -> Iterator[Measured]:
    answers = runner.map(job, _jobs(land, passes))
    pending: list[_Told] = []
    number = 0
    for answer in answers:
        while answer[0][0] != number:
            yield _finish(land, passes[number], pending, wanted, (job, runner))
            pending, number = [], number + 1
        pending.append(answer)
    for rest in range(number, len(passes)):
        yield _finish(land, passes[rest], pending, wanted, (job, runner))
        pending = []


def _run(
    reader: Reader, question: Question, wanted: Statistics, kept: Columns | None, job: _Job
) -> _Told:
    key = (job.overpass, job.source.scene.id)
    try:
        return key, measure_cell(reader, job.source, job.cell, question, wanted, kept)
    except SourceFailed as error:
        return key, Failure(scene=key[1], members=job.cell.members, error=error)


def _jobs(land: Land, passes: Sequence[Overpass]) -> Iterator[_Job]:
    for number, overpass in enumerate(passes):
        _, cells = land.division(tuple(source.grid for source in overpass.sources))
        for source, own in zip(overpass.sources, cells, strict=True):
            for cell in own:
                yield _Job(overpass=number, source=source, cell=cell)


def _finish(
    land: Land,
    overpass: Overpass,
    pending: list[_Told],
    wanted: Statistics,
    again: tuple[Callable[[_Job], _Told], Runner],
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
    failures = sheet.failures()
    return Measured(
        moment=overpass.moment,
        table=sheet.table,
        areas=division.areas,
        seen=sheet.seen,
        scenes=sheet.scenes,
        failures=failures,
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
        self._nothing = self.table[0].copy() if count else np.empty(0)
        self.seen = np.zeros(count)
        self._which = np.zeros(count, np.intp)
        self._known: list[tuple[str, ...]] = [()]
        """Scenes that a parcel may have; `_which` tells the number of its entry here."""
        self._failures: list[Failure] = []
        self._failed = np.full(count, -1)

    def add(self, told: list[_Told]) -> None:
        """Add what cells say; parcels that cross cells are computed from all their values."""
        parts = []
        failures = [answer for _, answer in told if isinstance(answer, Failure)]
        for (_, scene), answer in told:
            if isinstance(answer, Failure):
                continue
            self.table[answer.members] = answer.table
            self.seen[answer.all_members] += answer.seen  # a cell has each parcel once
            self._failed[answer.all_members[answer.seen > 0]] = -1
            self._add_scene(answer.all_members, scene)
            if answer.rest.members.size:
                parts.append(answer.rest)
        if parts:
            one = joined(parts)
            self.table[one.members] = summarise(
                one.starts, one.values, one.share, one.usable, self._wanted
            )
        for failure in failures:
            self._drop(failure)

    def _drop(self, failure: Failure) -> None:
        """Forget what other cells say of these parcels: half a parcel is not told."""
        self.table[failure.members] = self._nothing
        self.seen[failure.members] = 0.0
        self._failed[failure.members] = len(self._failures)
        self._failures.append(failure)
        self._which[failure.members] = 0

    def _add_scene(self, members: NDArray[np.intp], scene: str) -> None:
        """Tell that pixels of these parcels come from a scene."""
        before = self._which[members]
        for number in np.unique(before).tolist():
            scenes = self._known[number]
            if scene not in scenes:
                self._which[members[before == number]] = self._number((*scenes, scene))

    def _number(self, scenes: tuple[str, ...]) -> int:
        if scenes not in self._known:
            self._known.append(scenes)
        return self._known.index(scenes)

    @property
    def scenes(self) -> tuple[tuple[str, ...], ...]:
        """Ids of the scenes that gave the pixels of each parcel; empty for none."""
        return tuple(map(self._known.__getitem__, self._which.tolist()))

    def failures(self) -> tuple[Failure, ...]:
        """Return the failures that no other scene made good."""
        left = []
        for number, failure in enumerate(self._failures):
            members = np.flatnonzero(self._failed == number)
            if members.size:
                left.append(replace(failure, members=members))
            self._which[members] = 0
        return tuple(left)
