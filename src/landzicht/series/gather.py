"""The stored numbers under parcels, taken out of each block of a file while it is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.sample import nearest
from landzicht.grid.reads import plan_reads

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Part
    from landzicht.ports import Direct, Reader

SIDE = 512
"""Rows and columns of a box: a block of our own files."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Pixels under parcels, in the order in which boxes of a window come."""

    window: Window
    """Of the scene; boxes are counted from its upper-left box, row by row."""
    begins: NDArray[np.int64]
    """`(box + 1,)`, where the runs of each box begin."""
    runs: NDArray[np.int64]
    """`(run, 4)`, as `kernels.gather.runs_by_box` makes them."""
    count: int
    """Pixels, of all runs together."""

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.begins.nbytes + self.runs.nbytes

    def within(self, part: Window) -> Iterable[NDArray[np.int64]]:
        """Yield the runs of a part of the window that begins and ends between boxes."""
        above, before = self.window.row // SIDE, self.window.column // SIDE
        across = -(-self.window.stop_column // SIDE) - before
        first = part.column // SIDE - before
        last = -(-part.stop_column // SIDE) - before
        for down in range(part.row // SIDE - above, -(-part.stop_row // SIDE) - above):
            start, stop = self.begins[down * across + first], self.begins[down * across + last]
            if stop > start:
                yield self.runs[start:stop]


def runs_of(index: NDArray[np.int32], window: Window) -> Runs:
    """Return flat pixels of a window as runs.

    Args:
        index: `(n,)`, each in the window; a kernel does not look.
        window: of the scene.
    """
    from landzicht.kernels.gather import runs_by_box

    top, left = window.row % SIDE, window.column % SIDE
    boxes = -(-(top + window.height) // SIDE) * -(-(left + window.width) // SIDE)
    begins, runs = runs_by_box(index, window.width, top, left, SIDE, boxes)
    return Runs(window, begins, runs, index.size)


def gather(
    reader: Reader, asset: Asset, runs: Runs, grid: Grid, usable: NDArray[np.bool_]
) -> NDArray[Any]:
    """Return the stored number of each pixel of `runs` `(n,)`.

    A file is read block by block when the reader can: each block is still in the cache of the
    processor when its numbers are taken out, and is never copied.

    Args:
        reader: gives the pixels.
        asset: what to read.
        runs: which pixels.
        grid: where the window of `runs` lies.
        usable: `(n,)`; becomes False where there is no number.

    Raises:
        StoredFileFailed: a file is gone or damaged.
    """
    from landzicht.kernels.gather import keep_valid, take

    window = runs.window
    able: Direct | None = getattr(reader, "direct", None)
    parts = able.parts(asset, 0, window, SIDE) if able and asset.grid == grid else None
    if parts is not None:
        return from_parts(parts, runs, usable)
    values, valid = _read(reader, asset, window, grid)
    out = np.empty(runs.count, values.dtype)
    take(runs.runs, values, 0, window.width, out)
    if not valid.all():
        keep_valid(runs.runs, valid, window.width, usable)
    return out


def from_parts(parts: Iterable[Part], runs: Runs, usable: NDArray[np.bool_]) -> NDArray[Any]:
    """Take numbers out of one part after the other."""
    from landzicht.kernels.gather import take

    out: NDArray[Any] = np.empty(0)
    nodata = None
    for part in parts:
        if not out.size:
            out, nodata = np.empty(runs.count, part.values.dtype), part.nodata
        row, column = part.window.row - runs.window.row, part.window.column - runs.window.column
        for some in runs.within(part.window):
            take(some, part.values, -row * part.stride - column, part.stride, out)
    if nodata is not None:
        usable &= out != out.dtype.type(nodata)
    return out


def _read(
    reader: Reader, asset: Asset, window: Window, grid: Grid
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the stored number of each pixel of a window `(y * x,)`, and whether there is one.

    A band with larger pixels gives each small pixel the number of the one around its centre: the
    same number as before, so nothing is made up.
    """
    if asset.grid == grid:
        block = reader.read(asset, 0, window)
        values, valid = block.values[0], block.valid[0]
    else:
        target = grid.crop(window)
        plans = plan_reads((asset.grid,), target)
        values, valid = nearest(reader, asset, plans, target.shape, {})
    flat = values.reshape(-1).view()
    flat.flags.writeable = False  # as blocks: kernels are compiled for these alone
    return flat, valid.reshape(-1)
