"""A Zarr store in a folder: keys become files below it, and nowhere else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.formats.ranges import LocalFile, Range

if TYPE_CHECKING:
    from pathlib import Path

MARKERS = ("zarr.json", ".zgroup", ".zarray")
"""Files that make a folder a Zarr store or a part of one."""
MOST_JSON = 4 * 2**20
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@ -]{0,127}")
_MOST_PARTS = 12


class DamagedZarr(Exception):
    """The store contradicts itself, is cut short, or holds what we do not read."""


def is_store(folder: Path) -> bool:
    """Whether a folder is a Zarr store, by what is in it."""
    return any((folder / name).is_file() for name in MARKERS)


def checked_name(name: str) -> str:
    """Return the path of an array in a store when it is only names, joined by `/`.

    Raises:
        DamagedZarr: it is not.
    """
    parts = name.split("/") if name else []
    good = all(_PART.fullmatch(part) and part not in MARKERS for part in parts)
    if not good or len(parts) > _MOST_PARTS:
        raise DamagedZarr(f"has no array “{name[:80]}”")
    return name


class Store:
    """Files of a store; never one outside its folder, whatever links lie in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = os.path.realpath(root)

    def file(self, key: str) -> Path | None:
        """Return the file of a key, or None when there is none.

        Raises:
            DamagedZarr: it leads out of the store.
        """
        path = self.root / key
        if not path.is_file():
            return None
        if not os.path.realpath(path).startswith(self._real + os.sep):
            raise DamagedZarr(f"leads out of its folder at {key[:80]}")
        return path

    def size(self, key: str) -> int | None:
        """Return how many bytes a key holds, or None when it is not there."""
        path = self.file(key)
        return None if path is None else path.stat().st_size

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return a range of a key; raises `DamagedTiff` when it ends before, or `OSError`."""
        path = self.file(key)
        if path is None:
            raise DamagedZarr(f"lacks {key[:80]}")
        (found,) = LocalFile(path, "").read([Range(offset, length)])
        return found

    def json(self, key: str) -> dict[str, Any] | None:
        """Return a table of metadata, or None when it is not there.

        Raises:
            DamagedZarr: it is too long, or no table.
        """
        size = self.size(key)
        if size is None:
            return None
        if size > MOST_JSON:
            raise DamagedZarr(f"has {size} bytes of metadata")
        try:
            table = orjson.loads(self.read(key, 0, size))
        except ValueError as error:
            raise DamagedZarr(f"has metadata that is no JSON ({key[:80]})") from error
        if not isinstance(table, dict):
            raise DamagedZarr(f"has strange metadata ({key[:80]})")
        return table
