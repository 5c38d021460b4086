"""How much of the disk the portal may fill, and how much it does.

Counted are stored images and what waits in the bin (`landzicht retention`); caches have limits of
their own. Counting means looking at every file, so the sum is kept for a while, the longer the
more files there are; a no is never said on an old sum.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed, QuotaReached
from landzicht.portal.keeping.trash import BIN, drop_expired
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from landzicht.portal.services import Services

_MB = 1_000_000
_LEAST_S = 5.0
_TIMES = 50
"""The sum is kept so many times as long as counting took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How the disk stands."""

    used: int
    """Bytes of stored images and of the bin."""
    quota: int
    """Bytes that there may be; 0 = as many as fit."""
    free: int
    """Bytes that the disk still has."""

    @property
    def is_full(self) -> bool:
        """Whether nothing more may come in."""
        return bool(self.quota) and self.used >= self.quota


class Meter:
    """Counts the stored bytes of one data folder; safe to use from many threads."""

    def __init__(self, data: Path) -> None:
        self._files = data / "files"
        self._lock = threading.Lock()
        self._sum = 0
        self._until = 0.0
        self._at = -1.0

    def used(self, newer_than: float = -1.0) -> int:
        """Return the bytes of stored images.

        Args:
            newer_than: moment (`time.monotonic`) before which nothing may have been counted.

        Raises:
            OSError: the folder cannot be read.
        """
        with self._lock:
            now = time.monotonic()
            if now >= self._until or self._at <= newer_than:
                self._sum = count(self._files)
                took = time.monotonic() - now
                self._at, self._until = now, now + max(_LEAST_S, _TIMES * took)
            return self._sum

    def add(self, size: int) -> None:
        """Tell that so many bytes came in, so that the kept sum stays right."""
        with self._lock:
            self._sum += size


def count(files: Path) -> int:
    """Return the bytes of all files below a folder of stored images, those under way left out.

    Raises:
        OSError: it cannot be read.
    """
    total = 0
    for folder in _folders(files):
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        total += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
    return total


def _folders(files: Path) -> list[Path]:
    try:
        with os.scandir(files) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    runs = (files / BIN).iterdir() if BIN in names else ()
    return [files / name for name in names if len(name) == 2] + [
        run for run in runs if run.is_dir()
    ]


def room_of(services: Services) -> Room:
    """Return how the disk stands.

    Raises:
        DiskFailed: the folder cannot be read.
    """
    settings = services.settings
    try:
        return Room(
            used=services.stored.used(),
            quota=settings.quota_mb * _MB,
            free=shutil.disk_usage(settings.data).free,
        )
    except OSError as error:
        raise DiskFailed(path=settings.data, reason=disk_reason(error)) from error


def room(services: Services, need: int) -> Text | None:
    """Return why so many bytes may not come in, or None when they may.

    Args:
        services: adapters of the portal.
        need: bytes that will be stored; 0 = whether anything may come in at all.

    Raises:
        DiskFailed: the folder cannot be read.
    """
    settings = services.settings
    quota = settings.quota_mb * _MB
    try:
        if quota:
            asked = time.monotonic()
            used = services.stored.used()
            if used + max(1, need) > quota:
                drop_expired(settings.files, settings.bin_days)
                used = services.stored.used(newer_than=asked)
            if used + max(1, need) > quota:
                return _FULL.fill(used=_mb(used), quota=settings.quota_mb, need=_mb(need))
        free = shutil.disk_usage(settings.data).free
    except OSError as error:
        raise DiskFailed(path=settings.data, reason=disk_reason(error)) from error
    if free < need:
        return _NO_DISK.fill(free=_mb(free), need=_mb(need))
    return None


def must_fit(services: Services, need: int) -> None:
    """Raise when so many bytes may not come in.

    Raises:
        QuotaReached: they may not.
        DiskFailed: the folder cannot be read.
    """
    reason = room(services, need)
    if reason is not None:
        raise QuotaReached(reason=reason)


def _mb(size: int) -> int:
    return -(-size // _MB)


_FULL = Text(
    nl="er staat {used} MB van de {quota} MB, en er is {need} MB nodig",
    en="{used} MB of {quota} MB are taken, and {need} MB are needed",
)
_NO_DISK = Text(
    nl="de schijf heeft nog {free} MB, en er is {need} MB nodig",
    en="the disk has {free} MB left, and {need} MB are needed",
)
