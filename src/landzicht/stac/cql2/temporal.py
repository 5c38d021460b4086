"""How two periods lie: the fifteen temporal functions of CQL2 (after Allen, 1983)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ENDLESS = 2**62
"""Microseconds beyond any date."""


class Ends(NamedTuple):
    """First and last microsecond since 1970; equal for a moment."""

    start: int
    end: int


RELATIONS: dict[str, Callable[[Ends, Ends], bool]] = {
    "t_after": lambda a, b: a.start > b.end,
    "t_before": lambda a, b: a.end < b.start,
    "t_contains": lambda a, b: a.start < b.start and a.end > b.end,
    "t_disjoint": lambda a, b: a.end < b.start or a.start > b.end,
    "t_during": lambda a, b: a.start > b.start and a.end < b.end,
    "t_equals": lambda a, b: a == b,
    "t_finishedby": lambda a, b: a.start < b.start and a.end == b.end,
    "t_finishes": lambda a, b: a.start > b.start and a.end == b.end,
    "t_intersects": lambda a, b: a.start <= b.end and a.end >= b.start,
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_overlappedby": lambda a, b: b.start < a.start and b.end > a.start and b.end < a.end,
    "t_overlaps": lambda a, b: a.start < b.start and a.end > b.start and a.end < b.end,
    "t_startedby": lambda a, b: a.start == b.start and a.end > b.end,
    "t_starts": lambda a, b: a.start == b.start and a.end < b.end,
}
"""By name of the function."""
