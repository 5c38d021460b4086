"""What lies in a watched folder: deliveries, and whether they are still being copied.

The folder is looked through, not listened to: network disks send no events of what other computers
write, and events that come while nobody listens are lost. A look costs one reading of the names; a
file is opened only when its size or time is another than before.

A delivery is what becomes one scene: a SAFE or Landsat folder, a Zarr store, a zip, an image, or
the images of one folder that differ only in the name of their band.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.ingest.dates import when_in
from landzicht.ingest.landsat import landsat_metadata
from landzicht.ingest.naming import name_parts
from landzicht.ingest.paths import is_zarr
from landzicht.ingest.sentinel2 import safe_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

IMAGES = frozenset({".tif", ".tiff", ".gtif", ".gtiff", ".geotiff", ".jp2", ".j2k"})
"""Endings of files that are taken for images."""
ZIP = ".zip"
_HALF = (".part", ".tmp", ".partial", ".filepart", ".crdownload", ".download", "~")
"""Endings that programs give to what they are still copying."""
_BESIDE = (".msk", ".aux.xml")
"""Files beside an image that change what it means."""
_DEEPEST = 16
"""Folders in folders that are looked through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What becomes one scene."""

    key: str
    """Its path below the watched folder, `/` between; of several images what they share."""
    paths: tuple[Path, ...]
    """The folder or files to take in."""
    version: str
    """Another one when a name, size or time in it changes."""
    changed: float
    """When something in it changed last by the clock of the disk, seconds since 1970."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    written: int
    changed: float


def look_through(root: Path, own: Path) -> tuple[list[Delivery], list[str]]:
    """Return the deliveries in a folder by their key, and folders that cannot be read.

    Links are not followed, hidden files and those with the endings of half copies left out.

    Args:
        root: the folder.
        own: the data folder, which may lie in it and is passed over.

    Raises:
        OSError: the folder itself cannot be read.
    """
    locked: list[str] = []
    avoid = own.resolve()
    found = list(_deliveries(root, root, locked, avoid, 0))
    return sorted(found, key=lambda each: each.key), locked


def _deliveries(
    root: Path, folder: Path, locked: list[str], avoid: Path, depth: int
) -> Iterator[Delivery]:
    folders: list[Path] = []
    images: list[_File] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(_HALF):
                continue
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif path.suffix.lower() in IMAGES | {ZIP}:
                images += _seen(entry)
    yield from _of_images(root, images)
    for path in folders:
        try:
            if safe_metadata(path) or landsat_metadata(path) or is_zarr(path):
                yield _delivery(root, _key(root, path), (path,), _all_files(path))
            elif depth < _DEEPEST and path.resolve() != avoid:
                yield from _deliveries(root, path, locked, avoid, depth + 1)
        except OSError:
            locked.append(_key(root, path))


def _of_images(root: Path, images: Iterable[_File]) -> Iterator[Delivery]:
    """Put bands of one moment together, as taking in a folder does."""
    groups: dict[str, list[_File]] = {}
    for file in sorted(images, key=lambda each: each.path):
        groups.setdefault(_shared(root, file.path), []).append(file)
    for key, group in groups.items():
        beside = [mark for file in group for mark in _beside(file.path)]
        yield _delivery(root, key, tuple(file.path for file in group), [*group, *beside])


def _shared(root: Path, path: Path) -> str:
    """Return the key of an image: that of all bands of its moment when it is one of them."""
    parts = name_parts(path.stem)
    if parts.band is None or path.suffix.lower() == ZIP:
        return _key(root, path)
    when = when_in(path.stem)
    day = f"{when[0]:%Y%m%dT%H%M%S}" if when else "undated"
    return f"{_key(root, path.parent / (parts.rest or 'bands'))}@{day}"


def _delivery(root: Path, key: str, paths: tuple[Path, ...], files: list[_File]) -> Delivery:
    lines = [f"{_key(root, file.path)}\t{file.size}\t{file.written}" for file in files]
    text = "\n".join(sorted(lines)).encode()
    return Delivery(
        key=key,
        paths=paths,
        version=hashlib.sha256(text).hexdigest(),
        changed=max((file.changed for file in files), default=0.0),
        size=sum(file.size for file in files),
    )


def _key(root: Path, path: Path) -> str:
    """Return a path below the root as text that every disk and JSON takes."""
    name = path.relative_to(root).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _seen(entry: os.DirEntry[str]) -> list[_File]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:  # gone since its name was read
        return []
    return _file(Path(entry.path), status)


def _file(path: Path, status: os.stat_result) -> list[_File]:
    if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
        return []
    # The time of the last change of anything (ctime) cannot be set by the copying program, which
    # gives a copy the time of the original as soon as it is whole.
    changed = max(status.st_ctime, status.st_mtime)
    return [_File(path, status.st_size, status.st_mtime_ns, changed)]


def _beside(path: Path) -> list[_File]:
    found: list[_File] = []
    for ending in _BESIDE:
        mark = path.with_name(path.name + ending)
        try:
            found += _file(mark, mark.lstat())
        except OSError:
            continue
    return found


def _all_files(folder: Path) -> list[_File]:
    """Return every file below a product; an unreadable folder in it makes it unreadable.

    Raises:
        OSError: a folder cannot be read.
    """
    found: list[_File] = []

    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                path = Path(place, name)
                try:
                    found += _file(path, path.lstat())
                except FileNotFoundError:
                    continue
    return found
