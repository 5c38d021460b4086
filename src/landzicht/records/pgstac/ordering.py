"""Results in an order that the caller chooses, sorted by PostgreSQL (see `records.order`)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from landzicht.records.condition import CLOUD
from landzicht.records.order import LONGEST
from landzicht.records.token import SortedPlace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Sort
    from landzicht.records.pgstac.finding import Where

Term = tuple[str, bool]
"""A column, and whether it goes down."""
_MOMENT = (
    "CASE WHEN s.t1 = s.t OR s.properties ->> 'datetime' IS NULL THEN s.t ELSE "
    "(extract(epoch FROM (s.properties ->> 'datetime')::timestamptz) * 1000000)::bigint END"
)
"""What `datetime` says; `t` is the start of a period."""
_LAST: tuple[Term, ...] = (("t", True), ("collection", False), ("id", False))


def order_columns(sort: Sequence[Sort], found: Where) -> str:
    """Return for each thing to sort by a rank by type, a number and a text: `r0, n0, v0, …`."""
    columns = []
    for n, each in enumerate(sort):
        rank, number, text = _values(each.name, found)
        columns.append(
            f"({rank})::int AS r{n}, ({number})::numeric AS n{n}, "
            f'(left({text}, {LONGEST}))::text COLLATE "C" AS v{n}'
        )
    return ", ".join(columns)


def order_by(sort: Sequence[Sort]) -> str:
    """Return the order: scenes without a value last, ties as without a sort."""
    return ", ".join(f"{name} {'DESC' if down else 'ASC'}" for name, down in _terms(sort))


def add_after(sort: Sequence[Sort], place: SortedPlace, found: Where) -> str:
    """Return the condition that a row comes after a place."""
    values: list[Any] = []
    for rank, value in place.keys:
        is_text = isinstance(value, str)
        number = None if is_text or value is None else Decimal(str(value))
        values += [rank is None, rank, number, value if is_text else None]
    values += [place.t, place.collection, place.id]
    return _after(_terms(sort), values, 0, found)


def sorted_place(row: Mapping[str, Any], sort: Sequence[Sort]) -> SortedPlace:
    """Return the place of a row in the order."""
    keys = []
    for n in range(len(sort)):
        rank, number, text = row[f"r{n}"], row[f"n{n}"], row[f"v{n}"]
        keys.append((rank, text if number is None else _plain(number)))
    return SortedPlace(tuple(keys), row["t"], row["collection"], row["id"])


def _values(name: str, found: Where) -> tuple[str, str, str]:
    if name == "datetime":
        return "0", _MOMENT, "NULL"
    if name in {"id", "collection"}:
        return "0", "NULL", f"s.{name}"
    if name == CLOUD:
        return "CASE WHEN s.cloud IS NOT NULL THEN 0 END", "s.cloud::text", "NULL"
    place = found.bind(name)
    kind, value = f"jsonb_typeof(s.properties -> {place})", f"(s.properties ->> {place})"
    rank = f"CASE {kind} WHEN 'number' THEN 0 WHEN 'string' THEN 1 WHEN 'boolean' THEN 2 END"
    number = (
        f"CASE {kind} WHEN 'number' THEN {value} WHEN 'boolean' THEN ({value}::bool::int)::text END"
    )
    return rank, number, f"CASE {kind} WHEN 'string' THEN {value} END"


def _terms(sort: Sequence[Sort]) -> list[Term]:
    terms: list[Term] = []
    for n, each in enumerate(sort):
        down = each.descending
        terms += [(f"(r{n} IS NULL)", False), (f"r{n}", down), (f"n{n}", down), (f"v{n}", down)]
    return [*terms, *_LAST]


def _after(terms: Sequence[Term], values: Sequence[Any], n: int, found: Where) -> str:
    name, down = terms[n]
    kind = _TYPES.get(name[0], "bool")
    place = found.bind(values[n]) + f"::{kind}"
    beyond = f"{name} {'<' if down else '>'} {place}"
    if n == len(terms) - 1:
        return beyond
    rest = _after(terms, values, n + 1, found)
    return f"({beyond} OR ({name} IS NOT DISTINCT FROM {place} AND {rest}))"


_TYPES = {"r": "int", "n": "numeric", "v": "text", "t": "bigint", "c": "text", "i": "text"}


def _plain(number: Decimal) -> float:
    whole = int(number)
    return whole if whole == number and abs(whole) < 2**53 else float(number)
