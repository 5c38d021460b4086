"""What a stored file says in words: GDAL's XML of names, scale, offset, unit and tags."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from landzicht.formats.layout import ASCII, SHORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Band

_PHOTOMETRIC, _COLOUR_MAP, _GDAL_METADATA, _GDAL_NODATA = 262, 320, 42112, 42113
_PALETTE = 3


def describing_tags(band: Band, tags: Mapping[str, str]) -> dict[int, tuple[int, Any]]:
    """Return the TIFF tags that describe the band of a full picture.

    Args:
        band: name, scale, offset, unit, nodata and palette.
        tags: further `NAME=value` pairs of the file, such as `SIMULATED=YES`.
    """
    found: dict[int, tuple[int, Any]] = {
        _GDAL_METADATA: (ASCII, _metadata(band, tags).encode() + b"\0")
    }
    text = nodata_text(band)
    if text is not None:
        found[_GDAL_NODATA] = (ASCII, text.encode() + b"\0")
    if band.colours and band.dtype == "uint8":
        found[_PHOTOMETRIC] = (SHORT, [_PALETTE])
        found[_COLOUR_MAP] = (SHORT, _colour_map(band))
    return found


def nodata_text(band: Band) -> str | None:
    """Return nodata as GDAL writes it, or None when the dtype cannot hold it."""
    number = band.nodata
    dtype = np.dtype(band.dtype)
    if number is None:
        return None
    if dtype.kind == "f":
        return "nan" if math.isnan(number) else repr(float(number))
    if not math.isfinite(number) or number != int(number):
        return None
    limits = np.iinfo(dtype)
    return str(int(number)) if limits.min <= int(number) <= limits.max else None


def _metadata(band: Band, tags: Mapping[str, str]) -> str:
    items = [
        f"<Item name={quoteattr(name)}>{_twice(str(tags[name]))}</Item>" for name in sorted(tags)
    ]
    roles = {"description": band.name, "unittype": band.unit}
    if band.scale != 1.0 or band.offset != 0.0:
        roles |= {"offset": repr(float(band.offset)), "scale": repr(float(band.scale))}
    names = {"description": "DESCRIPTION", "unittype": "UNITTYPE"}
    names |= {"offset": "OFFSET", "scale": "SCALE"}
    items += [
        f'<Item name="{names[role]}" sample="0" role="{role}">{_twice(value)}</Item>'
        for role, value in roles.items()
        if value
    ]
    return "<GDALMetadata>\n" + "".join(f"  {item}\n" for item in items) + "</GDALMetadata>\n"


def _twice(value: str) -> str:
    """Escape twice: GDAL undoes it as XML and then once more, for the sake of old files."""
    return escape(escape(value))


def _colour_map(band: Band) -> list[int]:
    planes = [[0] * 256 for _ in range(3)]
    for value, colour in band.colours:
        if 0 <= value < 256:
            for plane, amount in zip(planes, colour[:3], strict=True):
                plane[value] = amount * 257
    return [amount for plane in planes for amount in plane]
