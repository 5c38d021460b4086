"""When a season starts, peaks and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.series.smooth import Smoothed

METHOD = "half-amplitude/1"
"""Name and version of the method."""
SHARE = 0.5
"""Part of the rise that is done at the start, and of the fall that is still to come at the end."""
LEAST_AMPLITUDE = 0.2
"""Of a smaller rise and fall of a vegetation index nobody can say when it was."""
LONGEST_GAP = 45.0
"""Days without an observation in which no date is told."""
_NORMAL_90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, and how sure it is."""

    day: float
    """On the axis of the series."""
    plus_minus: float
    """Days on both sides that hold the truth in about 90 % of cases, as far as noise goes."""
    value: float
    """Of the line on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """The main season of a year; what cannot be told is None."""

    start: Moment | None
    """Half of the rise is done."""
    peak: Moment | None
    """The highest point."""
    end: Moment | None
    """Half of the fall is done: harvest, ripening, or frost."""


NO_SEASON = Season(start=None, peak=None, end=None)


def season_of(line: Smoothed, number: int, first: float, last: float) -> Season:
    """Return the main season of a series between two days.

    The day on which a line has gone through half of its rise, between the lowest point before the
    peak and the peak itself, and the same for the fall: the threshold method of TIMESAT (Jönsson &
    Eklundh 2004, Computers & Geosciences 30) with the half of White et al. (1997). The day is as
    uncertain as the line, divided by its slope there.

    Args:
        line: smoothed series.
        number: which of them.
        first: first day of the year on the axis of the line.
        last: its last day.
    """
    days = line.days
    within = (days >= first) & (days <= last) & np.isfinite(line.values[number])
    places = np.flatnonzero(within)
    if places.size < 3:  # noqa: PLR2004 - before, on and after the peak
        return NO_SEASON
    values = line.values[number, places]
    top = int(values.argmax())
    rise = values[top] - values[: top + 1].min()
    fall = values[top] - values[top:].min()
    if max(rise, fall) < LEAST_AMPLITUDE:
        return NO_SEASON
    start = _crossing(line, number, places[: top + 1][::-1]) if rise >= LEAST_AMPLITUDE else None
    end = _crossing(line, number, places[top:]) if fall >= LEAST_AMPLITUDE else None
    inside = 0 < top < places.size - 1
    return Season(start=start, peak=_peak(line, number, places, top) if inside else None, end=end)


def _crossing(line: Smoothed, number: int, places: NDArray[np.intp]) -> Moment | None:
    """Return where a line, followed away from its peak, has lost half of what it loses in all."""
    values = line.values[number, places]
    lowest = values.min()
    level = lowest + SHARE * (values[0] - lowest)
    under = np.flatnonzero(values <= level)
    if not under.size or under[0] == 0:
        return None
    after = int(under[0])
    steep = values[after - 1] - values[after]
    part = (values[after - 1] - level) / steep
    one, two = line.days[places[after - 1]], line.days[places[after]]
    at = places[after]
    if line.gap[number, at] > LONGEST_GAP:
        return None
    doubt = _NORMAL_90 * line.error[number, at] / steep
    return Moment(
        day=float(one + part * (two - one)),
        # Between two observations the change may be anywhere: a smooth line cannot know that.
        plus_minus=float(min(max(doubt, line.gap[number, at] / 2, 1.0), LONGEST_GAP)),
        value=float(level),
    )


def _peak(line: Smoothed, number: int, places: NDArray[np.intp], top: int) -> Moment | None:
    """Return the highest point; it is uncertain as far as the line is not surely lower."""
    at = places[top]
    if line.gap[number, at] > LONGEST_GAP:
        return None
    values = line.values[number, places]
    near = values >= values[top] - _NORMAL_90 * line.error[number, at]
    left = top - int(np.argmin(near[: top + 1][::-1])) if not near[: top + 1].all() else 0
    right = top + int(np.argmin(near[top:])) if not near[top:].all() else near.size - 1
    reach = (line.days[places[right]] - line.days[places[left]]) / 2
    return Moment(
        day=float(line.days[at]), plus_minus=float(max(reach, 1.0)), value=float(values[top])
    )
