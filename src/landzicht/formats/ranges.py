"""Where the bytes of a stored file come from: this disk or another computer.

The reader plans which blocks it needs and asks for all of them at once; whoever holds the bytes
decides how many reads or requests that takes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from landzicht.formats.tags import HEAD_BYTES, DamagedTiff, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path


FRESH_S = 3_600.0
"""Seconds for which a remote file is taken to be the same without asking."""


class Range(NamedTuple):
    """A piece of a file."""

    offset: int
    """First byte."""
    size: int
    """Bytes."""


class ByteSource(Protocol):
    """Bytes of one file that does not change; safe to use from many threads."""

    @property
    def identity(self) -> str:
        """Name of exactly these bytes; other bytes at the same address have another."""
        ...

    @property
    def is_far(self) -> bool:
        """Whether each read takes a round trip, so that asking for much at once pays."""
        ...

    @property
    def age(self) -> float:
        """Seconds since these bytes were known to be the file's."""
        ...

    def header(self) -> AbstractContextManager[Source]:
        """Return access to single values, for reading a header in a `with` block.

        Raises:
            OSError: the file cannot be opened.
            LandzichtError: a remote file that cannot be had.
        """
        ...

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """Return pieces, in the order asked for; each as long as asked.

        Raises:
            DamagedTiff: the file ends before.
            OSError: it cannot be read.
            LandzichtError: a remote file that cannot be had, or has changed.
        """
        ...

    def local(self) -> Path:
        """Return where on this disk the whole file is, for readers that want it all.

        Raises:
            LandzichtError: a remote file that cannot be had, or is too large to be fetched.
        """
        ...


class LocalFile:
    """A file on this disk; implements `ByteSource`."""

    is_far = False
    age = 0.0

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self.identity = identity

    @contextmanager
    def header(self) -> Iterator[Source]:
        """See `ByteSource`."""
        with self._path.open("rb", buffering=0) as file:
            head = file.read(HEAD_BYTES)

            def more(offset: int, length: int) -> bytes:
                file.seek(offset)
                return file.read(length)

            yield Source(head, file.seek(0, 2), more)

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """See `ByteSource`."""
        # Opened for each read: 10 microseconds beside a millisecond of decoding, and no handle or
        # mapping that a vanished disk could turn into a crash.
        found = []
        with self._path.open("rb", buffering=0) as file:
            for offset, size in ranges:
                file.seek(offset)
                stored = file.read(size)
                if len(stored) != size:
                    raise DamagedTiff("ends early")
                found.append(stored)
        return found

    def local(self) -> Path:
        """See `ByteSource`."""
        return self._path
