"""A moment or a period, always in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from landzicht.errors.catalogue import BadDatetime

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MONTH = re.compile(r"^\d{4}-\d{2}$")
_YEAR = re.compile(r"^\d{4}$")
_INSTANT = re.compile(
    r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?$"
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A closed period `[start, end]` in UTC; an instant when both are equal, None = open."""

    start: datetime | None
    end: datetime | None

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read what STAC and OGC call `datetime` (RFC 3339 and intervals, OGC 17-069r4 7.15.3).

        Besides full instants we accept a bare day (`2025-06-08`), month (`2025-06`) or year
        (`2025`), which mean all of it, and `A/B` with `..` or nothing for an open end.

        Raises:
            BadDatetime: the text is none of these, or the end lies before the start.
        """
        first, slash, last = text.strip().partition("/")
        if not slash:
            return _one(first)
        if first in ("", "..") and last in ("", ".."):
            raise BadDatetime(value=text[:80])
        start = None if first in ("", "..") else _one(first).start
        end = None if last in ("", "..") else _one(last).end
        if start and end and end < start:
            raise BadDatetime(value=text[:80])
        return cls(start, end)

    @classmethod
    def instant(cls, moment: datetime) -> Span:
        """Return the period that is one moment; a moment without zone is taken as UTC."""
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return cls(moment, moment)

    def overlaps(self, other: Span) -> bool:
        """Whether the two periods share at least one moment."""
        starts_after = self.start and other.end and self.start > other.end
        ends_before = self.end and other.start and self.end < other.start
        return not (starts_after or ends_before)


def format_instant(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC, ending in `Z`, without needless fractions."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"


def _one(text: str) -> Span:
    text = text.strip()
    try:
        if _DAY.match(text):
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return Span(start, start + timedelta(days=1) - timedelta(microseconds=1))
        if _MONTH.match(text):
            start = datetime.fromisoformat(text + "-01").replace(tzinfo=UTC)
            following = (start + timedelta(days=32)).replace(day=1)
            return Span(start, following - timedelta(microseconds=1))
        if _YEAR.match(text):
            return Span(_one(f"{text}-01").start, _one(f"{text}-12").end)
        if _INSTANT.match(text):
            return Span.instant(datetime.fromisoformat(text.upper().replace(",", ".")))
    except (ValueError, OverflowError) as error:
        raise BadDatetime(value=text[:80]) from error
    raise BadDatetime(value=text[:80])
