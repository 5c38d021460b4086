"""Unpacking a delivered zip, without trusting anything that it says of itself."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from landzicht.sources.fetch import NotHad
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_ENTRIES = 5_000
"""Most files in a zip; a SAFE product has some 120."""
MOST_BYTES = 64 * 2**30
"""Most bytes that are unpacked, as long as the disk has them."""
MOST_LISTING = 4 * 2**20
"""Most bytes of the list of files at the end of a zip; it is read into memory."""
_WANTED = frozenset(
    {".xml", ".safe", ".txt", ".jp2", ".j2k", ".tif", ".tiff", ".gtif", ".gtiff", ".msk"}
)
_PIECE = 2**20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535
_UNKNOWN = 0xFFFFFFFF
"""Said by zips beyond 4 GB, whose sizes stand elsewhere (APPNOTE.TXT 4.3.14)."""


def unpack(path: Path, folder: Path, must_fit: Callable[[int], None]) -> None:
    """Unpack the images and metadata of a zip below `folder`, as they lie in it.

    Args:
        path: the zip.
        folder: an empty folder.
        must_fit: raises when so many bytes do not fit on the disk.

    Raises:
        NotHad: it is damaged, locked, leads elsewhere, or holds more than we unpack.
        OSError: the disk does not let us.
    """
    try:
        _check_listing(path)
        with zipfile.ZipFile(path) as archive:
            entries = _wanted(archive)
            must_fit(sum(entry.file_size for entry in entries))
            room = MOST_BYTES
            for entry in entries:
                target = folder.joinpath(*PurePosixPath(entry.filename).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                room -= _write(archive, entry, target, min(room, entry.file_size))
    except _BROKEN as error:
        raise NotHad("zip-damaged", _DAMAGED.fill(detail=str(error)[:120])) from error


def _check_listing(path: Path) -> None:
    """Refuse a list of millions of names before it is read."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _END_SIZE - _LONGEST_COMMENT))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        raise zipfile.BadZipFile("no end")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if size > MOST_LISTING and size != _UNKNOWN:
        raise NotHad("zip-too-large", _TOO_MANY.fill(most=MOST_ENTRIES))


def _wanted(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES:
        raise NotHad("zip-too-large", _TOO_MANY.fill(most=MOST_ENTRIES))
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        odd = any(part in ("..", "/") or set(part) & set('\\:\0\n\r"') for part in parts)
        if odd or entry.filename.startswith("/") or stat.S_ISLNK(entry.external_attr >> 16):
            raise NotHad("zip-paths", _PATHS)
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise NotHad("zip-too-large", _TOO_LARGE.fill(most=MOST_BYTES // 2**30))
    return [entry for entry in entries if Path(entry.filename).suffix.lower() in _WANTED]


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Write one file; stop when it is larger than it says, whatever comes."""
    written = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > room:
                raise NotHad("zip-too-large", _LIES.fill(name=entry.filename[:80]))
            file.write(piece)
    return written


_DAMAGED = Text(
    nl="De zip is beschadigd of vergrendeld ({detail}). Lever hem opnieuw.",
    en="The zip is damaged or locked ({detail}). Deliver it again.",
)
_PATHS = Text(
    nl="De zip bevat links of namen die naar een andere map leiden; die pakken wij niet uit.",
    en="The zip has links or names that lead to another folder; we do not unpack it.",
)
_TOO_MANY = Text(
    nl="De zip bevat meer dan {most} bestanden. Pak hem uit en lever de map.",
    en="The zip holds more than {most} files. Unpack it and deliver the folder.",
)
_TOO_LARGE = Text(
    nl="De zip is uitgepakt groter dan {most} GB. Pak hem uit en lever de map.",
    en="The zip is larger than {most} GB when unpacked. Unpack it and deliver the folder.",
)
_LIES = Text(
    nl="{name} in de zip is groter dan de zip zegt; die pakken wij niet uit.",
    en="{name} in the zip is larger than the zip says; we do not unpack it.",
)
