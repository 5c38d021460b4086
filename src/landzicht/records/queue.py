"""One writer queue: changes that wait for the disk together are committed together.

A commit costs a wait for the disk, whatever it holds. So the first caller who gets the lock does
the work of all who queue behind it in one transaction, each in a savepoint of its own: a change
that is refused undoes itself alone. Nobody hears "done" before the one commit is on disk.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landzicht.errors import Broken, LandzichtError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator

    from landzicht.records.connections import Connections

_LARGE = 200
"""Scenes from which a change counts as large."""
_ROOM_KIB = 262_144
_VAST = 10_000
"""Scenes from which a change is part of filling a catalogue."""
_VAST_LOG_PAGES = 64_000
"""The log is then worked into the file at every 256 MB: pages of the indices that several such
changes touch are written once. For a million scenes that is a sixth less to write."""
_MOST = 64
"""Changes in one transaction; the lock is then let go, so that another process has its turn."""


@dataclass(eq=False)
class _Change:
    """What a caller wants done, and what became of it."""

    work: Callable[[sqlite3.Connection], None]
    scenes: int = 1
    is_done: bool = False
    error: BaseException | None = field(default=None)


class WriterQueue:
    """Runs changes one after the other; safe for several threads and processes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._waiting: list[_Change] = []
        self._gate = threading.Lock()
        """Held for a moment, around the list."""
        self._writing = threading.Lock()
        """Held by the thread that writes."""
        self.making = threading.Lock()
        """Held by the thread that makes rows ready or runs statements, not while the disk is
        waited for. Each row of a statement gives Python's own lock away for a moment; a thread
        that computes would give it back five milliseconds later, thousands of times. With this
        lock one batch is made ready while the one before it goes to disk, and no sooner."""

    def run(self, work: Callable[[sqlite3.Connection], None], scenes: int = 1) -> None:
        """Do `work` within a transaction; when this returns the change is on disk.

        Args:
            work: changes the tables; it may be refused with an error of ours.
            scenes: how many it changes, about.

        Raises:
            LandzichtError: what `work` raised, or that the disk failed; nothing was changed.
        """
        change = _Change(work, scenes)
        with self._gate:
            self._waiting.append(change)
        with self._writing:
            if not change.is_done:
                self._work_off(change)
        if change.error is not None:
            raise change.error

    def _work_off(self, mine: _Change) -> None:
        with self._gate:
            ahead = self._waiting.index(mine) + 1
            batch = self._waiting[: max(_MOST, ahead)]
            del self._waiting[: len(batch)]
        try:
            with self._connections.lend() as db, _roomy(db, sum(c.scenes for c in batch)):
                db.execute("BEGIN IMMEDIATE")
                with self.making:
                    for change in batch:
                        _attempt(db, change)
                db.execute("COMMIT")
        except BaseException as error:
            for change in batch:
                change.error = change.error or _copy_for(change, mine, error)
            if not isinstance(error, LandzichtError):
                raise
        finally:
            for change in batch:
                change.is_done = True


@contextmanager
def _roomy(db: sqlite3.Connection, scenes: int) -> Iterator[None]:
    """Give a large change room for the pages that it touches, all over the indices.

    Without, SQLite writes them to the log and reads them back, many times over.
    """
    if scenes <= _LARGE:
        yield
        return
    names = ["cache_size", "wal_autocheckpoint", "journal_size_limit"]
    before = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    db.execute(f"PRAGMA cache_size = -{_ROOM_KIB}")
    if scenes >= _VAST:
        db.execute(f"PRAGMA wal_autocheckpoint = {_VAST_LOG_PAGES}")
        db.execute(f"PRAGMA journal_size_limit = {_VAST_LOG_PAGES * 8192}")
    try:
        yield
    finally:
        for name in names:
            db.execute(f"PRAGMA {name} = {before[name]}")
        db.execute("PRAGMA shrink_memory")


def _attempt(db: sqlite3.Connection, change: _Change) -> None:
    """Do one change; one that is refused leaves nothing behind."""
    db.execute("SAVEPOINT change")
    try:
        change.work(db)
    except LandzichtError as error:
        change.error = error
        db.execute("ROLLBACK TO change")
    db.execute("RELEASE change")


def _copy_for(change: _Change, mine: _Change, error: BaseException) -> BaseException:
    """Return the error for one caller: an exception raised in two threads mixes up its trace.

    Whoever waited for a writer that was interrupted (Ctrl-C) hears that it went wrong, and is not
    interrupted itself.
    """
    if change is mine:
        return error
    return type(error)(**error.facts) if isinstance(error, LandzichtError) else Broken()
