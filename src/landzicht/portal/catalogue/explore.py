"""Use case: what is there? Collections, counts over time and place, what can be searched for.

Everything is told of collections that may be discovered and of no other: what is counted,
summed up or listed first passes `rules.decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.kinds import Aggregation, Bucket, Counted, Query, Sort, Span, Step
from landzicht.portal.access import visible, visible_version
from landzicht.portal.catalogue.search import collections, narrow
from landzicht.rules import Action
from landzicht.stac import write_collection
from landzicht.stac.cql2 import evaluate
from landzicht.stac.foreign_collection import read_extent
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.grid import Bounds
    from landzicht.kinds import Collection, Entry, Facet
    from landzicht.kinds.filter import Expression
    from landzicht.portal.services import Services

_UNKNOWN = Text(nl="dit is geen bladwijzer van ons", en="this is not a token of ours")


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionQuery:
    """Which collections; every given part must hold."""

    bounds: Bounds | None = None
    """Collections whose extent meets this box (WGS84)."""
    span: Span | None = None
    """Collections whose period overlaps this one."""
    filter: Expression | None = None
    """A checked condition on the fields of the collection."""
    sort: tuple[Sort, ...] = ()
    """What to sort by; without it by id."""
    limit: int = 10_000
    """At most so many."""
    token: str | None = None
    """Id of the last collection of the page before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPage:
    """Some of the collections that a query found."""

    collections: tuple[Collection, ...]
    """In order."""
    matched: int
    """How many in all."""
    next: str | None
    """Token of the following page."""


def find_collections(
    services: Services, query: CollectionQuery, who: str = "public"
) -> CollectionPage:
    """Return a page of the collections that may be known.

    Raises:
        BadQuery: the token belongs to no collection that may be known.
    """
    known = collections(services, who)
    order = [each.id for each in _sorted(known, query.sort)]
    start = 0
    if query.token is not None:
        if query.token not in order:
            raise BadQuery(name="token", reason=_UNKNOWN)
        start = order.index(query.token) + 1
    matching = {each.id: each for each in known if _matches(each, query)}
    rest = [matching[name] for name in order[start:] if name in matching]
    shown = rest[: query.limit]
    following = shown[-1].id if len(rest) > len(shown) else None
    return CollectionPage(collections=tuple(shown), matched=len(matching), next=following)


def aggregate(
    services: Services, query: Query, wanted: Sequence[Aggregation], who: str = "public"
) -> list[tuple[Bucket, ...]]:
    """Count the scenes that a search would find, in each of the wanted ways.

    Raises:
        BadQuery: the geometry makes no sense.
    """
    return services.catalog.aggregate(narrow(services, query, who), wanted)


def entries(services: Services, query: Query, who: str = "public") -> tuple[Entry, ...]:
    """Return what the index knows of every scene that a search would find.

    Raises:
        BadQuery: the geometry makes no sense.
    """
    return services.catalog.entries(narrow(services, query, who))


def years(services: Services, collection: str, who: str = "public") -> tuple[Bucket, ...]:
    """Return the years in which a collection has scenes; raises `UnknownCollection`."""
    _, version = visible_version(services, collection, Action.DISCOVER, who)
    query = Query(collections=(collection,))
    by_year = Aggregation(by=Counted.TIME, step=Step.YEAR)
    found: tuple[Bucket, ...] = services.memory.get(
        ("years", collection, version), lambda: services.catalog.aggregate(query, [by_year])[0]
    )
    return found


def facets(
    services: Services, collection: str | None = None, who: str = "public"
) -> tuple[tuple[Collection, tuple[Facet, ...]], ...]:
    """Return the properties that scenes really have, by collection.

    Args:
        services: adapters of the portal.
        collection: only of this one; None = of every collection that may be known.
        who: whom we serve.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
    """
    if collection is None:
        chosen = collections(services, who)
    else:
        chosen = (visible(services, collection, Action.DISCOVER, who),)
    return tuple((each, _recalled(services, each.id)) for each in chosen)


def _recalled(services: Services, id: str) -> tuple[Facet, ...]:
    version = services.catalog.version(id)
    found: tuple[Facet, ...] = services.memory.get(
        ("facets", id, version), lambda: services.catalog.facets(id)
    )
    return found


def _matches(collection: Collection, query: CollectionQuery) -> bool:
    bounds, span = _extent(collection)
    if query.bounds is not None and not (bounds and _meet(bounds, query.bounds)):
        return False
    if query.span is not None and not (span and span.overlaps(query.span)):
        return False
    return query.filter is None or evaluate(query.filter, _as_item(collection)) is True


def _extent(collection: Collection) -> tuple[Bounds | None, Span | None]:
    """Return where and when a collection is: its scenes, or without any what its writer says."""
    told = collection.extra.get("extent")
    if collection.bounds is not None or told is None:
        return collection.bounds, collection.span
    return read_extent(told)


def _as_item(collection: Collection) -> dict[str, Any]:
    """Return a collection as conditions look at it: its fields are its properties."""
    told = orjson.loads(write_collection(collection))
    west, south, east, north = read_extent(told["extent"])[0].as_list()
    east += 360.0 if east < west else 0.0
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {
        "id": collection.id,
        "collection": collection.id,
        "properties": told,
        "geometry": geometry,
    }


def _sorted(known: tuple[Collection, ...], sort: tuple[Sort, ...]) -> list[Collection]:
    found = sorted(known, key=lambda each: each.id)
    for each in reversed(sort):
        values = {c.id: _value(c, each.name) for c in found}
        told = [c for c in found if values[c.id] is not None]
        told.sort(key=lambda c, v=values: v[c.id], reverse=each.descending)  # type: ignore[misc]
        found = told + [c for c in found if values[c.id] is None]
    return found


def _value(collection: Collection, name: str) -> tuple[int, Any] | None:
    value = orjson.loads(write_collection(collection)).get(name)
    if isinstance(value, str):
        return (1, value)
    return (0, value) if isinstance(value, int | float) else None


def _meet(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes share a point, also across the antimeridian."""
    if one.south > other.north or other.south > one.north:
        return False
    return any(w <= e2 and w2 <= e for w, e in _parts(one) for w2, e2 in _parts(other))


def _parts(box: Bounds) -> tuple[tuple[float, float], ...]:
    if box.west <= box.east:
        return ((box.west, box.east),)
    return ((box.west, 180.0), (-180.0, box.east))
