"""What came of each image of a source, kept so that a kill at any moment loses nothing.

`journal.ndjson` in the folder of the source has a line for each thing that became known, written
at its end; the newest line about an image counts. A line that a kill cut short is left out, and
what it would have told is found out again. When most lines are old, the file is written anew and
put in place of the other in one step. `summary.json` beside it is what others show; it is replaced
in one step too. Whoever writes holds the lock of the folder; whoever reads needs none.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from landzicht.text import Text

JOURNAL, SUMMARY, LOCK = "journal.ndjson", "summary.json", "source.lock"
_MOST_TOLD = 20
"""Failures that the summary names; all are counted."""
_LEAST_LINES = 1_000
"""A shorter journal is not worth writing anew."""


class Outcome(StrEnum):
    """What came of one version of an image."""

    IN = "in"
    """It is in the catalogue."""
    SKIPPED = "skipped"
    """It is not wanted, and will not be: too cloudy, older than what we have, …"""
    FAILED = "failed"
    """It was wanted and could not be had; it is tried again at `next_try`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of one image, as far as known."""

    key: str
    """What the source calls it: id of the item, path below the folder."""
    version: str
    """Which version of it; any text that changes with what matters."""
    outcome: Outcome
    """What came of this version."""
    collection: str = ""
    """Where it is here."""
    scene: str = ""
    """What it is called here."""
    moment: str = ""
    """When the image was taken (RFC 3339), or empty."""
    code: str = ""
    """Why, as a stable word: `asset-missing`."""
    nl: str = ""
    """Why, in Dutch."""
    en: str = ""
    """Why, in English."""
    tries: int = 0
    """Failures in a row of this version."""
    next_try: float = 0.0
    """When it is tried again, seconds since 1970; only for failures."""
    size: int = 0
    """Bytes that were fetched for it."""
    at: float = 0.0
    """When this became known, seconds since 1970."""
    extra: Mapping[str, Any] | None = None
    """Further plain values of one kind of source."""

    @property
    def reason(self) -> dict[str, str]:
        """The reason in both languages."""
        return {"nl": self.nl, "en": self.en}


class State:
    """The state of one source, for whoever holds its lock; made by `open_state`."""

    def __init__(self, folder: Path) -> None:
        """Read what is there.

        Raises:
            OSError: the folder cannot be read or written.
        """
        self.folder = folder
        self.came: dict[str, Came] = {}
        """The newest about each image, by its key."""
        self.cursor: dict[str, Any] = {}
        """How far the source was looked through: plain values of its kind."""
        self._lines = 0
        self.told: dict[str, Any] = read_summary(folder)
        """What the summary says."""
        self._read()
        if self._lines > _LEAST_LINES and self._lines > 2 * (len(self.came) + 1):
            self._write_anew()
        self._file = (folder / JOURNAL).open("ab")
        self._end_last_line()

    def note(self, came: Came) -> None:
        """Keep what came of an image; it is on disk when this returns."""
        if not came.at:
            came = Came(**{**_plain(came), "at": time.time()})
        self._append({"came": _plain(came)})
        self.came[came.key] = came

    def forget(self, key: str) -> None:
        """Forget an image."""
        self._append({"forget": key})
        self.came.pop(key, None)

    def move(self, **cursor: object) -> None:
        """Change values of the cursor; they are on disk when this returns."""
        self._append({"cursor": cursor})
        self.cursor.update(cursor)

    def is_due(self, key: str, version: str, now: float) -> bool:
        """Return whether a version of an image is to be worked on now."""
        known = self.came.get(key)
        if known is None or known.version != version:
            return True
        return known.outcome is Outcome.FAILED and known.next_try <= now

    def tell(self, **facts: object) -> None:
        """Replace the summary that others show.

        Args:
            facts: of the kind of source: `asked` (when it was looked at last), `error`, …; those
                that are not named stay as they were. Plain values.
        """
        self.told |= {**facts, **self._figures(), "told": time.time()}
        replace_file(self.folder / SUMMARY, orjson.dumps(self.told))

    def close(self) -> None:
        """Close the journal."""
        self._file.close()

    def _figures(self) -> dict[str, Any]:
        counts: Counter[str] = Counter(one.outcome.value for one in self.came.values())
        failed = [one for one in self.came.values() if one.outcome is Outcome.FAILED]
        failed.sort(key=lambda one: -one.at)
        ins = [one for one in self.came.values() if one.outcome is Outcome.IN]
        days = sorted({one.moment[:10] for one in ins if one.moment})
        skipped = (one for one in self.came.values() if one.outcome is Outcome.SKIPPED)
        return {
            "counts": {each.value: counts[each.value] for each in Outcome},
            "last": max((one.moment for one in ins), default=""),
            "days": days[-400:],
            "bytes": sum(one.size for one in self.came.values()),
            "collections": sorted({one.collection for one in ins if one.collection}),
            "reasons": dict(Counter(one.code for one in failed)),
            "skips": dict(Counter(one.code for one in skipped)),
            "failures": [_failure(one) for one in failed[:_MOST_TOLD]],
        }

    def _read(self) -> None:
        with suppress(FileNotFoundError), (self.folder / JOURNAL).open("rb") as file:
            for line in file:
                self._lines += 1
                with suppress(ValueError, TypeError, KeyError):
                    self._take(orjson.loads(line))

    def _take(self, told: Mapping[str, Any]) -> None:
        if "came" in told:
            came = read_came(told["came"])
            self.came[came.key] = came
        elif "forget" in told:
            self.came.pop(str(told["forget"]), None)
        elif "cursor" in told:
            self.cursor.update(told["cursor"])

    def _end_last_line(self) -> None:
        """Put an end to a line that a kill cut short, so that the next one is a line of its own."""
        path = self.folder / JOURNAL
        size = path.stat().st_size
        if size:
            with path.open("rb") as file:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    self._file.write(b"\n")
                    self._file.flush()

    def _append(self, told: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(told) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _write_anew(self) -> None:
        lines = [orjson.dumps({"cursor": self.cursor})]
        lines += [orjson.dumps({"came": _plain(each)}) for each in self.came.values()]
        replace_file(self.folder / JOURNAL, b"\n".join(lines) + b"\n")
        self._lines = len(lines)


@contextmanager
def open_state(folder: Path) -> Iterator[State | None]:
    """Take the lock of a source and yield its state; None when somebody else works on it.

    The system lets go of the lock whatever happens to us.

    Raises:
        OSError: the folder cannot be read or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        state = State(folder)
        try:
            yield state
        finally:
            state.close()


def is_worked_on(folder: Path) -> bool:
    """Return whether somebody holds the lock of a source."""
    try:
        with (folder / LOCK).open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def read_summary(folder: Path) -> dict[str, Any]:
    """Return what the summary of a source says; empty when there is none yet."""
    try:
        told = orjson.loads((folder / SUMMARY).read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def read_came(told: Mapping[str, Any]) -> Came:
    """Return what plain values tell.

    Raises:
        KeyError, TypeError, ValueError: they tell nothing of the kind.
    """
    known = {each.name for each in fields(Came)}
    values = {name: value for name, value in told.items() if name in known}
    values["outcome"] = Outcome(values["outcome"])
    return Came(**values)


def because(code: str, text: Text) -> dict[str, str]:
    """Return a reason as the fields `code`, `nl` and `en` of `Came`."""
    return {"code": code, "nl": text.nl, "en": text.en}


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, so that nobody ever sees half of it.

    Raises:
        OSError: the disk does not let us; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _plain(came: Came) -> dict[str, Any]:
    return asdict(came)


def _failure(one: Came) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("key", "code", "nl", "en", "tries")}
    return {**told, "at": one.at, "next_try": one.next_try}
