"""What a Zarr store says about itself, in the words of a raster file."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors import reasons
from landzicht.errors.files import FileTooLarge, UnknownCrs, UnreadableFile
from landzicht.formats.limits import is_too_large
from landzicht.formats.tags import DamagedTiff
from landzicht.formats.zarr.array import nodata_of, read_array
from landzicht.formats.zarr.image import copies_of
from landzicht.formats.zarr.place import (
    attributes_of,
    axes_of,
    coordinates,
    crs_of,
    transform_of,
)
from landzicht.formats.zarr.store import DamagedZarr, Store
from landzicht.grid import Grid
from landzicht.grid.crs import canonical_crs
from landzicht.kinds import RasterBand, RasterInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.formats.zarr.array import ZarrArray

ZARR = "Zarr"
"""Stands where other files have their GDAL driver."""
_MOST_ARRAYS, _MOST_FILES, _DEEPEST = 1_000, 2_000_000, 6
_TEXT = 200


def inspect_store(path: Path, name: str | None) -> RasterInfo:
    """Return what the metadata of a store, or of one array in it, says; no chunk is read.

    But for the coordinates along each dimension, which tell the place and the moments.

    Raises:
        UnreadableFile: it is damaged, or there is no such array.
        FileTooLarge: it declares more than we open.
    """
    store = Store(path)
    try:
        names = () if name is not None else tuple(_images(store))
        if name is None and len(names) == 1:
            name, names = names[0], ()
        if name is None:
            return _container(path, names)
        return _described(path, store, read_array(store, name))
    except (DamagedZarr, DamagedTiff) as error:
        raise UnreadableFile(path=path, reason=reasons.HEADER.fill(detail=error)) from error
    except OSError as error:
        detail = str(error.strerror)
        raise UnreadableFile(path=path, reason=reasons.HEADER.fill(detail=detail)) from error


def size_of(path: Path) -> int:
    """Return how many bytes the files of a store hold together, links left out.

    Raises:
        FileTooLarge: there are too many files to look at.
    """
    total = count = 0
    for folder, _, names in os.walk(path):
        count += len(names)
        if count > _MOST_FILES:
            raise FileTooLarge(path=path, reason=reasons.FILES.fill(count=count))
        for name in names:
            total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - a million files
    return total


def _images(store: Store) -> Iterator[str]:
    """Yield the names of arrays that can be images, without smaller copies of others."""
    found: list[str] = []
    copies: set[str] = set()
    for folder, below, files in os.walk(store.root):
        name = os.path.relpath(folder, store.root).replace(os.sep, "/").removeprefix(".")
        if len(found) > _MOST_ARRAYS or name.count("/") > _DEEPEST:
            below.clear()
            continue
        below.sort()
        marks = {"zarr.json", ".zarray", ".zgroup"} & set(files)
        if not marks:
            below.clear()
            continue
        try:
            array = read_array(store, name)
        except DamagedZarr:
            continue
        below.clear()
        if len(array.shape) >= 2:
            found.append(name)
            copies |= set(copies_of(store, name))
    yield from (name for name in found if name not in copies)


def _container(path: Path, names: tuple[str, ...]) -> RasterInfo:
    return RasterInfo(
        path=path, driver=ZARR, subdataset=None, grid=None, georeference="none", height=0, width=0,
        block=(0, 0), bands=(), mask="none", subdatasets=names,
    )  # fmt: skip


def _described(path: Path, store: Store, array: ZarrArray) -> RasterInfo:
    if len(array.shape) < 2:
        raise DamagedZarr(f"has no image “{array.name[:80]}”")
    down, across = axes_of(array)
    others = [axis for axis in range(len(array.shape)) if axis not in (down, across)]
    height, width = array.shape[down], array.shape[across]
    _check_size(path, array, [array.shape[axis] for axis in others], (height, width))
    georeference, grid = _place(store, array, (height, width))
    lines = [_line(store, array, axis) for axis in others]
    tags = _words(array.attributes) | _units(store, array, others)
    return RasterInfo(
        path=path,
        driver=ZARR,
        subdataset=array.name,
        grid=grid,
        georeference=georeference,
        height=height,
        width=width,
        block=(array.chunk[down], array.chunk[across]),
        bands=tuple(
            _band(array, index, dict(steps))
            for index, steps in enumerate(itertools.product(*lines), 1)
        ),
        mask="none" if nodata_of(array) is None else "nodata",
        tags=tags,
    )


def _check_size(path: Path, array: ZarrArray, others: list[int], shape: tuple[int, int]) -> None:
    from landzicht.formats.inspector import MAX_BANDS, MAX_RATIO

    height, width = shape
    if is_too_large(height, width):
        raise FileTooLarge(path=path, reason=reasons.SIDES.fill(width=width, height=height))
    count = int(np.prod([float(n) for n in others]))
    if count > MAX_BANDS:
        raise FileTooLarge(path=path, reason=reasons.BANDS.fill(count=count))
    declared, size = height * width * count * array.dtype.itemsize, size_of(path)
    if declared > 2**28 and declared > MAX_RATIO * size:
        facts = {"size": -(-size // 10**6), "declared": -(-declared // 10**6)}
        raise FileTooLarge(path=path, reason=reasons.BOMB.fill(**facts))


def _place(store: Store, array: ZarrArray, shape: tuple[int, int]) -> tuple[str, Grid | None]:
    text = crs_of(store, array)
    transform, _ = transform_of(store, array)
    if text is None or transform is None:
        return "none", None
    try:
        crs = canonical_crs(text)
    except UnknownCrs as error:
        return ("foreign" if error.facts.get("reason") == "not on Earth" else "unknown"), None
    return "affine", Grid(crs=crs, transform=transform, height=shape[0], width=shape[1])


def _line(store: Store, array: ZarrArray, axis: int) -> list[tuple[str, str]]:
    """Return `(tag, coordinate)` for each place along a dimension, named as GDAL names them."""
    name = array.dimensions[axis] if array.dimensions else ""
    found = coordinates(store, array, axis)
    values = range(array.shape[axis]) if found is None else found.tolist()
    return [(f"NETCDF_DIM_{name or axis}", f"{value:g}" if value % 1 else f"{value:.0f}")
            for value in map(float, values)]  # fmt: skip


def _units(store: Store, array: ZarrArray, others: list[int]) -> dict[str, str]:
    """Return `time#units` and its like, named as GDAL names them."""
    found: dict[str, str] = {}
    group = array.name.rpartition("/")[0]
    for axis in others:
        name = array.dimensions[axis] if array.dimensions else ""
        if not name:
            continue
        try:
            told = attributes_of(store, f"{group}/{name}".lstrip("/"))
        except DamagedZarr:
            continue
        found |= {f"{name}#{word}": text for word, text in _words(told).items()}
    return found


def _words(told: dict[str, Any] | Any) -> dict[str, str]:  # noqa: ANN401 - whatever stood there
    plain = {
        str(name)[:_TEXT]: str(value)[:_TEXT]
        for name, value in sorted(told.items())[:500]
        if isinstance(value, str | int | float)
    }
    return {name: text for name, text in plain.items() if not name.startswith("_")}


def _band(array: ZarrArray, index: int, steps: dict[str, str]) -> RasterBand:
    scale = _number(array.attributes.get("scale_factor"), 1.0)
    return RasterBand(
        index=index,
        dtype=array.dtype.name,
        nodata=nodata_of(array),
        scale=scale,
        offset=_number(array.attributes.get("add_offset"), 0.0),
        description=None,
        colour="gray",
        colours=(),
        tags=steps,
    )


def _number(told: Any, default: float) -> float:  # noqa: ANN401 - whatever stood there
    good = isinstance(told, int | float) and not isinstance(told, bool)
    return float(told) if good else default
