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
        Aggregation,
        Asset,
        Band,
        Block,
        Bucket,
        Collection,
        Conversion,
        Entry,
        Facet,
        Item,
        Link,
        Page,
        Part,
        Query,
        RasterInfo,
        Rows,
        Scene,
        Stored,
    )

T = TypeVar("T")
R = TypeVar("R")
Key = tuple[str, str | None]
"""`(collection, scene)`, or `(collection, None)` for the collection itself."""


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

    def put(
        self,
        collections: Sequence[Collection],
        scenes: Sequence[Scene | Item],
        expect: Mapping[Key, str | None] | None = None,
    ) -> None:
        """Add or replace collections and scenes in one transaction, on disk when it returns.

        A scene replaces the one with the same collection and id. A collection that exists is
        replaced, its scenes stay.

        Args:
            collections: to add or replace.
            scenes: to add or replace.
            expect: what must be there at the moment of writing, for each key named: the
                `mark` of a record as it is now, or None = there must be none.

        Raises:
            BadRecord: a value that cannot be kept; nothing was changed.
            UnknownCollection: a scene belongs to no collection; nothing was changed.
            SameSource: another scene of the collection was made of the same source, perhaps by
                another process a moment ago (facts `known`: its id); nothing was changed.
            AlreadyThere: `expect` says that there must be none, and there is; nothing was changed.
            Changed: `expect` names another mark than the record has; nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        ...

    def delete(self, collection: str, id: str, expect: str | None = None) -> None:
        """Remove one scene from the catalogue, on disk when it returns; its files stay.

        Args:
            collection: id of the collection.
            id: id of the scene.
            expect: the `mark` that the scene must have; None = whatever it is.

        Raises:
            UnknownScene: there is none with this id in the collection.
            Changed: it has another mark; nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        ...

    def delete_collection(self, id: str, expect: str | None = None) -> None:
        """Remove a collection and all its scenes, on disk when it returns; files stay.

        Raises:
            UnknownCollection: there is none with this id.
            Changed: it has another mark; nothing was changed.
            DiskFailed: the disk is full or read-only; nothing was changed.
        """
        ...

    def mark(self, collection: str, id: str | None = None) -> str:
        """Return a text that changes when the record is written anew with other content.

        For a scene: `landzicht.stac.mark_of` of its body. For a collection (without `id`): the
        same of `write_collection` without bounds, span and count, so that a scene that comes in
        does not change it.

        Raises:
            UnknownCollection: there is none with this id.
            UnknownScene: there is none with this id in the collection.
        """
        ...

    def sources(self, sources: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return `source → (collection, scene id)` for those identities that are in already."""
        ...

    def stored(self, collection: str, after: str = "", limit: int = 1000) -> tuple[Stored, ...]:
        """Return scenes of a collection exactly as they are kept, by id, for copying them.

        Args:
            collection: id of the collection; one that is not there has no scenes.
            after: only scenes with a later id (by code point); "" = from the first on.
            limit: at most so many.
        """
        ...

    def body(self, collection: str, id: str) -> bytes:
        """Return the stored STAC item as JSON, without links.

        Raises:
            UnknownScene: there is none with this id in the collection.
        """
        ...

    def search(self, query: Query) -> Page:
        """Return a page of scenes in the order of `query.sort`: newest first without it.

        Raises:
            BadQuery: the token is not one of ours, or belongs to another order; the limit or the
                geometry makes no sense.
        """
        ...

    def count(self, query: Query) -> int:
        """Return how many scenes `search` would page through; limit and token are ignored.

        Raises:
            BadQuery: the geometry makes no sense.
        """
        ...

    def aggregate(self, query: Query, wanted: Sequence[Aggregation]) -> list[tuple[Bucket, ...]]:
        """Count the scenes that `search` would page through, in each of the wanted ways.

        Returns:
            For each way what `landzicht.kinds.aggregation.count_entries` gives of `entries(query)`.

        Raises:
            BadQuery: the geometry makes no sense.
        """
        ...

    def facets(self, collection: str) -> tuple[Facet, ...]:
        """Return the properties that the scenes of a collection have, by name.

        Types are always told; ranges and lists of values up to `facet.MOST_COUNTED` scenes. May be
        remembered for as long as `version` stays the same.

        Raises:
            UnknownCollection: there is none with this id.
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


class Columns(Protocol):
    """Keeps arrays that were made once; what it forgets is made again."""

    def holds(self, key: str) -> bool:
        """Return whether there is something under a key (hexadecimal)."""
        ...

    def load(self, key: str) -> Mapping[str, NDArray[Any]] | None:
        """Return the arrays `(n,)` under a key by name, or None."""
        ...

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays `(n,)`: all of them, or nothing; never an error."""
        ...
