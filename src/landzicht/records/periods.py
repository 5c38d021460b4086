"""Conditions that an index can answer: `datetime` against known moments, and little cloud."""

from __future__ import annotations

from typing import TypeAlias

from landzicht.kinds.filter import (
    Expression,
    Instant,
    Interval,
    Literal,
    Operation,
    Property,
)
from landzicht.stac.cql2.moments import last_tick, read_instant, ticks
from landzicht.stac.cql2.temporal import ENDLESS

Ends: TypeAlias = tuple[int | None, int | None]
"""First and last microsecond; None = the moment of the scene."""
MOMENT = Property("datetime")
_CLOUD = Property("eo:cloud_cover")
PERIODS = {
    "t_after": "{a0} > {b1}",
    "t_before": "{a1} < {b0}",
    "t_contains": "{a0} < {b0} AND {a1} > {b1}",
    "t_disjoint": "{a1} < {b0} OR {a0} > {b1}",
    "t_during": "{a0} > {b0} AND {a1} < {b1}",
    "t_equals": "{a0} = {b0} AND {a1} = {b1}",
    "t_finishedby": "{a0} < {b0} AND {a1} = {b1}",
    "t_finishes": "{a0} > {b0} AND {a1} = {b1}",
    "t_intersects": "{a0} <= {b1} AND {a1} >= {b0}",
    "t_meets": "{a1} = {b0}",
    "t_metby": "{a0} = {b1}",
    "t_overlappedby": "{b0} < {a0} AND {b1} > {a0} AND {b1} < {a1}",
    "t_overlaps": "{a0} < {b0} AND {a1} > {b0} AND {a1} < {b1}",
    "t_startedby": "{a0} = {b0} AND {a1} > {b1}",
    "t_starts": "{a0} = {b0} AND {a1} < {b1}",
}
"""The temporal functions in SQL; of `a` and `b`, 0 is the start and 1 the end."""
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_WITHIN = ("t_during", "t_equals", "t_finishes", "t_intersects", "t_starts")


def ends_of(part: Expression) -> Ends | None:
    """Return the ends of a period, or None when they depend on more than `datetime`."""
    if part == MOMENT:
        return (None, None)
    is_text = isinstance(part, Literal) and isinstance(part.value, str)
    instant = read_instant(str(part.value)) if is_text else part  # type: ignore[union-attr]
    if isinstance(instant, Instant):
        return (ticks(instant), last_tick(instant))
    if not isinstance(part, Interval):
        return None
    start = (-ENDLESS, 0) if part.start is None else ends_of(part.start)
    end = (0, ENDLESS) if part.end is None else ends_of(part.end)
    return None if start is None or end is None else (start[0], end[1])


def narrow(parts: list[Expression], start: int, end: int) -> tuple[int, int]:
    """Return the period that scenes must lie in for all of some conditions to hold.

    Args:
        parts: conditions that must all hold.
        start: a scene that ends before this is out; microseconds.
        end: a scene that starts after this is out.
    """
    for part in parts:
        if isinstance(part, Operation):
            first, last = _bounds(part)
            start, end = max(start, first), min(end, last)
    return start, end


def most_cloud(parts: list[Expression]) -> float | None:
    """Return a cloud cover that no scene for which all conditions hold lies above, or None."""
    found = []
    for part in parts:
        if not isinstance(part, Operation):
            continue
        low, *high = part.args
        if part.op in {"<", "<=", "=", "between"} and low == _CLOUD:
            found.append(high[-1])
        elif part.op in {">", ">=", "="} and high == [_CLOUD]:
            found.append(low)
    numbers = [
        float(each.value)
        for each in found
        if isinstance(each, Literal) and isinstance(each.value, int | float)
    ]
    return min(numbers, default=None)


def _bounds(part: Operation) -> tuple[int, int]:
    """Return a period that holds `datetime` wherever a condition is true."""
    if part.op in _SWAPPED:
        one, other = part.args
        op = part.op if one == MOMENT else _SWAPPED[part.op]
        bound = ends_of(other if one == MOMENT else one)
        if MOMENT not in part.args or bound is None or bound[0] is None:
            return -ENDLESS, ENDLESS
        return (
            bound[0] if op in {">", ">=", "="} else -ENDLESS,
            bound[0] if op in {"<", "<=", "="} else ENDLESS,
        )
    if part.op == "between" and part.args[0] == MOMENT:
        low, high = (ends_of(arg) for arg in part.args[1:])
        if low is not None and high is not None:
            return (
                -ENDLESS if low[0] is None else low[0],
                ENDLESS if high[0] is None else high[0],
            )
    return _temporal_bounds(part)


def _temporal_bounds(part: Operation) -> tuple[int, int]:
    if part.op not in PERIODS or part.args[0] != MOMENT:
        return -ENDLESS, ENDLESS
    ends = ends_of(part.args[1])
    if ends is None or None in ends:
        return -ENDLESS, ENDLESS
    first, last = ends
    assert first is not None
    assert last is not None
    if part.op in _WITHIN:
        return first, last
    if part.op == "t_after":
        return last, ENDLESS
    return (-ENDLESS, first) if part.op == "t_before" else (-ENDLESS, ENDLESS)
