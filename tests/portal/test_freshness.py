"""Rhythms of passes, gaps and lag."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.portal import Portal
from landzicht.portal.freshness import rhythm_of
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.web.app import create_app

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
