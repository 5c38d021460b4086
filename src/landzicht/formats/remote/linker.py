"""Looking at files that are to be used where they are.

GDAL reads what a header means (its coordinate systems are a world of their own), but never asks
another computer for anything: it gets a file of this disk in which only the header is filled in,
with the pieces that we fetched.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from landzicht.errors import reasons
from landzicht.errors.files import FileTooLarge, UnreadableFile
from landzicht.errors.remote import RemoteFailed
from landzicht.formats.remote.address import read_address
from landzicht.formats.tags import DamagedTiff, OtherProfile, Source, every_value, is_tiff
from landzicht.kinds import Link

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from landzicht.formats.places import Places
    from landzicht.formats.remote.file import RemoteFile
    from landzicht.formats.remote.files import RemoteFiles
    from landzicht.kinds import RasterInfo
    from landzicht.ports import Inspector


class _HasHeader(Protocol):
    """A remote file whose header can be read."""

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        ...

    def header(self) -> AbstractContextManager[Source]:
        """Yield access to single values."""
        ...


class RemoteLinker:
    """Implements `ports.Linker`."""

    def __init__(self, remote: RemoteFiles, places: Places, inspector: Inspector) -> None:
        """Make a linker.

        Args:
            remote: asks other computers.
            places: knows the folders that may be linked.
            inspector: reads headers.
        """
        self._remote = remote
        self._places = places
        self._inspector = inspector

    def find(self, href: str) -> str:
        """See `ports.Linker`."""
        address = read_address(href)
        self._remote.options.permissions.check(address)
        return str(address)

    def inspect(self, href: str) -> tuple[RasterInfo, Link]:
        """See `ports.Linker`."""
        file = self._remote.open(self.find(href))
        link = Link(href=str(file.address), etag=file.version.tag, size=file.size)
        with file.header() as head:
            begin = head.get(0, min(64, head.size))
        try:
            if is_tiff(begin):
                info = self._inspect_header(file)
            else:
                info = self._inspector.inspect(file.local())
        except (UnreadableFile, FileTooLarge) as error:
            self._remote.forget(link.href)  # what was sent in its place may pass
            facts = error.facts | {"path": link.href}  # where our own copy lies helps nobody
            raise type(error)(**facts) from error
        return replace(info, path=Path(link.href)), link

    def place(self, path: Path) -> str | None:
        """See `ports.Linker`."""
        return self._places.link(path)

    def path(self, href: str) -> Path:
        """See `ports.Linker`."""
        return self._places.path(href)

    def _inspect_header(self, file: RemoteFile) -> RasterInfo:
        with tempfile.TemporaryDirectory(prefix="landzicht-") as folder:
            path = Path(folder, "header.tif")
            try:
                write_header(file, path)
            except (DamagedTiff, OtherProfile) as error:
                reason = reasons.HEADER.fill(detail=str(error))
                raise UnreadableFile(path=file.address, reason=reason) from error
            except OSError as error:
                raise RemoteFailed(address=file.address, reason=str(error)) from error
            return self._inspector.inspect(path)


def write_header(file: _HasHeader, path: Path) -> None:
    """Write the header of a TIFF file, and nothing where the pixels are."""
    with path.open("wb") as target, file.header() as source:
        target.truncate(file.size)

        def noted(offset: int, length: int) -> bytes:
            content = source.get(offset, length)
            target.seek(offset)
            target.write(content)
            return content

        every_value(Source(b"", file.size, noted))
