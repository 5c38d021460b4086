"""Areas: which pixels lie in them, against shapely on every pixel, and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import Transformer

from landzicht.errors.pixels import BadOutline, OutlineTooLarge
from landzicht.grid import Grid
from landzicht.grid.outline import MOST_CORNERS, inside, read_outline

RD = Grid(crs="EPSG:28992", transform=Affine(10, 0, 1000, 0, -10, 1500), height=50, width=60)
corners = st.tuples(st.floats(800, 1800), st.floats(800, 1700))


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(p) for p in (*r, r[0])] for r in rings]}


@given(st.lists(corners, min_size=3, max_size=12))
def test_pixels_inside_are_those_of_shapely(points):
    shape = shapely.Polygon(points)
    assume(shape.is_valid and shape.area > 1)
    outline = read_outline(polygon(points), RD.crs)
    across, down = np.meshgrid(np.arange(RD.width) + 0.5, np.arange(RD.height) + 0.5)
    xs, ys = RD.transform @ (across, down)
    truth = shapely.contains_xy(shape, xs, ys)
    on_edge = shapely.distance(shapely.points(xs, ys), shape.exterior) < 1e-6
    found = inside(outline, RD)
    assert (found == truth)[~on_edge].all()


def test_neighbours_share_no_pixel_and_leave_none_out():
    """Edges through pixel centres belong to exactly one of two areas."""
    west = [(1000, 1000), (1255, 1000), (1305, 1500), (1000, 1500)]
    east = [(1255, 1000), (1600, 1000), (1600, 1500), (1305, 1500)]
    one, two = (inside(read_outline(polygon(ring), RD.crs), RD) for ring in (west, east))
    assert not (one & two).any()
    assert (one | two).all()


def test_holes_and_parts():
    outer = [(1000, 1000), (1600, 1000), (1600, 1500), (1000, 1500)]
    hole = [(1100, 1100), (1200, 1100), (1200, 1200), (1100, 1200)]
    found = inside(read_outline(polygon(outer, hole), RD.crs), RD)
    assert found.sum() == 50 * 60 - 100
    parts = {
        "type": "MultiPolygon",
        "coordinates": [
            polygon(hole)["coordinates"],
            polygon([(1300, 1300), (1400, 1300), (1400, 1400), (1300, 1400)])["coordinates"],
        ],
    }
    assert inside(read_outline(parts, RD.crs), RD).sum() == 200


def test_long_edges_bend_with_the_map():
    """A parallel of latitude is no straight line in Lambert's projection."""
    box = [(-10.0, 50.0), (30.0, 50.0), (30.0, 60.0), (-10.0, 60.0)]
    europe = Grid(
        crs="EPSG:3035",
        transform=Affine(5_000, 0, 2_600_000, 0, -5_000, 4_500_000),
        height=500,
        width=700,
    )
    across, down = np.meshgrid(np.arange(700) + 0.5, np.arange(500) + 0.5)
    xs, ys = europe.transform @ (across, down)
    lon, lat = Transformer.from_crs(3035, 4326, always_xy=True).transform(xs, ys)
    truth = (lon > -10) & (lon < 30) & (lat > 50) & (lat < 60)
    assert (inside(read_outline(polygon(box)), europe) != truth).mean() < 0.001


BOW_TIE = polygon([(5.0, 52.0), (5.1, 52.1), (5.1, 52.0), (5.0, 52.1)])
SQUARE = [(5.0, 52.0), (5.1, 52.0), (5.1, 52.1), (5.0, 52.1)]
BAD = [
    {},
    {"type": "Feature", "geometry": None},
    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [5, 52]}},
    {"type": "LineString", "coordinates": [[5, 52], [5.1, 52.1]]},
    {"type": "FeatureCollection", "features": []},
    {"type": "GeometryCollection", "geometries": [polygon(SQUARE)]},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": None},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[]]},
    {"type": "Polygon", "coordinates": "[[5,52]]"},
    {"type": "Polygon", "coordinates": {"a": 1}},
    {"type": "Polygon", "coordinates": [[[5, 52], [5, 52], [5, 52]]]},
    {"type": "Polygon", "coordinates": [[[5, 52], [5.1, 52], [5.1, 52.1], [5, 52.1]]]},
    {"type": "Polygon", "coordinates": [[["5", 52], [5.1, 52], [5.1, 52.1], ["5", 52]]]},
    {"type": "Polygon", "coordinates": [[[5], [5.1], [5.1], [5]]]},
    {"type": "Polygon", "coordinates": [[None, 1, 2, None]]},
    {"type": "Polygon", "coordinates": [[[True, 1], [2, 2], [2, 1], [True, 1]]]},
    {"type": "MultiPolygon", "coordinates": [[]]},
    polygon([(5.0, 52.0), (float("nan"), 52.0), (5.1, 52.1)]),
    polygon([(5.0, 52.0), (float("inf"), 52.0), (5.1, 52.1)]),
    polygon([(5.0, 52.0), (5.0, 99.0), (5.1, 52.1)]),
    polygon([(5.0, 52.0), (500.0, 52.0), (5.1, 52.1)]),
    polygon([(5.0, 52.0), (1e300, 52.0), (5.1, 52.1)]),
    polygon([(5.0, 52.0), (5.1, 52.0), (5.2, 52.0)]),
    BOW_TIE,
    {"type": "MultiPolygon", "coordinates": [polygon(SQUARE)["coordinates"]] * 2},
]


@pytest.mark.parametrize("told", BAD, ids=range(len(BAD)))
def test_what_is_no_area_is_refused(told):
    with pytest.raises(BadOutline) as found:
        read_outline(told)
    assert found.value.say("nl") != found.value.say("en")


@pytest.mark.parametrize("count", [MOST_CORNERS + 1, 1_000_000])
def test_too_many_corners_are_refused(count):
    at = np.linspace(0, 2 * np.pi, count)
    ring = np.stack([5 + 0.1 * np.cos(at), 52 + 0.1 * np.sin(at)], axis=1).tolist()
    ring[-1] = ring[0]
    with pytest.raises(OutlineTooLarge):
        read_outline({"type": "Polygon", "coordinates": [ring]})
    squares = [polygon(SQUARE)["coordinates"]] * (count // 5)
    with pytest.raises(OutlineTooLarge):
        read_outline({"type": "MultiPolygon", "coordinates": squares})


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(st.sampled_from(["Polygon", "MultiPolygon", "Feature"]), values)
def test_whatever_is_sent_is_read_or_refused(kind, sent):
    told = {"type": kind, "coordinates": sent, "geometry": sent}
    try:
        outline = read_outline(json.loads(json.dumps(told)))
    except (BadOutline, OutlineTooLarge):
        return
    assert not outline.bounds.is_empty
