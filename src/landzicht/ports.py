"""The seams: what the work needs from the outside world, as small protocols.

Adapters live in `formats`, `records` and `runners`; only `portal` knows which ones.
Every port has a contract test in `landzicht.testing.contracts` that each adapter passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds import (
        Asset,
        Band,
        Block,
        Collection,
        Conversion,
        Entry,
        Page,
        Query,
        RasterInfo,
        Scene,
    )

T = TypeVar("T")
R = TypeVar("R")


class Inspector(Protocol):
    """Reads headers of untrusted files without trusting them."""

    def inspect(self, path: Path, subdataset: str | None = None) -> RasterInfo:
        """Return what the header says.

        Raises:
            UnreadableFile: not a raster of an allowed format, or damaged.
            FileTooLarge: the header declares more than we open.
        """
        ...


class Writer(Protocol):
    """Makes cloud-optimised GeoTIFFs: 512 px blocks, zstd with predictor, overviews."""

    def convert(self, job: Conversion, target: Path) -> Mapping[str, float]:
        """Write one band of a source file to `target`, in bounded memory.

        Returns:
            Approximate statistics of the physical values, as `Asset.statistics`.

        Raises:
            UnreadableFile: the pixels of the source are damaged.
            DiskFailed: the disk is full or read-only; `target` is removed.
        """
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


class Catalog(Protocol):
    """Keeps collections and scenes; safe for several threads and processes at once."""

    def collections(self) -> tuple[Collection, ...]:
        """Return all collections, by id, with bounds, span and count filled in."""
        ...

    def collection(self, id: str) -> Collection:
        """Return one collection.

        Raises:
            UnknownCollection: there is none with this id.
        """
        ...

    def put(self, collections: Sequence[Collection], scenes: Sequence[Scene]) -> None:
        """Add or replace collections and scenes in one transaction, on disk when it returns.

        A scene replaces the one with the same collection and id. A collection that exists is
        replaced, its scenes stay.

        Raises:
            BadRecord: a value that cannot be kept; nothing was changed.
            UnknownCollection: a scene belongs to no collection; nothing was changed.
            SameSource: another scene of the collection was made of the same source, perhaps by
                another process a moment ago (facts `known`: its id); nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        ...

    def sources(self, sources: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return `source → (collection, scene id)` for those identities that are in already."""
        ...

    def body(self, collection: str, id: str) -> bytes:
        """Return the stored STAC item as JSON, without links.

        Raises:
            UnknownScene: there is none with this id in the collection.
        """
        ...

    def search(self, query: Query) -> Page:
        """Return a page of scenes, newest first, then by collection and id.

        Raises:
            BadQuery: the token is not one of ours.
        """
        ...

    def entries(self, query: Query) -> tuple[Entry, ...]:
        """Return what the index knows of every scene that `search` would page through.

        In the order of `search`; `query.limit` and `query.token` are ignored.
        """
        ...

    def version(self, collection: str) -> str:
        """Return a text that changes whenever the collection or one of its scenes does.

        Raises:
            UnknownCollection: there is none with this id.
        """
        ...


class Runner(Protocol):
    """Runs many pieces of work, here or elsewhere; all runners give equal bits."""

    def map(self, job: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield `job(item)` for each item, in order, streaming, with a bounded read-ahead.

        The first error is raised in its place in the order; closing the iterator stops the rest.
        """
        ...
