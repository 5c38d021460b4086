"""Which scenes make a date, and which are left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from landzicht.grid import Bounds
from landzicht.kinds import Mask
from landzicht.series.plan import Question, left_out, overpasses
from landzicht.testing.scenes import make_scene

QUESTION = Question(keys=("B04",), formula=lambda bands: bands["B04"])
CLEAR = Question(
    keys=("B04",), formula=lambda bands: bands["B04"], mask=Mask(asset="SCL", valid=(4,))
)


def scene(id, moment, west=5.0, width=0.5):
    east = west + width
    bounds = Bounds(west, -17, east - 360 if east > 180 else east, -16)
    return make_scene(id, moment=moment, bounds=bounds)


def dates(*scenes):
    return [[source.scene.id for source in each.sources] for each in overpasses(scenes, QUESTION)]


@pytest.mark.parametrize("west", [165.0, 178.0, 179.8, -179.9, -175.0])
def test_a_pass_while_the_day_of_utc_ends_is_one_date(west):
    """Fiji, half past ten in the morning by the sun: around 22:30 or 23:59 UTC."""
    moment = datetime(2025, 6, 8, 23, 59, 40, tzinfo=UTC)
    pair = scene("a", moment, west), scene("b", moment + timedelta(seconds=40), west)
    assert dates(*pair) == [["a", "b"]]
    (overpass,) = overpasses(pair[::-1], QUESTION)
    assert overpass.moment == moment


def test_two_satellites_over_one_place_on_one_day_are_one_date():
    first = datetime(2025, 6, 8, 10, 40, tzinfo=UTC)
    scenes = [scene("b", first), scene("a", first + timedelta(minutes=50))]
    assert dates(*scenes) == [["a", "b"]]
    assert dates(*scenes, scene("c", first + timedelta(days=1))) == [["a", "b"], ["c"]]


def test_the_next_day_is_another_date_also_in_the_pacific():
    moment = datetime(2025, 6, 8, 22, 20, tzinfo=UTC)
    scenes = [scene(str(day), moment + timedelta(days=day), 178.0) for day in range(3)]
    assert dates(*scenes[::-1]) == [["0"], ["1"], ["2"]]


def test_what_lacks_a_band_is_told_with_the_reason():
    moment = datetime(2025, 6, 8, 10, 40, tzinfo=UTC)
    scenes = [scene("late", moment + timedelta(days=1)), scene("early", moment)]
    assert left_out(scenes, QUESTION) == ()
    found = left_out(scenes, CLEAR)
    assert [each.scene for each in found] == ["early", "late"]
    assert found[0].moment == moment
    assert "SCL" in found[0].reason.en
    assert "clouds" in found[0].reason.en
    assert "wolken" in found[0].reason.nl
    assert overpasses(scenes, CLEAR) == ()
    other = Question(keys=("B04", "B08"), formula=lambda bands: bands["B08"])
    assert "B08" in left_out(scenes, other)[0].reason.en
    assert "B04" not in left_out(scenes, other)[0].reason.en
