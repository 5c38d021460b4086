"""Progress of long work, shared between processes through one small file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.text import Text

if TYPE_CHECKING:
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
    pid: int
    """Process that does it."""
    error: str | None = None
    """Why it stopped before the end."""

    @property
    def is_finished(self) -> bool:
        """Whether all steps are done."""
        return self.done >= self.total

    @property
    def is_running(self) -> bool:
        """Whether somebody is still working on it."""
        return not self.is_finished and self.error is None and _is_alive(self.pid)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "title": {"nl": self.title.nl, "en": self.title.en},
            "done": self.done,
            "total": self.total,
            "error": self.error,
        }


def write_progress(path: Path, progress: Progress) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.tmp")
    fresh.write_bytes(orjson.dumps(progress.as_dict() | {"pid": progress.pid}))
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
            pid=int(told["pid"]),
            error=told["error"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
