"""Removing stored files that no scene points to: what deleted or replaced scenes left behind.

Only files under the name of their content, and only after a day: one that is being written, or
was written and is about to be registered, is younger. Whether a file is old and its removal are
one step for those who store files (see `ingest.store.storing`). Killed half-way, some are gone
and some are not, and doing it again goes on.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.records import NothingToKeep
from landzicht.ingest.store import FILES, storing
from landzicht.portal.catalogue.moving import scenes_by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from landzicht.ports import Catalog

    Tell = Callable[[str, int, int], None]

AGE_SECONDS = 24 * 3600.0
"""Younger files are left alone."""
_OWN = re.compile(r"[0-9a-f]{64}\.tif")
_FOLDER = re.compile(r"[0-9a-f]{2}")
_POINTS = re.compile(rb'"landzicht:file":"files/[0-9a-f]{2}/([0-9a-f]{64}\.tif)"')
_STEP = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What was found."""

    files: int
    """Files that no scene points to."""
    size: int
    """Bytes that they take."""
    kept: int
    """Files that scenes point to, or that are too young to tell."""
    removed: int
    """Files that were removed; 0 when only asked to look."""


def clean(
    catalog: Catalog, data: Path, *, remove: bool = False, tell: Tell | None = None
) -> Cleaned:
    """Find stored files that no scene points to, and remove them when asked.

    Args:
        catalog: what may point to files; must be the catalogue of this data folder.
        data: the data folder.
        remove: False = only look.
        tell: is called with the collection and how many scenes were looked at.

    Raises:
        NothingToKeep: there are files and the catalogue has no scenes: this is not its folder.
        DiskFailed: the folder cannot be read or written.
    """
    now = time.time()
    try:
        orphans = {path.name: path for path in _old_files(data, now)}
        total = sum(1 for _ in _own_files(data))
        scenes = _leave_out_known(catalog, orphans, tell)
        if orphans and not scenes:
            raise NothingToKeep(path=data)
        size = sum(path.stat().st_size for path in orphans.values() if path.exists())
        removed = _remove(list(orphans.values()), data, now) if remove else 0
    except OSError as error:
        raise DiskFailed(path=data / FILES, reason=disk_reason(error)) from error
    return Cleaned(files=len(orphans), size=size, kept=total - len(orphans), removed=removed)


def _own_files(data: Path) -> Iterator[Path]:
    folder = data / FILES
    for part in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _FOLDER.fullmatch(part.name) and part.is_dir() and not part.is_symlink():
            for path in part.iterdir():
                if _OWN.fullmatch(path.name) and path.name.startswith(part.name):
                    yield path


def _old_files(data: Path, now: float) -> Iterator[Path]:
    return (path for path in _own_files(data) if _is_old(path, now))


def _is_old(path: Path, now: float) -> bool:
    """Whether a file got its name long ago; a rename counts, unlike for the time of writing."""
    try:
        return now - path.lstat().st_ctime >= AGE_SECONDS
    except FileNotFoundError:
        return False


def _leave_out_known(catalog: Catalog, orphans: dict[str, Path], tell: Tell | None) -> int:
    """Take out of `orphans` what scenes point to; return the number of scenes."""
    scenes = 0
    for collection in catalog.collections():
        for stored in scenes_by_id(catalog, collection.id):
            scenes += 1
            for name in _POINTS.findall(stored.body):
                orphans.pop(name.decode(), None)
            if tell is not None and scenes % _STEP == 0:
                tell(collection.id, scenes, scenes)
    return scenes


def _remove(orphans: list[Path], data: Path, now: float) -> int:
    removed = 0
    for path in orphans:
        with storing(data, alone=True):
            if _is_old(path, now):
                path.unlink(missing_ok=True)
                removed += 1
    return removed
