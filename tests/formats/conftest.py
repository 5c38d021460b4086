"""Rasters of every shape, made with rasterio: the oracle for our own writer."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.sandbox import Sandbox

MakeTiff = Callable[..., Path]


@pytest.fixture
def make_tiff(tmp_path: Path) -> MakeTiff:
    """Return a function that writes `(band, y, x)` with GDAL and returns the path."""

    def make(values: np.ndarray, name: str = "source.tif", **options: Any) -> Path:
        mask = options.pop("mask", None)
        profile = {
            "driver": "GTiff",
            "count": values.shape[0],
            "height": values.shape[1],
            "width": values.shape[2],
            "dtype": values.dtype.name,
            "crs": "EPSG:32631",
            "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000),
        }
        rasterio = load_rasterio()
        path = tmp_path / name
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(path, "w", **(profile | options)) as target,
        ):
            target.write(values)
            if mask is not None:
                target.write_mask(mask)
        return path

    return make


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox
