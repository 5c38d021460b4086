"""The months of the past, and which of them is looked at next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN_DAYS = 30
"""Days after which a month of the past is looked at again."""
_SELDOM = 12
"""So many times longer when the source tells what it changed."""
_DAY_S = 86_400.0


def months_between(since: datetime, recent: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield first and last moment of each month that has days before the recent ones, newest first.

    The month of the recent days themselves is among them: it has days before them.
    """
    first = datetime(recent.year, recent.month, 1, tzinfo=UTC)
    following = (first + timedelta(days=32)).replace(day=1)
    starts = [following, first]
    while starts[-1] > since:
        starts.append((starts[-1] - timedelta(days=1)).replace(day=1))
    for end, start in pairwise(starts):
        yield start, end - timedelta(milliseconds=1)


def next_month(
    known: dict[str, float],
    months: list[tuple[datetime, datetime]],
    now: float,
    *,
    full: bool,
) -> tuple[datetime, datetime] | None:
    """Return the newest month that was never looked at, else the one looked at longest ago.

    Args:
        known: `2025-06` → when it was looked at.
        months: newest first.
        now: seconds since 1970.
        full: whether the source tells what it changed; months are then looked at again less often.
    """
    for month in months:
        if f"{month[0]:%Y-%m}" not in known:
            return month
    if not months:
        return None
    oldest = min(months, key=lambda month: known[f"{month[0]:%Y-%m}"])
    age = now - known[f"{oldest[0]:%Y-%m}"]
    return oldest if age > AGAIN_DAYS * _DAY_S * (_SELDOM if full else 1) or age < 0 else None


def has_new(known: dict[str, float], since: datetime, recent: datetime) -> bool:
    """Whether there is a month that was never looked at."""
    return any(f"{first:%Y-%m}" not in known for first, _ in months_between(since, recent))


def moment_at(seconds: float) -> datetime:
    """Return the moment so many seconds after 1970 began."""
    return datetime.fromtimestamp(seconds, UTC)


def instant(moment: datetime) -> str:
    """Return a moment as STAC writes it, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def changed_at(item: object) -> str:
    """Return when the source changed an item, by its own clock; "" when it does not say."""
    properties = item.get("properties") if isinstance(item, dict) else None
    told = properties.get("updated") if isinstance(properties, dict) else None
    try:
        found = datetime.fromisoformat(str(told))
        return instant(found.replace(tzinfo=found.tzinfo or UTC))
    except (ValueError, OverflowError):
        return ""
