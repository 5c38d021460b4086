"""From rows of pixels to compressed tiles of every overview level, in one pass over the source.

Memory is bounded by a few strips of 512 rows: rows go in at the top, each level keeps the rows
that still miss their neighbours below, and tiles go to a spool as soon as they are complete.
"""

from __future__ import annotations

import errno
import os
import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.halve import Taps, average, mode, taps
from landzicht.formats.tiles import TILE, encode_mask, encode_tile
from landzicht.kinds import BandKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.kinds import Band

    Values = NDArray[Any]
    Flags = NDArray[np.bool_]

SPOOL_IN_MEMORY = 32 * 2**20
"""Compressed bytes of one level kept in memory before they go to disk."""


def level_shapes(height: int, width: int) -> tuple[tuple[int, int], ...]:
    """Return `(height, width)` of the full image and its overviews, down to below one tile."""
    shapes = [(height, width)]
    while max(shapes[-1]) >= TILE:
        shapes.append(((shapes[-1][0] + 1) // 2, (shapes[-1][1] + 1) // 2))
    return tuple(shapes)


class Spool:
    """Compressed blocks of one level in file order.

    In memory while they are few; or in a file with a name, which outlives a killed process.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self.sizes: list[int] = []
        self._file: IO[bytes]
        if name is None:
            self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed with us
                SPOOL_IN_MEMORY, dir=str(folder)
            )
        else:
            handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o644)
            self._file = os.fdopen(handle, "r+b")

    def add(self, block: bytes) -> None:
        """Append one block."""
        self.sizes.append(len(block))
        self._file.write(block)

    def blocks(self) -> Iterator[bytes]:
        """Yield all blocks in the order in which they came."""
        self._file.seek(0)
        for size in self.sizes:
            yield self._file.read(size)

    def begin_at(self, sizes: Sequence[int]) -> None:
        """Keep only the blocks of these sizes that a run before wrote; more is added behind them.

        Raises:
            OSError: there are fewer bytes than that.
        """
        end = sum(sizes)
        if self._file.seek(0, os.SEEK_END) < end:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._file.seek(end)
        self._file.truncate()
        self.sizes = list(sizes)

    def sync(self) -> None:
        """Wait until all blocks are on the disk; only for a spool with a name."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the blocks; those in a file with a name stay there."""
        self._file.close()


@dataclass(slots=True, kw_only=True)
class Level:
    """One resolution of the image while it is being made."""

    height: int
    """Rows."""
    width: int
    """Columns."""
    band: Band
    """What the numbers mean."""
    tiles: Spool
    """Compressed tiles, row by row."""
    masks: Spool | None
    """Compressed 1-bit tiles, or None when the file has no mask of its own."""
    below: Level | None = None
    """The next overview."""
    rows_seen: int = 0
    """Rows that came in so far."""
    pending: list[tuple[Values, Flags | None]] = field(default_factory=list)
    """Rows that do not fill a row of tiles yet."""
    window: tuple[int, Values, Flags | None] | None = None
    """First row, values and validity of the rows that the next overview still needs."""
    made_below: int = 0
    """Rows given to the next overview so far."""

    def begin(self) -> None:
        """Forget all rows, and begin at the top again."""
        self.rows_seen = self.made_below = 0
        self.pending, self.window = [], None

    def feed(self, values: Values, valid: Flags | None) -> None:
        """Take the next rows `(y, x)`; `valid` is None when the file has no mask of its own."""
        first = self.rows_seen
        self.rows_seen += values.shape[0]
        self._feed_tiles(values, valid)
        if self.below is not None:
            self._feed_below(first, values, valid)

    def _feed_tiles(self, values: Values, valid: Flags | None) -> None:
        while values.shape[0]:
            room = TILE - sum(part.shape[0] for part, _ in self.pending)
            flags = None if valid is None else valid[:room]
            self.pending.append((values[:room], flags))
            values, valid = values[room:], None if valid is None else valid[room:]
            waiting = sum(part.shape[0] for part, _ in self.pending)
            is_last = self.rows_seen == self.height and not values.shape[0]
            if waiting == TILE or is_last:
                self._write_tiles()

    def _write_tiles(self) -> None:
        parts, self.pending = self.pending, []
        for column in range(0, self.width, TILE):
            part = slice(column, column + TILE)
            tile = _stack([values[:, part] for values, _ in parts])
            self.tiles.add(encode_tile(tile, fill=self.band.nodata))
            if self.masks is not None:
                flags = [valid[:, part] for _, valid in parts if valid is not None]
                self.masks.add(encode_mask(_stack(flags)))

    def _feed_below(self, first: int, values: Values, valid: Flags | None) -> None:
        assert self.below is not None
        if self.window is not None:
            first, old, old_valid = self.window
            values = np.concatenate([old, values])
            if valid is not None and old_valid is not None:
                valid = np.concatenate([old_valid, valid])
        rows = taps(self.height)
        stop = self._rows_ready(rows, first + values.shape[0])
        if stop > self.made_below:
            part = slice(self.made_below, stop)
            cut = Taps(
                first=rows.first[part] - first, weights=rows.weights[:, part], even=rows.even
            )
            self.below.feed(*self._reduce(values, valid, cut))
            self.made_below = stop
        keep = int(rows.first[stop]) if stop < len(rows.first) else self.height
        gone = min(keep - first, values.shape[0])
        rest = None if valid is None else valid[gone:].copy()
        self.window = (first + gone, values[gone:].copy(), rest)

    def _rows_ready(self, rows: Taps, available: int) -> int:
        """Return how many rows of the next overview have all their source rows."""
        if available >= self.height:
            return len(rows.first)
        reach = 2 if rows.even else 3
        return int(np.searchsorted(rows.first + reach, available, side="right"))

    def _reduce(
        self, values: Values, valid: Flags | None, rows: Taps
    ) -> tuple[Values, Flags | None]:
        usable = usable_pixels(values, self.band.nodata)
        if valid is not None:
            usable = valid if usable is None else usable & valid
        if usable is not None and usable.all():
            usable = None
        smaller = mode if self.band.kind is BandKind.CATEGORICAL else average
        made, made_valid = smaller(values, usable, rows, taps(self.width))
        if made_valid is None:
            made_valid = np.ones(made.shape, np.bool_)
        _mark_nodata(made, made_valid, self.band.nodata)
        return made, None if valid is None else made_valid


def usable_pixels(values: Values, nodata: float | None) -> Flags | None:
    """Return which stored numbers are observations, or None when all are by definition."""
    usable: Flags | None = None
    if values.dtype.kind == "f":
        usable = ~np.isnan(values)
    if nodata is not None and nodata == nodata:  # noqa: PLR0124 - NaN is not equal to itself
        marked = values != np.array(nodata).astype(values.dtype)
        usable = marked if usable is None else usable & marked
    return usable


def _mark_nodata(values: Values, valid: Flags, nodata: float | None) -> None:
    """Write nodata where nothing is usable, and nowhere else."""
    if nodata is None:
        if values.dtype.kind == "f":
            values[~valid] = np.nan
        return
    marker = np.array(nodata).astype(values.dtype)
    # A mean of usable pixels may hit the nodata number by chance; the nearest other number is
    # better than a hole.
    hit = valid & (values == marker)
    if hit.any():
        values[hit] = _neighbour(marker, values.dtype)
    values[~valid] = marker


def _neighbour(marker: Values, dtype: np.dtype[Any]) -> Any:  # noqa: ANN401 - a numpy scalar
    if dtype.kind == "f":
        return np.nextafter(marker, np.array(np.inf, dtype))
    return marker - 1 if marker == np.iinfo(dtype).max else marker + 1


def _stack(parts: list[Any]) -> Any:  # noqa: ANN401 - arrays of one dtype, kept
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
