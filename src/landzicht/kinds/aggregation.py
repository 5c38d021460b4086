"""Counts of scenes: over time, over the map, over collections and clouds."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from landzicht.kinds.span import format_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.kinds.query import Entry

CLOUD_STEP = 10
"""Width of the classes of cloud cover, percent."""
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"


class Counted(StrEnum):
    """What scenes are counted by."""

    TOTAL = "total_count"
    """All together: one bucket, `total`."""
    FIRST = "datetime_min"
    """One bucket: the moment of the oldest scene; none when there are no scenes."""
    LAST = "datetime_max"
    """The same of the newest."""
    TIME = "datetime_frequency"
    """By day, week (Monday), month or year of the moment, UTC: the first day of it."""
    COLLECTION = "collection_frequency"
    """By id of the collection."""
    CLOUD = "cloud_cover_frequency"
    """By tens of percents of cloud cover: `0`, `10`, … `90`; 100 belongs to `90`. Scenes that do
    not tell are left out."""
    PLACE = "grid_geohash_frequency"
    """By the geohash of the middle of the box around the footprint."""


class Step(StrEnum):
    """Periods to count by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    """One way of counting."""

    by: Counted
    """What is counted."""
    step: Step = Step.MONTH
    """For `TIME`."""
    precision: int = 2
    """For `PLACE`: length of the geohash, 1 to 6."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many scenes share a key."""

    key: str
    """The day, place, collection or class."""
    count: int
    """At least 1, but for `total`."""


def count_entries(entries: Iterable[Entry], wanted: Aggregation) -> tuple[Bucket, ...]:
    """Count scenes one by one, sorted by key; what every catalogue must agree with."""
    listed = list(entries)
    if wanted.by is Counted.TOTAL:
        return (Bucket("total", len(listed)),)
    if wanted.by in {Counted.FIRST, Counted.LAST}:
        pick = min if wanted.by is Counted.FIRST else max
        if not listed:
            return ()
        moment = pick(entry.moment for entry in listed)
        return (Bucket(format_instant(moment), sum(e.moment == moment for e in listed)),)
    keys = (_key(entry, wanted) for entry in listed)
    counts = Counter(key for key in keys if key is not None)
    return tuple(Bucket(key, counts[key]) for key in sorted(counts, key=natural))


def _key(entry: Entry, wanted: Aggregation) -> str | None:
    if wanted.by is Counted.COLLECTION:
        return entry.collection
    if wanted.by is Counted.TIME:
        return period_start(entry, wanted.step)
    if wanted.by is Counted.CLOUD:
        return None if entry.cloud is None else cloud_class(entry.cloud)
    assert entry.bounds is not None
    east = entry.bounds.east + (360.0 if entry.bounds.east < entry.bounds.west else 0.0)
    longitude = ((entry.bounds.west + east) / 2 + 180.0) % 360.0
    latitude = (entry.bounds.south + entry.bounds.north) / 2 + 90.0
    return geohash(longitude, latitude, wanted.precision)


def natural(key: str) -> tuple[int, str]:
    """Return what buckets are sorted by: classes of cloud by number, all else by text."""
    return (int(key), "") if key.isdigit() and len(key) < 3 else (0, key)


def period_start(entry: Entry, step: Step) -> str:
    """Return the first day of the period that a scene falls in, `YYYY-MM-DD`."""
    day = entry.moment.date()
    if step is Step.WEEK:
        return (day - timedelta(days=day.weekday())).isoformat()
    if step is Step.MONTH:
        return day.replace(day=1).isoformat()
    return (day.replace(month=1, day=1) if step is Step.YEAR else day).isoformat()


def cloud_class(cloud: float) -> str:
    """Return the class of a cloud cover in percent; what lies outside 0 to 100 joins the ends."""
    return str(int(min(max(cloud // CLOUD_STEP, 0), 9)) * CLOUD_STEP)


def geohash(longitude: float, latitude: float, precision: int) -> str:
    """Return the geohash of a place.

    Args:
        longitude: degrees east of 180 W, 0 to 360.
        latitude: degrees north of the south pole, 0 to 180.
        precision: number of letters.
    """
    bits = 5 * precision
    columns, rows = 2 ** math.ceil(bits / 2), 2 ** (bits // 2)
    column = min(int(longitude / 360.0 * columns), columns - 1)
    row = min(int(latitude / 180.0 * rows), rows - 1)
    return cell_geohash(column, row, precision)


def cell_geohash(column: int, row: int, precision: int) -> str:
    """Return the geohash of a cell of its grid, counted from the south-west corner."""
    bits, code = 5 * precision, 0
    lon, lat = math.ceil(bits / 2), bits // 2
    for place in range(bits):
        if place % 2 == 0:
            lon -= 1
            code = code << 1 | (column >> lon & 1)
        else:
            lat -= 1
            code = code << 1 | (row >> lat & 1)
    return "".join(_BASE32[code >> 5 * n & 31] for n in reversed(range(precision)))
