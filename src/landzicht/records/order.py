"""Results in an order that the caller chooses, page by page.

A page goes on after the values by which its last scene was sorted, so scenes that come or go
between two pages make no page repeat or skip another scene.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from landzicht.records.condition import CLOUD, Condition, number_of
from landzicht.records.statements import COLUMNS, Statement, candidates
from landzicht.stac.cql2.moments import read_instant, ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Sort
    from landzicht.records.plan import Ask, Way
    from landzicht.records.token import SortedPlace

Keys: TypeAlias = tuple[tuple[int | None, Any], ...]
"""For each thing sorted by: the rank of its type (None = no value), and the value."""
LONGEST = 200
"""Texts are sorted by so many letters; after those the usual order decides."""
_LAST = (("t", True), ("collection", False), ("id", False))


class Ordered(NamedTuple):
    """A statement that gives scenes in order."""

    statement: Statement
    keys: int
    """How many columns follow those of a hit: a rank and a value for each thing to sort by."""


def in_order(
    asked: Ask, way: Way, sort: Sequence[Sort], after: SortedPlace | None
) -> tuple[Ordered, Condition]:
    """Return a statement that gives the candidates of a way in order, and what it needs.

    Args:
        asked: what is wanted.
        way: which way to take.
        sort: what to sort by.
        after: start after this scene.
    """
    made = asked.condition or Condition()
    columns = [COLUMNS]
    for n, each in enumerate(sort):
        rank, value = number_of(each.name, made)
        columns.append(f"{rank} AS r{n}, {_short(value)} AS v{n}")
    text, facts = candidates(asked, way, ", ".join(columns), fact=made.uses_fact)
    by = _terms(sort)
    order = ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name, down in by)
    where = ""
    if after is not None:
        values = _values(after)
        where = f"WHERE {_after(by, 0)}"
        facts = facts | {f"a{n}": value for n, value in enumerate(values)}
    sql = f"SELECT * FROM ({text}) {where} ORDER BY {order}"  # noqa: S608 - our own names
    return Ordered(Statement(sql, facts | made.facts), 2 * len(sort)), made


def _terms(sort: Sequence[Sort]) -> list[tuple[str, bool]]:
    """Return columns and whether they go down; first of each pair those without a value."""
    terms: list[tuple[str, bool]] = []
    for n, each in enumerate(sort):
        terms += [
            (f"(r{n} IS NULL)", False),
            (f"r{n}", each.descending),
            (f"v{n}", each.descending),
        ]
    return [*terms, *_LAST]


def _values(place: SortedPlace) -> list[Any]:
    """Return the values of `_terms` at a place."""
    values: list[Any] = []
    for rank, value in place.keys:
        values += [int(rank is None), rank, value]
    return [*values, place.t, place.collection, place.id]


def _after(terms: Sequence[tuple[str, bool]], n: int) -> str:
    name, down = terms[n]
    beyond = f"{name} {'<' if down else '>'} :a{n}"
    if n == len(terms) - 1:
        return beyond
    return f"({beyond} OR ({name} IS :a{n} AND {_after(terms, n + 1)}))"


def _short(value: str) -> str:
    return f"iif(typeof({value}) = 'text', substr({value}, 1, {LONGEST}), {value})"


def keys_of(item: Mapping[str, Any], t: int, sort: Sequence[Sort]) -> Keys:
    """Return the rank and value of each thing that a STAC item is sorted by.

    Args:
        item: decoded STAC item.
        t: its moment (of a period the start), microseconds since 1970.
        sort: what to sort by.
    """
    return tuple(_key(item, t, each.name) for each in sort)


def arrange(places: list[SortedPlace], sort: Sequence[Sort]) -> list[SortedPlace]:
    """Return places in order: the twin in Python of what `in_order` lets SQLite do."""
    found = sorted(places, key=lambda place: (-place.t, place.collection, place.id))
    for n, each in reversed(list(enumerate(sort))):
        known = [place for place in found if place.keys[n][0] is not None]
        known.sort(key=lambda place, n=n: place.keys[n], reverse=each.descending)  # type: ignore[misc]
        found = known + [place for place in found if place.keys[n][0] is None]
    return found


def _key(item: Mapping[str, Any], t: int, name: str) -> tuple[int | None, Any]:
    if name == "datetime":
        told = item["properties"].get(name)
        instant = read_instant(told) if told else None
        return (0, t if instant is None else ticks(instant))
    if name in {"id", "collection"}:
        return (0, item[name][:LONGEST])
    value = item["properties"].get(name)
    if isinstance(value, bool):
        return (None, None) if name == CLOUD else (2, int(value))
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str) and name != CLOUD:
        return (1, value[:LONGEST])
    return (None, None)
