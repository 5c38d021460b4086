"""What an answer costs, told before a pixel is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.grid import Window
from landzicht.series.measure import COVERS
from landzicht.series.run import DIVISIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Asset
    from landzicht.kinds.parcels import Parcels
    from landzicht.series.divide import Cell
    from landzicht.series.plan import Overpass, Question, Source
    from landzicht.series.run import Land
    from landzicht.series.statistics import Statistics

_BLOCK = 512
"""Rows and columns of a block of our own files: what lies in a block is decoded with it."""
_FLOAT = 8
_PIXEL = 36
"""Bytes for each covered pixel: its share, place, value, whether it counts; copies to keep."""
_RUN = 32
"""Bytes for each run of pixels."""
_KEPT = 12
"""Bytes for each value that waits for the rest of its parcel."""
_SORTED = 60
"""Bytes for each value of a parcel whose percentiles are computed."""
_ROW = 300
"""Bytes of a row of the answer besides its numbers: names, scenes, texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What has to be done for an answer."""

    parcels: int
    """Parcels that can be measured."""
    dates: int
    """Overpasses."""
    stored: int
    """Overpasses whose answer is kept from before: these cost nothing."""
    scenes: int
    """Scenes in the other overpasses that parcels lie in."""
    pixels: int
    """Pixels to decode, of all bands together."""
    covered: int
    """Pixels under parcels to count; one under two parcels counts twice."""
    bytes: int
    """Bytes that the decoded pixels are in memory, one after the other."""
    memory: int
    """Bytes in memory at once, above what a process with these parcels needs anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What the cells of one division take in memory."""

    covered: float
    """Pixels under parcels."""
    shapes: int
    """Bytes of the shapes in its cells."""
    covers: float
    """Bytes of all weights."""
    largest: float
    """Bytes that one cell works with, without its image."""
    ahead: float
    """Bytes of values that one cell hands on."""
    waiting: float
    """Bytes of values that wait for other cells, at the worst moment."""


def cost_of(
    land: Land,
    passes: Sequence[Overpass],
    question: Question,
    wanted: Statistics,
    known: Sequence[bool],
    threads: int,
) -> Cost:
    """Return what measuring costs; reads no pixel.

    Args:
        land: the parcels.
        passes: the dates.
        question: which value a pixel has.
        wanted: which statistics.
        known: `(date,)`, True = its answer is kept.
        threads: cells that are read at once.
    """
    scenes = pixels = size = largest = 0
    covered = 0.0
    loads: dict[tuple[Grid, ...], _Load] = {}
    for overpass, is_known in zip(passes, known, strict=True):
        if is_known:
            continue
        grids = tuple(source.grid for source in overpass.sources)
        _, cells = land.division(grids)
        if grids not in loads:
            loads[grids] = _load(land, cells, _stored(overpass.sources[0], question), wanted)
        covered += loads[grids].covered
        for source, own in zip(overpass.sources, cells, strict=True):
            scenes += bool(own)
            for cell in own:
                its_pixels, its_size = decoded(source, cell, question)
                pixels, size = pixels + its_pixels, size + its_size
                largest = max(largest, its_size + its_pixels)
    return Cost(
        parcels=len(land.parcels),
        dates=len(passes),
        stored=sum(known),
        scenes=scenes,
        pixels=pixels,
        covered=math.ceil(covered),
        bytes=size,
        memory=_memory(land, list(loads.values()), wanted, threads, largest),
    )


def most_pixels(passes: Sequence[Overpass], question: Question) -> int:
    """Return how many pixels all scenes have together: never less than `cost_of` says."""
    return sum(
        math.prod(asset.grid.shape)
        for overpass in passes
        for source in overpass.sources
        for asset in _assets(source, question)
    )


def most_covered(passes: Sequence[Overpass], parcels: Parcels) -> int:
    """Return how many pixels lie under parcels at most: never less than `cost_of` says."""
    return len(parcels) * sum(
        math.prod(source.grid.shape) for overpass in passes for source in overpass.sources
    )


def decoded(source: Source, cell: Cell, question: Question) -> tuple[int, int]:
    """Return pixels and bytes that are decoded for a cell."""
    pixels = size = 0
    for asset in _assets(source, question):
        window = cell.window if asset.grid == source.grid else _scaled(cell.window, source, asset)
        rows = _whole(window.row, window.stop_row, asset.grid.height)
        columns = _whole(window.column, window.stop_column, asset.grid.width)
        pixels += rows * columns
        size += rows * columns * np.dtype(asset.band.dtype).itemsize
    return pixels, size


def _memory(
    land: Land, loads: Sequence[_Load], wanted: Statistics, threads: int, image: int
) -> int:
    """Return the bytes in memory at once; `image` = those of the pixels of the largest cell."""
    if not loads:
        return _tables(land, wanted)
    divided = sorted((load.shapes for load in loads), reverse=True)[:DIVISIONS]
    parts = (
        _tables(land, wanted),
        sum(divided) + 2 * divided[0],  # the last one while it is made
        min(COVERS, sum(load.covers for load in loads)),
        threads * (image + max(load.largest for load in loads)),
        2 * threads * max(load.ahead for load in loads),
        max(load.waiting for load in loads),
    )
    return math.ceil(sum(parts))


def _tables(land: Land, wanted: Statistics) -> int:
    """Return the bytes of the rows of one date, as they go from hand to hand."""
    columns = len(wanted.columns) + len(wanted.edges)
    return len(land.parcels) * (4 * columns * _FLOAT + _ROW)


def _load(land: Land, cells: Sequence[Sequence[Cell]], pixel: int, wanted: Statistics) -> _Load:
    """Go through the cells of a division in the order in which they are read."""
    open_, covered = _Open(len(land.parcels)), 0.0
    shapes = covers = largest = ahead = 0.0
    ranks = bool(wanted.quantiles)
    for cell in (cell for own in cells for cell in own):
        here, split = float(cell.covered.sum()), ~cell.whole
        runs = _RUN * min(here, _runs(cell))
        kept = float(cell.covered[split].sum()) * _KEPT * ranks
        sorting = _SORTED * float(cell.covered.max()) * ranks
        largest = max(largest, here * (_PIXEL + pixel) + runs + sorting + 2 * kept)
        ahead = max(ahead, kept)
        covered += float(cell.covered[cell.whole].sum()) + open_.add(cell)
        covers += 4 * here + runs
        shapes += _bytes(cell)
    open_.close()
    waiting = open_.most * ranks
    return _Load(
        covered=covered,
        shapes=int(shapes) + land.parcels.xs.size // 2,
        covers=covers,
        largest=largest,
        ahead=ahead,
        waiting=waiting,
    )


class _Open:
    """Pixels of parcels that later cells have a part of, if all of them were kept."""

    def __init__(self, parcels: int) -> None:
        self._waits = np.zeros(parcels)
        self._now = 0.0
        self.most = 0.0
        """Bytes at the worst moment."""

    def add(self, cell: Cell) -> float:
        """Take a cell; return how many pixels it adds to parcels that lie over several."""
        split = np.flatnonzero(~cell.whole)
        if not split.size:
            return 0.0
        members = cell.members[split]
        # All parts of a parcel together are never more than the whole of it.
        before = self._waits[members]
        after = np.minimum(before + cell.covered[split], cell.most[split])
        self._waits[members] = after
        added = float((after - before).sum())
        self._now += added
        self._finish(members[cell.closes[split]])
        return added

    def close(self) -> None:
        """Finish all that are left: those over the edge of a grid."""
        self._finish(np.flatnonzero(self._waits))

    def _finish(self, members: NDArray[np.intp]) -> None:
        done = self._waits[members]
        above = 2 * _KEPT * float(done.sum()) + _SORTED * float(done.max(initial=0.0))
        self.most = max(self.most, _KEPT * self._now + above)
        self._now -= float(done.sum())
        self._waits[members] = 0.0


def _runs(cell: Cell) -> float:
    """Return about how many runs of pixels the parcels of a cell are."""
    boxes = cell.shapes.boxes()
    tall = np.clip(np.ceil(boxes[:, 3]), 0, cell.window.height)
    tall -= np.clip(np.floor(boxes[:, 1]), 0, cell.window.height)
    return 2 * float(tall.sum()) + cell.shapes.xs.size


def _bytes(cell: Cell) -> int:
    """Return the bytes that a cell itself takes."""
    shapes = cell.shapes
    arrays = (shapes.xs, shapes.ys, shapes.rings, shapes.starts, cell.members, cell.covered)
    return sum(array.nbytes for array in arrays) + len(shapes) * (_FLOAT + 2)


def _stored(source: Source, question: Question) -> int:
    """Return the bytes of the stored numbers of a pixel, of all bands together."""
    return sum(np.dtype(asset.band.dtype).itemsize for asset in _assets(source, question))


def _assets(source: Source, question: Question) -> list[Asset]:
    keys = [*question.keys, *((question.mask.asset,) if question.mask else ())]
    return [source.scene.assets[key] for key in keys]


def _whole(start: int, stop: int, most: int) -> int:
    """Return the length of the blocks that a piece lies in."""
    first = start // _BLOCK * _BLOCK
    return max(0, min(most, math.ceil(stop / _BLOCK) * _BLOCK) - min(first, most))


def _scaled(window: Window, source: Source, asset: Asset) -> Window:
    """Return about the same window in a band with other pixels."""
    tall = asset.grid.height / source.grid.height
    wide = asset.grid.width / source.grid.width
    return Window(
        int(window.row * tall),
        int(window.column * wide),
        math.ceil(window.height * tall),
        math.ceil(window.width * wide),
    )
