"""Where collections and scenes are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from landzicht.kinds import (
        Aggregation,
        Bucket,
        Collection,
        Entry,
        Facet,
        Item,
        Page,
        Query,
        Scene,
        Stored,
    )

Key = tuple[str, str | None]
"""`(collection, scene)`, or `(collection, None)` for the collection itself."""


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


class Packed(Protocol):
    """A scene ready for one catalogue; what else it is only that catalogue knows."""

    @property
    def collection(self) -> str:
        """Id of the collection."""
        ...

    @property
    def id(self) -> str:
        """Unique in its collection."""
        ...


P = TypeVar("P", bound=Packed)


class Bulk(Protocol[P]):
    """What a `Catalog` may offer besides, in its attribute `bulk`: scenes made ready elsewhere."""

    def packer(self) -> Callable[[Sequence[Scene | Item]], Sequence[P]]:
        """Return what makes scenes ready for `put_packed`; it may travel to another process.

        It gives one for each scene, and raises `BadRecord` for a value that cannot be kept.
        """
        ...

    def put_packed(self, collections: Sequence[Collection], scenes: Sequence[P]) -> None:
        """Do what `Catalog.put` does, with scenes that `packer` made ready; raises as it does."""
        ...
