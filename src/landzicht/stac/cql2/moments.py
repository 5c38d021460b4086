"""Moments and days in conditions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from landzicht.kinds.filter import Instant

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_LONGEST = 40
DAY = 86_400_000_000
"""Microseconds."""


def read_day(text: str) -> Instant | None:
    """Return a day `YYYY-MM-DD`, or None when it is none."""
    if not (isinstance(text, str) and _DAY.fullmatch(text)):
        return None
    try:
        return Instant(datetime.fromisoformat(text).replace(tzinfo=UTC), is_day=True)
    except ValueError:
        return None


def read_moment(text: str) -> Instant | None:
    """Return a moment by RFC 3339 (without zone: UTC), or None when it is none."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z", "z") else zone
    try:
        told = f"{day}T{clock}.{(fraction or '0')[:6].ljust(6, '0')}{zone}"
        return Instant(datetime.fromisoformat(told).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def read_instant(text: str) -> Instant | None:
    """Return a day or a moment, or None when the text is neither."""
    return read_day(text) or read_moment(text)


def ticks(instant: Instant) -> int:
    """Return microseconds since 1970; of a day those of its first moment."""
    return (instant.moment - _EPOCH) // _TICK


def last_tick(instant: Instant) -> int:
    """Return the last microsecond of an instant: of a day its end."""
    return ticks(instant) + (DAY - 1 if instant.is_day else 0)


def write_instant(instant: Instant) -> str:
    """Return a day or a moment as text."""
    if instant.is_day:
        return instant.moment.date().isoformat()
    return instant.moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
