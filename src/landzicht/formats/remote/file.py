"""One remote file that was opened: a version of it, and its first bytes."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from landzicht.formats.ranges import LocalFile, Range
from landzicht.formats.remote.parts import Part, Version
from landzicht.formats.tags import DamagedTiff, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from landzicht.formats.remote.address import Address
    from landzicht.formats.remote.files import RemoteFiles

_LEAST_STEP = 128 * 1024
_MOST_STEP = 4 * 2**20
_TABLES = 6
"""How many times the first table of places all tables after it take at most: the sizes beside it,
a third more for overviews, and twice that for masks."""


class RemoteFile:
    """A version of a remote file; implements `ByteSource`."""

    is_far = True

    def __init__(
        self,
        files: RemoteFiles,
        address: Address,
        head: Part,
        at: float,
        *,
        at_home: bool = False,
    ) -> None:
        """Keep what the first request told.

        Args:
            files: asks for more.
            address: of the file.
            head: its first bytes; perhaps all of it.
            at: when it was asked, seconds since 1970.
            at_home: whether it is to be read from this disk, where the whole of it is.
        """
        self._files = files
        self._head = head.content
        self._at = at
        self._at_home = at_home
        self.address = address
        self.version = head.version
        self.identity = f"{address} {head.version.tag} {head.version.size}"

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.version.size

    @property
    def age(self) -> float:
        """Seconds since the other computer told that this is the file."""
        return time.time() - self._at

    @contextmanager
    def header(self) -> Iterator[Source]:
        """See `ByteSource`: what lies beyond the head comes in one more request, as a rule."""
        begin, known = 0, b""

        def more(offset: int, length: int) -> bytes:
            nonlocal begin, known
            if not begin <= offset <= offset + length <= begin + len(known):
                # Tables follow each other, so we take what lies behind the first one too.
                begin = offset
                step = min(_MOST_STEP, max(_LEAST_STEP, _TABLES * length))
                stop = min(self.size, offset + max(length, step))
                (known,) = self.read((Range(offset, stop - offset),))
            return known[offset - begin : offset - begin + length]

        yield Source(self._head, self.size, more)

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """See `ByteSource`."""
        found: dict[Range, bytes] = {}
        for piece in ranges:
            stop = piece.offset + piece.size
            if piece.offset < 0 or piece.size < 0 or stop > self.size:
                raise DamagedTiff("ends early")
            if stop <= len(self._head):
                found[piece] = self._head[piece.offset : stop]
        rest = [piece for piece in ranges if piece not in found]
        if rest and self._at_home:
            found |= zip(rest, self._read_here(rest), strict=True)
        elif rest:
            found |= zip(rest, self._files.read(self, rest), strict=True)
        return [found[piece] for piece in ranges]

    def _read_here(self, ranges: Sequence[Range]) -> list[bytes]:
        return LocalFile(self.local(), self.identity).read(ranges)

    def local(self) -> Path:
        """See `ByteSource`."""
        return self._files.whole(self)


def encode_head(part: Part, at: float) -> bytes:
    """Return a head as it is kept on disk."""
    told = {"tag": part.version.tag, "size": part.version.size, "at": at}
    return json.dumps(told).encode() + b"\n" + part.content


def decode_head(stored: bytes) -> tuple[Version, bytes, float] | None:
    """Return version, first bytes and time of a head, or None when it is none."""
    text, _, content = stored.partition(b"\n")
    try:
        told = json.loads(text)
        return Version(str(told["tag"]), int(told["size"])), content, float(told["at"])
    except (ValueError, KeyError, TypeError):
        return None
