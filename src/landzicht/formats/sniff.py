"""What kind of file it really is, by its first bytes; the name is not evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors import reasons
from landzicht.errors.files import UnreadableFile
from landzicht.formats.sources import checked_path

if TYPE_CHECKING:
    from pathlib import Path

_DRIVERS = (
    (b"II*\0", "GTiff"),
    (b"MM\0*", "GTiff"),
    (b"II+\0\x08\0\0\0", "GTiff"),
    (b"MM\0+\0\x08\0\0", "GTiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JP2OpenJPEG"),
    (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
    (b"\x89HDF\r\n\x1a\n", "netCDF"),
    (b"CDF\x01", "netCDF"),
    (b"CDF\x02", "netCDF"),
    (b"CDF\x05", "netCDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_REFUSED = (
    (b"<VRTDataset", "GDAL VRT"),
    (b"<GDAL_WMS", "GDAL WMS"),
    (b"<?xml", "XML"),
    (b"<", "XML"),
)
_NAMED = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"SQLite format 3", "SQLite"),
)


def sniff_driver(path: Path) -> str:
    """Return the one GDAL driver that may open this file.

    Raises:
        UnreadableFile: there is no such file, it is empty, or its content is something else.
    """
    real = checked_path(path)
    try:
        with real.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        told = str(error.strerror)
        raise UnreadableFile(path=path, reason=reasons.HEADER.fill(detail=told)) from error
    for magic, driver in _DRIVERS:
        if head.startswith(magic):
            return driver
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, kind in _REFUSED:
        if text.startswith(magic) or (magic != b"<" and magic in text):
            raise UnreadableFile(path=path, reason=reasons.REFUSED_KIND.fill(kind=kind))
    raise UnreadableFile(path=path, reason=reasons.NOT_A_RASTER.fill(seen=_describe(head)))


def _describe(head: bytes) -> str:
    for magic, kind in _NAMED:
        if head.startswith(magic):
            return kind
    try:
        line = head[:40].decode("utf-8").strip().partition("\n")[0]
    except UnicodeDecodeError:
        return head[:8].hex(" ")
    return f"“{line}”" if line.isprintable() else head[:8].hex(" ")
