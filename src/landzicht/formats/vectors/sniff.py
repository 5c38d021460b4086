"""What kind of vector file it is, told by its content and never by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from landzicht.errors.vectors import UnreadableVectors, reasons

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 64 * 1024
"""Bytes that are looked at."""
_PIECE = 2**20
_OVERLAP = 16
_SHAPEFILE = bytes((0, 0, 0x27, 0x0A))
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)


def sniff(path: Path) -> str:
    """Return `gpkg`, `fgb`, `shp`, `parquet`, `kml`, `gml`, `geojson` or `zip`.

    Raises:
        UnreadableVectors: none of these, or XML that declares things of its own.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise UnreadableVectors(name=path.name, reason=reasons.EMPTY)
    found = _by_magic(head) or _by_text(path, head)
    if found is None:
        raise UnreadableVectors(name=path.name, reason=reasons.UNKNOWN)
    return found


def _by_magic(head: bytes) -> str | None:
    if head.startswith(b"SQLite format 3\0"):
        return "gpkg" if head[68:72] in _GEOPACKAGE else None
    for magic, kind in (
        (b"fgb\x03fgb", "fgb"),
        (b"PAR1", "parquet"),
        (b"PK\x03\x04", "zip"),
        (_SHAPEFILE, "shp"),
    ):
        if head.startswith(magic):
            return kind
    return None


def _by_text(path: Path, head: bytes) -> str | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "geojson"
    if not text.startswith(b"<"):
        return None  # also UTF-16, in which a declaration could hide
    kind = None
    if re.search(rb"<(\w+:)?kml[\s>]", text):
        kind = "kml"
    elif b"http://www.opengis.net/gml" in text:
        kind = "gml"
    if kind and _declares(path):
        raise UnreadableVectors(name=path.name, reason=reasons.DECLARES)
    return kind


def _declares(path: Path) -> bool:
    """Whether XML declares types or entities: bombs and references to other files begin so."""
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if _DECLARATION.search(rest + piece):
                return True
            rest = piece[-_OVERLAP:]
    return False
