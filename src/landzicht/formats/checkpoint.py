"""How far the conversion of a large image is, on disk: so that a killed run costs minutes.

A folder beside the file that is being made holds the compressed blocks of every level, and a
file `state` with everything else: rows that still wait for their neighbours below, and the sample
for the statistics. Blocks are on the disk before the state that counts them, and a state takes the
place of the one before in one step; what was written after it is cut off. The bytes that come out
are those of a run that nobody disturbed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from landzicht.formats.levels import Spool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.formats.levels import Level
    from landzicht.formats.statistics import Sampler
    from landzicht.kinds import Conversion

WORK = ".work"
"""Ending of the folder of a conversion under way."""
_STATE = "state"
_FORMAT = 1
"""Raised when a state means something else; older ones are then begun anew."""


class Checkpoint:
    """The folder of one conversion."""

    def __init__(self, job: Conversion, target: Path) -> None:
        """Make or find the folder beside `target`.

        Raises:
            OSError: it cannot be made, or the source cannot be looked at.
        """
        self.folder = target.with_name(target.name + WORK)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._key = _key(job)
        self._every = job.checkpoint_rows
        self._last = 0

    def spool(self, name: str) -> Spool:
        """Return the blocks of one level, by name."""
        return Spool(self.folder, name)

    def resume(self, levels: Sequence[Level], sampler: Sampler) -> int:
        """Put levels and sampler in the state that was kept, and return the row to go on with.

        0 when nothing was kept, or by another edition of the source or of us.
        """
        spools = _spools(levels)
        try:
            with (
                (self.folder / _STATE).open("rb") as file,
                np.load(file, allow_pickle=False) as state,
            ):
                _must_fit(str(state["key"]), self._key)
                for number, spool in enumerate(spools):
                    spool.begin_at(state[f"sizes-{number}"].tolist())
                for number, level in enumerate(levels):
                    _restore(level, number, state)
                rows, seen = state["sampler"].tolist()
                sampler.restore(rows, seen, state["sample"])
                self._last = int(state["row"])
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile):
            # An odd or older state may have been put in place half: all is begun anew.
            for spool in spools:
                spool.begin_at([])
            for level in levels:
                level.begin()
            sampler.restore(0, 0, None)
            self._last = 0
        return self._last

    def keep(self, row: int, levels: Sequence[Level], sampler: Sampler) -> None:
        """Write down how far it is when enough rows came since the last time.

        Raises:
            OSError: the disk is full or read-only.
        """
        if row - self._last < self._every:
            return
        arrays: dict[str, NDArray[Any]] = {"key": np.array(self._key), "row": np.array(row)}
        for number, spool in enumerate(_spools(levels)):
            spool.sync()
            arrays[f"sizes-{number}"] = np.array(spool.sizes, np.int64)
        for number, level in enumerate(levels):
            arrays |= _state_of(level, number)
        rows, seen, sample = sampler.state()
        arrays |= {"sampler": np.array([rows, seen]), "sample": sample}
        fresh = self.folder / f"{_STATE}.new"
        with fresh.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]  # its stub has `allow_pickle` in mind
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / _STATE)
        self._last = row


def _must_fit(found: str, wanted: str) -> None:
    if found != wanted:
        raise ValueError(wanted)


def remove_work(folder: Path) -> None:
    """Remove the folder of a conversion; never fails."""
    with suppress(OSError):
        shutil.rmtree(folder)


def _key(job: Conversion) -> str:
    """Return what must be the same for the rest to fit: the source, the order, our own writing."""
    import imagecodecs

    status = job.source.stat()
    order = repr(replace(job, source=Path()))
    edition = (_FORMAT, imagecodecs.__version__, order, status.st_size, status.st_mtime_ns)
    return hashlib.sha256(json.dumps(edition).encode()).hexdigest()


def _spools(levels: Sequence[Level]) -> list[Spool]:
    return [spool for level in levels for spool in (level.tiles, level.masks) if spool is not None]


def _state_of(level: Level, number: int) -> dict[str, NDArray[Any]]:
    """Return what a level holds, part by part: putting them together would need room for both."""
    parts = list(level.pending)
    first = -1
    if level.window is not None:
        first, values, valid = level.window
        parts.append((values, valid))
    counts = [level.rows_seen, level.made_below, first, len(parts)]
    found: dict[str, NDArray[Any]] = {f"counts-{number}": np.array(counts)}
    for place, (values, valid) in enumerate(parts):
        found[f"values-{number}-{place}"] = values
        if valid is not None:
            found[f"valid-{number}-{place}"] = valid
    return found


def _restore(level: Level, number: int, state: Mapping[str, NDArray[Any]]) -> None:
    rows_seen, made_below, first, count = state[f"counts-{number}"].tolist()
    parts = [
        (
            state[f"values-{number}-{place}"],
            None if level.masks is None else state[f"valid-{number}-{place}"].astype(np.bool_),
        )
        for place in range(count)
    ]
    level.begin()
    level.rows_seen, level.made_below = rows_seen, made_below
    if first >= 0:
        values, valid = parts.pop()
        level.window = (first, values, valid)
    level.pending = parts
