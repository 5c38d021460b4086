"""What may be asked for, and what is told about the rest."""

from __future__ import annotations

import pickle

import pytest

from landzicht.errors.world import BadWorld
from landzicht.world import WorldSpec, acquisitions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("seed", 1.5),
        ("seed", True),
        ("seed", None),
        ("size", 0),
        ("size", 130),
        ("size", 124),
        ("size", 4100),
        ("size", 10**30),
        ("size", "1024"),
        ("dates", 0),
        ("dates", 74),
        ("year", 2015),
        ("year", 99999),
        ("years", 0),
        ("years", 6),
        ("difficulty", "impossible"),
        ("difficulty", "x" * 5000),
        ("difficulty", None),
    ],
)
def test_what_cannot_be_made_is_told_in_both_languages(name: str, value: object) -> None:
    with pytest.raises(BadWorld) as caught:
        WorldSpec(**{name: value})
    error = caught.value
    assert error.code == "bad-world"
    assert name in error.say("nl")
    assert name in error.say("en")
    assert "Mogelijk" in error.say("nl")
    assert len(error.say("en")) < 300


def test_travels_and_compares() -> None:
    spec = WorldSpec(seed=3, size=256)
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert hash(spec) == hash(WorldSpec(seed=3, size=256))
    assert spec != WorldSpec(seed=4, size=256)


def test_streams_do_not_depend_on_order() -> None:
    spec = WorldSpec()
    first = spec.rng(1, 2).random(3).tolist()
    spec.rng(9).random(100)
    assert spec.rng(1, 2).random(3).tolist() == first
    assert spec.rng(2, 1).random(3).tolist() != first


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_dates_are_passes_and_begin_with_the_prettiest(year: int) -> None:
    many = acquisitions(WorldSpec(year=year, dates=73))
    days = [image.day for image in many]
    assert days[:4] == [116, 161, 221, 191]
    assert len(set(days)) == 73
    assert {day % 5 for day in days} == {1, 4}, "two orbits"
    assert all((image.swath_edge is None) == (image.day % 5 == 1) for image in many)
    assert all(image.date.year == year for image in many)
    assert many[0].cloud == 0
    assert 0.1 < many[3].cloud < 0.4
    for fewer in (1, 3, 24):
        chosen = acquisitions(WorldSpec(year=year, dates=fewer))
        assert [image.date for image in chosen] == [image.date for image in many[:fewer]]


def test_earlier_years_follow() -> None:
    spec = WorldSpec(dates=5, years=3)
    plan = acquisitions(spec)
    assert [image.date.year for image in plan] == [2025] * 5 + [2024] * 5 + [2023] * 5
    assert plan[:5] == acquisitions(spec)[:5]
    assert len({image.date for image in plan}) == 15


def test_tulips_come_first_on_26_april() -> None:
    assert acquisitions(WorldSpec(dates=1))[0].date.isoformat() == "2025-04-26"


def test_a_year_is_covered_without_large_holes() -> None:
    days = sorted(image.day for image in acquisitions(WorldSpec(dates=24)))
    gaps = [b - a for a, b in zip([1, *days], [*days, 365], strict=True)]
    assert max(gaps) <= 45


def test_the_sun_stands_where_it_should() -> None:
    by_day = {image.day: image for image in acquisitions(WorldSpec(dates=73))}
    # Solar noon at 52.56 N: 29.1 degrees from the zenith at the June solstice, 76.0 in December;
    # the pass is about an hour earlier, in the south-south-east.
    summer, winter = (min(by_day, key=lambda day: abs(day - d)) for d in (172, 355))
    assert 29.1 < by_day[summer].sun_zenith < 34
    assert 75.5 < by_day[winter].sun_zenith < 79
    assert all(140 < image.sun_azimuth < 175 for image in by_day.values())
