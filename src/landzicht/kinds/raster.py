"""What a raster file says about itself, and an order to convert it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from landzicht.grid import Grid
    from landzicht.kinds.band import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterBand:
    """One band as the file's header describes it."""

    index: int
    """From 1, as GDAL counts."""
    dtype: str
    """numpy name."""
    nodata: float | None
    """Declared nodata, or None."""
    scale: float
    """Declared scale; 1.0 when absent."""
    offset: float
    """Declared offset; 0.0 when absent."""
    description: str | None
    """Declared band name."""
    colour: str
    """GDAL colour interpretation in lower case: `gray`, `red`, `alpha`, `palette`, …"""
    colours: tuple[tuple[int, tuple[int, int, int, int]], ...]
    """Palette `(value, (r, g, b, a))`, or empty."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the band."""


OWN_MASKS = frozenset({"internal", "external", "alpha"})
"""Kinds of masks that say of each pixel whether it counts."""


def mask_beside(info: RasterInfo) -> Path:
    """Return where the `external` mask of a file is."""
    return info.path.with_name(f"{info.path.name}.msk")


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterInfo:
    """The header of a raster file or of one array in a container file."""

    path: Path
    """The file."""
    driver: str
    """GDAL driver that opened it (`GTiff`, `JP2OpenJPEG`, `netCDF`), or `Zarr`."""
    subdataset: str | None
    """Name of the array inside a container (a NetCDF variable, a path in a Zarr store), or None."""
    grid: Grid | None
    """None when the file has no usable georeference (`georeference` says what it has)."""
    georeference: str
    """`affine`, `gcps`, `rpcs`, `none`, `foreign` (a CRS that is not on Earth) or `unknown`
    (a CRS that we cannot use)."""
    height: int
    """Rows."""
    width: int
    """Columns."""
    block: tuple[int, int]
    """`(height, width)` of the blocks inside the file."""
    bands: tuple[RasterBand, ...]
    """Bands in file order."""
    mask: str
    """Validity: `none`, `nodata`, or one of `OWN_MASKS`: `internal` (in the file), `external`
    (in a file beside it), `alpha` (last band)."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of the file."""
    subdatasets: tuple[str, ...] = ()
    """Arrays inside a container, when the file itself is not one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Make one band of a source into one cloud-optimised GeoTIFF."""

    source: Path
    """File to read; opened with the driver that the inspection found, and no other."""
    driver: str
    """That driver."""
    subdataset: str | None
    """Array in a container, or None."""
    index: int
    """Band, from 1."""
    band: Band
    """What the written numbers mean; the dtype is that of the source."""
    grid: Grid
    """Georeference to write (a source may lack or misplace it)."""
    mask: str
    """As `RasterInfo.mask`: all of `OWN_MASKS` become an internal mask."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags to write (`SIMULATED=YES`, …)."""
    checkpoint_rows: int = 0
    """After so many rows it is written down how far the work is, so that a killed run can go on
    there; 0 = never, for images that are done in seconds."""
