"""From what a file's header says to what a band means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from landzicht.kinds import Band, BandKind

if TYPE_CHECKING:
    from landzicht.kinds import RasterBand

STORABLE = frozenset(
    {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)} | {"float32", "float64"}
)
"""dtypes that a stored file can have."""

COMMON = {
    "red": "red",
    "green": "green",
    "blue": "blue",
    "nir": "nir",
    "nir08": "nir08",
    "coastal": "coastal",
    "cirrus": "cirrus",
    "pan": "pan",
    "swir16": "swir16",
    "swir22": "swir22",
    "swir1": "swir16",
    "swir2": "swir22",
    "rededge": "rededge",
}
"""Names in files → STAC `eo:common_name`."""


def header_band(name: str, band: RasterBand) -> Band:
    """Return the band as the header describes it, under `name`.

    A palette makes it categorical: its numbers are keys to colours, and an average of two keys is
    a third, unrelated colour.
    """
    nodata = band.nodata if fits(band.nodata, band.dtype) else None
    scale = band.scale if math.isfinite(band.scale) and band.scale else 1.0
    return Band(
        name=name,
        dtype=band.dtype,
        kind=BandKind.CATEGORICAL if band.colours else BandKind.CONTINUOUS,
        nodata=nodata,
        scale=scale,
        offset=band.offset if math.isfinite(band.offset) else 0.0,
        common_name=COMMON.get(name.lower()),
        title=band.description,
        colours=band.colours,
    )


def fits(nodata: float | None, dtype: str) -> bool:
    """Whether a stored number of this dtype can be equal to `nodata` (None fits any)."""
    if nodata is None or dtype.startswith("float"):
        return True
    if not math.isfinite(nodata) or nodata != int(nodata):
        return False
    sign, bits = dtype.startswith("u"), int("".join(c for c in dtype if c.isdigit()) or 0)
    low, high = (0, 2**bits - 1) if sign else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return bits > 0 and low <= nodata <= high
