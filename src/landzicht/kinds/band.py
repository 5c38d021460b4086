"""What the numbers in one band of an image mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BandKind(StrEnum):
    """How neighbouring values of a band may be combined."""

    CONTINUOUS = "continuous"
    """A measured amount (reflectance, NDVI, temperature): averaging makes sense."""
    CATEGORICAL = "categorical"
    """A code (land cover, scene classification): only nearest and mode make sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band: how stored numbers become physical values.

    `physical = stored * scale + offset` (STAC `raster:scale`, `raster:offset`).
    """

    name: str
    """Short name, unique in its collection: `B04`, `ndvi`. Also the asset key."""
    dtype: str
    """numpy name of the stored numbers: `uint8`, `uint16`, `int16`, `float32`, …"""
    kind: BandKind = BandKind.CONTINUOUS
    """Whether values may be averaged."""
    nodata: float | None = None
    """Stored number that means “no observation” (NaN allowed), or None."""
    scale: float = 1.0
    """Multiply a stored number by this …"""
    offset: float = 0.0
    """… and add this, to get the physical value."""
    unit: str | None = None
    """Unit of the physical value, UCUM where possible: `1`, `K`, `dB`, `m`."""
    common_name: str | None = None
    """STAC `eo:common_name`: `red`, `nir`, `swir16`, …"""
    title: str | None = None
    """Name for people."""
    wavelength_um: float | None = None
    """Centre wavelength in micrometres (STAC `eo:center_wavelength`)."""
    colours: tuple[tuple[int, tuple[int, int, int, int]], ...] = ()
    """Palette of the source file: `(value, (red, green, blue, alpha))`, 0-255 each."""
