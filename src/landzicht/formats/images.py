"""Images that are no TIFF of our own path: what the reader asks of them, and who reads which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from landzicht.errors.files import FileTooLarge, UnreadableFile
from landzicht.formats.sidecars import MASK, beside
from landzicht.formats.tags import DamagedTiff
from landzicht.formats.zarr.store import DamagedZarr, is_store

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from landzicht.blocks.cache import ByteCache
    from landzicht.formats.sandbox import Sandbox
    from landzicht.formats.tags import Source
    from landzicht.grid import Window

FAILURES = (DamagedTiff, DamagedZarr, UnreadableFile, FileTooLarge, OSError)
"""What reading may raise when a stored file is gone, damaged or of a kind that we do not read."""


class Image(Protocol):
    """One image in a file or store; safe to use from many threads."""

    shapes: tuple[tuple[int, int], ...]
    """`(height, width)` of each level, full size first."""
    route: str
    """`own` or `gdal`: who unpacks its pixels."""
    nbytes: int
    """What it takes of memory, about."""

    def read(
        self,
        window: Window,
        *,
        level: int,
        index: int,
        blocks: ByteCache[Any],
        identity: str,
    ) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Return values `(y, x)` of one band in a window of a level, and the mask (True = usable).

        Args:
            window: inside the level.
            level: 0 = full size.
            index: band, from 1.
            blocks: keeps what was unpacked.
            identity: name of exactly these bytes, for the keys of `blocks`.

        Raises:
            LandzichtError: it cannot be read.
            DamagedTiff: it is damaged.
            DamagedZarr: it is damaged.
        """
        ...


def open_image(path: Path, array: str | None, sandbox: Sandbox) -> Image:
    """Open what our own TIFF path does not read, chosen by its content.

    A folder with the marks of a Zarr store is read by our own path, all else by GDAL in a child
    process, with the one driver that the first bytes name.

    Raises:
        LandzichtError: it is of no kind that we read, or damaged.
        DamagedTiff: it is damaged.
        DamagedZarr: it is damaged.
        OSError: the disk does not let us.
    """
    if path.is_dir() and is_store(path):
        from landzicht.formats.zarr.image import ZarrImage

        return ZarrImage(path, array or "")
    from landzicht.formats.foreign import GdalImage

    image = GdalImage(path, array, sandbox)
    mask = None if image.masked or array is not None else beside(path, MASK)
    return MaskedImage(image, GdalImage(mask, None, sandbox)) if mask else image


def is_tiff(source: Source) -> bool:
    """Whether a file begins as a TIFF does; anything else is looked at by its own reader."""
    return source.size >= 4 and source.get(0, 2) in (b"II", b"MM")


class MaskedImage:
    """An image whose mask is another image beside it; implements `Image`."""

    def __init__(self, image: Image, mask: Image) -> None:
        """Put the two together; levels that the mask lacks are left out.

        Raises:
            DamagedTiff: the mask does not fit.
        """
        shared = [
            (place, mask.shapes.index(shape))
            for place, shape in enumerate(image.shapes)
            if shape in mask.shapes
        ]
        if not shared or shared[0][0] != 0:
            raise DamagedTiff("does not fit the mask beside it")
        self._image, self._mask, self._levels = image, mask, shared
        self.shapes = tuple(image.shapes[place] for place, _ in shared)
        self.route = image.route
        self.nbytes = image.nbytes + mask.nbytes

    def read(
        self,
        window: Window,
        *,
        level: int,
        index: int,
        blocks: ByteCache[Any],
        identity: str,
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """See `Image`."""
        one, other = self._levels[level]
        values, _ = self._image.read(
            window, level=one, index=index, blocks=blocks, identity=identity
        )
        flags, _ = self._mask.read(
            window, level=other, index=1, blocks=blocks, identity=f"{identity} mask"
        )
        return values, flags != 0
