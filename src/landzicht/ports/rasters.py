"""Files with pixels: looked at, linked, written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import Asset, Band, Block, Conversion, Link, Part, RasterInfo, Rows


class Inspector(Protocol):
    """Reads headers of untrusted files without trusting them."""

    def inspect(self, path: Path, subdataset: str | None = None) -> RasterInfo:
        """Return what the header says.

        Raises:
            UnreadableFile: not a raster of an allowed format, or damaged.
            FileTooLarge: the header declares more than we open.
        """
        ...


class Linker(Protocol):
    """Looks at files that are to be used where they are, here or on other computers."""

    def find(self, href: str) -> str:
        """Return an address of another computer in its plain form; asks nothing of it.

        Raises:
            BadAddress: it is none that we open.
            AddressNotAllowed: the operator does not allow it.
        """
        ...

    def inspect(self, href: str) -> tuple[RasterInfo, Link]:
        """Return what the header of a file on another computer says, and which bytes it is.

        Raises:
            BadAddress: it is no address that we open.
            AddressNotAllowed: the operator does not allow it.
            SourceFailed: the other computer does not give it.
            UnreadableFile: not a raster of an allowed format, or damaged.
            FileTooLarge: the header declares more than we open.
        """
        ...

    def place(self, path: Path) -> str | None:
        """Return the address of a file of this computer, or None when it may not be linked."""
        ...

    def path(self, href: str) -> Path:
        """Return where a file of this computer is, from the address of its asset.

        Raises:
            StoredFileFailed: the address is none, or leads out of the folders where files may lie.
        """
        ...


class Writer(Protocol):
    """Makes cloud-optimised GeoTIFFs: 512 px blocks, zstd with predictor, overviews."""

    def convert(
        self, job: Conversion, target: Path, tell: Callable[[int, int], None] | None = None
    ) -> Mapping[str, float]:
        """Write one band of a source file to `target`, in bounded memory.

        With `job.checkpoint_rows` a run that was killed goes on where it was, when it is given the
        same job and target again; the bytes are those of a run that nobody disturbed. What it
        needs for that stays until `tidy`.

        Args:
            job: what to read, and what it means.
            target: file to write.
            tell: called with `(rows done, rows in all)` now and then.

        Returns:
            Approximate statistics of the physical values, as `Asset.statistics`.

        Raises:
            UnreadableFile: the pixels of the source are damaged.
            DiskFailed: the disk is full or read-only; `target` is removed.
        """
        ...

    def tidy(self, target: Path) -> None:
        """Remove what a conversion to `target` kept beside it, now that the file is safe."""
        ...

    def write(
        self,
        values: NDArray[Any],
        grid: Grid,
        band: Band,
        target: Path,
        tags: Mapping[str, str],
    ) -> Mapping[str, float]:
        """Write an array `(y, x)` of `band.dtype` to `target`; the same input gives equal bytes.

        Returns:
            Approximate statistics of the physical values, as `Asset.statistics`.

        Raises:
            DiskFailed: the disk is full or read-only; `target` is removed.
        """
        ...

    def export(self, block: Block, tags: Mapping[str, str]) -> bytes:
        """Return pixels as a GeoTIFF, for handing out.

        Args:
            block: values of one dtype; a pixel counts when it counts in every band.
            tags: `NAME=value` pairs of the file, such as `SIMULATED=YES`.
        """
        ...


class Reader(Protocol):
    """Reads pixels of stored assets. Safe to use from many threads."""

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """Return the grids that the file holds: full size first, then overviews.

        Raises:
            StoredFileFailed: the file is gone or damaged.
        """
        ...

    def read(self, asset: Asset, level: int, window: Window) -> Block:
        """Return the pixels of one window of one level; `window` must lie inside the level.

        Raises:
            StoredFileFailed: the file is gone or damaged.
        """
        ...


class Watch(Protocol):
    """What a `Reader` may offer besides, in its attribute `watch`: whether files changed."""

    def state(self, asset: Asset) -> str:
        """Return what tells the bytes of a file from those that it had before.

        Asks no other computer. Empty when they are the ones of the catalogue, for all that is
        known here.
        """
        ...


class Direct(Protocol):
    """What a `Reader` may offer besides: windows without copying, in its attribute `direct`."""

    def rows(self, asset: Asset, level: int, window: Window) -> Rows | None:
        """Return the pixels of one window of one level; `window` must lie inside the level.

        The same numbers, and the same of them usable, as `Reader.read` gives.

        Returns:
            None for what is not plain: other numbers than 8 or 16 bits without sign, or files with
            a mask.

        Raises:
            StoredFileFailed: the file is gone or damaged.
        """
        ...

    def parts(self, asset: Asset, level: int, window: Window, side: int) -> Iterator[Part] | None:
        """Return a window block by block; what is stored is fetched at once, and then unpacked.

        Parts begin and end at whole multiples of `side` rows and columns, or with the window. None
        is also for blocks of other sizes.

        Raises:
            StoredFileFailed: the file is gone or damaged; also while parts come.
        """
        ...


class Ahead(Protocol):
    """What a `Reader` may offer besides: to fetch several things at once from afar.

    Nothing fails here: whoever then reads finds out. Files of this computer are left alone.
    """

    def open_soon(self, assets: Sequence[Asset]) -> None:
        """Open files whose `levels` will be asked."""
        ...

    def read_soon(self, reads: Sequence[tuple[Asset, int, Window]]) -> None:
        """Fetch what will be read: files, levels and windows."""
        ...
