"""What a server gave, and the ways in which it can fail to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from landzicht.formats.remote.address import Address
    from landzicht.formats.remote.line import Deadline
    from landzicht.text import Text


@dataclass(frozen=True, slots=True)
class Version:
    """Which bytes an address stands for at this moment."""

    tag: str
    """The server's ETag, or its `Last-Modified`, or empty when it tells neither."""
    size: int
    """Bytes of the whole file."""

    @property
    def is_strong(self) -> bool:
        """Whether the server can compare it for us (`If-Match`)."""
        return self.tag.startswith('"')


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a remote file."""

    content: bytes
    """As asked, or shorter at the end of the file."""
    version: Version
    """Of the file that it is a piece of."""


class Changed(Exception):
    """The file is no longer the one that we began to read."""


class NoRanges(Exception):
    """The server gives whole files only."""

    def __init__(self, size: int | None) -> None:
        super().__init__("gives whole files only")
        self.size = size


class Passing(Exception):
    """A failure that may be over when one asks again."""

    def __init__(self, reason: Text, wait: float | None = None) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.wait = wait


class Lasting(Exception):
    """A failure that asking again does not mend."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class Asker(Protocol):
    """Asks a server once; `HttpAsker` and `S3Asker` do."""

    def ask(
        self,
        address: Address,
        start: int,
        stop: int,
        known: Version | None,
        deadline: Deadline,
    ) -> Part:
        """Return bytes `start` to `stop` (not included).

        Args:
            address: a permitted one.
            start: first byte.
            stop: byte after the last; may lie beyond the end of the file.
            known: version that the file must still have, or None for whatever is there.
            deadline: when to give up.

        Raises:
            Changed: the file has another version.
            NoRanges: the server gives whole files only.
            Passing: it may work in a moment.
            Lasting: it will not.
            AddressNotAllowed: the computer may not be asked.
        """
        ...
