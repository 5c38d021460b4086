"""Blocks of a deflate stream that are unpacked from the top, as far as somebody needed so far.

A map tile needs 300 of the 1024 rows of a block, and unpacking is nearly all that a tile costs. So
a block is unpacked down to the last row that is wanted, and the unpacker is kept: a neighbour that
wants more goes on from there, and nothing is ever unpacked twice.
"""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.decode import unpredict
from landzicht.formats.tags import DamagedTiff

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from isal.igzip_lib import IgzipDecompressor
    from numpy.typing import NDArray

    from landzicht.blocks.cache import ByteCache
    from landzicht.formats.tiff import Directory

_LEAST = 128 * 1024
"""Bytes of a block below which unpacking all of it at once costs nothing more."""
_PIECE = 256 * 1024
"""Bytes unpacked in one go: still in the processor's cache when the predictor is undone."""
_ROUND = 32
"""Rows; neighbours differ by a few, which are not worth a step of their own."""
_UNPACKER = 96 * 1024
"""Bytes of memory that an unpacker takes beside its input."""


def can_grow(directory: Directory) -> bool:
    """Whether blocks of an image are worth it, and the library that can stop half-way is here."""
    if directory.codec != "deflate" or directory.mask or directory.bits == 1:
        return False
    return _row_bytes(directory) * directory.block[0] >= _LEAST and find_spec("isal") is not None


class GrowingBlock:
    """One block; safe for many threads: one unpacks, the others wait for it."""

    def __init__(self, directory: Directory, stored: bytes, number: int = 0) -> None:
        """Begin with nothing unpacked.

        Args:
            directory: the image, one that `can_grow`.
            stored: bytes of the block.
            number: which block, as the last strip has fewer rows.
        """
        self._directory = directory
        self._samples = 1 if directory.apart else directory.samples
        self._height = directory.rows_of(number)
        # Memory of rows that nobody asked for is never touched, so the system never gives it.
        self._rows = np.empty((self._height, _row_bytes(directory)), np.uint8)
        self._stored = stored
        self._most = self._rows.nbytes + len(stored) + _UNPACKER
        self._done = 0
        self._unpacker: IgzipDecompressor | None = None
        self._damage: str | None = None
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Most memory that it takes, now or later."""
        return self._most

    @property
    def is_complete(self) -> bool:
        """Whether every row is there."""
        return self._done == self._height

    def upto(self, row: int) -> NDArray[Any]:
        """Return the numbers of the rows above `row`, and perhaps of more.

        Args:
            row: from the top of the block; past the end = all.

        Returns:
            `(y, x)`, or `(y, x, sample)` when bands are stored together; not to be changed.

        Raises:
            DamagedTiff: the bytes are not what the header promises.
        """
        wanted = min(-(-row // _ROUND) * _ROUND, self._height)
        if self._done < wanted:
            with self._lock:
                self._grow(wanted)
        directory, done = self._directory, self._done  # others may go on meanwhile
        shape = (done, directory.block[1])
        values = self._rows[:done].view(directory.dtype)
        values.flags.writeable = False
        return values if self._samples == 1 else values.reshape(*shape, self._samples)

    def _grow(self, wanted: int) -> None:
        """Unpack down to row `wanted`; what went wrong once goes wrong again."""
        if self._damage is not None:
            raise DamagedTiff(self._damage)
        from isal.igzip_lib import IsalError

        failures: tuple[Any, ...] = (IsalError, OSError, EOFError, ValueError)
        try:
            self._unpack(wanted)
        except failures as error:
            self._damage = "has a tile that cannot be unpacked"
            raise DamagedTiff(self._damage) from error
        except DamagedTiff as error:
            self._damage = str(error)
            raise

    def _unpack(self, wanted: int) -> None:
        from isal import igzip_lib

        feed = b""
        if self._unpacker is None:
            self._unpacker = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)
            feed, self._stored = self._stored, b""  # the unpacker keeps what it has not used yet
        row_bytes = self._rows.shape[1]
        step = max(1, _PIECE // row_bytes)
        while self._done < wanted:
            rows = min(step, wanted - self._done)
            raw = self._unpacker.decompress(feed, rows * row_bytes)
            if len(raw) != rows * row_bytes:
                have = self._done * row_bytes + len(raw)
                raise DamagedTiff(f"has a tile of {have} bytes instead of {self._rows.nbytes}")
            feed = b""
            stored = np.frombuffer(raw, np.uint8).reshape(rows, row_bytes)
            unpredict(
                self._directory, stored, self._samples, self._rows[self._done : self._done + rows]
            )
            if self._done + rows == self._height:
                self._finish(self._unpacker)
            self._done += rows

    def _finish(self, unpacker: IgzipDecompressor) -> None:
        # Asking for one byte more than there may be also reads the checksum and compares it.
        if not unpacker.eof and (unpacker.decompress(b"", 1) or not unpacker.eof):
            raise DamagedTiff(f"has a tile of more than {self._rows.nbytes} bytes")
        self._unpacker = None


def rows_upto(
    cache: ByteCache[NDArray[Any] | GrowingBlock],
    key: Hashable,
    make: Callable[[], NDArray[Any] | GrowingBlock],
    row: int,
) -> NDArray[Any]:
    """Return the rows of a block above `row`, and perhaps more; from the cache when it is there.

    Raises:
        DamagedTiff: the bytes are not what the header promises.
    """
    block = cache.get(key, make)
    if not isinstance(block, GrowingBlock):
        return block
    values = block.upto(row)
    if block.is_complete:
        cache.replace(key, values)  # takes less memory: what was stored is not needed any more
    return values


def _row_bytes(directory: Directory) -> int:
    samples = 1 if directory.apart else directory.samples
    return directory.block[1] * samples * directory.dtype.itemsize
