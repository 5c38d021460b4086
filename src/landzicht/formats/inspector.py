"""Reading headers of untrusted files, and refusing what is too large before a pixel is read."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landzicht.errors import reasons
from landzicht.errors.files import FileTooLarge, UnknownCrs, UnreadableFile
from landzicht.formats.limits import is_too_large
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.sidecars import MASK
from landzicht.formats.sidecars import beside as beside_file
from landzicht.formats.sniff import sniff_driver
from landzicht.formats.sources import open_source
from landzicht.formats.zarr.store import is_store
from landzicht.grid import Grid, can_lie_on_earth
from landzicht.grid.crs import canonical_crs
from landzicht.kinds import OWN_MASKS, RasterBand, RasterInfo

if TYPE_CHECKING:
    from pathlib import Path

MAX_BLOCK_BYTES = 128 * 2**20
"""Largest unpacked block; one Sentinel-2 band as a single strip is 241 MB and is refused."""
MAX_BANDS = 512
"""Bands in one file."""
MAX_RATIO = 20_000
"""Unpacked over packed size above which a large file counts as a bomb; zstd of zeros is 10,000."""
_SECONDS = 60.0
_TAG_LIMIT = 4096
_DETAIL = 200


class GdalInspector:
    """Implements `landzicht.ports.Inspector`. Safe to use from many threads."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Make an inspector.

        Args:
            sandbox: children to open the files in; None = its own.
        """
        self._sandbox = sandbox or Sandbox()

    def inspect(self, path: Path, subdataset: str | None = None) -> RasterInfo:
        """Return what the header says.

        Raises:
            UnreadableFile: not a raster of an allowed format, or damaged.
            FileTooLarge: the header declares more than we open.
        """
        if not is_store(path):
            sniff_driver(path)  # most wrong files are known without asking a child
        info: RasterInfo = self._sandbox.call("inspect", (path, subdataset), path, seconds=_SECONDS)
        return info


def inspect_here(path: Path, subdataset: str | None = None) -> RasterInfo:
    """Read a header in this process; see `GdalInspector.inspect`."""
    if is_store(path):
        from landzicht.formats.zarr.inspect import inspect_store

        return inspect_store(path, subdataset)
    driver = sniff_driver(path)
    with open_source(path, driver, subdataset) as dataset:
        check_size(path, dataset)
        try:
            info = _describe(path, driver, subdataset, dataset)
        except (ValueError, KeyError, OverflowError) as error:  # words and numbers that make none
            detail = str(error)[:_DETAIL]
            raise UnreadableFile(path=path, reason=reasons.HEADER.fill(detail=detail)) from error
    beside = beside_file(path, MASK) if driver == "GTiff" and info.mask not in OWN_MASKS else None
    if beside is None:
        return info
    if sniff_driver(beside) != driver:
        raise UnreadableFile(path=beside, reason=reasons.NOT_A_RASTER.fill(seen=beside.suffix))
    with open_source(beside, driver, None) as dataset:
        check_size(beside, dataset)
        if (dataset.height, dataset.width, dataset.count) != (info.height, info.width, 1):
            reason = reasons.HEADER.fill(detail=f"{dataset.width} x {dataset.height}")
            raise UnreadableFile(path=beside, reason=reason)
    return replace(info, mask="external")


def check_size(path: Path, dataset: Any) -> None:  # noqa: ANN401 - rasterio is untyped
    """Refuse a file by what its header declares.

    Raises:
        FileTooLarge: more pixels, bands, or larger blocks than we open, or a bomb by its ratio.
    """
    height, width, count = dataset.height, dataset.width, dataset.count
    if is_too_large(height, width):
        raise FileTooLarge(path=path, reason=reasons.SIDES.fill(width=width, height=height))
    if count > MAX_BANDS:
        raise FileTooLarge(path=path, reason=reasons.BANDS.fill(count=count))
    pixel_bytes = [_itemsize(dtype) for dtype in dataset.dtypes]
    for (rows, columns), size in zip(dataset.block_shapes, pixel_bytes, strict=True):
        together = count if dataset.interleaving is not None and _is_pixel(dataset) else 1
        block = rows * columns * size * together
        if block > MAX_BLOCK_BYTES:
            megabytes = math.ceil(block / 1e6)
            raise FileTooLarge(path=path, reason=reasons.BLOCK.fill(megabytes=megabytes))
    declared = height * width * sum(pixel_bytes)
    size = path.stat().st_size
    if declared > 2**28 and declared > MAX_RATIO * size:
        megabytes = {"size": math.ceil(size / 1e6), "declared": math.ceil(declared / 1e6)}
        raise FileTooLarge(path=path, reason=reasons.BOMB.fill(**megabytes))


def _is_pixel(dataset: Any) -> bool:  # noqa: ANN401
    return str(dataset.interleaving.value).lower() == "pixel"


def _itemsize(dtype: str) -> int:
    import numpy as np

    return np.dtype(dtype.replace("complex_int16", "complex64")).itemsize


def _describe(path: Path, driver: str, subdataset: str | None, dataset: Any) -> RasterInfo:  # noqa: ANN401
    georeference, grid = _georeference(dataset)
    return RasterInfo(
        path=path,
        driver=driver,
        subdataset=subdataset,
        grid=grid,
        georeference=georeference,
        height=dataset.height,
        width=dataset.width,
        block=dataset.block_shapes[0] if dataset.count else (0, 0),
        bands=tuple(_band(dataset, index) for index in dataset.indexes),
        mask=_mask(dataset),
        tags=_tags(dataset.tags()),
        subdatasets=_subdatasets(path, driver, dataset),
    )


def _georeference(dataset: Any) -> tuple[str, Grid | None]:  # noqa: ANN401
    if dataset.crs is None:
        points, _ = dataset.gcps
        kind = "gcps" if points else "rpcs" if dataset.rpcs else "none"
        return kind, None
    transform = dataset.transform
    if transform.is_identity or not can_lie_on_earth(transform):
        return ("gcps" if dataset.gcps[0] else "none"), None
    try:
        crs = canonical_crs(dataset.crs.to_wkt(version="WKT2_2019"))
    except UnknownCrs as error:
        return ("foreign" if error.facts.get("reason") == "not on Earth" else "unknown"), None
    return "affine", Grid(crs=crs, transform=transform, height=dataset.height, width=dataset.width)


def _band(dataset: Any, index: int) -> RasterBand:  # noqa: ANN401
    place = index - 1
    colour = dataset.colorinterp[place].name.lower()
    colours: tuple[tuple[int, tuple[int, int, int, int]], ...] = ()
    if colour == "palette":
        colours = tuple(sorted(dataset.colormap(index).items()))
    return RasterBand(
        index=index,
        dtype=str(dataset.dtypes[place]),
        nodata=dataset.nodatavals[place],
        scale=float(dataset.scales[place]),
        offset=float(dataset.offsets[place]),
        description=dataset.descriptions[place] or None,
        colour=colour,
        colours=colours,
        tags=_tags(dataset.tags(index)),
    )


def _mask(dataset: Any) -> str:  # noqa: ANN401
    if not dataset.count:
        return "none"
    flags = {flag.name for flag in dataset.mask_flag_enums[0]}
    if "alpha" in flags:
        return "alpha"
    if "per_dataset" in flags:
        return "internal"
    return "nodata" if "nodata" in flags else "none"


def _tags(tags: dict[str, str]) -> dict[str, str]:
    return {name[:200]: value[:_TAG_LIMIT] for name, value in sorted(tags.items())[:500]}


def _subdatasets(path: Path, driver: str, dataset: Any) -> tuple[str, ...]:  # noqa: ANN401
    if driver != "netCDF" or not dataset.subdatasets:
        return ()
    names = []
    for name in dataset.subdatasets:
        before, colon, array = name.rpartition(":")
        if not colon or path.name not in before:
            raise UnreadableFile(path=path, reason=reasons.NO_ARRAY.fill(name=name[-80:]))
        names.append(array)
    return tuple(names)
