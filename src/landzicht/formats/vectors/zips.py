"""Taking the one map out of a zip, without trusting anything that it says of itself."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from landzicht.errors.vectors import UnreadableVectors, VectorsTooLarge, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_ENTRIES = 1_000
"""Most files in a zip."""
MOST_BYTES = 2 * 2**30
"""Most bytes that are unpacked."""
_MAPS = (".shp", ".gpkg", ".fgb", ".kml", ".gml", ".geojson", ".json", ".parquet")
_WITH_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_MOST_NAMES = 10
_PIECE = 2**20
_END = struct.Struct("<10xHL6x")
"""Number of entries, and bytes of their list, in the record at the end."""
_END_64 = struct.Struct("<4s28xQQ8x4s4xQ4x")
"""The same in the longer record that may stand before it, with the locator that follows that one:
its signature, entries, bytes, the locator's signature, and where the locator says the record is."""
_END_WITH_COMMENT = 22 + 65_535
_LOCATOR_BYTES = 20
_MOST_DIRECTORY = 2**20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


def unpack_map(path: Path, folder: Path, layer: str | None = None) -> tuple[Path, bool]:
    """Unpack the one map in a zip, or the one that is called `layer`, under a name of our own.

    Args:
        path: the zip.
        folder: an empty folder to unpack to.
        layer: that somebody wants; a shapefile is one, called as its file is.

    Returns:
        The map; the files that belong to a shapefile lie beside it. And whether `layer` is that
        file itself, so that it need not be looked for in it.

    Raises:
        UnreadableVectors: damaged, locked, links or paths that lead elsewhere, no map, or
            several of which `layer` names none.
        VectorsTooLarge: too many files, or more bytes than we unpack; counted, not believed.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            chosen, named = _chosen(path, archive, layer)
            room = MOST_BYTES
            found = None
            for entry, name in chosen:
                target = folder / name
                room -= _unpack(archive, entry, target, room, path)
                found = target if target.suffix in _MAPS else found
    except RuntimeError as error:  # zipfile's word for a password
        raise UnreadableVectors(name=path.name, reason=reasons.ZIP_LOCKED) from error
    except _UNREADABLE as error:
        raise UnreadableVectors(name=path.name, reason=reasons.DAMAGED) from error
    assert found is not None
    return found, named


def _check_directory(path: Path) -> None:
    """Refuse a long list of entries before it is read: a million of them cost seconds and memory.

    Counts and sizes stand in the record at the end (APPNOTE.TXT 6.3.10, 4.3.16); what does not fit
    there (0xffff) is too long in any case. Readers believe the longer record before it (4.3.14)
    more, if there is one, whatever the short one says.
    """
    with path.open("rb") as file:
        start = max(0, path.stat().st_size - _END_WITH_COMMENT - _END_64.size)
        file.seek(start)
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        raise UnreadableVectors(name=path.name, reason=reasons.DAMAGED)
    entries, size = _END.unpack_from(tail, at)
    longer = at - _END_64.size
    if tail[max(0, at - _LOCATOR_BYTES) : at].startswith(b"PK\x06\x07"):
        if longer < 0:
            raise UnreadableVectors(name=path.name, reason=reasons.DAMAGED)
        mark, more, bytes_, _, where = _END_64.unpack_from(tail, longer)
        if mark != b"PK\x06\x06" or where != start + longer:
            raise UnreadableVectors(name=path.name, reason=reasons.DAMAGED)
        entries, size = max(entries, more), max(size, bytes_)
    if entries > MOST_ENTRIES or size > _MOST_DIRECTORY:
        raise VectorsTooLarge(
            name=path.name, value=f"{entries} files", most=f"{MOST_ENTRIES} files"
        )


def _chosen(
    path: Path, archive: zipfile.ZipFile, layer: str | None
) -> tuple[list[tuple[zipfile.ZipInfo, str]], bool]:
    """Return the entries to unpack, each with the name that it gets; and whether `layer` is it."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise VectorsTooLarge(
            name=path.name, value=f"{len(entries)} files", most=f"{MOST_ENTRIES} files"
        )
    files = [entry for entry in entries if not entry.is_dir() and not _is_litter(entry)]
    if (told := sum(entry.file_size for entry in files)) > MOST_BYTES:
        raise VectorsTooLarge(name=path.name, value=f"{told} bytes", most=f"{MOST_BYTES} bytes")
    for entry in files:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if link or ".." in parts or "\0" in entry.filename or entry.filename.startswith("/"):
            raise UnreadableVectors(name=path.name, reason=reasons.ZIP_PATHS)
    maps = [entry for entry in files if Path(entry.filename).suffix.lower() in _MAPS]
    maps = [entry for entry in maps if not _only_links(archive, entry, maps)]
    wanted = [entry for entry in maps if layer and _stem(entry) == layer]
    chosen = wanted if len(maps) > 1 and wanted else maps
    if len(chosen) > 1:
        names = ", ".join(sorted({_shown(entry) for entry in chosen})[:_MOST_NAMES])
        raise UnreadableVectors(name=path.name, reason=reasons.ZIP_SEVERAL.fill(names=names))
    if not chosen:
        raise UnreadableVectors(name=path.name, reason=reasons.ZIP_NOTHING)
    is_shapefile = chosen[0].filename.lower().endswith(".shp")
    return list(_with_its_own(chosen[0], files)), bool(wanted) and (is_shapefile or len(maps) > 1)


def _with_its_own(
    whole: zipfile.ZipInfo, files: list[zipfile.ZipInfo]
) -> Iterator[tuple[zipfile.ZipInfo, str]]:
    """Yield a map and the files that belong to it, each with the name that it gets."""
    name = PurePosixPath(whole.filename)
    if name.suffix.lower() != ".shp":
        yield whole, f"map{name.suffix.lower()}"
        return
    for entry in files:
        part = PurePosixPath(entry.filename)
        if part.with_suffix("") == name.with_suffix("") and part.suffix.lower() in _WITH_SHAPEFILE:
            yield entry, f"map{part.suffix.lower()}"


def _stem(entry: zipfile.ZipInfo) -> str:
    """Return what a map is called."""
    return PurePosixPath(entry.filename).stem


def _shown(entry: zipfile.ZipInfo) -> str:
    """Return that as it may stand in a message."""
    return "".join(letter for letter in _stem(entry) if letter.isprintable())[:60]


def _only_links(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, maps: list[zipfile.ZipInfo]
) -> bool:
    """Whether it is the first file of a KMZ as GDAL writes it: links to one file for each layer."""
    if entry.filename != "doc.kml" or len(maps) == 1 or entry.file_size > _PIECE:
        return False
    with archive.open(entry) as file:
        content = file.read(_PIECE)
    return b"<NetworkLink" in content and b"<Placemark" not in content


def _is_litter(entry: zipfile.ZipInfo) -> bool:
    """Whether it is something that a Mac leaves in every zip."""
    return entry.filename.startswith("__MACOSX/") or entry.filename.endswith(".DS_Store")


def _unpack(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int, path: Path
) -> int:
    """Unpack one file; stop when it is larger than there is room, whatever its header says."""
    written = 0
    with archive.open(entry) as source, target.open("wb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > room:
                raise VectorsTooLarge(
                    name=path.name, value=f"> {MOST_BYTES} bytes", most=f"{MOST_BYTES} bytes"
                )
            file.write(piece)
    return written
