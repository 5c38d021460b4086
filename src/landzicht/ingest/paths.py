"""What may be opened: regular files that really lie in the folder that was given."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors.disk import read_reason
from landzicht.ingest.findings import finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

    from landzicht.kinds import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One folder of a walk."""

    path: Path
    """Where it is."""
    folders: list[str]
    """Names of the folders in it, sorted; what is removed here is not walked."""
    files: tuple[Path, ...]
    """All that is no folder, sorted; hidden ones left out, and nothing checked yet."""


ZARR = ("zarr.json", ".zgroup", ".zarray")
"""Files that make a folder a Zarr store: one image, whatever else lies in it."""


def is_zarr(folder: Path) -> bool:
    """Whether a folder is a Zarr store, by what is in it."""
    try:
        return folder.is_dir() and any((folder / name).is_file() for name in ZARR)
    except (OSError, ValueError):
        return False


def obstacle(path: Path, root: Path | None = None) -> Finding | None:
    """Return why `path` may not be opened as a file, or None when it may.

    A pipe or a device would keep us waiting for ever; a link may lead to what nobody offered. A
    Zarr store is a folder that is opened as if it were a file.

    Args:
        path: the file.
        root: folder that it must really lie in; None = anywhere, for what a person named.
    """
    try:
        if root is not None and not path.resolve().is_relative_to(root.resolve()):
            return finding("outside-folder", path)
        mode = path.stat().st_mode
    except (OSError, RuntimeError, ValueError) as error:
        return no_access(path, error)
    if not stat.S_ISREG(mode) and not is_zarr(path):
        return finding("not-a-file", path)
    if not os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        return no_access(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return None


def no_access(path: Path, error: Exception) -> Finding:
    """Return as a finding that the system does not let us at a path."""
    if not isinstance(error, OSError):  # a name that no file can have, links that run in a circle
        return finding("no-such-file", path)
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return finding("no-such-file", path)
    return finding("no-access", path, reason=read_reason(error))


def is_folder(path: Path) -> bool:
    """Whether there is a folder of this name that we can see."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def files_named(folder: Path, matches: Callable[[str], object]) -> list[Path]:
    """Return what in a folder has a name that matches, sorted; nothing when it cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if matches(path.name))
    except OSError:
        return []


def walk(root: Path, locked: list[Finding]) -> Iterator[Folder]:
    """Yield the folders below and including `root`, without following links and hidden ones.

    Args:
        root: where to begin.
        locked: gets a finding for each folder that cannot be read.
    """

    def note(error: OSError) -> None:
        locked.append(no_access(Path(error.filename or root), error))

    for place, folders, names in os.walk(root, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files = (Path(place, name) for name in sorted(names) if not name.startswith("."))
        yield Folder(path=Path(place), folders=folders, files=tuple(files))


def open_file(path: Path) -> BufferedReader:
    """Open a regular file for reading; never waits for the other end of a pipe.

    Raises:
        OSError: there is none, it is something else, or it may not be read.
    """
    # Looked at before it is opened, because opening a device can do something; and once more
    # after that, because somebody may have put another thing in its place.
    _check_regular(path, path.stat().st_mode)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        _check_regular(path, os.fstat(handle).st_mode)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _check_regular(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE), str(path))
