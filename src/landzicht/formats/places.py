"""From the address of an asset to its bytes: the one gate to every stored file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.files import StoredFileFailed
from landzicht.errors.remote import AddressNotAllowed
from landzicht.formats.ranges import FRESH_S, LocalFile
from landzicht.kinds import LINKED, is_remote
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from landzicht.formats.ranges import ByteSource
    from landzicht.formats.remote import RemoteFiles


class Places:
    """Finds the files of assets; safe to use from many threads."""

    def __init__(
        self,
        folder: Path,
        linked: Mapping[str, Path] | None = None,
        remote: RemoteFiles | None = None,
    ) -> None:
        """Know where files may lie.

        Args:
            folder: the data folder.
            linked: name → folder, for files that are used where they are.
            remote: reads files on other computers; None = there are none.
        """
        self._folder = folder
        self._linked = dict(linked or {})
        self._remote = remote

    def find(self, href: str) -> ByteSource:
        """Return the bytes at an address; nothing is opened yet.

        Raises:
            StoredFileFailed: it is no address that we open.
            OSError: a linked file is gone.
            LandzichtError: a remote file that cannot be had; see `RemoteFiles.open`.
        """
        if is_remote(href):
            if self._remote is None:
                raise AddressNotAllowed(host=href.split("/")[2][:100], reason=_OFF)
            return self._remote.open(href)
        path = self.path(href)
        return LocalFile(path, _state(path, href) if href.startswith(LINKED) else href)

    def is_stale(self, href: str, source: ByteSource) -> bool:
        """Whether a file that was opened before should be opened anew.

        Our own files never change. Of linked ones size and time are looked at, and other computers
        are asked once in an hour.
        """
        if href.startswith(LINKED):
            try:
                return _state(self.path(href), href) != source.identity
            except OSError:
                return True
        return source.is_far and source.age > FRESH_S

    def state(self, href: str) -> str:
        """Return what tells the bytes of a linked file from those before, "" for any other file.

        A file that is gone has a state of its own.
        """
        if not href.startswith(LINKED):
            return ""
        try:
            return _state(self.path(href), href)
        except (OSError, StoredFileFailed):
            return f"{href} gone"

    def forget(self, href: str) -> None:
        """Look anew at a remote file that has changed, or may have."""
        if self._remote is not None and is_remote(href):
            self._remote.forget(href)

    def link(self, path: Path) -> str | None:
        """Return the address of a file below one of the linked folders, or None.

        The innermost folder counts. Links on the way are followed first: what matters is where
        the file really is.
        """
        real = path.resolve()
        found = [
            (len(folder.parts), name, folder)
            for name, folder in ((name, each.resolve()) for name, each in self._linked.items())
            if real.is_relative_to(folder) and real != folder
        ]
        if not found:
            return None
        _, name, folder = max(found)
        return f"{LINKED}{name}/{real.relative_to(folder).as_posix()}"

    def together(self, jobs: Sequence[Callable[[], object]]) -> None:
        """Do several things at once that wait for other computers; failures are told later."""
        if self._remote is not None:
            self._remote.together(jobs)

    def close(self) -> None:
        """Hang up connections to other computers."""
        if self._remote is not None:
            self._remote.close()

    def path(self, href: str) -> Path:
        """Return the path of an address on this disk.

        Raises:
            StoredFileFailed: it is none, or leads out of the folders where files may lie.
        """
        folder, name = self._folder, href
        if href.startswith(LINKED):
            root, _, name = href.removeprefix(LINKED).partition("/")
            if root not in self._linked:
                raise StoredFileFailed(
                    path=href[:200], reason="its folder is not linked (any more)"
                )
            folder = self._linked[root]
        parts = name.split("/")
        if not all(parts) or ".." in parts or "\0" in name or "\\" in name:
            raise StoredFileFailed(path=href[:200], reason="not a path in the data folder")
        path = folder.joinpath(*parts)
        if href.startswith(LINKED) and not path.resolve().is_relative_to(folder.resolve()):
            raise StoredFileFailed(path=href[:200], reason="leads out of its folder")
        return path


def _state(path: Path, href: str) -> str:
    status = path.stat()
    return f"{href} {status.st_ino} {status.st_mtime_ns} {status.st_size}"


_OFF = Text(
    nl="Bestanden op andere computers zijn hier niet toegestaan",
    en="Files on other computers are not allowed here",
)
