"""Reading stored images: our own files by our own path, anything else through GDAL."""

from __future__ import annotations

import math
import threading
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from affine import Affine

from landzicht.blocks.cache import ByteCache
from landzicht.errors.files import StoredFileFailed
from landzicht.formats.decode import decode_block, empty_block, exact_nodata
from landzicht.formats.tiff import DamagedTiff, Header, OtherProfile, read_header
from landzicht.grid import Grid
from landzicht.kinds import Block

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.formats.tiff import Directory
    from landzicht.grid import Window
    from landzicht.kinds import Asset

_MOST_HEADERS = 32 * 2**20
_NEAR = 4 * float(np.finfo(np.float32).eps)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A header that was read, or the reason why GDAL must do it."""

    path: Path
    header: Header | None
    shapes: tuple[tuple[int, int], ...]
    masked: bool

    @property
    def nbytes(self) -> int:
        if self.header is None:
            return 1_000
        images = [*self.header.levels, *(m for m in self.header.masks if m)]
        return 1_000 + sum(1_000 + 2 * image.offsets.nbytes for image in images)


class _Where(NamedTuple):
    """Which band of which image of which file; the first two and the block are the cache's key."""

    href: str
    image: int
    path: Path
    sample: int


class CogReader:
    """Reads stored assets; implements `ports.Reader`; safe to use from many threads.

    Headers and decoded tiles are kept: stored files are named for their content, so what a path
    holds never changes.
    """

    def __init__(self, folder: Path, cache_bytes: int = 256 * 2**20) -> None:
        """Make a reader.

        Args:
            folder: the data folder; asset addresses are below it.
            cache_bytes: most bytes of decoded tiles to keep.
        """
        self._folder = folder
        self._headers: ByteCache[_Opened] = ByteCache(_MOST_HEADERS, lambda found: found.nbytes)
        self._blocks: ByteCache[NDArray[Any]] = ByteCache(cache_bytes, lambda block: block.nbytes)
        self._routes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """Return the grids that the file holds: full size first, then overviews.

        Raises:
            StoredFileFailed: the file is gone or damaged, or is not what the catalogue says.
        """
        return self._levels(asset, self._open(asset).shapes)

    def _levels(self, asset: Asset, shapes: tuple[tuple[int, int], ...]) -> tuple[Grid, ...]:
        full = asset.grid
        if shapes[0] != full.shape:
            raise StoredFileFailed(path=asset.href, reason=f"{shapes[0]} is not {full.shape}")
        return _grids(full, shapes)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """Return the pixels of one window of one level; `window` must lie inside the level.

        A pixel is usable when the file's mask says so, it is not the band's nodata, and is a
        number.

        Raises:
            StoredFileFailed: the file is gone or damaged.
        """
        opened = self._open(asset)
        grid = self._levels(asset, opened.shapes)[level].crop(window)
        try:
            if opened.header is None:
                values, mask = self._through_gdal(asset, opened, level, window)
            else:
                values, mask = self._own(asset, opened, level, window)
        except (DamagedTiff, OSError) as error:
            raise StoredFileFailed(path=asset.href, reason=str(error)) from error
        valid = usable(values, asset.band.nodata, mask)
        band = asset.band
        return Block(values=values[None], valid=valid[None], grid=grid, bands=(band,))

    @property
    def routes(self) -> Mapping[str, int]:
        """How many windows were read by our own path (`own`) and by GDAL (`gdal`)."""
        with self._lock:
            return {"own": self._routes["own"], "gdal": self._routes["gdal"]}

    @property
    def cache(self) -> Mapping[str, int]:
        """State of the cache of decoded tiles: `bytes`, `values`, `hits`, `misses`."""
        return self._blocks.counts

    def clear(self) -> None:
        """Forget decoded tiles (headers stay)."""
        self._blocks.clear()

    def _path(self, asset: Asset) -> Path:
        parts = asset.href.split("/")
        if not all(parts) or ".." in parts or "\0" in asset.href or "\\" in asset.href:
            raise StoredFileFailed(path=asset.href[:200], reason="not a path in the data folder")
        return self._folder.joinpath(*parts)

    def _open(self, asset: Asset) -> _Opened:
        try:
            return self._headers.get(asset.href, lambda: _open_file(self._path(asset)))
        except (DamagedTiff, OSError) as error:
            raise StoredFileFailed(path=asset.href, reason=str(error)) from error

    def _count(self, route: str) -> None:
        with self._lock:
            self._routes[route] += 1

    def _through_gdal(
        self, asset: Asset, opened: _Opened, level: int, window: Window
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        from landzicht.formats.foreign import read_window

        self._count("gdal")
        return read_window(opened.path, level, window, masked=opened.masked, index=asset.index)

    def _own(
        self, asset: Asset, opened: _Opened, level: int, window: Window
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        self._count("own")
        header = opened.header
        assert header is not None
        image, directory, path = header.levels[level], header.masks[level], opened.path
        if not 1 <= asset.index <= image.samples:
            raise DamagedTiff(f"has {image.samples} bands, and not band {asset.index}")
        where = _Where(asset.href, 2 * level, path, asset.index - 1)
        values = self._window(where, image, window, header.nodata)
        if directory is not None:
            where = _Where(asset.href, 2 * level + 1, path, 0)
            return values, self._window(where, directory, window, None)
        if image.alpha is None or image.alpha == asset.index - 1:
            return values, None  # alpha itself has a value everywhere
        where = _Where(asset.href, 2 * level, path, image.alpha)
        return values, self._window(where, image, window, header.nodata) != 0

    def _window(
        self,
        where: _Where,
        directory: Directory,
        window: Window,
        nodata: float | None,
    ) -> NDArray[Any]:
        """Put one band of a window together from blocks."""
        dtype = np.bool_ if directory.mask else directory.dtype
        out = np.empty((window.height, window.width), dtype)
        tall, wide = directory.block
        first = where.sample * directory.per_band if directory.apart else 0
        for down in range(window.row // tall, -(-window.stop_row // tall)):
            for across in range(window.column // wide, -(-window.stop_column // wide)):
                number = first + down * directory.across + across
                make = partial(_read_block, where.path, directory, number, nodata)
                block = self._blocks.get((where.href, where.image, number), make)
                if block.ndim == 3:
                    block = block[..., where.sample]
                top, left = down * tall, across * wide
                rows = slice(max(top, window.row), min(top + tall, window.stop_row))
                columns = slice(max(left, window.column), min(left + wide, window.stop_column))
                out[
                    rows.start - window.row : rows.stop - window.row,
                    columns.start - window.column : columns.stop - window.column,
                ] = block[
                    rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
                ]
        return out


def usable(
    values: NDArray[Any], nodata: float | None, mask: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Return which pixels count: in the mask, not nodata, and a number.

    Args:
        values: any shape, stored numbers.
        nodata: stored number that means “no observation”, or None.
        mask: same shape, True = usable, or None when all are; changed in place.
    """
    exact = exact_nodata(values.dtype, nodata)
    valid = mask
    if values.dtype.kind == "f":
        known = ~np.isnan(values)
        if exact is not None and math.isfinite(exact):
            # Overviews and text tags round large nodata values; GDAL allows for that too.
            with np.errstate(over="ignore"):
                near = np.abs(values - values.dtype.type(exact)) <= _NEAR * abs(exact)
            known &= ~near
        elif exact is not None:
            known &= values != exact
        valid = known if valid is None else np.logical_and(valid, known, out=valid)
    elif exact is not None:
        known = values != values.dtype.type(exact)
        valid = known if valid is None else np.logical_and(valid, known, out=valid)
    return np.ones(values.shape, np.bool_) if valid is None else valid


def _open_file(path: Path) -> _Opened:
    try:
        header = read_header(path)
    except OtherProfile:
        from landzicht.formats.foreign import describe

        shapes, masked = describe(path)
        return _Opened(path, None, shapes, masked)
    shapes = tuple((level.height, level.width) for level in header.levels)
    return _Opened(path, header, shapes, masked=header.masks[0] is not None)


def _read_block(
    path: Path, directory: Directory, number: int, nodata: float | None
) -> NDArray[Any]:
    # The file is opened for each tile: 10 microseconds beside a millisecond of decoding, and no
    # handle or mapping that a vanished disk could turn into a crash.
    offset, size = int(directory.offsets[number]), int(directory.sizes[number])
    if size == 0:
        return empty_block(directory, nodata)
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        stored = file.read(size)
    if len(stored) != size:
        raise DamagedTiff("ends early")
    block = decode_block(directory, stored, number)
    block.flags.writeable = False
    return block


@lru_cache(maxsize=4096)
def _grids(full: Grid, shapes: tuple[tuple[int, int], ...]) -> tuple[Grid, ...]:
    """Return the grids of all levels: overviews cover the same ground as the full image."""
    grids = [full]
    for height, width in shapes[1:]:
        transform = full.transform @ Affine.scale(full.width / width, full.height / height)
        grids.append(Grid(crs=full.crs, transform=transform, height=height, width=width))
    return tuple(grids)
