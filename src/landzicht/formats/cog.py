"""Reading stored images: our own files by our own path, anything else through GDAL."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from affine import Affine

from landzicht.blocks.cache import ByteCache
from landzicht.errors import LandzichtError
from landzicht.errors.files import StoredFileFailed
from landzicht.errors.remote import RemoteChanged, RemoteFailed
from landzicht.formats.decode import exact_nodata
from landzicht.formats.images import FAILURES, is_tiff, open_image
from landzicht.formats.layers import layers_of
from landzicht.formats.places import Places
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.sidecars import with_sidecars
from landzicht.formats.tiff import DamagedTiff, Header, OtherProfile, header_of
from landzicht.formats.windows import Windows, usable
from landzicht.grid import Grid
from landzicht.kinds import Block, Part, Rows, is_remote
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from landzicht.formats.images import Image
    from landzicht.formats.ranges import ByteSource
    from landzicht.grid import Window
    from landzicht.kinds import Asset
    from landzicht.ports import Ahead, Direct, Watch

_MOST_HEADERS = 32 * 2**20
_MOST_SOON = 4 * 2**20
"""Stored bytes of one band that are fetched ahead."""
_MOST_CHILDREN = 2
_PLAIN = frozenset({"uint8", "uint16"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A header that was read, or an image that is no TIFF of our own path."""

    source: ByteSource
    header: Header | None
    shapes: tuple[tuple[int, int], ...]
    image: Image | None = None
    edition: int = 0

    @property
    def nbytes(self) -> int:
        if self.header is None:
            return 1_000 if self.image is None else self.image.nbytes
        images = [*self.header.levels, *(m for m in self.header.masks if m)]
        return 1_000 + sum(1_000 + 2 * image.offsets.nbytes for image in images)


