"""GeoTIFFs as somebody would deliver them, for tests of taking files in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from landzicht.formats.gdal import load_rasterio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

HALF_METRE = Affine(0.5, 0, 100_000, 0, -0.5, 450_000)
"""Pixels of half a metre in the Dutch RD system."""


def write_photo(path: Path, values: NDArray[Any], **options: Any) -> Path:
    """Write `(band, y, x)` with GDAL, in RD unless the options say otherwise; return the path."""
    profile = {
        "driver": "GTiff",
        "count": values.shape[0],
        "height": values.shape[1],
        "width": values.shape[2],
        "dtype": values.dtype.name,
        "crs": "EPSG:28992",
        "transform": HALF_METRE,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with load_rasterio().open(path, "w", **(profile | options)) as target:
        target.write(values)
    return path


def noise_photo(path: Path, seed: int, side: int = 64, bands: int = 1) -> Path:
    """Write an image of noise, 1-254, another one for each seed; return the path."""
    rng = np.random.default_rng(seed)
    return write_photo(path, rng.integers(1, 255, (bands, side, side)).astype(np.uint8))
