"""The part of `Portal` that explores the catalogue and changes what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.portal.catalogue import explore, freshness, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from landzicht.grid import Bounds
    from landzicht.kinds import Aggregation, Bucket, Collection, Entry, Facet, Query
    from landzicht.portal.catalogue.explore import CollectionPage, CollectionQuery
    from landzicht.portal.catalogue.freshness import Freshness
    from landzicht.portal.services import Services


class Library:
    """Methods of `Portal`; see the modules that do the work."""

    services: Services

    @property
    def write_token(self) -> str:
        """The secret that lets a program change the catalogue; empty = nobody can."""
        return self.services.settings.write_token

    def find_collections(self, query: CollectionQuery) -> CollectionPage:
        """Return a page of collections; see `catalogue.explore`."""
        return explore.find_collections(self.services, query)

    def aggregate(self, query: Query, wanted: Sequence[Aggregation]) -> list[tuple[Bucket, ...]]:
        """Count the scenes that a search would find, in each of the wanted ways."""
        return explore.aggregate(self.services, query, wanted)

    def entries_on(self, query: Query) -> tuple[Entry, ...]:
        """Return what the index knows of every scene that a search would find."""
        return explore.entries(self.services, query)

    def usable_dates(
        self, query: Query, coverage: float = 90.0, cloud: float = 20.0
    ) -> list[dict[str, Any]]:
        """Return the days with scenes of a place and whether each is usable, newest first."""
        from landzicht.portal.catalogue.place import usable_dates

        return usable_dates(self.services, query, coverage, cloud)

    def freshness(
        self, now: datetime | None = None, bounds: Bounds | None = None
    ) -> list[Freshness]:
        """Return how up to date each collection is, in all or here, and which passes lack."""
        return freshness.freshness(self.services, now, bounds)

    def years(self, collection: str) -> tuple[Bucket, ...]:
        """Return the years in which a collection has scenes."""
        return explore.years(self.services, collection)

    def facets(
        self, collection: str | None = None
    ) -> tuple[tuple[Collection, tuple[Facet, ...]], ...]:
        """Return the properties that scenes really have, by collection."""
        return explore.facets(self.services, collection)

    def create_items(self, collection: str, told: Sequence[object]) -> list[str]:
        """Add items to a collection, all of them or none."""
        return write.create_items(self.services, collection, told)

    def replace_item(
        self, collection: str, id: str, told: Mapping[str, Any], expect: str | None = None
    ) -> None:
        """Replace an item."""
        write.replace_item(self.services, collection, id, told, expect)

    def delete_item(self, collection: str, id: str, expect: str | None = None) -> None:
        """Remove an item from the catalogue."""
        write.delete_item(self.services, collection, id, expect)

    def create_collection(self, told: object) -> str:
        """Add a collection."""
        return write.create_collection(self.services, told)

    def replace_collection(
        self, id: str, told: Mapping[str, Any], expect: str | None = None
    ) -> None:
        """Replace what is said of a collection."""
        write.replace_collection(self.services, id, told, expect)

    def delete_collection(self, id: str, expect: str | None = None) -> None:
        """Remove a collection with all its items from the catalogue."""
        write.delete_collection(self.services, id, expect)

    def collection_mark(self, id: str) -> tuple[dict[str, Any], str]:
        """Return a collection as JSON, and the mark that it has now."""
        return write.collection_mark(self.services, id)
