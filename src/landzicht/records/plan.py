"""Which way through the tables, decided here and not by SQLite's planner.

Measured on a million scenes, the wrong way costs a thousand times the right one, and the planner
cannot know: it has no statistics of the R*Tree. Three ways:

* `ids`: look each scene up by name;
* `box`: take all scenes near the place from the R*Tree, then sort (good for a small place);
* `time`: walk back in time along an index, and stop when the page is full (good for a large one).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from landzicht.records.extent import to_ticks
from landzicht.records.footprint import Region, box_region, geometry_region

if TYPE_CHECKING:
    from landzicht.kinds import Query
    from landzicht.records.token import Place

ENDLESS = 2**62
"""Microseconds beyond any date."""
NEAR_MOST = 4000
"""From so many scenes near the place, walking in time is quicker than sorting them."""
_NEAR_COST = 25
"""A scene out of the R*Tree costs as much as so many steps along the index (3.2 and 0.12 us)."""
_NEAR_FREE = 200
"""With so few scenes near the place, sorting them is always quick enough."""
DAY = 86_400_000_000
"""Microseconds."""
_TIME = "s.t <= :end AND s.t1 >= :start"
_COLLECTION = "s.collection IN (SELECT value FROM json_each(:collections))"
_COLUMNS = "s.rid, s.t, s.collection, s.id, s.cloud, s.x0, s.x1, s.y0, s.y1, s.outline"


class Way(StrEnum):
    """A way through the tables."""

    IDS = "ids"
    BOX = "box"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A query in the terms of the tables."""

    collections: tuple[str, ...]
    """Those of the query that exist."""
    ids: tuple[str, ...] | None
    """Names of scenes, or None for all."""
    start: int
    """A scene that ends before this is out; microseconds."""
    end: int
    """A scene that starts after this is out."""
    longest: int
    """No scene lasts longer."""
    regions: tuple[Region, ...]
    """Places that a scene must meet, each of them."""

    @property
    def facts(self) -> dict[str, Any]:
        """Named parameters of every statement."""
        return {
            "collections": json.dumps(self.collections),
            "collection": self.collections[0] if self.collections else "",
            "ids": json.dumps(self.ids),
            "start": self.start,
            "end": self.end,
            "first": max(self.start - self.longest, -ENDLESS),
        }


def ask(query: Query, collections: tuple[str, ...], longest: int) -> Ask:
    """Translate a query.

    Raises:
        BadQuery: the geometry cannot be read.
    """
    start = query.span.start if query.span else None
    end = query.span.end if query.span else None
    regions = []
    if query.intersects is not None:
        regions.append(geometry_region(query.intersects))
    if query.bounds is not None:
        regions.append(box_region(query.bounds))
    return Ask(
        collections=collections,
        ids=query.ids,
        start=to_ticks(start) if start else -ENDLESS,
        end=to_ticks(end) if end else ENDLESS,
        longest=longest,
        regions=tuple(regions),
    )


