"""Rhythms of passes, gaps and lag."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.grid import Bounds
from landzicht.portal import Portal
from landzicht.portal.catalogue.freshness import Freshness, Rhythm, rhythm_of
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.web.app import create_app
from landzicht.web.pages.freshness import freshness_page

FIRST = date(2025, 1, 3)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_rhythm_with_gaps_is_found_and_the_gaps_are_told(data):
    cycle = data.draw(st.integers(5, 16))
    offsets = {0} | data.draw(st.sets(st.integers(1, cycle - 1), max_size=1))
    cycles = 12
    passes = [FIRST + timedelta(days=n * cycle + o) for n in range(cycles) for o in offsets]
    passes.sort()
    gaps = data.draw(st.sets(st.sampled_from(passes[1:-1]), max_size=2))
    seen = [day for day in passes if day not in gaps]
    rhythm = rhythm_of(seen)
    assert rhythm is not None
    promised = rhythm.days(passes[0], passes[-1])
    assert promised == passes
    assert set(promised) - set(seen) == gaps


def test_two_gaps_of_a_short_rhythm_do_not_make_a_long_one():
    """They lie 21 days apart, so a cycle of 21 days with a pass less steps over both."""
    passes = [FIRST + timedelta(days=3 * n) for n in range(24)]
    rhythm = rhythm_of([day for day in passes if day not in (passes[3], passes[10])])
    assert (rhythm.cycle, rhythm.offsets) == (3, (0,))


@pytest.mark.parametrize("days", [[], [0], [0, 1, 2], [0, 3, 19, 20, 77, 140, 141, 200, 333]])
def test_where_there_is_no_rhythm_none_is_told(days):
    assert rhythm_of([FIRST + timedelta(days=n) for n in days]) is None


def test_every_day_is_a_rhythm_of_one_day():
    rhythm = rhythm_of([FIRST + timedelta(days=n) for n in range(20)])
    assert (rhythm.cycle, rhythm.offsets) == (1, (0,))


def test_lag_gaps_and_what_comes_next(tmp_path):
    services = make_services(tmp_path)
    noon = datetime(2025, 1, 3, 12, tzinfo=UTC)
    days = [0, 5, 10, 20, 25, 30, 35, 40]  # 15 is missing
    scenes = [make_scene(f"s{n}", moment=noon + timedelta(days=n)) for n in days]
    collections = [make_collection(), make_collection("empty")]
    services.catalog.put(collections, scenes)
    with Portal(services) as portal:
        empty, told = portal.freshness(noon + timedelta(days=47.5))
        assert (empty.last, empty.rhythm, empty.missing) == (None, None, ())
        assert told.lag_days == 7.5
        assert told.rhythm.cycle == 5
        assert told.missing == (date(2025, 2, 17), date(2025, 1, 18))
        assert told.gaps == 2
        assert told.late
        assert told.next == date(2025, 2, 22)
        assert not portal.freshness(noon + timedelta(days=41))[1].late
        with TestClient(create_app(portal, warm=False)) as client:
            listed = client.get("/api/v1/freshness").json()["collections"]
            assert [each["id"] for each in listed] == ["empty", "polder"]
            assert "2025-01-18" in listed[1]["missing"]
            for language, word in (("nl", "Ontbreekt"), ("en", "Missing")):
                page = client.get("/actualiteit", params={"lang": language})
                assert page.status_code == 200
                assert word in page.text


def test_a_missed_pass_of_one_orbit_shows_where_only_that_one_comes(tmp_path):
    """Two orbits pass on the same days; together they hide what one of them misses."""
    services = make_services(tmp_path)
    noon = datetime(2025, 1, 3, 12, tzinfo=UTC)
    west, east = Bounds(5.0, 52.0, 6.0, 53.0), Bounds(8.0, 52.0, 9.0, 53.0)
    scenes = [
        make_scene(f"{name}{n}", moment=noon + timedelta(days=5 * n, hours=hours), bounds=box)
        for name, box, hours in (("w", west, 0), ("e", east, 1))
        for n in range(9)
        if (name, n) not in {("w", 3), ("w", 8)}
    ]
    services.catalog.put([make_collection()], scenes)
    now = noon + timedelta(days=43)
    with Portal(services) as portal:
        (whole,) = portal.freshness(now)
        assert (whole.missing, whole.late) == ((), False)
        (here,) = portal.freshness(now, Bounds(5.5, 52.5, 5.5, 52.5))
        assert here.missing == (date(2025, 2, 12), date(2025, 1, 18))
        assert (here.last, here.lag_days, here.late) == (noon + timedelta(days=35), 8.0, True)
        (there,) = portal.freshness(now, Bounds(8.5, 52.5, 8.6, 52.6))
        assert (there.missing, there.late) == ((), False)
        (nowhere,) = portal.freshness(now, Bounds(100.0, 0.0, 101.0, 1.0))
        assert (nowhere.last, nowhere.lag_days, nowhere.rhythm) == (None, None, None)
        with TestClient(create_app(portal, warm=False)) as client:
            address = "/api/v1/freshness"
            (told,) = client.get(address, params={"bbox": "5.5,52.5,5.6,52.6"}).json()[
                "collections"
            ]
            assert "2025-01-18" in told["missing"]
            assert told["gaps"] >= len(told["missing"]) > 1
            assert told["last"] == "2025-02-07T12:00:00Z"
            (told,) = client.get(address).json()["collections"]
            assert "2025-01-18" not in told["missing"]
            for path in (address, "/actualiteit"):
                assert client.get(path, params={"bbox": "5,6,7"}).status_code == 400
            for language, word in (("nl", "Alleen beelden van"), ("en", "Only images of")):
                asked = {"lang": language, "bbox": "5.5,52.5,5.6,52.6"}
                assert word in client.get("/actualiteit", params=asked).text
                assert word not in client.get("/actualiteit", params={"lang": language}).text


def test_more_gaps_than_are_listed_are_counted(tmp_path):
    services = make_services(tmp_path)
    noon = datetime(2020, 1, 1, 12, tzinfo=UTC)
    days = [*range(1500), 1950]  # every day, then nothing for 450 days
    scenes = [make_scene(f"s{n}", moment=noon + timedelta(days=n)) for n in days]
    services.catalog.put([make_collection()], scenes)
    with Portal(services) as portal:
        (told,) = portal.freshness(noon + timedelta(days=1951))
    assert (told.gaps, len(told.missing)) == (450, 400)
    assert told.missing[0] == date(2020, 1, 1) + timedelta(days=1949)


@pytest.mark.parametrize(
    ("lag", "nl", "en"),
    [
        (0.2, "minder dan een dag geleden", "less than a day ago"),
        (1.0, "1 dag geleden", "1 day ago"),
        (8.4, "8 dagen geleden", "8 days ago"),
    ],
)
@pytest.mark.parametrize("late", [True, False])
def test_the_page_says_it_in_words(lag, nl, en, late):
    told = Freshness(
        collection=make_collection(),
        last=datetime(2025, 1, 3, 12, tzinfo=UTC),
        lag_days=lag,
        rhythm=Rhythm(cycle=5, offsets=(0,), first=FIRST),
        missing=tuple(FIRST + timedelta(days=n) for n in range(400)),
        gaps=777,
        late=late,
        next=None,
    )
    for language, ago, rhythm, more, too_late in (
        ("nl", nl, "eens per 5 dagen", "en nog 765", "Te laat"),
        ("en", en, "once in 5 days", "and 765 more", "Late"),
    ):
        page = freshness_page([told], language)
        assert f"({ago})" in page
        assert rhythm in page
        assert more in page
        assert (f"<dt>{too_late}</dt>" in page) is late
