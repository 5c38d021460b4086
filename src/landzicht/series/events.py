"""Dated intervals in which a field was probably mown, or laid bare."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from landzicht.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "drop/1"
"""Name and version of the method."""
LEAST_DROP = 0.12
"""Fall of a vegetation index between two clear observations that means something."""
DENSE = 0.55
"""There must have been this much green before, or there is nothing to mow."""
BARE = 0.35
"""Below this it is soil or stubble."""
REGROWTH_DAYS = 45.0
"""Mown grass is green again within these days."""
REGROWN = 0.5
"""Part of the fall that must come back."""
LONGEST = 35.0
"""Days between two observations above which nobody can say what happened."""


class Kind(StrEnum):
    """What may have happened."""

    MOWING = "mowing"
    """Green fell and came back: mown, or grazed short."""
    BARE = "bare"
    """The land became bare: harvested or ploughed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A candidate, never a verdict."""

    kind: Kind
    """What it looks like."""
    after: float
    """Day of the last clear observation before it …"""
    before: float
    """… and of the first one after it: it happened in between."""
    drop: float
    """How far the index fell."""
    reason: Text
    """Why we think so."""


_MOWN = Text(
    nl="de index viel van {high} naar {low} en was binnen {days} dagen weer op {back}: gemaaid of "
    "kort gegraasd",
    en="the index fell from {high} to {low} and was back at {back} within {days} days: mown, or "
    "grazed short",
)
_BARE = Text(
    nl="de index viel van {high} naar {low}, zoals kale grond of stoppels: geoogst of geploegd",
    en="the index fell from {high} to {low}, as bare soil or stubble has: harvested or ploughed",
)


def events_of(days: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[Event, ...]:
    """Return what probably happened on a field, the earliest first.

    A fall between two clear observations, as in the methods that MODCiX compared for mowing; a
    fall that goes on over several observations is one event, dated by its steepest part. It is
    `BARE` when the lowest point is that of soil, `MOWING` when at least half of the fall is back
    within `REGROWTH_DAYS`, and nothing else: drought and ripening fall too, but do not come back.

    Args:
        days: `(date,)`, rising.
        values: `(date,)`, NaN = gap, also where a cloud was seen (`Doubts.clouded`).
    """
    known = np.isfinite(values)
    when, index = days[known], values[known]
    found = []
    for first, last in _falls(index):
        event = _judge(when, index, first, last)
        if event is not None:
            found.append(event)
    return tuple(found)


def _falls(index: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the places of the first and last observation of each fall."""
    down = np.concatenate(([False], np.diff(index) < 0, [False]))
    edges = np.flatnonzero(np.diff(down.astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _judge(
    when: NDArray[np.float64], index: NDArray[np.float64], first: int, last: int
) -> Event | None:
    drop = float(index[first] - index[last])
    steps = index[first:last] - index[first + 1 : last + 1]
    steepest = first + int(steps.argmax())
    after, before = float(when[steepest]), float(when[steepest + 1])
    told = {"high": f"{index[first]:.2f}", "low": f"{index[last]:.2f}"}
    if drop < LEAST_DROP or steps.max() < drop / 2 or before - after > LONGEST:
        return None
    if index[first] < DENSE:
        return None
    if index[last] < BARE:
        reason, kind = _BARE.fill(**told), Kind.BARE
    else:
        soon = np.flatnonzero((when > when[last]) & (when <= when[last] + REGROWTH_DAYS))
        back = soon[index[soon] >= index[last] + REGROWN * drop]
        if not back.size:
            return None
        told |= {"back": f"{index[back[0]]:.2f}", "days": f"{when[back[0]] - before:.0f}"}
        reason, kind = _MOWN.fill(**told), Kind.MOWING
    return Event(kind=kind, after=after, before=before, drop=drop, reason=reason)
