"""Open connections to one SQLite file, lent out to one thread at a time."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import CatalogueBusy, DamagedCatalogue
from landzicht.records.schema import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.errors import LandzichtError

BUSY_SECONDS = 60.0
_CACHE_KIB = 16_384
_LOG_PAGES = 8000
"""The log is worked into the file when it has so many pages (32 MB)."""
_UNREADABLE = {
    getattr(sqlite3, "SQLITE_IOERR_READ", 266),
    getattr(sqlite3, "SQLITE_IOERR_SHORT_READ", 522),
    getattr(sqlite3, "SQLITE_IOERR_CORRUPTFS", 8458),
}
_CAUSES = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
}
_abandoned: list[sqlite3.Connection] = []
"""Connections of a parent process: closing them here would disturb it."""


class Connections:
    """A pool: as many connections as threads that were busy at the same moment.

    A connection is never used by two threads at once and never taken along into a forked
    process; both would harm the file.
    """

    def __init__(self, path: Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._process = os.getpid()

    @contextmanager
    def lend(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection in autocommit mode; what is not committed is rolled back.

        Raises:
            DiskFailed: the disk is full, read-only or failing.
            DamagedCatalogue: the file is damaged or not ours.
            CatalogueBusy: another process kept it locked.
        """
        db = None
        try:
            db = self._take()
            yield db
        except sqlite3.DatabaseError as error:
            if db is not None:  # after a failing disk a connection may hold half a page
                db.close()
                db = None
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError):
                raise  # a mistake of ours
            raise self._explain(error) from error
        finally:
            if db is not None:
                self._give_back(db)

    def close(self) -> None:
        """Close what is not lent out; the last to close empties the write-ahead log."""
        with self._lock:
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._process != os.getpid():
                _abandoned.extend(self._idle)
                self._process, self._idle = os.getpid(), []
            if self._idle:
                return self._idle.pop()
        return self._open()

    def _give_back(self, db: sqlite3.Connection) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        with self._lock:
            self._idle.append(db)

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            writable = self._is_writable()
        except OSError as error:
            raise DiskFailed(path=self.path, reason=disk_reason(error)) from error
        db = sqlite3.connect(
            self.path.absolute().as_uri() + self._mode(writable=writable),
            uri=True,
            timeout=self._busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            db.execute("PRAGMA temp_store = MEMORY")
            db.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            db.execute(f"PRAGMA journal_size_limit = {_LOG_PAGES * 8192}")
            prepare(db, self.path, writable=writable)
        except BaseException:
            db.close()
            raise
        return db

    def _is_writable(self) -> bool:
        if not self.path.exists():
            return True  # then making it tells what is wrong
        return os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK)

    def _mode(self, *, writable: bool) -> str:
        """Return how to open the file.

        In a folder where nobody can write, SQLite cannot make the files that a write-ahead log
        needs; there the file may be taken as unchanging, unless a log was left beside it.
        """
        if writable:
            return "?mode=rwc"
        log = self.path.with_name(self.path.name + "-wal")
        has_log = log.exists() and log.stat().st_size > 0
        return "?mode=ro" if has_log else "?mode=ro&immutable=1"

    def _explain(self, error: sqlite3.DatabaseError) -> LandzichtError:
        code = getattr(error, "sqlite_errorcode", None) or 0
        kind = code & 0xFF
        if kind in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return CatalogueBusy(path=self.path, seconds=round(self._busy_seconds))
        if kind in _CAUSES and code not in _UNREADABLE:
            cause = _CAUSES[kind]
            return DiskFailed(path=self.path, reason=disk_reason(OSError(cause, str(error))))
        return DamagedCatalogue(path=self.path, reason=str(error))
