"""The stored numbers under parcels, taken out of each block of a file while it is at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.sample import nearest
from landzicht.grid.reads import plan_reads
from landzicht.kinds import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset
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

    A file of this computer is read block by block, when the reader can: each block is still in the
    cache of the processor when its numbers are taken out, and is never copied. Any other file is
    read in one go, so that one from afar takes few requests.

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

    window, out = runs.window, None
    for part, rows in _parts(reader, asset, window, grid):
        if out is None:
            out = np.empty(runs.count, rows.values.dtype)
        base = -(part.row - window.row) * rows.stride - (part.column - window.column)
        for some in runs.within(part):
            take(some, rows.values, base, rows.stride, out)
            if rows.valid is not None:
                keep_valid(some, rows.valid, base, rows.stride, usable)
    assert out is not None, "a window has pixels"
    return out


def _parts(
    reader: Reader, asset: Asset, window: Window, grid: Grid
) -> Iterable[tuple[Window, Rows]]:
    """Return a window in parts that begin and end between boxes.

    A band with larger pixels gives each small pixel the number of the one around its centre: the
    same number as before, so nothing is made up.
    """
    able: Direct | None = getattr(reader, "direct", None)
    if asset.grid == grid:
        parts = able.parts(asset, 0, window, SIDE) if able else None
        if parts is not None:
            return parts
        block = reader.read(asset, 0, window)
        values, valid = block.values[0], block.valid[0]
    else:
        target = grid.crop(window)
        plans = plan_reads((asset.grid,), target)
        values, valid = nearest(reader, asset, plans, target.shape, {})
    flat = values.reshape(-1).view()
    flat.flags.writeable = False  # as blocks: kernels are compiled for these alone
    known = None if valid.all() else valid.reshape(-1)
    return ((window, Rows(values=flat, stride=window.width, valid=known)),)
