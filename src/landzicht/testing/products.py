"""Small satellite products that follow the published specifications, not our own readers.

Sentinel-2: S2-PDGS-TAS-DI-PSD, issue 14 (SAFE_COMPACT, JPEG 2000). Landsat Collection 2: LSDS-1619
(level 2) and LSDS-1822 (level 1), GeoTIFF and MTL. The grids are tiny; names, folders, elements,
groups and types are as delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from landzicht.formats.gdal import load_rasterio
from landzicht.testing.product_texts import (
    landsat_mtl,
    sentinel2_product_xml,
    sentinel2_tile_xml,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

SIDE_M = 1200
"""Side of the made-up tiles in metres."""
WEST, NORTH = 600_000, 5_700_000
"""Upper-left corner, of tile 31UFS, in EPSG:32631."""
S2_BANDS = (
    "B01",
    "B02",
    "B03",
    "B04",
    "B05",
    "B06",
    "B07",
    "B08",
    "B8A",
    "B09",
    "B10",
    "B11",
    "B12",
)
_NATIVE = {
    10: ("B02", "B03", "B04", "B08"),
    20: ("B05", "B06", "B07", "B8A", "B11", "B12"),
    60: ("B01", "B09", "B10"),
}
SAFE_MOMENT = datetime(2023, 6, 25, 10, 46, 21, 24_000, tzinfo=UTC)
"""Start of sensing of every made-up Sentinel-2 product."""
LANDSAT_MOMENT = datetime(2020, 6, 13, 10, 33, 30, 123_456, tzinfo=UTC)
"""Centre time of every made-up Landsat product."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """A product on disk and what is really in it."""

    path: Path
    """Its folder."""
    stored: Mapping[str, NDArray[Any]]
    """Numbers in the files `(y, x)`, by band, at the finest resolution delivered."""
    physical: Mapping[str, NDArray[np.float64]]
    """What they mean, NaN where there is no observation."""


def make_safe(
    folder: Path, *, level: str = "L2A", baseline: str = "05.09", seed: int = 0
) -> Product:
    """Write a Sentinel-2 product below `folder`.

    Args:
        folder: existing folder.
        level: `L1C` or `L2A`.
        baseline: processing baseline; from `04.00` the numbers carry an offset of 1000.
        seed: of the made-up landscape.
    """
    number = baseline.replace(".", "")
    name = f"S2A_MSI{level}_20230625T104621_N{number}_R051_T31UFS_20230625T150000"
    root = folder / f"{name}.SAFE"
    granule = f"{level}_T31UFS_A041826_20230625T105222"
    images = root / "GRANULE" / granule / "IMG_DATA"
    added = 1000 if float(baseline) >= 4 else 0
    rng = np.random.default_rng(seed)
    stored: dict[str, NDArray[Any]] = {}
    listed: list[str] = []
    for metres, band in _safe_images(level):
        values = stored.get(band) if metres > _native(band) else None
        values = (
            _coarser(values, metres, band)
            if values is not None
            else _safe_values(band, metres, added, rng)
        )
        stored.setdefault(band, values)
        stem = f"T31UFS_20230625T104621_{band}"
        stem = f"R{metres}m/{stem}_{metres}m" if level == "L2A" else stem
        listed.append(f"GRANULE/{granule}/IMG_DATA/{stem}")
        _write(images / f"{stem}.jp2", values, metres)
    _write_safe_papers(root, level, baseline, granule, listed)
    physical = {
        band: np.where(values == 0, np.nan, (values.astype(np.float64) - added) / 10_000)
        for band, values in stored.items()
        if band in S2_BANDS
    }
    return Product(path=root, stored=stored, physical=physical)


def make_landsat(folder: Path, *, level: str = "L2SP", seed: int = 0) -> Product:
    """Write a Landsat 8 Collection 2 product below `folder`.

    Args:
        folder: existing folder.
        level: `L2SP` (surface reflectance and temperature) or `L1TP` (top of atmosphere).
        seed: of the made-up landscape.
    """
    name = f"LC08_{level}_198024_20200613_20200824_02_T1"
    root = folder / name
    rng = np.random.default_rng(seed)
    stored: dict[str, NDArray[Any]] = {}
    surface = level == "L2SP"
    bands = ["1", "2", "3", "4", "5", "6", "7"]
    bands += ["ST_B10"] if surface else ["8", "9", "10", "11"]
    for band in bands:
        metres = 15 if band == "8" else 30
        low, high = (40_000, 48_000) if "10" in band or band == "11" else (7_300, 25_000)
        values = _landscape(SIDE_M // metres, rng, low, high)
        stored[band] = values
        stem = (band if "ST" in band else f"SR_B{band}") if surface else f"B{band}"
        _write(root / f"{name}_{stem}.TIF", values, metres)
    quality = np.full((SIDE_M // 30, SIDE_M // 30), 21_824, np.uint16)
    quality[:5], quality[5:10], quality[10:15] = 22_280, 23_888, 21_888
    quality[stored["2"] == 0] = 1
    stored["QA_PIXEL"] = quality
    _write(root / f"{name}_QA_PIXEL.TIF", quality, 30)
    _write(root / f"{name}_QA_RADSAT.TIF", np.zeros_like(quality), 30)
    (root / f"{name}_MTL.txt").write_text(landsat_mtl(name, surface=surface), encoding="ascii")
    (root / f"{name}_ANG.txt").write_text("GROUP = FILE_HEADER\nEND_GROUP = FILE_HEADER\nEND\n")
    return Product(path=root, stored=stored, physical=_landsat_physical(stored, surface=surface))


def _landsat_physical(
    stored: Mapping[str, NDArray[Any]], *, surface: bool
) -> dict[str, NDArray[np.float64]]:
    """What the numbers mean by the formulas of the data format books."""
    sine = np.sin(np.radians(57.84396063))
    found = {}
    for band, values in stored.items():
        numbers = np.where(values == 0, np.nan, values.astype(np.float64))
        if band == "ST_B10":
            found[band] = numbers * 0.00341802 + 149.0
        elif band.isdigit() and surface:
            found[band] = numbers * 2.75e-05 - 0.2
        elif band in ("10", "11"):
            multiply = {"10": 3.8e-4, "11": 3.49e-4}[band]
            found[band] = numbers * multiply + 0.1
        elif band.isdigit():
            found[band] = (numbers * 2e-05 - 0.1) / sine
    return found


def _safe_images(level: str) -> list[tuple[int, str]]:
    """`(metres, band)` of every image of a product, finest first."""
    if level == "L1C":
        return [(_native(band), band) for band in S2_BANDS]
    at_10 = [*_NATIVE[10], "AOT", "WVP"]
    at_20 = ["B01", "B02", "B03", "B04", *_NATIVE[20], "AOT", "WVP", "SCL"]
    at_60 = [band for band in S2_BANDS if band not in ("B08", "B10")] + ["AOT", "WVP", "SCL"]
    return [(10, b) for b in at_10] + [(20, b) for b in at_20] + [(60, b) for b in at_60]


def _native(band: str) -> int:
    for metres, bands in _NATIVE.items():
        if band in bands and band != "B01":
            return metres
    return {"B01": 60, "SCL": 20}.get(band, 10)


def _safe_values(band: str, metres: int, added: int, rng: np.random.Generator) -> NDArray[Any]:
    side = SIDE_M // metres
    if band == "SCL":
        classes = rng.choice([3, 4, 5, 6, 8, 9, 10], (side // 4 + 1, side // 4 + 1))
        values = np.kron(classes, np.ones((4, 4)))[:side, :side].astype(np.uint8)
        values[:, -2:] = 0
        return values
    return _landscape(side, rng, 100 + added, 5_000 + added)


def _landscape(side: int, rng: np.random.Generator, low: int, high: int) -> NDArray[Any]:
    coarse = rng.uniform(low, high, (side // 6 + 2, side // 6 + 2))
    values = np.kron(coarse, np.ones((6, 6)))[:side, :side] + rng.normal(0, 20, (side, side))
    values = np.clip(values, low, high).astype(np.uint16)
    values[:, -max(1, side // 20) :] = 0  # the edge of the swath
    return values


def _coarser(values: NDArray[Any], metres: int, band: str) -> NDArray[Any]:
    step = metres // _native(band)
    return np.ascontiguousarray(values[::step, ::step])


def _write(path: Path, values: NDArray[Any], metres: int) -> None:
    rasterio = load_rasterio()
    path.parent.mkdir(parents=True, exist_ok=True)
    profile: dict[str, Any] = {
        "count": 1,
        "height": values.shape[0],
        "width": values.shape[1],
        "dtype": values.dtype.name,
        "crs": "EPSG:32631",
        "transform": Affine(metres, 0, WEST, 0, -metres, NORTH),
    }
    if path.suffix == ".jp2":
        profile |= {"driver": "JP2OpenJPEG", "QUALITY": "100", "REVERSIBLE": "YES"}
    else:
        profile |= {"driver": "GTiff", "compress": "deflate", "tiled": True}
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)


def _write_safe_papers(
    root: Path, level: str, baseline: str, granule: str, listed: list[str]
) -> None:
    product = sentinel2_product_xml(root.name, level, baseline, granule, listed)
    (root / f"MTD_MSI{level}.xml").write_text(product, encoding="utf-8")
    tile = root / "GRANULE" / granule / "MTD_TL.xml"
    sizes = {metres: SIDE_M // metres for metres in (10, 20, 60)}
    text = sentinel2_tile_xml(level, baseline, sizes, (WEST, NORTH))
    tile.write_text(text, encoding="utf-8")
    (root / "manifest.safe").write_text(
        '<?xml version="1.0"?>\n<xfdu:XFDU xmlns:xfdu="urn:ccsds"/>'
    )
