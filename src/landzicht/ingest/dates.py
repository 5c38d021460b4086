"""Finding out of which moment an image is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadDatetime
from landzicht.kinds import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

When = tuple[datetime, datetime | None]
"""Moment, and the end of the period when it is one."""

EARLIEST, LATEST = 1930, 2100
"""Years between which a number in a file name can be a date: since the first aerial surveys."""

_IN_TEXT = re.compile(
    r"(?<!\d)(?P<y>\d{4})(?P<s>[-_.]?)(?P<m>\d{2})(?P=s)(?P<d>\d{2})"
    r"(?:[T_ -]?(?P<H>\d{2})(?P<t>[:_-]?)(?P<M>\d{2})(?:(?P=t)(?P<S>\d{2}))?(?:\.\d+)?Z?)?(?!\d)"
)
_BARE_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_SINCE = re.compile(
    r"^\s*(?P<unit>seconds?|minutes?|hours?|days?)\s+since\s+(?P<start>.+)$", re.IGNORECASE
)
_TAGS = (
    "datetime",
    "start_datetime",
    "ACQUISITION_DATETIME",
    "ACQUISITIONDATETIME",
    "ACQUISITION_DATE",
    "DATE_ACQUIRED",
    "SENSING_TIME",
    "DATE",
)
"""Header tags that mean the time of observation. TIFF's own DateTime is not among them: it tells
when the file was made."""


def when_given(text: str) -> When:
    """Read what the user gives as the date: a day, a moment, a month or a period.

    Raises:
        BadDatetime: it is none of these, or has an open end.
    """
    span = Span.parse(text)
    if span.start is None or span.end is None:
        raise BadDatetime(value=text[:80])
    if _BARE_DAY.match(text.strip()) or span.start == span.end:
        return span.start, None
    return span.start, span.end


def moment_in(text: str) -> datetime | None:
    """Return the moment in a metadata field, to its last digit; a bare year is none."""
    try:
        return None if text.strip().isdigit() else Span.parse(text).start
    except BadDatetime:
        found = when_in(text)
        return found[0] if found else None


def when_in(text: str) -> When | None:
    """Return the first date, with its time if any, that stands in a name or tag."""
    for found in _IN_TEXT.finditer(text):
        parts = found.groupdict()
        moment = _moment(parts)
        if moment is not None:
            return moment, None
    return None


def when_in_tags(tags: Mapping[str, str]) -> When | None:
    """Return the date in a header tag that by its name is the time of observation."""
    lowered = {name.lower(): value for name, value in tags.items()}
    for name in _TAGS:
        found = when_in(lowered.get(name.lower(), ""))
        if found:
            return found
    return None


def when_since(units: str, amount: str | None) -> When | None:
    """Read a CF time: `days since 1990-01-01` and a number of them (CF conventions 1.11, 4.4).

    Without an amount the reference itself is meant.
    """
    found = _SINCE.match(units)
    if found is None:
        return when_in(units)
    start = when_in(found["start"])
    try:
        steps = float(amount) if amount else 0.0
        unit = found["unit"].lower().rstrip("s") + "s"
        return (start[0] + timedelta(**{unit: steps}), None) if start else None
    except (ValueError, OverflowError):
        return None


def _moment(parts: Mapping[str, str | None]) -> datetime | None:
    numbers = {name: int(parts[name] or 0) for name in ("y", "m", "d", "H", "M", "S")}
    if not EARLIEST <= numbers["y"] <= LATEST:
        return None
    day = (numbers["y"], numbers["m"], numbers["d"])
    for time in ((numbers["H"], numbers["M"], numbers["S"]), (0, 0, 0)):
        try:
            return datetime(*day, *time, tzinfo=UTC)
        except ValueError:  # digits behind a date need not be a time
            continue
    return None
