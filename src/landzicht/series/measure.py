"""Measuring one cell of one scene: the values under each parcel, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.series.gather import gather, runs_of
from landzicht.series.rounds import RoundCache
from landzicht.series.samples import Sample, usable_of
from landzicht.series.statistics import summarise
from landzicht.series.stored import arrays_of_cover, cover_of_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.kinds.parcels import Parcels
    from landzicht.ports import Columns, Reader
    from landzicht.series.divide import Cell
    from landzicht.series.gather import Runs
    from landzicht.series.plan import Question, Source, Values
    from landzicht.series.statistics import Statistics


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Which pixels of a window each parcel has, and which share of them."""

    starts: NDArray[np.int64]
    """`(parcel + 1,)`; parcel `p` has `index[starts[p]:starts[p + 1]]`."""
    index: NDArray[np.int32]
    """Flat row-major pixels of the window."""
    share: NDArray[np.float32]
    """Share of each pixel in the parcel, 0 < share <= 1."""
    totals: NDArray[np.float64]
    """`(parcel,)`, sum of its shares: what is seen of it where every pixel holds data."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A cover at its place in a scene; its pixels as runs, which take less memory."""

    starts: NDArray[np.int64]
    """As of `Cover`."""
    share: NDArray[np.float32]
    """As of `Cover`."""
    totals: NDArray[np.float64]
    """As of `Cover`."""
    runs: Runs
    """The same pixels, block by block of the file."""

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.starts.nbytes + self.share.nbytes + self.totals.nbytes + self.runs.nbytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What one cell says."""

    members: NDArray[np.intp]
    """All parcels of the cell."""
    table: NDArray[np.float64]
    """`(member, column)`, as of `summarise`: statistics of what each has in this cell."""
    seen: NDArray[np.float64]
    """`(member,)`, how many of its pixels here hold data, cloud or not."""
    whole: NDArray[np.bool_]
    """`(member,)`, True = no other cell has a part of it."""
    closes: NDArray[np.bool_]
    """`(member,)`, True = no later cell has a part of it."""
    rest: Sample | None
    """Values of those that other cells have a part of, in order; None when nobody needs them."""


_AT_ONCE = 16_384
"""Pixels that are computed at once: a few arrays of them fit the cache of a processor."""
COVERS = 256 * 2**20
"""Bytes of covers that are kept."""
_covers: RoundCache[Placed] = RoundCache(COVERS, lambda placed: placed.nbytes)
"""The last covers of this process, and their runs: all dates of a place share them."""


def cover_of(shapes: Parcels, height: int, width: int) -> Cover:
    """Return which pixels of a window these parcels (in its columns and rows) have."""
    from landzicht.kernels.cover import cover

    return whole_cover(*cover(shapes.xs, shapes.ys, shapes.rings, shapes.starts, height, width))


def whole_cover(
    starts: NDArray[np.int64], index: NDArray[np.int32], share: NDArray[np.float32]
) -> Cover:
    """Return a cover with its totals."""
    from landzicht.kernels.zonal import weights

    return Cover(starts, index, share, weights(starts, share, np.ones(share.size, np.bool_)))


def measure_cell(
    reader: Reader,
    source: Source,
    cell: Cell,
    question: Question,
    wanted: Statistics,
    kept: Columns | None = None,
) -> Answer:
    """Read a cell once, for all parcels in it.

    Args:
        reader: gives the pixels.
        source: the scene.
        cell: where, and which parcels.
        question: which value a pixel has.
        wanted: what to compute.
        kept: weights of before; None = they are kept in memory alone.

    Raises:
        StoredFileFailed: a file is gone or damaged.
    """
    # Equal shapes elsewhere lie in other boxes.
    key = (cell.key, cell.window.row, cell.window.column)
    cover = _covers.get(key, lambda: _cover(cell, kept))
    values, usable, data = _values(reader, source, question, cover.runs)
    from landzicht.kernels.zonal import weights

    split = np.flatnonzero(~cell.whole)
    rest = None
    if wanted.quantiles and split.size:
        every = Sample(members=cell.members, starts=cover.starts, values=values, share=cover.share)
        rest = usable_of(every, usable, split)
    return Answer(
        members=cell.members,
        table=summarise(cover.starts, values, cover.share, usable, wanted),
        seen=cover.totals if data.all() else weights(cover.starts, cover.share, data),
        whole=cell.whole,
        closes=cell.closes,
        rest=rest,
    )


def _cover(cell: Cell, kept: Columns | None) -> Placed:
    """Return the weights of a cell: kept ones, or fresh ones that are kept from now on."""
    key = cell.key.hex()
    found = kept.load(key) if kept else None
    cover = cover_of_arrays(found, cell.members.size) if found else None
    if cover is not None and not _fits(cover, cell.window.height * cell.window.width):
        cover = None
    if cover is None:
        cover = cover_of(cell.shapes, cell.window.height, cell.window.width)
        if kept:
            kept.keep(key, arrays_of_cover(cover))
    runs = runs_of(cover.index, cell.window)
    return Placed(cover.starts, cover.share, cover.totals, runs)


def _fits(cover: Cover, pixels: int) -> bool:
    """Whether kept weights are of pixels that are there; a kernel does not look."""
    index = cover.index
    return not index.size or bool(index.min() >= 0 and index.max() < pixels)


def _values(
    reader: Reader, source: Source, question: Question, runs: Runs
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the value of each covered pixel, whether it counts, and whether it holds data."""
    data = np.ones(runs.count, np.bool_)
    stored: dict[str, _Stored] = {}
    for key in question.keys:
        asset = source.scene.assets[key]
        numbers = gather(reader, asset, runs, source.grid, data)
        scale, offset = (1.0, 0.0) if question.raw else (asset.band.scale, asset.band.offset)
        stored[key] = (numbers, scale, offset)
    usable = data
    if question.mask is not None:
        usable = data.copy()
        mask = source.scene.assets[question.mask.asset]
        codes = gather(reader, mask, runs, source.grid, usable)
        keep_codes(codes, sorted(question.mask.valid), usable)
    return (*computed(stored, question.formula, usable), data)


_Stored = tuple["NDArray[Any]", float, float]
"""Numbers of a band, their scale and offset."""


def keep_codes(codes: NDArray[Any], wanted: Sequence[int], usable: NDArray[np.bool_]) -> None:
    """Drop from `usable` the pixels whose code is not wanted."""
    from landzicht.kernels.gather import keep_listed

    if codes.dtype == np.uint8:
        listed = np.zeros(256, np.bool_)
        listed[[code for code in wanted if 0 <= code < listed.size]] = True
        keep_listed(codes, listed, usable)
    else:
        usable &= np.isin(codes, wanted)


def computed(
    stored: Mapping[str, _Stored],
    formula: Callable[[Values], NDArray[np.float64]],
    usable: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the value of each pixel, and whether it counts; in parts that fit a cache."""
    from landzicht.kernels.gather import physical

    values, counts = np.empty(usable.size), np.empty(usable.size, np.bool_)
    room = {key: np.empty(min(_AT_ONCE, usable.size)) for key in stored}
    for start in range(0, usable.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        count = usable[part].size
        bands = {key: some[:count] for key, some in room.items()}
        for key, (numbers, scale, offset) in stored.items():
            physical(numbers[part], scale, offset, bands[key])
        values[part] = formula(bands)
        np.isfinite(values[part], out=counts[part])
    counts &= usable
    return values, counts
