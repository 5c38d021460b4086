"""A CQL2 condition as SQL: all values and names are bound parameters, never part of the text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from landzicht.kinds.filter import (
    Expression,
    Geometry,
    Instant,
    Literal,
    Operation,
    Property,
    Several,
)
from landzicht.records.functions import FUNCTIONS, Function
from landzicht.records.periods import PERIODS, Ends, ends_of
from landzicht.stac.cql2.evaluate import FOOTPRINT, TIMES
from landzicht.stac.cql2.moments import read_instant, ticks
from landzicht.stac.cql2.names import ARITHMETIC, ARRAY, COMPARISONS, SPATIAL, TEMPORAL, TEXTUAL

if TYPE_CHECKING:
    from collections.abc import Callable

CLOUD = "eo:cloud_cover"
_COLUMNS = {"id": "s.id", "collection": "s.collection"}
_OUTLINE = "s.outline, s.x0, s.x1, s.y0, s.y1"
_MOMENT = (
    "iif(s.t1 = s.t, s.t, coalesce(lz_moment((SELECT json_extract(d.properties, '$.datetime') "
    "FROM fact d WHERE d.rid = s.rid)), s.t))"
)
"""What `datetime` says; `t` is the start of a period, and most scenes are a moment."""
_SUMS = {"+": "({} + {})", "-": "({} - {})", "*": "({} * {})", "/": "({} / {})"}
_CALLED = {"%": "lz_mod", "^": "lz_pow", "div": "lz_div"}


class Kind(StrEnum):
    """What an expression gives, as far as known before looking at a scene."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    MOMENT = "moment"
    ANY = "any"
    NOTHING = "nothing"


@dataclass(slots=True)
class Condition:
    """A condition ready for a statement over `scene s` and `fact f`."""

    sql: str = "1"
    """Gives 1, 0 or NULL."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Parameters, by name."""
    functions: dict[str, Function] = field(default_factory=dict)
    """Functions to add to the connection."""
    uses_fact: bool = False
    """Whether it looks into the properties."""


def condition_of(tree: Expression) -> Condition:
    """Translate a condition that `landzicht.stac.cql2.check` has accepted."""
    writer = _Writer()
    writer.made.sql = writer.truth(tree)
    return writer.made


def number_of(name: str, made: Condition) -> tuple[str, str]:
    """Return what to sort a property by: a rank by type (NULL = no value), and the value."""
    writer = _Writer(made)
    if name == "datetime":
        return "0", writer.datetime()
    if name in _COLUMNS:
        return "0", _COLUMNS[name]
    if name == CLOUD:
        return "iif(s.cloud IS NULL, NULL, 0)", "s.cloud"
    path = writer.path(name)
    kind, value = f"json_type(f.properties, {path})", f"json_extract(f.properties, {path})"
    rank = (
        f"CASE {kind} WHEN 'integer' THEN 0 WHEN 'real' THEN 0 WHEN 'text' THEN 1 "
        "WHEN 'true' THEN 2 WHEN 'false' THEN 2 END"
    )
    return rank, f"iif(({rank}) IS NULL, NULL, {value})"


