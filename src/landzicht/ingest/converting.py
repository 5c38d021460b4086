"""Converting the bands of a draft, side by side, and going on where a killed run was."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.ingest.bands import fits
from landzicht.ingest.identity import digest_of
from landzicht.kinds import Conversion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from landzicht.ingest.draft import Draft, DraftAsset
    from landzicht.ports import Runner, Writer

    Tell = Callable[[str, int, int], None]
    Order = tuple[int, Conversion, Path]

_DONE = ".done"
_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of one band."""

    digest: str
    """SHA-256 of the file."""
    size: int
    """Bytes of the file."""
    statistics: Mapping[str, float]
    """As `Asset.statistics`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What is large, and how much of it may be lost."""

    large: int = 2**28
    """Pixels of a band from which on a killed run goes on where it was, and its progress is told
    in bytes."""
    checkpoint_rows: int = 4096
    """Rows of such a band after which is written down how far it is. A multiple of the block of
    an overview of 1:8, so that few rows wait for others at that moment."""


def is_large(draft: Draft, effort: Effort) -> bool:
    """Whether the conversion of a draft takes so long that a killed run should go on with it."""
    return any(asset.info.height * asset.info.width >= effort.large for asset in draft.assets)


def conversions(draft: Draft, effort: Effort) -> list[Conversion]:
    """Return what is to be made of each asset, in their order."""
    return [_conversion(asset, draft, effort) for asset in draft.assets]


def unpacked_size(draft: Draft) -> int:
    """Return the bytes of all pixels of a draft."""
    return sum(
        asset.info.height * asset.info.width * np.dtype(asset.band.dtype).itemsize
        for asset in draft.assets
    )


def convert_all(
    orders: list[tuple[Conversion, Path]],
    writer: Writer,
    runner: Runner,
    name: str,
    tell: Tell | None,
) -> Iterator[Stored]:
    """Convert each band to its file, and yield what became of it, in order.

    Args:
        orders: conversions and where their files go.
        writer: makes the files.
        runner: where it is done.
        name: what progress is told under.
        tell: called with `(name, bands done, bands)`; while large bands are made, with
            `(name and MB, megabytes of pixels done, in all)`.
    """
    sizes = [_raw_size(job) for job, _ in orders]
    meter = _Meter(name, sizes, tell) if any(job.checkpoint_rows for job, _ in orders) else None
    numbered = [(place, *order) for place, order in enumerate(orders)]
    # A meter has a lock, so it does not travel; runners of other processes tell no rows.
    work = partial(_convert, writer, meter) if meter else partial(_convert, writer, None)
    for done, stored in enumerate(runner.map(work, numbered), 1):
        if tell:
            tell(name, done, len(orders))
        yield stored


class _Meter:
    """Adds up how far the bands are that are made at the same time."""

    def __init__(self, name: str, sizes: list[int], tell: Tell | None) -> None:
        self._name, self._sizes, self._tell = f"{name} · MB", sizes, tell
        self._done = [0.0] * len(sizes)
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[_Meter], tuple[str, list[int], None]]:
        return (_Meter, (self._name, self._sizes, None))

    def note(self, place: int, rows: int, total: int) -> None:
        """Take in that a band has so many rows."""
        with self._lock:
            self._done[place] = self._sizes[place] * rows / max(1, total)
            if self._tell:
                self._tell(self._name, int(sum(self._done)) // _MB, sum(self._sizes) // _MB)


def _convert(writer: Writer, meter: _Meter | None, order: Order) -> Stored:
    place, job, target = order
    if not job.checkpoint_rows:
        return _made(target, writer.convert(job, target))
    note = partial(meter.note, place) if meter else None
    kept = _read_done(target)
    if kept is not None:
        if note:
            note(1, 1)
        writer.tidy(target)
        return kept
    stored = _made(target, writer.convert(job, target, note))
    _keep_done(target, stored)
    writer.tidy(target)  # only now: a kill while the file was read for its hash costs no band
    return stored


def _made(target: Path, statistics: Mapping[str, float]) -> Stored:
    return Stored(digest=digest_of(target), size=target.stat().st_size, statistics=dict(statistics))


def _read_done(target: Path) -> Stored | None:
    """Return what a run before made of this band, when its file is whole."""
    try:
        told = json.loads(target.with_name(target.name + _DONE).read_bytes())
        stored = Stored(**told)
        is_whole = target.stat().st_size == stored.size and digest_of(target) == stored.digest
    except (OSError, ValueError, TypeError):
        return None
    return stored if is_whole else None


def _keep_done(target: Path, stored: Stored) -> None:
    path = target.with_name(target.name + _DONE)
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w") as file:
            json.dump(asdict(stored), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise DiskFailed(path=path, reason=disk_reason(error)) from error


def _raw_size(job: Conversion) -> int:
    return job.grid.height * job.grid.width * int(np.dtype(job.band.dtype).itemsize)


def _conversion(asset: DraftAsset, draft: Draft, effort: Effort) -> Conversion:
    grid = asset.info.grid
    assert grid is not None
    band = asset.band
    if not fits(band.nodata, band.dtype):
        band = replace(band, nodata=None)
    is_long = grid.height * grid.width >= effort.large
    tags: dict[str, Any] = {"SIMULATED": "YES"} if draft.simulated else {}
    return Conversion(
        source=asset.info.path,
        driver=asset.info.driver,
        subdataset=asset.info.subdataset,
        index=asset.index,
        band=band,
        grid=grid,
        mask=asset.info.mask,
        tags=tags,
        checkpoint_rows=effort.checkpoint_rows if is_long else 0,
    )
