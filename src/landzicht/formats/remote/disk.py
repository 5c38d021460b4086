"""Pieces of remote files kept on this disk, bounded in bytes, for all processes of the portal.

One piece is one file, named for what it is and complete from the moment it has its name (written
beside it, then renamed). It begins with a checksum: what a power cut or a bad disk made of it is
noticed, removed and fetched again. The time of a file tells when it was last useful; the oldest
go first. Nothing here is needed: deleting the folder costs only time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MAGIC = b"lzr1"
_SUM = 16
_PAGE = 4_096
_TOUCH_S = 60.0
_STALE_S = 3_600.0
_SLACK = 0.05
_GOAL = 0.9
_WHOLE = ".whole"
_NEW = ".new"


class _Found(NamedTuple):
    used: float
    size: int
    path: str


class DiskCache:
    """Pieces and whole files by name; safe for many threads and processes."""

    def __init__(self, folder: Path, most: int) -> None:
        """Keep at most `most` bytes in a folder; 0 keeps nothing.

        Several processes together may pass the limit by a twentieth for each.
        """
        self._folder = folder
        self.most = most
        self._lock = threading.Lock()
        self._fresh = most  # so that the first write looks how full it is
        self._checked: dict[str, tuple[int, int]] = {}

    def get(self, name: str) -> bytes | None:
        """Return a piece, or None when it is not here, or damaged."""
        if not self.most:
            return None
        path = self._path(name)
        try:
            stored = path.read_bytes()
        except OSError:
            return None
        begin = len(_MAGIC) + _SUM
        content = stored[begin:]
        if stored[:begin] != _MAGIC + _digest(name, content):
            with suppress(OSError):
                path.unlink()
            return None
        _touch(path)
        return content

    def put(self, name: str, content: bytes) -> None:
        """Keep a piece; a full or read-only disk is no reason to fail."""
        if len(content) > self.most // 4:
            return
        self._write(self._path(name), iter((_MAGIC + _digest(name, content), content)))

    def drop(self, name: str) -> None:
        """Forget a piece."""
        with suppress(OSError):
            self._path(name).unlink()

    def whole(self, name: str, fetch: Callable[[], Iterator[bytes]]) -> Path:
        """Return the path of a whole file, fetched when it is not here or damaged.

        Args:
            name: of exactly these bytes.
            fetch: yields them.

        Raises:
            OSError: the disk does not let us.
        """
        path = self._path(name).with_suffix(_WHOLE)
        if not self._is_good(path):
            digest = hashlib.blake2b()

            def told() -> Iterator[bytes]:
                for content in fetch():
                    digest.update(content)
                    yield content

            self._write(path, told(), strict=True)
            self._write(path.with_suffix(".sum"), lambda: iter((digest.digest(),)), strict=True)
            self._is_good(path)
        _touch(path)
        return path

    def usage(self) -> tuple[int, int]:
        """Return the bytes on disk and the number of files."""
        found = list(self._scan())
        return sum(each.size for each in found), len(found)

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()
        return self._folder / digest[:2] / digest

    def _is_good(self, path: Path) -> bool:
        """Whether a whole file is as it was written; looked at once for each state of it."""
        try:
            status = path.stat()
            state = (status.st_size, status.st_ino)
            if self._checked.get(path.name) == state:
                return True
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "blake2b").digest()
            if found == path.with_suffix(".sum").read_bytes():
                self._checked[path.name] = state
                return True
        except OSError:
            return False
        return False

    def _write(
        self,
        path: Path,
        content: Iterator[bytes] | Callable[[], Iterator[bytes]],
        *,
        strict: bool = False,
    ) -> None:
        size = 0
        part = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}{_NEW}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                for each in content() if callable(content) else content:
                    file.write(each)
                    size += len(each)
            part.replace(path)
        except BaseException as error:
            with suppress(OSError):
                part.unlink()
            if strict or not isinstance(error, OSError):
                raise
            return
        with self._lock:
            self._fresh += _on_disk(size)
            is_due = self._fresh > _SLACK * self.most
            if is_due:
                self._fresh = 0
        if is_due:
            self._make_room(keep=path)

    def _make_room(self, keep: Path) -> None:
        """Remove what was not used for longest, down to nine tenths; one process at a time."""
        with suppress(OSError):
            handle = os.open(self._folder / ".cleaning", os.O_CREAT | os.O_RDWR, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found = sorted(self._scan())
                total = sum(each.size for each in found)
                if total <= self.most * (1 - _SLACK):
                    return
                for each in found:
                    if total <= self.most * _GOAL:
                        break
                    if each.path != str(keep):
                        with suppress(OSError):
                            os.unlink(each.path)  # noqa: PTH108 - thousands of them
                        total -= each.size
            finally:
                os.close(handle)

    def _scan(self) -> Iterator[_Found]:
        """Yield what is kept; removes what killed processes left half-written."""
        for folder in _entries(str(self._folder)):
            if folder.name.startswith(".") or not folder.is_dir():
                continue
            for entry in _entries(folder.path):
                with suppress(OSError):  # another process may be cleaning too
                    status = entry.stat()
                    if entry.name.endswith(_NEW) and time.time() - status.st_mtime > _STALE_S:
                        os.unlink(entry.path)  # noqa: PTH108 - as above
                        continue
                    yield _Found(status.st_mtime, _on_disk(status.st_size), entry.path)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def _on_disk(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SUM, key=name.encode()[:64]).digest()


def _touch(path: Path) -> None:
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > _TOUCH_S:
            os.utime(path)
