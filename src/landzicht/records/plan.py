"""Which way through the tables, decided here and not by SQLite's planner.

Measured on a million scenes, the wrong way costs a thousand times the right one, and the planner
cannot know: it has no statistics of the R*Tree. Four ways:

* `ids`: look each scene up by name;
* `box`: take the scenes near the place from the R*Tree, newest first (good for a small place);
* `time`: walk back in time along an index, and stop when the page is full (good for a large one);
* `cloud`: take all scenes with so little cloud, then sort (good when these are few).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from landzicht.kinds.filter import Expression, Geometry, Operation, Property
from landzicht.records.extent import to_ticks
from landzicht.records.footprint import Region, box_region, geometry_region, place_region

if TYPE_CHECKING:
    from landzicht.kinds import Query
    from landzicht.records.condition import Condition

ENDLESS = 2**62
"""Microseconds beyond any date."""
NEAR_MOST = 4000
"""From so many scenes near the place, walking in time is quicker than sorting them."""
_STEP, _NEAR, _CLEAR, _ROW = 0.15, 0.7, 0.5, 8.0
"""Microseconds for a step along an index in time, a scene of the R*Tree, one of the index of
clouds, and a row that is looked up and tested; only how they compare matters."""
_PICKED = 0.25
"""Share of the scenes of a place and period that a condition is taken to leave."""
_SURE = 0.1
"""How much the cost counts when nothing is found and the whole way must be gone."""
DAY = 86_400_000_000
"""Microseconds."""
FOOTPRINT = Property("geometry")


class Way(StrEnum):
    """A way through the tables."""

    IDS = "ids"
    BOX = "box"
    TIME = "time"
    CLOUD = "cloud"


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
    condition: Condition | None = None
    """What else must hold."""
    cloud: float | None = None
    """Scenes with more cloud than this are out, and those that do not tell."""

    @property
    def facts(self) -> dict[str, Any]:
        """Named parameters of every statement."""
        more = self.condition.facts if self.condition else {}
        return more | {
            "cloud": self.cloud,
            "collections": json.dumps(self.collections),
            "collection": self.collections[0] if self.collections else "",
            "ids": json.dumps(self.ids),
            "start": self.start,
            "end": self.end,
            "first": self.first,
        }

    @property
    def first(self) -> int:
        """No scene that is wanted starts before this."""
        return max(self.start - self.longest, -ENDLESS)


def ask(query: Query, collections: tuple[str, ...], longest: int) -> Ask:
    """Translate a query.

    Parts of the filter that must hold and that an index knows become places and a period.

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
    first = to_ticks(start) if start else -ENDLESS
    last = to_ticks(end) if end else ENDLESS
    condition = cloud = None
    if query.filter is not None:
        from landzicht.records.condition import condition_of
        from landzicht.records.periods import most_cloud, narrow

        parts = _parts(query.filter)
        regions += _places(parts)
        first, last = narrow(parts, first, last)
        cloud = most_cloud(parts)
        rest = tuple(part for part in parts if not _is_place(part))
        condition = condition_of(Operation("and", rest)) if rest else None
    return Ask(
        collections=collections,
        ids=query.ids,
        start=first,
        end=last,
        longest=longest,
        regions=tuple(regions),
        condition=condition,
        cloud=cloud,
    )


def _parts(condition: Expression) -> list[Expression]:
    """Return conditions that must all hold for this one to hold."""
    if isinstance(condition, Operation) and condition.op == "and":
        return [part for arg in condition.args for part in _parts(arg)]
    return [condition]


def _is_place(part: Expression) -> bool:
    if not (isinstance(part, Operation) and part.op == "s_intersects"):
        return False
    kinds = {type(arg) for arg in part.args}
    return Geometry in kinds and FOOTPRINT in part.args


def _places(parts: list[Expression]) -> list[Region]:
    from landzicht.stac.cql2.spatial import place_of

    return [
        place_region(place_of(arg), is_box=arg.kind == "BBox" and place_of(arg).area > 0)
        for part in parts
        if isinstance(part, Operation) and _is_place(part)
        for arg in part.args
        if isinstance(arg, Geometry)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How many scenes each part of a query leaves."""

    limit: int
    """Scenes on a page."""
    in_time: int
    """Scenes in the period, estimated."""
    near: int | None = None
    """Scenes near the place, counted up to `NEAR_MOST`; None = no place was asked for."""
    clear: int | None = None
    """Scenes with so little cloud, or None when cloud does not matter or they are not rare."""
    is_picky: bool = False
    """Whether there is a condition."""


def choose(shares: Shares) -> Way:
    """Choose the way that is likely to cost least, for a query without ids."""
    costs = _costs(shares)
    return min(costs, key=lambda way: costs[way])


def clear_most(shares: Shares) -> int:
    """Return how many scenes with little cloud cost more to look at than the other ways."""
    return int(min(_costs(shares).values()) / _CLEAR)


def _costs(shares: Shares) -> dict[Way, float]:
    costs = {Way.TIME: _cost_of_time(shares)}
    if shares.near is not None and shares.near < NEAR_MOST:
        costs[Way.BOX] = _cost_of_box(shares, shares.near)
    if shares.clear is not None:
        near = shares.in_time if shares.near is None else shares.near
        inside = shares.clear * min(1.0, near / max(shares.in_time, 1))
        costs[Way.CLOUD] = shares.clear * _CLEAR + inside * _ROW
    return costs


def _wanted(shares: Shares, near: int) -> float:
    """Return how many scenes of a place and period are looked at until the page is full."""
    return min(near, (shares.limit + 1) / (_PICKED if shares.is_picky else 1))


def _cost_of_box(shares: Shares, near: int) -> float:
    surely = _SURE * near if shares.is_picky else 0.0
    return near * _NEAR + (_wanted(shares, near) + surely) * _ROW


def _cost_of_time(shares: Shares) -> float:
    near = shares.in_time if shares.near is None else min(shares.near, shares.in_time)
    if near == 0:
        return shares.in_time * _STEP
    wanted = _wanted(shares, near)
    steps = min(shares.in_time, wanted * shares.in_time / near)
    surely = _SURE * shares.in_time if shares.is_picky else 0.0
    return (steps + surely) * _STEP + wanted * _ROW
