"""Bands and grids as STAC fields, and back.

A stored file holds one band, so its facts stand on the asset itself (STAC 1.1, “Bands”): what
generic clients look for first. What STAC has no word for is called `landzicht:…`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Band, BandKind

_DATA_TYPES = {
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    **{f"float{bits}": f"float{bits}" for bits in (16, 32, 64)},
    "complex64": "cfloat32",
    "complex128": "cfloat64",
}
_NAMES = "nir nir08 nir09 cirrus swir16 swir22 lwir lwir11 lwir12 coastal blue green green05 yellow"
_COMMON_NAMES = frozenset(
    {*_NAMES.split(), "pan", "red", "rededge", "rededge071", "rededge075", "rededge078"}
)
"""The common names that the EO extension v2.0.0 knows."""


def band_fields(band: Band) -> dict[str, Any]:
    """Return what STAC says of a file with this one band."""
    data_type = _DATA_TYPES.get(band.dtype, "other")
    known = band.common_name in _COMMON_NAMES
    categorical = band.kind is BandKind.CATEGORICAL
    described = {
        "name": band.name,
        "eo:common_name": band.common_name if known else None,
        "landzicht:common_name": None if known else band.common_name,
        "eo:center_wavelength": band.wavelength_um,
    }
    fields = {
        "title": band.title,
        "data_type": data_type,
        "landzicht:dtype": band.dtype if data_type != band.dtype else None,
        "nodata": _write_nodata(band.nodata),
        "raster:scale": band.scale if band.scale != 1.0 else None,
        "raster:offset": band.offset if band.offset != 0.0 else None,
        "unit": band.unit,
        "landzicht:kind": band.kind.value if categorical else None,
        "landzicht:colours": band.colours or None,
        "bands": [{name: value for name, value in described.items() if value is not None}],
    }
    return {name: value for name, value in fields.items() if value is not None}


def read_band(fields: dict[str, Any]) -> Band:
    """Return the band that `band_fields` described."""
    described = fields["bands"][0]
    return Band(
        name=described["name"],
        dtype=fields.get("landzicht:dtype", fields["data_type"]),
        kind=BandKind(fields.get("landzicht:kind", BandKind.CONTINUOUS)),
        nodata=_read_nodata(fields.get("nodata")),
        scale=fields.get("raster:scale", 1.0),
        offset=fields.get("raster:offset", 0.0),
        unit=fields.get("unit"),
        common_name=described.get("eo:common_name", described.get("landzicht:common_name")),
        title=fields.get("title"),
        wavelength_um=described.get("eo:center_wavelength"),
        colours=tuple(
            (value, (colour[0], colour[1], colour[2], colour[3]))
            for value, colour in fields.get("landzicht:colours", ())
        ),
    )


def crs_fields(crs: str) -> dict[str, str]:
    """Return the field that names a coordinate reference system."""
    authority, colon, code = crs.partition(":")
    is_code = bool(colon) and authority.isalnum() and code.replace(".", "").isalnum()
    return {"proj:code" if is_code else "proj:wkt2": crs}


def grid_fields(grid: Grid) -> dict[str, Any]:
    """Return what the projection extension (v2.0.0) says of a grid."""
    return {
        **crs_fields(grid.crs),
        "proj:shape": [grid.height, grid.width],
        "proj:transform": [value + 0.0 for value in grid.transform[:6]],  # -0.0 equals 0.0
    }


def read_grid(fields: dict[str, Any]) -> Grid:
    """Return the grid that `grid_fields` described."""
    height, width = fields["proj:shape"]
    crs = fields.get("proj:code") or fields["proj:wkt2"]
    transform = Affine(*fields["proj:transform"])
    return _one_of(Grid(crs=crs, transform=transform, height=height, width=width))


@lru_cache(maxsize=4096)
def _one_of(grid: Grid) -> Grid:
    """Return one object for all equal grids: finding what is kept of it is then much quicker."""
    return grid


def _write_nodata(value: float | None) -> float | str | None:
    if value is None:
        return None
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def _read_nodata(value: float | str | None) -> float | None:
    if isinstance(value, str):
        return math.nan if value == "nan" else float(value)
    return value