class CogReader:
    """Reads stored assets; implements `ports.Reader`; safe to use from many threads.

    Headers and decoded tiles are kept: stored files are named for their content, so what a path
    holds never changes.
    """

    def __init__(
        self,
        folder: Path,
        cache_bytes: int = 256 * 2**20,
        places: Places | None = None,
        sandbox: Sandbox | None = None,
    ) -> None:
        """Make a reader.

        Args:
            folder: the data folder; asset addresses are below it.
            cache_bytes: most bytes of decoded tiles to keep.
            places: what finds files, when some lie elsewhere; None = only below `folder`.
            sandbox: children for what GDAL must read; None = two of its own.
        """
        self._sandbox = sandbox or Sandbox(_MOST_CHILDREN)
        self._places = places or Places(folder)
        self._editions: Counter[str] = Counter()
        self._headers: ByteCache[_Opened] = ByteCache(_MOST_HEADERS, lambda found: found.nbytes)
        self._windows = Windows(cache_bytes)
        self._routes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """Return the grids that the file holds: full size first, then overviews.

        Raises:
            StoredFileFailed: the file is gone or damaged, or is not what the catalogue says.
            LandzichtError: a remote file that cannot be had: see `landzicht.errors.remote`.
        """
        return self._levels(asset, self._open(asset).shapes)

    def _levels(self, asset: Asset, shapes: tuple[tuple[int, int], ...]) -> tuple[Grid, ...]:
        full = asset.grid
        if shapes[0] != full.shape:
            raise _failure(asset.href, DamagedTiff(f"{shapes[0]} is not {full.shape}"))
        return _grids(full, shapes)

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """Return the pixels of one window of one level; `window` must lie inside the level.

        A pixel is usable when the file's mask says so, it is not the band's nodata, and is a
        number.

        Raises:
            StoredFileFailed: the file is gone or damaged.
        """
        return self._perhaps_anew(asset, lambda opened: self._read(asset, opened, level, window))

    def rows(self, asset: Asset, level: int, window: Window) -> Rows | None:
        """See `ports.Direct`; what a mask or GDAL is needed for is not plain."""
        if asset.band.dtype not in _PLAIN:
            return None
        return self._perhaps_anew(asset, lambda opened: self._rows(asset, opened, level, window))

    def parts(self, asset: Asset, level: int, window: Window, side: int) -> Iterator[Part] | None:
        """See `ports.Direct`; what is stored of the window is fetched at once."""
        if asset.band.dtype not in _PLAIN:
            return None
        return self._perhaps_anew(
            asset, lambda opened: self._parts(asset, opened, level, window, side)
        )

    def _parts(
        self, asset: Asset, opened: _Opened, level: int, window: Window, side: int
    ) -> Iterator[Part] | None:
        header, band = opened.header, asset.band
        if header is None:
            return None
        self._levels(asset, opened.shapes)  # the window lies in the file
        try:
            layers = layers_of(header, level, asset.index)
            image = layers[0].image
            if len(layers) > 1 or image.dtype != band.dtype or any(n % side for n in image.block):
                return None
            found = self._windows.parts(opened.source, layers[0], window)
        except FAILURES as error:
            raise _failure(asset.href, error) from error
        self._count("own")
        return _told(asset, found, exact_nodata(image.dtype, band.nodata))

    def _perhaps_anew(self, asset: Asset, job: Callable[[_Opened], T]) -> T:
        """Do something with an opened file; once more when it turns out to have changed."""
        opened = self._open(asset)
        try:
            return job(opened)
        except RemoteChanged:  # begin anew, once; pixels of two versions are never mixed
            self._reopen(asset.href, opened)
            anew = self._open(asset)
            if anew.shapes != opened.shapes:
                raise
            return job(anew)

    def _rows(self, asset: Asset, opened: _Opened, level: int, window: Window) -> Rows | None:
        band, header = asset.band, opened.header
        if header is None or header.levels[level].dtype != band.dtype:
            return None
        try:
            layers = layers_of(header, level, asset.index)
            if len(layers) > 1:
                return None
            values, stride = self._windows.rows(opened.source, layers[0], window)
        except FAILURES as error:
            raise _failure(asset.href, error) from error
        self._count("own")
        nodata = exact_nodata(values.dtype, band.nodata)
        return Rows(values=values, stride=stride, nodata=None if nodata is None else int(nodata))

    def _read(self, asset: Asset, opened: _Opened, level: int, window: Window) -> Block:
        grid = self._levels(asset, opened.shapes)[level]
        try:
            if opened.header is None:
                values, mask = self._other(asset, opened, level, window)
            else:
                self._count("own")
                layers = layers_of(opened.header, level, asset.index)
                values, mask = self._windows.values(opened.source, layers, window)
        except FAILURES as error:
            raise _failure(asset.href, error) from error
        valid = usable(values, asset.band.nodata, mask)
        band = asset.band
        part = _part(grid, window)
        return Block(values=values[None], valid=valid[None], grid=part, bands=(band,))

    @property
    def routes(self) -> Mapping[str, int]:
        """How many windows were read by our own path (`own`) and by GDAL (`gdal`)."""
        with self._lock:
            return {"own": self._routes["own"], "gdal": self._routes["gdal"]}

    @property
    def cache(self) -> Mapping[str, int]:
        """State of the cache of decoded tiles: `bytes`, `values`, `hits`, `misses`."""
        return self._windows.blocks.counts

    def close(self) -> None:
        """Hang up connections to other computers; they come back when needed."""
        self._places.close()

    def clear(self) -> None:
        """Forget decoded tiles (headers stay)."""
        self._windows.blocks.clear()

    def _open(self, asset: Asset) -> _Opened:
        href = asset.href
        opened = self._open_edition(href, asset.array)
        if self._places.is_stale(href, opened.source):
            self._reopen(href, opened)
            opened = self._open_edition(href, asset.array)
        return opened

    def _open_edition(self, href: str, array: str | None) -> _Opened:
        """Return the header of a file, as it was when somebody last had doubts about it."""
        edition = self._editions[href]

        def opened() -> _Opened:
            source = self._places.find(href)
            return replace(_open_file(source, array, self._sandbox), edition=edition)

        try:
            return self._headers.get((href, array, edition), opened)
        except FAILURES as error:
            self._places.forget(href)  # what another computer sent in its place may pass
            raise _failure(href, error) from error

    def _reopen(self, href: str, opened: _Opened) -> None:
        """Forget the header of a file that is not ours and may have changed."""
        with self._lock:
            if self._editions[href] != opened.edition:
                return  # another thread was first
            self._places.forget(href)
            self._editions[href] += 1

    @property
    def ahead(self) -> Ahead:
        """Itself: it can fetch several things at once."""
        return self

    @property
    def direct(self) -> Direct:
        """Itself: it can give rows as they lie in memory."""
        return self

    @property
    def watch(self) -> Watch:
        """Itself: it knows whether files of others changed."""
        return self

    def state(self, asset: Asset) -> str:
        """See `ports.Watch`."""
        opened = None
        if is_remote(asset.href) and asset.etag:
            opened = self._headers.peek((asset.href, asset.array, self._editions[asset.href]))
        if opened is not None and f" {asset.etag} " not in opened.source.identity:
            return opened.source.identity
        return self._places.state(asset.href)

    def open_soon(self, assets: Sequence[Asset]) -> None:
        """See `ports.Ahead`."""
        far = [asset for asset in assets if is_remote(asset.href)]
        if len(far) > 1:
            self._places.together([partial(self._open, asset) for asset in far])

    def read_soon(self, reads: Sequence[tuple[Asset, int, Window]]) -> None:
        """See `ports.Ahead`."""
        far = [read for read in reads if is_remote(read[0].href)]
        if len(far) > 1:
            self._places.together([partial(self._read_soon, *read) for read in far])

    def _read_soon(self, asset: Asset, level: int, window: Window) -> None:
        opened = self._open(asset)
        if opened.header is not None:
            layers = layers_of(opened.header, level, asset.index)
            self._windows.fetch(opened.source, layers, window, _MOST_SOON)

    def _count(self, route: str) -> None:
        with self._lock:
            self._routes[route] += 1

    def _other(
        self, asset: Asset, opened: _Opened, level: int, window: Window
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        image = opened.image
        assert image is not None
        if opened.source.is_far:
            opened.source.local()  # comes again when it had to make room for another
        self._count(image.route)
        whose = opened.source.identity
        return image.read(
            window, level=level, index=asset.index, blocks=self._windows.blocks, identity=whose
        )


def _told(
    asset: Asset, found: Iterator[tuple[Window, NDArray[Any], int]], nodata: float | None
) -> Iterator[Part]:
    """Yield parts, with failures as people are told them."""
    try:
        for window, values, stride in found:
            yield Part(window=window, values=values, stride=stride, nodata=nodata)
    except FAILURES as error:
        raise _failure(asset.href, error) from error


def _failure(href: str, error: Exception) -> LandzichtError:
    if is_remote(href):
        # The reason alone: the whole sentence names the folder of our own copy.
        facts = error.facts if isinstance(error, LandzichtError) else {}
        said = facts.get("reason", str(error))
        return RemoteFailed(address=href, reason=_DAMAGED.fill(reason=said))
    return StoredFileFailed(path=href, reason=str(error))


def _open_file(source: ByteSource, array: str | None, sandbox: Sandbox) -> _Opened:
    header = _header(source) if array is None else None
    if header is None:
        image = open_image(source.local(), array, sandbox)
        return _Opened(source, None, image.shapes, image)
    source, header = with_sidecars(source, header)
    shapes = tuple((level.height, level.width) for level in header.levels)
    return _Opened(source, header, shapes)


def _header(source: ByteSource) -> Header | None:
    """Return the header of a TIFF that our own path reads, else None."""
    try:
        with source.header() as access:
            return header_of(access) if is_tiff(access) else None
    except (OtherProfile, IsADirectoryError):
        return None


@lru_cache(maxsize=4096)
def _grids(full: Grid, shapes: tuple[tuple[int, int], ...]) -> tuple[Grid, ...]:
    """Return the grids of all levels: overviews cover the same ground as the full image."""
    grids = [full]
    for height, width in shapes[1:]:
        transform = full.transform @ Affine.scale(full.width / width, full.height / height)
        grids.append(Grid(crs=full.crs, transform=transform, height=height, width=width))
    return tuple(grids)


@lru_cache(maxsize=4096)
def _part(grid: Grid, window: Window) -> Grid:
    """Return the grid of a window; the bands of a tile share it."""
    return grid.crop(window)


_DAMAGED = Text(nl="het bestand is beschadigd ({reason})", en="the file is damaged ({reason})")
