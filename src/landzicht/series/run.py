"""From parcels and scenes to a table for each overpass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors import SourceFailed
from landzicht.errors.series import SeriesTooLarge, TooManyCorners
from landzicht.series.divide import cells_of, divide, territory, touched
from landzicht.series.measure import measure_cell
from landzicht.series.sheet import Failure, Sheet
from landzicht.series.stored import arrays_of, fingerprint, key_of, measured_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds.parcels import Parcels
    from landzicht.ports import Columns, Reader, Runner, Watch
    from landzicht.series.divide import Cell, Division, Territory
    from landzicht.series.measure import Answer
    from landzicht.series.plan import Overpass, Question, Source
    from landzicht.series.statistics import Statistics

MOST_COVERED = 100_000_000_000
"""Most pixels under parcels on one date: 285 times the whole of the Netherlands at 10 m."""
MOST_CORNERS = 100_000_000
"""Most corners of the shapes in all cells of a date: a shape is in each cell that it meets."""
_MILLION = 1_000_000
DIVISIONS = 8
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
    failures: tuple[Failure, ...] = ()
    """Parcels that could not be measured; each number at most once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Job:
    """One cell of one scene."""

    overpass: int
    source: Source
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Homes:
    """Where parcels lie; see `Division`."""

    inside: NDArray[np.bool_]
    """`(parcel, grid)`, True = lies in that grid with all that it has."""
    areas: NDArray[np.float64]
    """`(parcel,)`, area in pixels of the grid that measures it; NaN for none."""


class Land:
    """Parcels, divided over the grids of the overpasses that come along."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self._divided = lru_cache(maxsize=DIVISIONS)(self._divide)

    @cached_property
    def fingerprint(self) -> str:
        """What tells these parcels from others."""
        return fingerprint(self.parcels)

    def division(self, grids: tuple[Grid, ...]) -> tuple[Homes, tuple[tuple[Cell, ...], ...]]:
        """Return who lies where, and the cells of each grid.

        Raises:
            SeriesTooLarge: parcels lie over each other so often that even dividing takes too long.
            TooManyCorners: their shapes take too much memory.
        """
        return self._divided(grids)

    def _divide(self, grids: tuple[Grid, ...]) -> tuple[Homes, tuple[tuple[Cell, ...], ...]]:
        # The shapes of the territories are not kept: those of the cells are the same once more.
        division = divide(self.parcels, grids)
        covered = sum(_covered(land) for land in division.territories)
        if covered > MOST_COVERED:
            raise SeriesTooLarge(pixels=int(covered) // _MILLION, most=MOST_COVERED // _MILLION)
        cells = _cells(division)
        return Homes(inside=division.inside, areas=division.areas), cells


def _cells(division: Division) -> tuple[tuple[Cell, ...], ...]:
    """Return the cells of each grid; their shapes are bounded while they are made."""
    cells, corners = [], 0
    for land in division.territories:
        own = []
        for cell in cells_of(land):
            corners += cell.shapes.xs.size
            if corners > MOST_CORNERS:
                raise TooManyCorners(corners=corners // _MILLION, most=MOST_CORNERS // _MILLION)
            own.append(cell)
        cells.append(tuple(own))
    return tuple(cells)


def _covered(land: Territory) -> float:
    """Return how many pixels of a grid lie under parcels at most; one under two counts twice."""
    return float(np.minimum(touched(land.shapes), math.prod(land.grid.shape)).sum())


def stored_keys(
    land: Land,
    passes: Sequence[Overpass],
    question: Question,
    wanted: Statistics,
    reader: Reader,
) -> tuple[str | None, ...]:
    """Return under which key the answer of each overpass is kept; None = it is not."""
    watch: Watch | None = getattr(reader, "watch", None)
    return tuple(key_of(land.fingerprint, overpass, question, wanted, watch) for overpass in passes)


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
    keys: tuple[str | None, ...] = (None,) * len(passes)
    if kept:
        keys = stored_keys(land, passes, question, wanted, tools[0])
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
    sheet, number = Sheet(len(land.parcels), wanted), 0
    for (date, scene), told in runner.map(job, _jobs(land, passes)):
        while date != number:
            yield _finish(land, passes[number], sheet, (job, runner))
            sheet, number = Sheet(len(land.parcels), wanted), number + 1
        sheet.add(scene, told)
    for left in range(number, len(passes)):
        yield _finish(land, passes[left], sheet, (job, runner))
        sheet = Sheet(len(land.parcels), wanted)


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
    sheet: Sheet,
    again: tuple[Callable[[_Job], _Told], Runner],
) -> Measured:
    """Look elsewhere for parcels without data, and hand out the sheet."""
    homes, _ = land.division(tuple(source.grid for source in overpass.sources))
    sheet.settle()
    inside = homes.inside
    home = np.where(inside.any(axis=1), inside.argmax(axis=1), len(overpass.sources))
    job, runner = again
    for number, source in enumerate(overpass.sources):
        blank = (sheet.seen == 0) & inside[:, number] & (home < number)
        if blank.any():
            other = territory(land.parcels, np.flatnonzero(blank), source.grid)
            jobs = (_Job(overpass=0, source=source, cell=cell) for cell in cells_of(other))
            for (_, scene), told in runner.map(job, jobs):
                sheet.add(scene, told)
            sheet.settle()
    failures = sheet.failures()
    return Measured(
        moment=overpass.moment,
        table=sheet.table,
        areas=homes.areas,
        seen=sheet.seen,
        scenes=sheet.scenes,
        failures=failures,
    )