def choose(*, limit: int, near: int, in_time: int) -> Way:
    """Choose between the two ways for a query with a place and without ids.

    Args:
        limit: scenes on a page.
        near: scenes near the place, counted up to `NEAR_MOST`.
        in_time: scenes in the period, estimated.
    """
    if near >= NEAR_MOST:
        return Way.TIME
    if near <= _NEAR_FREE:
        return Way.BOX
    steps = min(in_time, (limit + 1) * in_time // near)
    return Way.TIME if steps < near * _NEAR_COST else Way.BOX


def count_near(asked: Ask) -> tuple[str, dict[str, Any]]:
    """Return a statement that counts the scenes near the first place, up to `NEAR_MOST`."""
    passes, facts = _passes(asked, "SELECT 1 FROM box b WHERE")
    return f"SELECT count(*) FROM ({passes} LIMIT {NEAR_MOST})", facts  # noqa: S608


def by_box(asked: Ask) -> tuple[str, dict[str, Any]]:
    """Return a statement that gives the scenes near the first place; CROSS JOIN keeps its order.

    A scene that meets two copies of the place comes twice.
    """
    start = f"SELECT {_COLUMNS} FROM box b CROSS JOIN scene s ON s.rid = b.rid WHERE"  # noqa: S608
    passes, facts = _passes(asked, start, f"AND {_TIME} AND {_COLLECTION}")
    return passes, facts | asked.facts


def _passes(asked: Ask, start: str, end: str = "") -> tuple[str, dict[str, Any]]:
    """Return one pass over the R*Tree for each copy of the place.

    With an OR instead, SQLite would leave the R*Tree.
    """
    region = asked.regions[0]
    facts: dict[str, Any] = {"n": region.y1, "s": region.y0}
    facts |= {"d0": asked.start / DAY, "d1": asked.end / DAY}
    passes = []
    for n, window in enumerate(region.windows):
        passes.append(
            f"{start} b.x0 <= :e{n} AND b.x1 >= :w{n} AND b.y0 <= :n AND b.y1 >= :s "
            f"AND b.d0 <= :d1 AND b.d1 >= :d0 {end}"
        )
        facts |= {f"w{n}": window.x0, f"e{n}": window.x1}
    return " UNION ALL ".join(passes), facts


def by_ids(asked: Ask) -> tuple[str, dict[str, Any]]:
    """Return a statement that looks scenes up by name."""
    text = (
        f"SELECT {_COLUMNS} FROM json_each(:collections) c CROSS JOIN "  # noqa: S608
        "(SELECT DISTINCT value FROM json_each(:ids)) i CROSS JOIN scene s INDEXED BY scene_id "
        f"ON s.collection = c.value AND s.id = i.value WHERE {_TIME}"
    )
    return text, asked.facts


def by_time(asked: Ask, after: Place | None) -> tuple[str, dict[str, Any]]:
    """Return a statement that gives scenes in the order of results, starting after a place."""
    facts, conditions = asked.facts, [_TIME, "s.t >= :first"]
    if len(asked.collections) == 1:
        index, order = "scene_collection", "s.t DESC, s.id"
        conditions.append("s.collection = :collection")
    else:
        index, order = "scene_time", "s.t DESC, s.collection, s.id"
        conditions.append(_COLLECTION)
    if after is not None:
        conditions.append("s.t <= :after_t AND (s.t < :after_t OR (s.collection, s.id) > (:c, :i))")
        facts |= {"after_t": after.t, "c": after.collection, "i": after.id}
    for n, region in enumerate(asked.regions):
        near, edges = _near(region, f"r{n}")
        conditions.append(near)
        facts |= edges
    where = " AND ".join(conditions)
    text = f"SELECT {_COLUMNS} FROM scene s INDEXED BY {index} WHERE {where} ORDER BY {order}"  # noqa: S608
    return text, facts


def count_in_time(asked: Ask, most: int) -> tuple[str, dict[str, Any]]:
    """Return a statement that counts the scenes of a period, up to `most`."""
    one = len(asked.collections) == 1
    index = "scene_collection" if one else "scene_time"
    collection = "s.collection = :collection" if one else _COLLECTION
    inner = (
        f"SELECT 1 FROM scene s INDEXED BY {index} "  # noqa: S608
        f"WHERE {collection} AND s.t >= :first AND {_TIME} LIMIT {most}"
    )
    return f"SELECT count(*) FROM ({inner})", asked.facts  # noqa: S608


def _near(region: Region, name: str) -> tuple[str, dict[str, float]]:
    """Return a condition on the columns of a scene: its box meets that of the place."""
    facts = {f"{name}n": region.y1, f"{name}s": region.y0}
    parts = []
    for n, window in enumerate(region.windows):
        facts |= {f"{name}w{n}": window.x0, f"{name}e{n}": window.x1}
        parts.append(f"(s.x0 <= :{name}e{n} AND s.x1 >= :{name}w{n})")
    return f"(({' OR '.join(parts)}) AND s.y0 <= :{name}n AND s.y1 >= :{name}s)", facts