class _Writer:
    """Writes one condition; each method returns SQL of one type that may be NULL."""

    def __init__(self, made: Condition | None = None) -> None:
        self.made = made or Condition()

    def bind(self, value: Any) -> str:  # noqa: ANN401 - text, number or bytes
        """Return the name of a new parameter with this value."""
        name = f"q{len(self.made.facts)}"
        self.made.facts[name] = value
        return f":{name}"

    def call(self, name: str, *args: str) -> str:
        """Return a call of one of our functions."""
        self.made.functions[name] = FUNCTIONS[name]
        return f"{name}({', '.join(args)})"

    def path(self, name: str) -> str:
        """Return the parameter that points at a property (a checked name holds no quotes)."""
        self.made.uses_fact = True
        return self.bind(f'$."{name}"')

    # -- types ----------------------------------------------------------------------------------

    def kind(self, part: Expression) -> Kind:
        """Return what an expression gives."""
        if isinstance(part, Property):
            return _kind_of_property(part)
        if isinstance(part, Literal):
            kinds = {bool: Kind.TRUTH, str: Kind.TEXT}
            return kinds.get(type(part.value), Kind.NUMBER)
        if isinstance(part, Operation) and part.op in ARITHMETIC:
            return Kind.NUMBER
        if isinstance(part, Operation):
            return Kind.TEXT if part.op in TEXTUAL else Kind.TRUTH
        return Kind.MOMENT if isinstance(part, Instant) else Kind.NOTHING

    def as_kind(self, part: Expression, kind: Kind) -> str:
        """Return an expression as one type; NULL when it is of another."""
        readers = {
            Kind.NUMBER: self.number,
            Kind.TEXT: self.text,
            Kind.TRUTH: self.truth,
            Kind.MOMENT: self.moment,
        }
        return readers[kind](part) if kind in readers else "NULL"

    def number(self, part: Expression) -> str:
        """Return a number, REAL."""
        if isinstance(part, Literal) and self.kind(part) is Kind.NUMBER:
            return self.bind(float(part.value))
        if isinstance(part, Property) and self.kind(part) is Kind.ANY:
            if part.name == CLOUD:
                return "s.cloud"
            path = self.path(part.name)
            return (
                f"CASE WHEN json_type(f.properties, {path}) IN ('integer', 'real') "
                f"THEN CAST(json_extract(f.properties, {path}) AS REAL) END"
            )
        if isinstance(part, Operation) and part.op in ARITHMETIC:
            one, other = (self.number(arg) for arg in part.args)
            if part.op in _SUMS:
                return _SUMS[part.op].format(one, other)
            return self.call(_CALLED[part.op], one, other)
        return "NULL"

    def text(self, part: Expression) -> str:
        """Return a text."""
        if isinstance(part, Literal) and isinstance(part.value, str):
            return self.bind(part.value)
        if isinstance(part, Property):
            if part.name in _COLUMNS:
                return _COLUMNS[part.name]
            return "NULL" if part == FOOTPRINT else self._json_text(part.name)
        if isinstance(part, Operation) and part.op in TEXTUAL:
            return self.call(f"lz_{part.op}", self._plain_text(part.args[0]))
        return "NULL"

    def _plain_text(self, part: Expression) -> str:
        """Return a text that is no moment: `LIKE` and its kin see no text in one."""
        return "NULL" if self.kind(part) is Kind.MOMENT else self.text(part)

    def _json_text(self, name: str) -> str:
        path = self.path(name)
        return (
            f"CASE json_type(f.properties, {path}) WHEN 'text' "
            f"THEN json_extract(f.properties, {path}) END"
        )

    def moment(self, part: Expression) -> str:
        """Return microseconds since 1970."""
        if isinstance(part, Instant):
            return self.bind(ticks(part))
        if isinstance(part, Literal) and isinstance(part.value, str):
            instant = read_instant(part.value)
            return "NULL" if instant is None else self.bind(ticks(instant))
        if part == Property("datetime"):
            return self.datetime()
        found = self.text(part)
        return found if found == "NULL" else self.call("lz_moment", found)

    def datetime(self) -> str:
        """Return the microseconds of the property `datetime`."""
        self.made.functions["lz_moment"] = FUNCTIONS["lz_moment"]
        return _MOMENT

    def truth(self, part: Expression) -> str:
        """Return 1, 0 or NULL."""
        if isinstance(part, Literal) and isinstance(part.value, bool):
            return "1" if part.value else "0"
        if isinstance(part, Property) and self.kind(part) is Kind.ANY:
            path = self.path(part.name)
            return (
                f"CASE json_type(f.properties, {path}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
            )
        if isinstance(part, Operation) and self.kind(part) is Kind.TRUTH:
            return self._rule(part.op)(part)
        return "NULL"

    # -- conditions -----------------------------------------------------------------------------

    def _rule(self, op: str) -> Callable[[Operation], str]:
        if op in COMPARISONS:
            return lambda part: self._compare(op, *part.args)
        if op in TEMPORAL:
            return self._temporal
        if op in SPATIAL:
            return self._spatial
        if op in ARRAY:
            return self._by_evaluating
        rules: dict[str, Callable[[Operation], str]] = {
            "and": lambda part: _join(" AND ", [self.truth(arg) for arg in part.args]),
            "or": lambda part: _join(" OR ", [self.truth(arg) for arg in part.args]),
            "not": lambda part: f"(NOT {self.truth(part.args[0])})",
            "like": lambda part: self.call("lz_like", *map(self._plain_text, part.args)),
            "between": self._between,
            "in": self._in,
            "isNull": self._is_null,
        }
        return rules[op]

    def _compare(self, op: str, one: Expression, other: Expression) -> str:
        kinds = self.kind(one), self.kind(other)
        if Kind.NOTHING in kinds:
            return "NULL"
        if Kind.MOMENT in kinds:
            return f"({self.moment(one)} {op} {self.moment(other)})"
        if kinds == (Kind.ANY, Kind.ANY):  # at most one of these is not NULL
            each = (
                f"{self.as_kind(one, kind)} {op} {self.as_kind(other, kind)}"
                for kind in (Kind.NUMBER, Kind.TEXT, Kind.TRUTH)
            )
            return f"coalesce({', '.join(each)})"
        kind = kinds[1] if kinds[0] is Kind.ANY else kinds[0]
        if kinds[1] not in {kind, Kind.ANY}:
            return "NULL"
        return f"({self.as_kind(one, kind)} {op} {self.as_kind(other, kind)})"

    def _between(self, part: Operation) -> str:
        value, low, high = part.args
        return f"({self._compare('>=', value, low)} AND {self._compare('<=', value, high)})"

    def _in(self, part: Operation) -> str:
        """Look constants up in one list of each type; compare with other things one by one."""
        value, several = part.args
        assert isinstance(several, Several)
        lists: dict[Kind, list[Any]] = {}
        tests = []
        for item in several.items:
            if not isinstance(item, Literal | Instant):
                tests.append(self._compare("=", value, item))
                continue
            kind = self.kind(item)
            if Kind.MOMENT in {kind, self.kind(value)}:
                instant = read_instant(str(_literal(item))) if isinstance(item, Literal) else item
                is_text = isinstance(item, Instant) or kind is Kind.TEXT
                found = ticks(instant) if instant is not None and is_text else None
                lists.setdefault(Kind.MOMENT, []).append(found)
            else:
                plain = _literal(item)
                lists.setdefault(kind, []).append(
                    float(plain) if kind is Kind.NUMBER else int(plain) if kind is Kind.TRUTH
                    else plain
                )  # fmt: skip
        for kind, values in lists.items():
            fits = kind is Kind.MOMENT or self.kind(value) in {kind, Kind.ANY}
            found_in = self.as_kind(value, kind) if fits else "NULL"
            listed = self.bind(json.dumps(values))
            tests.append(f"({found_in} IN (SELECT value FROM json_each({listed})))")  # noqa: S608 - a parameter
        return _join(" OR ", tests) if tests else "0"

    def _is_null(self, part: Operation) -> str:
        of = part.args[0]
        kind = self.kind(of)
        if kind is Kind.ANY:
            assert isinstance(of, Property)
            path = self.path(of.name)
            return f"(coalesce(json_type(f.properties, {path}), 'null') = 'null')"
        if kind is Kind.NOTHING:
            return "0"
        return f"({self.as_kind(of, kind)} IS NULL)"

    def _temporal(self, part: Operation) -> str:
        one, other = (ends_of(arg) for arg in part.args)
        if one is None or other is None:
            return self._by_evaluating(part)
        a, b = self._ends(one), self._ends(other)
        return "(" + PERIODS[part.op].format(a0=a[0], a1=a[1], b0=b[0], b1=b[1]) + ")"

    def _ends(self, ends: Ends) -> tuple[str, str]:
        start, end = (self.datetime() if end is None else self.bind(end) for end in ends)
        return start, end

    def _spatial(self, part: Operation) -> str:
        constants = [arg for arg in part.args if isinstance(arg, Geometry)]
        if len(constants) != 1 or FOOTPRINT not in part.args:
            return self._by_evaluating(part)
        from landzicht.records.near import relation

        name = f"lz_relate{len(self.made.functions)}"
        is_first = part.args[0] == FOOTPRINT
        self.made.functions[name] = (5, relation(part.op, constants[0], footprint_first=is_first))
        return f"{name}({_OUTLINE})"

    def _by_evaluating(self, part: Operation) -> str:
        """Let Python look at each scene: for what SQL has no words for."""
        from landzicht.records.near import evaluation

        self.made.uses_fact = True
        name = f"lz_evaluate{len(self.made.functions)}"
        self.made.functions[name] = (8, evaluation(part))
        return f"{name}(s.collection, s.id, f.properties, {_OUTLINE})"


def _kind_of_property(part: Property) -> Kind:
    if part.name in TIMES:
        return Kind.MOMENT
    if part == FOOTPRINT:
        return Kind.NOTHING
    return Kind.TEXT if part.name in _COLUMNS else Kind.ANY


def _literal(item: Literal | Instant) -> Any:  # noqa: ANN401 - text, number or truth value
    return item.value if isinstance(item, Literal) else None


def _join(joint: str, parts: list[str]) -> str:
    """Join conditions as a balanced tree: SQLite limits how deep one may be."""
    if len(parts) <= 2:
        return f"({joint.join(parts)})"
    half = len(parts) // 2
    return f"({_join(joint, parts[:half])}{joint}{_join(joint, parts[half:])})"
