"""The aggregation extension (0.3.0): counts as buckets."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import BadQuery
from landzicht.kinds import Aggregation, Counted, Step
from landzicht.kinds.aggregation import CLOUD_STEP
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from landzicht.kinds import Bucket

_SINGLE = {
    Counted.TOTAL: "integer",
    Counted.FIRST: "datetime",
    Counted.LAST: "datetime",
}
_KEYS = {
    Counted.TIME: "datetime",
    Counted.COLLECTION: "string",
    Counted.CLOUD: "numeric",
    Counted.PLACE: "string",
}
MOST_PRECISE = 6
"""Longest geohash."""


def wanted_of(asked: Mapping[str, Any]) -> list[Aggregation]:
    """Read which aggregations are wanted.

    Raises:
        BadQuery: a name, interval or precision that there is not.
    """
    told = asked.get("aggregations") or Counted.TOTAL.value
    names = told.split(",") if isinstance(told, str) else told
    if not isinstance(names, list) or not names or len(names) > 20:
        raise BadQuery(name="aggregations", reason=_NAMES)
    interval = _given(asked, "datetime_frequency_interval", "month")
    precision = _given(asked, "grid_geohash_frequency_precision", 2)
    if interval not in list(Step):
        raise BadQuery(name="datetime_frequency_interval", reason=_STEPS)
    if str(precision) not in {str(n) for n in range(1, MOST_PRECISE + 1)}:
        raise BadQuery(name="grid_geohash_frequency_precision", reason=_PRECISION)
    if any(str(name).strip() not in list(Counted) for name in names):
        raise BadQuery(name="aggregations", reason=_NAMES)
    return [
        Aggregation(by=Counted(str(name).strip()), step=Step(interval), precision=int(precision))
        for name in names
    ]


def _given(asked: Mapping[str, Any], name: str, usual: object) -> Any:  # noqa: ANN401 - JSON
    value = asked.get(name)
    return usual if value is None or value == "" else value


def list_shape() -> list[dict[str, Any]]:
    """Return the aggregations that there are."""
    single: list[dict[str, Any]] = [
        {"name": name.value, "data_type": kind, "frequency_distribution_data_type": None}
        for name, kind in _SINGLE.items()
    ]
    several: list[dict[str, Any]] = [
        {
            "name": name.value,
            "data_type": "frequency_distribution",
            "frequency_distribution_data_type": kind,
        }
        for name, kind in _KEYS.items()
    ]
    return [{k: v for k, v in each.items() if v is not None} for each in (*single, *several)]


def counts_shape(
    wanted: Sequence[Aggregation], found: Sequence[tuple[Bucket, ...]]
) -> list[dict[str, Any]]:
    """Return counts as the extension wants them."""
    return [_shape(each, buckets) for each, buckets in zip(wanted, found, strict=True)]


def _shape(wanted: Aggregation, buckets: tuple[Bucket, ...]) -> dict[str, Any]:
    if wanted.by in _SINGLE:
        value: Any = None
        if buckets:
            value = buckets[0].count if wanted.by is Counted.TOTAL else buckets[0].key
        return {"name": wanted.by.value, "data_type": _SINGLE[wanted.by], "value": value}
    return {
        "name": wanted.by.value,
        "data_type": "frequency_distribution",
        "overflow": 0,
        "buckets": [_bucket(wanted, bucket) for bucket in buckets],
    }


def _bucket(wanted: Aggregation, bucket: Bucket) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": bucket.key,
        "data_type": _KEYS[wanted.by],
        "frequency": bucket.count,
    }
    if wanted.by is Counted.TIME:
        told["key"] = f"{bucket.key}T00:00:00.000Z"
        told["from"] = told["key"]
        following = _following(bucket.key, wanted.step)
        if following is not None:
            told["to"] = f"{following}T00:00:00.000Z"
    if wanted.by is Counted.CLOUD:
        told |= {"from": int(bucket.key), "to": int(bucket.key) + CLOUD_STEP}
    return told


def _following(day: str, step: Step) -> str | None:
    """Return the first day after a period; None = the calendar ends."""
    start = date.fromisoformat(day)
    try:
        if step in {Step.DAY, Step.WEEK}:
            return (start + timedelta(days=1 if step is Step.DAY else 7)).isoformat()
        if step is Step.YEAR:
            return start.replace(year=start.year + 1).isoformat()
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1).isoformat()
    except (ValueError, OverflowError):
        return None


_NAMES = Text(
    nl="kies uit wat /stac/aggregations noemt", en="choose from what /stac/aggregations lists"
)
_STEPS = Text(nl="kies day, week, month of year", en="choose day, week, month or year")
_PRECISION = Text(nl="geef een getal van 1 tot 6", en="give a number from 1 to 6")
