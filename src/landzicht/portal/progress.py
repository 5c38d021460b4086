"""Progress of long work, shared between processes through one small file and a lock beside it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a piece of long work is."""

    name: str
    """Stable id of the work: `zonderland`."""
    title: Text
    """What is being done, for people."""
    done: int
    """Steps finished."""
    total: int
    """Steps in all."""
    error: str | None = None
    """Code of the error that stopped it before the end."""
    reason: Text | None = None
    """Why it stopped, for people."""

    @property
    def is_finished(self) -> bool:
        """Whether all steps are done."""
        return self.done >= self.total

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "title": {"nl": self.title.nl, "en": self.title.en},
            "done": self.done,
            "total": self.total,
            "error": self.error,
            "reason": {"nl": self.reason.nl, "en": self.reason.en} if self.reason else None,
        }


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_bytes(orjson.dumps(progress.as_dict()))
    fresh.replace(path)


def read_progress(path: Path) -> Progress | None:
    """Return what the file says, or None when there is none that can be read."""
    try:
        told = orjson.loads(path.read_bytes())
        return Progress(
            name=told["name"],
            title=Text(nl=told["title"]["nl"], en=told["title"]["en"]),
            done=int(told["done"]),
            total=int(told["total"]),
            error=told["error"],
            reason=Text(**told["reason"]) if told.get("reason") else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def at_work(path: Path) -> Iterator[bool]:
    """Hold the lock of a piece of work; yield whether nobody else does it.

    A lock and not a process number, because the system lets go of it whatever happens to us, and
    gives a number to somebody else later.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock_file(path).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def is_at_work(path: Path) -> bool:
    """Return whether somebody holds the lock of a piece of work."""
    try:
        with _lock_file(path).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock_file(path: Path) -> Path:
    return path.with_suffix(".lock")
