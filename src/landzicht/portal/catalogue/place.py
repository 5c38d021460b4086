"""Use case: search by a place of one's own: how much of it a scene covers, and how cloudy it is.

`aoi:coverage` is exact, from the footprint. `aoi:cloud_cover` is read from the collection's mask at
a coarse level, only for scenes for which the rest of the question holds, and remembered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson
import shapely
from shapely.geometry import shape

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.filters import TooManyScenes
from landzicht.grid.share import covered_share
from landzicht.kinds import Page, Query, format_instant
from landzicht.kinds.filter import Operation, properties_of
from landzicht.portal.access import visible
from landzicht.portal.catalogue.clouds import cloud_share
from landzicht.portal.scenes import scene_of
from landzicht.records.extent import to_moment
from landzicht.records.order import arrange, keys_of
from landzicht.records.token import SortedPlace, read_sorted_token, write_sorted_token
from landzicht.rules import Action
from landzicht.stac.cql2 import evaluate
from landzicht.stac.cql2.spatial import item_place
from landzicht.stac.json import dump
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landzicht.kinds.filter import Expression
    from landzicht.portal.services import Services

COVERAGE, CLOUD = "aoi:coverage", "aoi:cloud_cover"
NAMES = frozenset({COVERAGE, CLOUD})
"""Properties that depend on the place asked for; percent, 0 to 100."""
MOST_SCENES = 2000
"""Most scenes that are looked at for one place."""
MOST_MASKS = 500
"""Most scenes of which the mask is read for one answer."""
USABLE_COVERAGE, USABLE_CLOUD = 90.0, 20.0
"""A day is usable from this coverage, and up to this cloud cover, when nothing else is asked."""
_NO_PLACE = Text(
    nl="aoi:coverage en aoi:cloud_cover horen bij een plek: geef ook intersects of bbox",
    en="aoi:coverage and aoi:cloud_cover belong to a place: give intersects or bbox too",
)


@dataclass(slots=True)
class Near:
    """A scene, and what it says of the place."""

    body: bytes
    """Stored item."""
    item: dict[str, Any]
    """The same decoded, with the values for this place among its properties."""
    place: SortedPlace
    """Where it comes in the order asked for."""


def needs_place(query: Query) -> frozenset[str]:
    """Return which values for a place a filter or order looks at."""
    return NAMES & (properties_of(query.filter) | {each.name for each in query.sort})


def search_near(services: Services, query: Query, wanted: frozenset[str], who: str) -> Page:
    """Return a page of a search that looks at values for the place; they are in its items.

    Args:
        services: adapters of the portal.
        query: narrowed to what may be known.
        wanted: values to put into the items; besides those that the query looks at.
        who: whom we serve.

    Raises:
        BadQuery: no place, or a token or geometry that makes no sense.
        TooManyScenes: more scenes than are looked at for one place.
    """
    wanted |= needs_place(query)
    after = read_sorted_token(query.token, query.sort) if query.token else None
    found = _measured(services, query, wanted, who)
    for each in found:
        each.place = _place_of(each.item, query)
    by_place = {each.place: each for each in found}
    order = arrange(list(by_place), query.sort)
    start = 0
    if after is not None:
        start = sum(1 for each in order if each == after or _before(each, after, query))
    shown = order[start : start + query.limit]
    more = len(order) > start + len(shown)
    return Page(
        bodies=tuple(_with_values(by_place[each], wanted) for each in shown),
        next=write_sorted_token(shown[-1], query.sort) if more and shown else None,
        matched=len(order),
    )


def usable_dates(
    services: Services,
    query: Query,
    coverage: float = USABLE_COVERAGE,
    cloud: float = USABLE_CLOUD,
    who: str = "public",
) -> list[dict[str, Any]]:
    """Return the days (UTC) with scenes of a place, newest first, and whether each is usable.

    Each has `date`, `datetime` (of the newest scene), `scenes`, `ids`, `coverage` (percent of the
    place in any of the footprints), `cloud_cover` (percent of the place, mean of the scenes by how
    much of it they cover, or None without a mask) and `usable`.

    Args:
        services: adapters of the portal.
        query: one collection, and a place in `intersects` or `bounds`.
        coverage: usable from so many percent.
        cloud: usable up to so many percent; a day that does not tell is not usable.
        who: whom we serve.

    Raises:
        UnknownCollection: there is none with this id, or nobody may know.
        BadQuery: no place, or one that makes no sense.
        TooManyScenes: more scenes than are looked at for one place.
    """
    assert query.collections
    visible(services, query.collections[0], Action.DISCOVER, who)
    found = _measured(services, query, NAMES, who)
    found.sort(key=lambda near: (near.place.t, near.item["id"]), reverse=True)
    place = _place(query)
    days = []
    for date, group in groupby(found, lambda near: to_moment(near.place.t).date()):
        scenes = list(group)
        footprints = [p for p in (item_place(near.item) for near in scenes) if p is not None]
        covered = 100.0 * covered_share(shapely.union_all(footprints), place)
        told = [(near.item["properties"][CLOUD], near.item["properties"][COVERAGE])
                for near in scenes if near.item["properties"].get(CLOUD) is not None]  # fmt: skip
        weight = sum(share for _, share in told)
        clouds = sum(value * share for value, share in told) / weight if weight else None
        days.append(
            {
                "date": date.isoformat(),
                "datetime": format_instant(to_moment(scenes[0].place.t)),
                "scenes": len(scenes),
                "ids": [near.item["id"] for near in scenes],
                "coverage": round(covered, 2),
                "cloud_cover": None if clouds is None else round(clouds, 2),
                "usable": covered >= coverage and clouds is not None and clouds <= cloud,
            }
        )
    return days


def _measured(services: Services, query: Query, wanted: frozenset[str], who: str) -> list[Near]:
    """Return the scenes for which the whole question holds, with their values."""
    place = _place(query)
    parts = list(_parts(query.filter))
    plain = [part for part in parts if not NAMES & properties_of(part)]
    covered = [part for part in parts if properties_of(part) & NAMES == {COVERAGE}]
    cloudy = [part for part in parts if CLOUD in properties_of(part)]
    rough = replace(
        query,
        filter=Operation("and", tuple(plain)) if plain else None,
        sort=(),
        token=None,
        limit=MOST_SCENES,
    )
    page = services.catalog.search(rough)
    if page.next is not None:
        raise TooManyScenes(most=MOST_SCENES)
    found = []
    for body in page.bodies:
        item = orjson.loads(body)
        footprint = item_place(item)
        share = 0.0 if footprint is None else covered_share(footprint, place)
        item["properties"][COVERAGE] = round(100.0 * share, 4)
        if all(evaluate(part, item) is True for part in covered):
            found.append(Near(body, item, _place_of(item, replace(query, sort=()))))
    if CLOUD not in wanted:
        return found
    if len(found) > MOST_MASKS:
        raise TooManyScenes(most=MOST_MASKS)
    name = hashlib.sha256(shapely.to_wkb(place)).hexdigest()
    for near in found:
        share_of_cloud = cloud_share(services, scene_of(near.body), place, name, who)
        if share_of_cloud is not None:
            near.item["properties"][CLOUD] = round(100.0 * share_of_cloud, 2)
    return [n for n in found if all(evaluate(part, n.item) is True for part in cloudy)]


def _place(query: Query) -> shapely.Geometry:
    """Return the place that a query asks for; the store has checked, or will check, its sense."""
    if query.intersects is not None:
        try:
            found = shapely.force_2d(shape(dict(query.intersects)))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise BadQuery(name="intersects", reason=_BAD) from error
        except shapely.errors.ShapelyError as error:
            raise BadQuery(name="intersects", reason=_BAD) from error
        if found.is_empty or not shapely.is_valid(found):
            raise BadQuery(name="intersects", reason=_BAD)
        return found
    if query.bounds is None:
        raise BadQuery(name="aoi", reason=_NO_PLACE)
    b = query.bounds
    east = b.east + (360.0 if b.east < b.west else 0.0)
    if b.west < east and b.south < b.north:
        return shapely.box(b.west, b.south, east, b.north)
    ends = (b.west, b.south), (east, b.north)
    return shapely.Point(ends[0]) if ends[0] == ends[1] else shapely.LineString(ends)


def _parts(condition: Expression | None) -> Iterator[Expression]:
    if isinstance(condition, Operation) and condition.op == "and":
        for part in condition.args:
            yield from _parts(part)
    elif condition is not None:
        yield condition


def _place_of(item: Mapping[str, Any], query: Query) -> SortedPlace:
    moment = _item_ticks(item)
    keys = keys_of(item, moment, query.sort)
    return SortedPlace(keys, moment, item["collection"], item["id"])


def _item_ticks(item: Mapping[str, Any]) -> int:
    from landzicht.stac.cql2.moments import read_instant, ticks

    told = item["properties"]
    start, end = (told.get(f"{name}_datetime") for name in ("start", "end"))
    instant = read_instant(start if start and end else told["datetime"])
    assert instant is not None
    return ticks(instant)


def _before(one: SortedPlace, other: SortedPlace, query: Query) -> bool:
    return one != other and arrange([other, one], query.sort)[0] == one


def _with_values(near: Near, wanted: frozenset[str]) -> bytes:
    """Return a stored item with the values put in, the other bytes as they were."""
    told = {
        name: near.item["properties"][name]
        for name in sorted(wanted)
        if name in near.item["properties"]
    }
    if not told:
        return near.body
    geometry = b'"geometry":' + dump(near.item["geometry"], near.item["id"], "geometry")
    head = b'"properties":{'  # the first one behind the geometry, which may have one of its own
    start = near.body.index(head, near.body.index(geometry) + len(geometry)) + len(head)
    return near.body[:start] + orjson.dumps(told)[1:-1] + b"," + near.body[start:]


_BAD = Text(nl="dit is geen geldige geometrie", en="this is not a valid geometry")
