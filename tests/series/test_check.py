"""Shapes that people send: repaired, refused with a reason, and never a reason to stop."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landzicht.kinds.parcels import Parcels
from landzicht.series import check
from landzicht.series.check import check_shapes, name_column, read_features

RD = "EPSG:28992"
SQUARE = shapely.box(5, 52, 5.01, 52.01)


def refusal(shape, crs="EPSG:4326"):
    """Why a shape is refused; another one beside it still comes."""
    good = SQUARE if crs == "EPSG:4326" else shapely.box(155_000, 463_000, 155_100, 463_100)
    told = check_shapes([("good", good), ("bad", shape)], crs)
    assert told.parcels.ids == ("good",)
    (remark,) = told.refused
    assert (remark.parcel, remark.row) == ("bad", 2)
    assert remark.reason.nl != remark.reason.en
    return remark.reason


def test_what_is_no_area_is_refused_with_its_row():
    assert refusal(None) == check.EMPTY
    assert refusal(shapely.Polygon()) == check.EMPTY
    assert refusal(shapely.LineString([(5, 52), (6, 53)])) == check.NO_AREA
    assert refusal(shapely.GeometryCollection([SQUARE])) == check.NO_AREA
    assert refusal(shapely.MultiPoint([(5, 52), (6, 53)])) == check.NO_AREA
    assert refusal(check.UNREADABLE) == check.UNREADABLE


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_no_numbers(number):
    corners = [(5, 52), (5.1, 52), (5.1, number), (5, 52)]
    with np.errstate(all="ignore"):
        assert refusal(shapely.Polygon(corners)) == check.NO_NUMBERS
        assert refusal(shapely.Point(number, 52)) == check.NO_NUMBERS


def test_swapped_axes_and_wrong_systems():
    metres = shapely.box(155_000, 463_000, 155_100, 463_100)
    assert refusal(metres) == check.NOT_THERE  # metres that are said to be degrees
    assert refusal(shapely.box(100, 95, 101, 96)) == check.NOT_THERE
    assert refusal(shapely.box(1e9, 0, 2e9, 1), RD) == check.NOT_THERE
    # Latitude first is a place too, in the sea off Somalia; it is measured, and meets no scene.
    swapped = shapely.box(52, 5, 52.01, 5.01)
    assert check_shapes([("a", swapped)]).parcels.ids == ("a",)


def test_a_shape_that_crosses_itself_is_repaired_and_said_so():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    told = check_shapes([("bow", bow), ("good", SQUARE)])
    (remark,) = told.repaired
    assert (remark.parcel, remark.row, remark.reason) == ("bow", 1, check.REPAIRED)
    # Two triangles of one: the even-odd rule.
    assert told.parcels.areas()[0] == pytest.approx(2.0)
    assert told.parcels.ids == ("bow", "good")


def test_a_shape_of_which_nothing_is_left():
    flat = shapely.Polygon([(5, 52), (5.1, 52), (5.2, 52), (5, 52)])
    assert refusal(flat) == check.NOTHING_LEFT


def test_names_are_made_unique_and_kept():
    shapes = [("a", SQUARE), ("a", SQUARE), (None, SQUARE), ("", SQUARE), ("x" * 900, SQUARE)]
    told = check_shapes(shapes)
    assert told.parcels.ids[:4] == ("a", "a#2", "3", "4")
    assert len(told.parcels.ids[4]) == 200
    assert [remark.reason for remark in told.repaired] == [check.RENAMED]
    assert told.rows == (1, 2, 3, 4, 5)


def test_names_that_look_like_ours_stay_apart():
    told = check_shapes([(name, SQUARE) for name in ("a", "a#3", "a", "a#3", "a#3#4")])
    assert len(set(told.parcels.ids)) == 5
    assert told.parcels.ids[:2] == ("a", "a#3")


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_many_at_once_are_judged_as_one_by_one(seed, size):
    """The quick look at thousands says what the careful look at each says."""
    made = np.random.default_rng(seed)
    kinds = [
        None, check.UNREADABLE, SQUARE, shapely.Point(5, 52), shapely.Point(np.nan, 52),
        shapely.Polygon(), shapely.LineString([(5, 52), (6, 53)]), shapely.box(100, 95, 101, 96),
        shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]),
        shapely.Polygon([(5, 52), (5.1, 52), (5.2, 52), (5, 52)]), shapely.force_3d(SQUARE, 1.0),
        shapely.MultiPolygon([SQUARE]), shapely.MultiPoint([(5, 52)]),
    ]  # fmt: skip
    sent = [(str(number), kinds[made.integers(len(kinds))]) for number in range(size)]
    with np.errstate(all="ignore"):
        told = check_shapes(sent)
        single = [check_shapes([each]) for each in sent]
    assert told.parcels.ids == tuple(name for each in single for name in each.parcels.ids)
    assert [(each.parcel, each.reason) for each in told.refused] == [
        (remark.parcel, remark.reason) for each in single for remark in each.refused
    ]
    assert [(each.parcel, each.reason) for each in told.repaired] == [
        (remark.parcel, remark.reason) for each in single for remark in each.repaired
    ]


def test_heights_are_dropped():
    high = shapely.force_3d(SQUARE, 7.0)
    told = check_shapes([("a", high)])
    assert told.parcels.areas()[0] == pytest.approx(SQUARE.area)
    assert not told.shapes[0].has_z


def test_a_country_is_a_parcel_too():
    country = shapely.Point(5.3, 52.2).buffer(1.5, quad_segs=5_000)
    told = check_shapes([("nl", country)])
    assert told.parcels.areas()[0] == pytest.approx(country.area)


def test_arcs_that_nobody_straightened_cost_their_row_alone():
    arc = bytes.fromhex("010a00000000000000")  # WKB of an empty CurvePolygon
    column = pa.chunked_array([pa.array([arc, None, shapely.to_wkb(SQUARE)])])
    assert list(check.shapes_of_wkb(column)) == [check.UNREADABLE, None, SQUARE]


def test_what_goes_around_the_earth_is_refused():
    """Nothing was measured of it, as if no image showed it."""
    assert refusal(shapely.box(-180, -90, 180, 90)) == check.TOO_WIDE
    parts = [SQUARE, shapely.box(-150, -18, -149, -17), shapely.box(178, -17, 179, -16)]
    assert refusal(shapely.MultiPolygon([*parts, shapely.box(-100, 0, 80, 1)])) == check.TOO_WIDE
    overseas = shapely.MultiPolygon(parts)
    assert check_shapes([("a", overseas)]).shapes.tolist() == [overseas]
    assert len(check_shapes([("a", shapely.box(-100_000, 0, 100_000, 1))], RD).parcels) == 1


def test_corners_are_limited(monkeypatch):
    angles = np.linspace(0, 2 * np.pi, check.MOST_CORNERS, endpoint=False)
    ring = np.column_stack((5 + np.cos(angles) / 10, 52 + np.sin(angles) / 10))
    start = time.thread_time()
    assert refusal(shapely.Polygon(ring)) == check.TOO_MANY  # one more, as rings are closed
    told = check_shapes([("a", shapely.Polygon(ring[:-1]))])
    assert time.thread_time() - start < 6
    assert told.parcels.xs.size == check.MOST_CORNERS


def test_very_many_of_one_name_in_bounded_time():
    count = 100_000
    start = time.thread_time()
    told = check_shapes(("same", SQUARE) for _ in range(count))
    spent = time.thread_time() - start
    assert len(told.parcels) == len(set(told.parcels.ids)) == count
    assert len(told.repaired) == count - 1
    assert spent < 6, "a million would take a minute"
    assert told.parcels.ids[-1] == f"same#{count}"
    notes = told.notes("en")
    assert notes is not None
    assert notes[0] is None
    assert set(notes[1:]) == {check.RENAMED.en}


def test_each_change_of_a_parcel_is_noted():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    told = check_shapes([("a", SQUARE), ("b", None), ("a", bow), ("c", SQUARE)])
    notes = told.notes("nl")
    assert notes is not None
    assert notes.tolist() == [None, f"{check.REPAIRED.nl}; {check.RENAMED.nl}", None]
    assert check_shapes([("a", SQUARE)]).notes("en") is None


def test_nothing_at_all():
    told = check_shapes([])
    assert isinstance(told.parcels, Parcels)
    assert len(told.parcels) == 0
    assert told.refused == told.repaired == told.names == ()


def test_what_people_call_an_area():
    assert name_column(["ID", "Naam", "name"]) == "name"
    assert name_column(["gid", "STATNAAM"]) == "STATNAAM"
    assert name_column(["gid"]) is None
    features = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": 1, "properties": {"NAAM": "Ede"}, "geometry": None},
            {"type": "Feature", "properties": {"id": "x"}, "geometry": None},
            {"type": "Feature", "properties": "text", "geometry": None},
        ],
    }
    assert [(told[0], told[2]) for told in read_features(features)] == [
        ("1", "Ede"),
        ("x", None),
        (None, None),
    ]


_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(-200, 200),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
_geometry = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["Polygon", "MultiPolygon", "Point", "LineString", "x"]) | _values,
        "coordinates": _values
        | st.lists(st.lists(st.lists(st.floats(-200, 200), min_size=2, max_size=3))),
    },
)
_feature = st.fixed_dictionaries(
    {"type": st.just("Feature")},
    optional={"id": _values, "geometry": _geometry | _values, "properties": _values},
)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["FeatureCollection", "Feature", "Polygon"])},
        optional={"features": st.lists(_feature | _values, max_size=4) | _values},
    )
)
def test_nothing_that_is_sent_breaks_it(told):
    with np.errstate(all="ignore"):
        found = check_shapes(read_features(told))
    sent = told.get("features") if told["type"] == "FeatureCollection" else [told]
    rows = len(sent) if isinstance(sent, list) else 0
    assert len(found.parcels) + len(found.refused) == rows
    assert np.isfinite(found.parcels.xs).all()
