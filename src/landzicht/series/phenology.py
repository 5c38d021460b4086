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
MOST_DOUBT = 35.0
"""A date that may be further off than these days is not told."""
_NORMAL_90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, and how sure it is."""

    day: float
    """On the axis of the series."""
    plus_minus: float
    """Days on both sides in which it probably was; how often it was is in `tests/series`."""
    value: float
    """Of the line on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """One rise and fall; what cannot be told is None."""

    start: Moment | None
    """Half of the rise is done."""
    peak: Moment | None
    """The highest point."""
    end: Moment | None
    """Half of the fall is done: harvest, ripening, mowing for good, or frost."""
    size: float
    """Sum over its days of what it stands above its lowest point: the main season has most."""


def seasons_of(line: Smoothed, number: int, first: float, last: float) -> tuple[Season, ...]:
    """Return the seasons of a series between two days, the earliest first.

    A season is a hump that rises and falls by `LEAST_AMPLITUDE` or more. It starts on the day on
    which the line has gone through half of its rise, and ends halfway its fall: the threshold
    method of TIMESAT (Jönsson & Eklundh 2004, Computers & Geosciences 30), with the half of White
    et al. (1997). A day is as uncertain as the line, divided by its slope there, and as half of
    the gap between the observations around it: a smooth line cannot know where in a gap it was.

    Args:
        line: smoothed series.
        number: which of them.
        first: first day of the year on the axis of the line.
        last: its last day.
    """
    within = (line.days >= first) & (line.days <= last) & np.isfinite(line.values[number])
    places = np.flatnonzero(within)
    found = []
    for low, top, end in humps(line.values[number, places]):
        values = line.values[number, places[low : end + 1]]
        rises = values[top - low] - values[0] >= LEAST_AMPLITUDE
        falls = values[top - low] - values[-1] >= LEAST_AMPLITUDE
        inside = 0 < top < places.size - 1
        found.append(
            Season(
                start=_crossing(line, number, places[low : top + 1][::-1]) if rises else None,
                peak=_peak(line, number, places[low : end + 1], top - low) if inside else None,
                end=_crossing(line, number, places[top : end + 1]) if falls else None,
                size=float((values - values.min()).sum()),
            )
        )
    return tuple(found)


def humps(values: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """Return the places of the low before, the top and the low after each hump.

    Turning points between which the line goes up or down by less than `LEAST_AMPLITUDE` do not
    count.
    """
    turns, low, high, going = [0], 0, 0, 0
    for place, value in enumerate(values):
        if value > values[high]:
            high = place
        if value < values[low]:
            low = place
        if going >= 0 and values[high] - value >= LEAST_AMPLITUDE:
            turns, low, going = [*turns, high], place, -1
        elif going <= 0 and value - values[low] >= LEAST_AMPLITUDE:
            turns, high, going = [*turns, low], place, 1
    if going:
        turns = [*turns, high if going > 0 else low, values.size - 1]
    return [
        (before, top, after)
        for before, top, after in zip(turns, turns[1:], turns[2:], strict=False)
        if values[top] >= values[before] and values[top] > values[after]
    ]


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
    doubt = _NORMAL_90 * line.error[number, at] / steep + line.gap[number, at] / 2
    if doubt > MOST_DOUBT:
        return None
    return Moment(
        day=float(one + part * (two - one)),
        plus_minus=float(max(doubt, 1.0)),
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
