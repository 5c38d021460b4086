"""Use case: how up to date is each collection, and which images are missing that were promised?

A satellite passes in a fixed rhythm. The rhythm is read from the days that have images; a day on
which it promises a pass and there is no image is a gap. A collection has the images of several
orbits: then a pass of one hides that the other is missing on the same day, but not for who asks
about a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from landzicht.kinds import Aggregation, Counted, Query, Step
from landzicht.portal.catalogue.search import collections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.grid import Bounds
    from landzicht.kinds import Collection
    from landzicht.portal.services import Services

LONGEST_CYCLE = 40
"""Days of the longest rhythm that is looked for; Landsat's is 16, that of most radars 12 or 24."""
LEAST_DAYS = 4
"""With fewer days there is no rhythm to see."""
LEAST_CYCLES = 3
"""A rhythm must have been seen so many times."""
_LEAST_SCORE = 0.7
_MOST_MISSING = 400
REVISIT = "landzicht:revisit_days"
"""Field of a collection that tells its rhythm, where somebody knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """Days on which a satellite passes."""

    cycle: int
    """Days after which it repeats."""
    offsets: tuple[int, ...]
    """Days of the cycle with a pass, counted from the first day with an image."""
    first: date
    """First day with an image."""

    def days(self, start: date, end: date) -> list[date]:
        """Return the days with a pass from `start` to `end`, both included."""
        told = (start + timedelta(days=n) for n in range((end - start).days + 1))
        return [day for day in told if (day - self.first).days % self.cycle in self.offsets]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How up to date a collection is."""

    collection: Collection
    """Which one."""
    last: datetime | None
    """Newest image."""
    lag_days: float | None
    """Days since then."""
    rhythm: Rhythm | None
    """None = no rhythm to be seen."""
    missing: tuple[date, ...]
    """Days since the first image on which a pass was promised and there is none, newest first; at
    most 400."""
    gaps: int
    """How many such days there are in all."""
    late: bool
    """Whether a promised pass of at least two days ago, after the newest image, is missing."""
    next: date | None
    """The next promised pass."""


def freshness(
    services: Services,
    now: datetime | None = None,
    bounds: Bounds | None = None,
    who: str = "public",
) -> list[Freshness]:
    """Return how up to date each collection is that may be known, by id.

    Args:
        services: adapters of the portal.
        now: the moment to count from.
        bounds: only images that meet this box (WGS84), which may be a point; None = all.
        who: whom we serve.
    """
    moment = now or datetime.now(UTC)
    return [_of(services, each, moment, bounds) for each in collections(services, who)]


def rhythm_of(days: Sequence[date], cycle: int | None = None) -> Rhythm | None:
    """Return the rhythm that explains days with images best, or None when none does.

    For each cycle the offsets are those on which at least half of the passes were seen. A cycle
    costs its offsets (what must be told to describe it) plus the days on which it is wrong
    (promised and not seen, or seen and not promised); the cheapest wins, of equals the shortest.
    So a long cycle that happens to step over two gaps does not win over a short one that tells of
    them. It must also score 0.7: the harmonic mean of the share of promised days that were seen and
    the share of seen days that were promised.

    Args:
        days: with images; any order.
        cycle: only this one.
    """
    seen = sorted(set(days))
    if len(seen) < LEAST_DAYS:
        return None
    first, length = seen[0], (seen[-1] - seen[0]).days + 1
    numbers = [(day - first).days for day in seen]
    best: tuple[int, Rhythm] | None = None
    for period in (cycle,) if cycle else range(1, LONGEST_CYCLE + 1):
        if length < period * LEAST_CYCLES:
            break
        counts = [0] * period
        for number in numbers:
            counts[number % period] += 1
        chances = [(length - 1 - offset) // period + 1 for offset in range(period)]
        offsets = tuple(n for n in range(period) if 2 * counts[n] >= chances[n])
        hits = sum(counts[n] for n in offsets)
        promised = sum(chances[n] for n in offsets)
        score = 2 * hits / (promised + len(seen)) if promised else 0.0
        cost = len(offsets) + (promised - hits) + (len(seen) - hits)
        if score >= _LEAST_SCORE and (best is None or cost < best[0]):
            best = (cost, Rhythm(cycle=period, offsets=offsets, first=first))
    return best[1] if best else None


def _of(
    services: Services, collection: Collection, now: datetime, bounds: Bounds | None
) -> Freshness:
    days, newest = _days(services, collection.id, bounds)
    last = collection.span.end if collection.span and bounds is None else newest
    told = collection.extra.get(REVISIT)
    rhythm = rhythm_of(days, told if isinstance(told, int) and 0 < told <= 400 else None)
    missing: list[date] = []
    following, late = None, False
    if rhythm is not None:
        today = now.date()
        seen = set(days)
        yesterday = today - timedelta(days=1)  # today's image may still come
        missing = [day for day in rhythm.days(days[0], yesterday) if day not in seen][::-1]
        late = any(day > days[-1] and (today - day).days >= 2 for day in missing)
        ahead = rhythm.days(today, today + timedelta(days=rhythm.cycle))
        following = next((day for day in ahead if day not in seen), None)
    return Freshness(
        collection=collection,
        last=last,
        lag_days=None if last is None else round((now - last).total_seconds() / 86_400, 2),
        rhythm=rhythm,
        missing=tuple(missing[:_MOST_MISSING]),
        gaps=len(missing),
        late=late,
        next=following,
    )


def _days(
    services: Services, collection: str, bounds: Bounds | None
) -> tuple[tuple[date, ...], datetime | None]:
    """Return the days with images, and the moment of the newest image; remembered."""
    query = Query(collections=(collection,), bounds=bounds)
    wanted = (Aggregation(by=Counted.TIME, step=Step.DAY), Aggregation(by=Counted.LAST))

    def count() -> tuple[tuple[date, ...], datetime | None]:
        days, last = services.catalog.aggregate(query, wanted)
        newest = datetime.fromisoformat(last[0].key) if last else None
        return tuple(date.fromisoformat(each.key) for each in days), newest

    version = services.catalog.version(collection)
    found: tuple[tuple[date, ...], datetime | None] = services.memory.get(
        ("days", collection, version, bounds), count
    )
    return found
