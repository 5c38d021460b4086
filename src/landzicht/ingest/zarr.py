"""A Zarr store as a source: a folder that counts as one file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from landzicht.ingest.paths import open_file

if TYPE_CHECKING:
    from collections.abc import Iterator


def size_of(path: Path) -> int:
    """Return how many bytes a file, or all files of a store together, have.

    Raises:
        OSError: the disk does not let us.
    """
    if not path.is_dir():
        return path.stat().st_size
    return sum(file.lstat().st_size for file in _files(path))


def edition_of(path: Path) -> tuple[int, int]:
    """Return numbers that change when a file, or one in a store, is written anew.

    Raises:
        OSError: the disk does not let us.
    """
    if not path.is_dir():
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    seen = [(str(file), *_times(file)) for file in _files(path)]
    digest = hashlib.sha256(repr(seen).encode()).digest()
    return len(seen), int.from_bytes(digest[:8], "big")


def digest_of_store(path: Path) -> str:
    """Return the SHA-256 of the names and the content of all files of a store, hexadecimal.

    Hidden files that are no metadata of Zarr count too: nothing tells what a reader may look at.
    What a link leads to is not read, here or later, unless it lies in the store.

    Raises:
        OSError: a file cannot be read.
    """
    whole = hashlib.sha256()
    for file in _files(path):
        name = file.relative_to(path).as_posix()
        if file.is_symlink():
            content = hashlib.sha256(str(file.readlink()).encode()).hexdigest()
        else:
            with open_file(file) as opened:
                content = hashlib.file_digest(opened, "sha256").hexdigest()
        whole.update(f"{name}\0{content}\n".encode())
    return whole.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(path):
        below.sort()
        for name in sorted(names):
            yield Path(folder, name)


def _times(file: Path) -> tuple[int, int]:
    status = file.lstat()
    return status.st_size, status.st_mtime_ns
