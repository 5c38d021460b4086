"""Reading stored GeoTIFFs that our own path does not cover, through GDAL."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.tiff import DamagedTiff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from rasterio import DatasetReader

    from landzicht.grid import Window


def describe(path: Path) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return the shapes of all levels, full size first, and whether the file has a mask.

    Raises:
        DamagedTiff: GDAL cannot open it as GeoTIFF either.
    """
    with _open(path) as image:
        shapes = [image.shape]
        count = len(image.overviews(1))
        masked = "per_dataset" in {flag.name for flag in image.mask_flag_enums[0]}
    for number in range(count):
        with _open(path, overview_level=number) as image:
            shapes.append(image.shape)
    return tuple(shapes), masked


def read_window(
    path: Path, level: int, window: Window, *, masked: bool, index: int = 1
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return the values `(y, x)` of one band in a window, and its mask (True = usable).

    Raises:
        DamagedTiff: the pixels cannot be read.
    """
    piece = ((window.row, window.stop_row), (window.column, window.stop_column))
    choice = {"overview_level": level - 1} if level else {}
    with _open(path, **choice) as image:
        if not 1 <= index <= image.count:
            raise DamagedTiff(f"has {image.count} bands, and not band {index}")
        values = image.read(index, window=piece)
        mask = image.read_masks(index, window=piece) != 0 if masked else None
    return values, mask


@contextmanager
def _open(path: Path, **options: int) -> Iterator[DatasetReader]:
    rasterio = load_rasterio()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path.absolute(), driver="GTiff", **options) as image:
                yield image
    except rasterio.errors.RasterioError as error:
        raise DamagedTiff(str(error)) from error
