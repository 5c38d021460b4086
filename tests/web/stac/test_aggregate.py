"""Counts over HTTP: everything that can be counted, in every interval, by GET and by POST."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from landzicht.grid import Bounds
from landzicht.kinds import Counted
from landzicht.testing.scenes import make_scene

AGGREGATE = "/stac/aggregate"
BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"
MOMENTS = [
    datetime(*when, tzinfo=UTC)
    for when in (
        (2023, 12, 31, 23, 59, 59), (2024, 1, 1), (2024, 2, 29, 12), (2024, 12, 30), (2024, 12, 31),
        (2025, 1, 5, 23, 59), (2025, 1, 6), (2025, 1, 31, 6),
    )
]  # fmt: skip
CLOUDS = [0.0, 9.99, 10.0, 55.5, 90.0, 100.0, None, 100.0]
WESTS = [5.0, -0.4, 179.8, 5.2, -180.0, 5.2, 5.0, 100.0]


@pytest.fixture
def ask(client, portal):
    """A client of a portal with eight scenes more, in a collection of their own."""
    scenes = [
        make_scene(
            f"s{n}",
            "polder",
            moment=moment,
            bounds=Bounds(west, 10.0, west + 0.1, 10.2),
            properties={} if cloud is None else {"eo:cloud_cover": cloud},
        )
        for n, (moment, cloud, west) in enumerate(zip(MOMENTS, CLOUDS, WESTS, strict=True))
    ]
    portal.services.catalog.put([], scenes)

    def count(address=AGGREGATE, **asked):
        """By GET and by POST: they must agree."""
        told = client.get(address, params={n: text_of(v) for n, v in asked.items()})
        posted = client.post(address, json=asked)
        assert told.status_code == posted.status_code == 200, told.text + posted.text
        assert told.json()["aggregations"] == posted.json()["aggregations"]
        assert told.json()["type"] == "AggregationCollection"
        return {each["name"]: each for each in told.json()["aggregations"]}

    return count


def text_of(value):
    return ",".join(map(str, value)) if isinstance(value, list) else value


OURS = {"ids": [f"s{n}" for n in range(8)]}


def buckets(told, name):
    return {bucket["key"]: bucket["frequency"] for bucket in told[name]["buckets"]}


def test_everything_that_is_listed_can_be_counted(client, ask):
    for address in ("/stac/aggregations", "/stac/collections/polder/aggregations"):
        listed = {each["name"]: each for each in client.get(address).json()["aggregations"]}
        assert set(listed) == {each.value for each in Counted}
    told = ask(aggregations=sorted(listed), **OURS)
    assert set(told) == set(listed)
    for name, one in told.items():
        assert one["data_type"] == listed[name]["data_type"]
        if "buckets" not in one:
            continue
        kind = listed[name]["frequency_distribution_data_type"]
        assert {bucket["data_type"] for bucket in one["buckets"]} == {kind}
        assert one["overflow"] == 0
        assert sum(buckets(told, name).values()) == (7 if "cloud" in name else 8)
    assert told["total_count"]["value"] == 8
    assert told["datetime_min"]["value"] == "2023-12-31T23:59:59Z"
    assert told["datetime_max"]["value"] == "2025-01-31T06:00:00Z"
    assert buckets(told, "collection_frequency") == {"polder": 8}


def test_without_a_name_all_are_counted_together(ask):
    assert ask()["total_count"]["value"] == 14
    assert ask(collections=["madeup"])["total_count"]["value"] == 1
    both = ask(aggregations=["collection_frequency"])
    assert buckets(both, "collection_frequency") == {"polder": 13, "madeup": 1}


def test_clouds_are_counted_by_tens(ask):
    told = ask(aggregations=["cloud_cover_frequency"], **OURS)
    assert buckets(told, "cloud_cover_frequency") == {"0": 2, "10": 1, "50": 1, "90": 3}
    edges = [(b["from"], b["to"]) for b in told["cloud_cover_frequency"]["buckets"]]
    assert edges == [(0, 10), (10, 20), (50, 60), (90, 100)]


def period(moment, step):
    """The first day of the period, and that of the next one."""
    day = moment.date()
    if step == "day":
        return day, day + timedelta(days=1)
    if step == "week":
        first = day - timedelta(days=day.isocalendar().weekday - 1)
        return first, first + timedelta(days=7)
    if step == "month":
        months = day.year * 12 + day.month
        return day.replace(day=1), datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).date()
    return day.replace(month=1, day=1), day.replace(year=day.year + 1, month=1, day=1)


@pytest.mark.parametrize("step", ["day", "week", "month", "year"])
def test_every_interval_has_its_edges(ask, step):
    told = ask(aggregations=["datetime_frequency"], datetime_frequency_interval=step, **OURS)
    expected = Counter(period(moment, step) for moment in MOMENTS)
    found = [
        (each["from"], each["to"], each["frequency"])
        for each in told["datetime_frequency"]["buckets"]
    ]
    assert found == [
        (f"{first}T00:00:00.000Z", f"{last}T00:00:00.000Z", number)
        for (first, last), number in sorted(expected.items())
    ]
    assert all(b["key"] == b["from"] for b in told["datetime_frequency"]["buckets"])


@pytest.mark.parametrize("step", ["day", "week", "month", "year"])
def test_the_last_day_of_the_calendar_has_no_end(ask, portal, step):
    moment = datetime(9999, 12, 31, 12, tzinfo=UTC)
    portal.services.catalog.put([], [make_scene("s9", moment=moment)])
    told = ask(aggregations=["datetime_frequency"], datetime_frequency_interval=step, ids=["s9"])
    (bucket,) = told["datetime_frequency"]["buckets"]
    assert bucket["from"].startswith("9999-")
    assert "to" not in bucket


def test_months_are_counted_unless_something_else_is_asked(ask):
    plain = ask(aggregations=["datetime_frequency"], **OURS)
    assert plain == ask(
        aggregations=["datetime_frequency"], datetime_frequency_interval="month", **OURS
    )
    assert len(plain["datetime_frequency"]["buckets"]) == 5


def geohash(longitude, latitude, length):
    """By halving, as the first description of geohashes has it."""
    edges, code, bits = [[-180.0, 180.0], [-90.0, 90.0]], "", []
    while len(code) < length:
        axis, value = ((0, longitude), (1, latitude))[len(bits) % 2]
        low, high = edges[axis]
        middle = (low + high) / 2
        bits.append(value >= middle)
        edges[axis] = [middle, high] if bits[-1] else [low, middle]
        if len(bits) % 5 == 0:
            code += BASE32[int("".join("01"[bit] for bit in bits[-5:]), 2)]
    return code


@pytest.mark.parametrize("precision", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("place", [{}, {"bbox": [-180, 9, 180, 11]}], ids=["counted", "tested"])
def test_the_map_is_counted_by_geohash(ask, precision, place):
    """The middles of the boxes, by an implementation of its own; with a place and without."""
    told = ask(
        aggregations=["grid_geohash_frequency"],
        grid_geohash_frequency_precision=precision,
        **OURS,
        **place,
    )
    expected = Counter(geohash(west + 0.05, 10.1, precision) for west in WESTS)
    assert buckets(told, "grid_geohash_frequency") == expected
    if precision == 2:
        short = ask(aggregations=["grid_geohash_frequency"], **OURS, **place)
        assert buckets(short, "grid_geohash_frequency") == expected


def test_what_is_counted_is_what_a_search_finds(client, ask):
    for asked in (
        {"bbox": [4.9, 9, 6, 11]},
        {"datetime": "2024-01-01T00:00:00Z/2024-12-31T00:00:00Z"},
        {"filter": "eo:cloud_cover >= 55.5"},
        {"q": "nothing like it"},
        {"intersects": {"type": "Point", "coordinates": [5.05, 10.1]}},
    ):
        posted = client.post(AGGREGATE, json=asked).json()["aggregations"]
        listed = client.post("/stac/search", json=asked | {"limit": 100}).json()["features"]
        assert posted[0]["value"] == len(listed)
    nothing = ask(aggregations=[each.value for each in Counted], ids=["none"])
    assert nothing["total_count"]["value"] == 0
    assert nothing["datetime_min"]["value"] is nothing["datetime_max"]["value"] is None
    assert all(each.get("buckets", []) == [] for each in nothing.values())


def test_one_collection_has_counts_of_its_own(client, ask):
    here = "/stac/collections/madeup/aggregate"
    assert ask(here)["total_count"]["value"] == 1
    assert ask(here, collections=["polder"])["total_count"]["value"] == 1
    for method in ("get", "post"):
        missing = getattr(client, method)("/stac/collections/nowhere/aggregate", **(
            {"json": {}} if method == "post" else {}
        ))  # fmt: skip
        assert (missing.status_code, missing.json()["code"]) == (404, "unknown-collection")


@pytest.mark.parametrize(
    "asked",
    [
        {"aggregations": "sum_count"},
        {"aggregations": ["total_count", "x"]},
        {"aggregations": ["total_count"] * 21},
        {"datetime_frequency_interval": "hour"},
        {"grid_geohash_frequency_precision": 0},
        {"grid_geohash_frequency_precision": 7},
        {"grid_geohash_frequency_precision": "2.5"},
        {"bbox": [1, 2, 3]},
        {"datetime": "soon"},
        {"filter": "eo:cloud_cover <"},
    ],
    ids=str,
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_bad_question_is_a_clear_400(client, asked, language):
    headers = {"accept-language": language}
    texts = {name: text_of(value) for name, value in asked.items()}
    for answer in (
        client.get(AGGREGATE, params=texts, headers=headers),
        client.post(AGGREGATE, json=asked, headers=headers),
    ):
        told = answer.json()
        assert answer.status_code == 400
        assert told["code"].startswith("bad-")
        assert told["detail"] == told["landzicht:text"][language]
