"""A copy of the catalogue while it is in use."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import BackupInTheWay

if TYPE_CHECKING:
    from collections.abc import Callable

_CAUSES = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}
_PAGES = 2000
"""Pages in one step (8 MB); between steps progress is told."""


def copy_to(
    db: sqlite3.Connection, path: Path, tell: Callable[[int, int], None] | None = None
) -> None:
    """Copy what `db` sees to a file that is complete and on disk when this returns.

    The connection holds one state of the catalogue, so the copy is of one moment, however long it
    takes; in write-ahead-log mode nobody waits for it.

    Raises:
        BackupInTheWay: the file is a catalogue that is in use, this one or another.
        DiskFailed: the disk is full or read-only, or there is a folder or a device of that name;
            an older copy stays as it was.
    """
    _keep_off(db, path)
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        part = Path(name)
        _copy(db, part, tell)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise DiskFailed(path=path, reason=disk_reason(error)) from error
    finally:
        for left in (part, part and part.with_name(part.name + "-journal")):
            if left is not None:
                left.unlink(missing_ok=True)


def _keep_off(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a catalogue in use, whose portal would go on writing into a file without a name.

    And what is no file.
    """
    target = path.resolve()
    own = Path(db.execute("PRAGMA database_list").fetchone()[2]).resolve()
    ours = {own.with_name(f"{own.name}{end}") for end in ("", "-wal", "-shm")}
    if target in ours or target.with_name(f"{target.name}-wal").exists():
        raise BackupInTheWay(path=path)
    if target.exists() and not target.is_file():  # a device would become a file
        cause = OSError(errno.EISDIR if target.is_dir() else errno.ESPIPE, "")
        raise DiskFailed(path=path, reason=disk_reason(cause))


def _copy(db: sqlite3.Connection, part: Path, tell: Callable[[int, int], None] | None) -> None:
    db.execute("SELECT count(*) FROM meta").fetchone()  # from here on it sees one state
    copy = sqlite3.connect(part, isolation_level=None)
    try:
        copy.execute("PRAGMA synchronous = OFF")  # the file is synced as a whole at the end
        db.backup(
            copy,
            pages=_PAGES,
            progress=lambda _status, left, total: tell(total - left, total) if tell else None,
        )
    except sqlite3.DatabaseError as error:
        cause = _CAUSES.get(error.sqlite_errorcode & 0xFF)
        if cause is None:
            raise  # the catalogue itself; its connections explain
        raise OSError(cause, str(error)) from error
    finally:
        copy.close()
