"""GeoTIFF tags for a grid.

The keys that describe the coordinate system come from GDAL itself, out of a one-pixel file: it
knows the many special cases. They are kept per system, since a portal uses only a few.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.layout import ASCII, DOUBLE, SHORT

if TYPE_CHECKING:
    from landzicht.grid import Grid

_GEO_KEYS, _GEO_DOUBLES, _GEO_TEXTS = 34735, 34736, 34737
_PIXEL_SCALE, _TIE_POINT, _MATRIX = 33550, 33922, 34264


def geo_tags(grid: Grid) -> dict[int, tuple[int, Any]]:
    """Return the GeoTIFF tags of `grid`, exact to the last bit of its transform."""
    t = grid.transform
    tags = dict(_crs_tags(grid.crs))
    if grid.is_north_up:
        tags[_PIXEL_SCALE] = (DOUBLE, [t.a, -t.e, 0.0])
        tags[_TIE_POINT] = (DOUBLE, [0.0, 0.0, 0.0, t.c, t.f, 0.0])
    else:
        rows = [t.a, t.b, 0.0, t.c, t.d, t.e, 0.0, t.f]
        tags[_MATRIX] = (DOUBLE, [*rows, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    return tags


@lru_cache(maxsize=64)
def _crs_tags(crs: str) -> tuple[tuple[int, tuple[int, Any]], ...]:
    rasterio = load_rasterio()
    profile = {"driver": "GTiff", "width": 1, "height": 1, "count": 1, "dtype": "uint8"}
    transform = rasterio.Affine(1.0, 0.0, 1.0, 0.0, -1.0, 1.0)
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, crs=crs, transform=transform):
            pass
        raw = bytes(memory.getbuffer())
    return tuple(
        (number, value)
        for number, value in _read_tags(raw)
        if number in (_GEO_KEYS, _GEO_DOUBLES, _GEO_TEXTS)
    )


def _read_tags(raw: bytes) -> list[tuple[int, tuple[int, Any]]]:
    """Return the SHORT, DOUBLE and ASCII tags of a small classic little-endian TIFF."""
    (start,) = struct.unpack_from("<I", raw, 4)
    (entries,) = struct.unpack_from("<H", raw, start)
    found: list[tuple[int, tuple[int, Any]]] = []
    for entry in range(entries):
        at = start + 2 + 12 * entry
        number, kind, count = struct.unpack_from("<HHI", raw, at)
        if kind not in (SHORT, DOUBLE, ASCII):
            continue
        size = {SHORT: 2, DOUBLE: 8, ASCII: 1}[kind] * count
        place = at + 8 if size <= 4 else struct.unpack_from("<I", raw, at + 8)[0]
        if kind == ASCII:
            found.append((number, (kind, raw[place : place + count])))
        else:
            code = "H" if kind == SHORT else "d"
            found.append((number, (kind, list(struct.unpack_from(f"<{count}{code}", raw, place)))))
    return found
