"""Where converted files are kept: under the hash of their content, and nothing by halves.

`files/ab/<sha256>.tif` below the data folder. A file is written in a folder of its own run under
`files/.incoming`, and takes its final name by a rename, which is one step for the disk. A run
holds a lock on its folder; a folder without a living owner is what a killed run left, and is
removed by the next. Only the folder of a large scene stays for a week: it is named after its
source, and whoever takes the same source in again goes on with it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed, WorkStopped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = "files"
"""Folder of stored files, below the data folder."""
_INCOMING = ".incoming"
_LOCK = "lock"
_NEW = ".new-"
_LASTING = "large-"
_HOUR = 3600.0
_WEEK = 7 * 24 * _HOUR


@contextmanager
def incoming(data: Path, lasting: str | None = None) -> Iterator[Path]:
    """Yield a folder for the files of one run; it is gone afterwards, whatever happens.

    Args:
        data: the data folder.
        lasting: name under which the folder stays when the process is killed or stopped, and is
            found again; None = it does not. When another run holds it, a fresh one is given.

    Raises:
        DiskFailed: the data folder cannot be written.
    """
    place = data / FILES / _INCOMING
    folder = place / f"{os.getpid()}-{secrets.token_hex(4)}"
    try:
        handle = None
        if lasting is not None:
            wanted = place / f"{_LASTING}{lasting}"
            handle = _adopt(wanted)
            if handle is not None or not wanted.exists():
                folder = wanted
    except OSError as error:
        raise DiskFailed(path=place, reason=disk_reason(error)) from error
    if handle is None:
        folder, handle = _make(place, folder)
    try:
        yield folder
    except (KeyboardInterrupt, SystemExit, GeneratorExit, WorkStopped):
        if not folder.name.startswith(_LASTING):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    else:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _adopt(folder: Path) -> int | None:
    """Take over the folder of a run that is dead: return its lock, or None."""
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if (folder / _LOCK).stat().st_ino == os.fstat(handle).st_ino:
            os.utime(folder)  # its week begins again
            return handle
    except OSError:  # somebody is at work there, or removed it just now
        pass
    os.close(handle)
    return None


def _make(place: Path, folder: Path) -> tuple[Path, int]:
    """Make a folder and hold its lock; another name is taken when somebody was first."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        # The lock is taken under another name, so that nobody sees the folder without it.
        fresh = place / f"{_NEW}{folder.name}"
        fresh.mkdir()
        handle = os.open(fresh / _LOCK, os.O_CREAT | os.O_RDWR, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            folder = place / f"{os.getpid()}-{secrets.token_hex(4)}"
            fresh.rename(folder)
    except OSError as error:
        raise DiskFailed(path=place, reason=disk_reason(error)) from error
    return folder, handle


def remove_lasting(data: Path, lasting: str) -> None:
    """Remove what a run left that was killed after its scene was in. Never fails."""
    folder = data / FILES / _INCOMING / f"{_LASTING}{lasting}"
    with suppress(OSError):
        handle = _adopt(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def keep(part: Path, digest: str, data: Path) -> str:
    """Give a finished file its final name and return that, below the data folder.

    A file of this name that is there already has the same content, unless it was damaged: it is
    replaced in one step.

    Raises:
        DiskFailed: the disk does not let us.
    """
    folder = data / FILES / digest[:2]
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        with storing(data):
            part.replace(folder / f"{digest}.tif")
        _sync(folder)
        if is_new:
            _sync(folder.parent)
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error
    return f"{FILES}/{digest[:2]}/{digest}.tif"


@contextmanager
def storing(data: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the lock under which a file gets its final name, or an old one is removed.

    Args:
        data: the data folder.
        alone: True for whoever removes; those who store do not wait for each other.

    Raises:
        OSError: the folder cannot be written.
    """
    handle = os.open(data / FILES / ".storing", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


@contextmanager
def registering(data: Path) -> Iterator[None]:
    """Hold the lock under which a run looks at the catalogue and then writes to it.

    Raises:
        DiskFailed: the data folder cannot be written.
    """
    path = data / FILES / ".registering"
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise DiskFailed(path=path, reason=disk_reason(error)) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove_leftovers(data: Path) -> None:
    """Remove what killed runs left; never anything of a living one. Never fails."""
    with suppress(OSError):
        for folder in (data / FILES / _INCOMING).iterdir():
            with suppress(OSError):
                is_kept = folder.name.startswith(_LASTING)
                if is_kept and time.time() - folder.stat().st_mtime < _WEEK:
                    continue
                if not _is_alive(folder):
                    shutil.rmtree(folder)


def _is_alive(folder: Path) -> bool:
    """Whether a living run holds the folder's lock, or is about to."""
    if folder.name.startswith(_NEW):
        # Just being made, a matter of milliseconds, or its owner was killed right then. The lock
        # tells nothing yet: it may be there and not be held.
        return time.time() - folder.stat().st_mtime < _HOUR
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
