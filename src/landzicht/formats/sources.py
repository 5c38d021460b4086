"""Opening foreign raster files: only real files, only with a named driver."""

from __future__ import annotations

import re
import stat
import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from landzicht.errors import reasons
from landzicht.errors.files import UnreadableFile
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.jp2 import check_jp2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ARRAY = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.+@ -]{0,127}$")
"""Names of arrays in a container: no quotes, colons or slashes, which GDAL gives a meaning."""


def checked_path(path: Path) -> Path:
    """Return the absolute path of an existing regular file with a name that is only a name.

    Raises:
        UnreadableFile: there is no such file, it is a folder or device, or it is empty.
    """
    real = path.absolute()
    try:
        status = real.stat()
    except (OSError, ValueError) as error:
        raise UnreadableFile(path=path, reason=reasons.NO_FILE) from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(path=path, reason=reasons.NO_FILE)
    if status.st_size == 0:
        raise UnreadableFile(path=path, reason=reasons.EMPTY)
    if str(real).startswith("/vsi") or any(sign in str(real) for sign in '"\n\r\0'):
        raise UnreadableFile(path=path, reason=reasons.ODD_NAME)
    return real


@contextmanager
def open_source(
    path: Path, driver: str, subdataset: str | None, overview: int | None = None
) -> Iterator[Any]:
    """Open a raster with exactly this driver; yields a rasterio dataset.

    Args:
        path: the file.
        driver: GDAL driver that its first bytes named.
        subdataset: array in a container, or None.
        overview: which overview to open instead of the full image, from 0.

    Raises:
        UnreadableFile: the file is not of this kind, or damaged.
        FileTooLarge: one tile of a JPEG 2000 file is more than we let a decoder hold.
    """
    rasterio = load_rasterio()
    name = str(checked_path(path))
    if driver == "JP2OpenJPEG":
        check_jp2(path)
    if subdataset is not None:
        if driver != "netCDF" or not _ARRAY.match(subdataset):
            raise UnreadableFile(path=path, reason=reasons.NO_ARRAY.fill(name=subdataset[:80]))
        name = f'NETCDF:"{name}":{subdataset}'
    options = {} if overview is None else {"overview_level": overview}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            dataset = rasterio.open(name, driver=driver, sharing=False, **options)
    except (rasterio.errors.RasterioError, ValueError) as error:
        raise UnreadableFile(path=path, reason=_reason(error, path)) from error
    failures = import_module("rasterio._err").CPLE_BaseError
    with dataset:
        try:
            yield dataset
        except failures as error:  # GDAL's own, which rasterio lets through in some places
            raise UnreadableFile(path=path, reason=_reason(error, path)) from error


def damaged(path: Path, error: Exception) -> UnreadableFile:
    """Return the error for pixels that could not be decoded."""
    detail = str(error.__cause__ or error).replace(str(path), path.name)
    return UnreadableFile(path=path, reason=reasons.DAMAGED.fill(detail=detail[:200]))


def _reason(error: Exception, path: Path) -> object:
    detail = str(error.__cause__ or error).replace(str(path.absolute()), path.name)
    return reasons.HEADER.fill(detail=detail[:200])
