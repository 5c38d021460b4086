"""How quick this machine measures: found out once, and learnt from every long answer."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import orjson
import shapely

from landzicht.errors import SourceFailed
from landzicht.grid import Window
from landzicht.kinds import Block
from landzicht.series.cost import decoded
from landzicht.series.divide import cells_of, territory
from landzicht.series.measure import measure_cell
from landzicht.series.plan import Source
from landzicht.series.shapes import parcels_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from landzicht.grid import Grid
    from landzicht.kinds import Asset
    from landzicht.portal.parcels.series import SeriesPlan
    from landzicht.portal.services import Services
    from landzicht.series.cost import Cost
    from landzicht.series.divide import Cell
    from landzicht.series.plan import Question
    from landzicht.series.statistics import Statistics

_FILE = "rate.json"
_SIDE = 256
_FIELD = 12
"""Pixels across and down of a field of a hectare and a half: most parcels are so."""
_LEAST_PIXELS = 1_000_000
"""A shorter run says little of a longer one."""
_WEIGHT = 0.3
"""Of the last run in what is remembered."""
_TRIES = 3
_EDGE = 0.25
"""Of a pixel: a parcel keeps so far from the edge of its window, which it may not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one thread does in a second."""

    read: float
    """Pixels that are read and decoded."""
    count: float
    """Pixels under parcels that are counted, without percentiles …"""
    rank: float
    """… and with them."""

    def seconds(self, cost: Cost, wanted: Statistics, threads: int) -> float:
        """Return how long an answer takes."""
        counted = self.rank if wanted.quantiles else self.count
        return (cost.pixels / self.read + cost.covered / counted) / threads


def known_rate(folder: Path) -> Rate | None:
    """Return what is remembered, or None."""
    try:
        told = orjson.loads((folder / _FILE).read_bytes())
        found = Rate(**{name: float(told[name]) for name in ("read", "count", "rank")})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if min(found.read, found.count, found.rank) > 0 else None


def rate_of(services: Services, plan: SeriesPlan) -> Rate | None:
    """Return what this machine does; the first time that is tried out, in well under a second.

    Reading is tried on one pixel of the images that are asked for: one block of each band; counting
    on an image in memory. None when no image can be read.
    """
    from landzicht.series.statistics import parse_statistics

    folder = services.settings.series_cache
    found = known_rate(folder)
    if found is not None:
        return found
    sources = list(_used(plan))
    if not sources:
        return None
    first, question = sources[0][0], plan.question
    count, rank = (
        _counted(first, question, parse_statistics(names)) for names in (["mean"], ["median"])
    )
    read = _read(services, question, sources[::-1])
    if read is None:
        return None
    found = Rate(read=read, count=count, rank=rank)
    _keep(folder, found)
    return found


def learn(services: Services, cost: Cost, wanted: Statistics, seconds: float) -> None:
    """Remember how long an answer took."""
    folder = services.settings.series_cache
    before = known_rate(folder)
    if before is None or cost.pixels + cost.covered < _LEAST_PIXELS or seconds <= 0:
        return
    off = before.seconds(cost, wanted, services.settings.worker_threads) / seconds
    told = {name: each * off**_WEIGHT for name, each in asdict(before).items()}
    _keep(folder, Rate(**told))


def _keep(folder: Path, rate: Rate) -> None:
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{_FILE}.{time.monotonic_ns()}"
        part.write_bytes(orjson.dumps(asdict(rate)))
        part.replace(folder / _FILE)


def _used(plan: SeriesPlan) -> Iterator[tuple[Source, Cell]]:
    """Yield the scenes that parcels lie in, each with its last cell."""
    for overpass in plan.passes:
        _, cells = plan.land.division(tuple(source.grid for source in overpass.sources))
        for source, own in zip(overpass.sources, cells, strict=True):
            if own:
                yield source, own[-1]


def _read(
    services: Services, question: Question, sources: Sequence[tuple[Source, Cell]]
) -> float | None:
    """Return how many pixels are decoded in a second, for the last scenes that can be read.

    The first that is read does not count when there are more: what is compiled, opened or looked
    up once is no part of the rate. The next are other images, so that no cache knows them.
    """
    from landzicht.series.statistics import parse_statistics

    wanted, rates = parse_statistics(["mean"]), list[float]()
    for source, cell in sources:
        point = _cell(source.grid, Window(cell.window.row, cell.window.column, 1, 1), 1)
        start = time.perf_counter()
        try:
            measure_cell(services.reader, source, point, question, wanted)
        except SourceFailed:
            continue
        seconds = time.perf_counter() - start
        rates.append(decoded(source, point, question)[0] / seconds)
        if len(rates) > _TRIES:
            break
    return max(rates[1:] or rates, default=None)  # what else ran meanwhile says nothing of us


def _counted(source: Source, question: Question, wanted: Statistics) -> float:
    """Return how many pixels under parcels are counted in a second, of an image in memory."""
    whole = Window(0, 0, min(_SIDE, source.grid.height), min(_SIDE, source.grid.width))
    grid = source.grid.crop(whole)
    assets = {key: replace(asset, grid=grid) for key, asset in source.scene.assets.items()}
    tiny = Source(replace(source.scene, assets=assets), grid)
    cell, made, spent = (
        _cell(grid, whole, min(_FIELD, whole.height, whole.width)),
        _Made(question),
        list[float](),
    )
    for _ in range(1 + _TRIES):  # the first time is for compiling
        start = time.perf_counter()
        measure_cell(made, tiny, cell, question, wanted)
        spent.append(time.perf_counter() - start)
    return float(cell.covered.sum()) / min(spent[1:])


def _cell(grid: Grid, window: Window, side: int) -> Cell:
    """Return a cell with parcels of some pixels across and down beside each other in a window."""
    columns, rows = np.meshgrid(
        np.arange(window.column, window.stop_column - side + 1, side),
        np.arange(window.row, window.stop_row - side + 1, side),
    )
    forth = grid.transform
    shapes = shapely.transform(
        shapely.box(
            columns.ravel() + _EDGE,
            rows.ravel() + _EDGE,
            columns.ravel() + side - _EDGE,
            rows.ravel() + side - _EDGE,
        ),
        lambda at: np.column_stack(forth @ (at[:, 0], at[:, 1])),
    )
    names = [str(number) for number in range(shapes.size)]
    parcels = parcels_of(names, shapes, grid.crs)
    return next(iter(cells_of(territory(parcels, np.arange(shapes.size), grid))))


@dataclass(frozen=True, slots=True)
class _Made:
    """A reader of made-up numbers."""

    question: Question

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """See `Reader.levels`."""
        return (asset.grid,)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """See `Reader.read`; numbers as they lie under grass, and no cloud at all."""
        shape = (1, window.height, window.width)
        kind = np.dtype(asset.band.dtype)
        most = min(10_000, np.iinfo(kind).max) if kind.kind in "iu" else 10_000
        values = np.random.default_rng(level).integers(1, most, shape).astype(kind)
        mask = self.question.mask
        if mask is not None and mask.asset == asset.key:
            values = np.full(shape, min(mask.valid, default=0), asset.band.dtype)
        valid = np.ones(shape, np.bool_)
        return Block(values=values, valid=valid, grid=asset.grid.crop(window), bands=(asset.band,))
