"""Outlines that cross themselves, or have many corners: answered in a bounded time."""

from __future__ import annotations

import resource
import subprocess
import sys
import textwrap

import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.records import BadRecord
from landzicht.grid import Bounds
from landzicht.records.footprint import MAX_VERTICES, geometry_region, scene_footprint
from landzicht.testing.scenes import make_scene

CPU_SECONDS = 30
"""Far above what it takes (1 s with the imports), far below what mending took (hours)."""


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run a program that the system kills when it computes for too long."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))

    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SHAPES) + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )


SHAPES = """
    def zigzag(n, west=5):
        ring = [[west + i % 2, 52 + (i * 7919 % n) / n] for i in range(n)]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    def comb(n):
        "Slanting teeth: nothing crosses, but the box of each edge meets all others."
        ring, tall = [[4.0, 51.0]], 4 / n
        for k in range(n // 4):
            x, y = 5 + k * tall / 10, 52 - k * tall / 10
            far = tall / 40
            ring += [[x, y], [x + 1, y + 1], [x + 1 + far, y + 1 - far], [x + far, y - far]]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
"""


def test_a_place_that_crosses_itself_costs_little():
    done = run("""
        from landzicht.errors.catalogue import BadQuery
        from landzicht.records.footprint import geometry_region
        for n in (50, 200, 1000, 5000, 9000, 90_000):
            parts = [zigzag(n), zigzag(n)]
            for place in (parts[0], {"type": "GeometryCollection", "geometries": parts}):
                try:
                    geometry_region(place)
                except BadQuery as error:
                    print(error.code)
        geometry_region(comb(9000))
    """)
    assert (done.returncode, done.stdout.split()) == (0, ["bad-query"] * 12), done.stderr


def test_a_footprint_that_crosses_itself_costs_little():
    done = run("""
        from landzicht.grid import Bounds
        from landzicht.records.footprint import scene_footprint
        from landzicht.testing.scenes import make_scene
        for n in (50, 200, 1000, 5000, 50_000):
            for west, bounds in ((5, Bounds(5, 52, 6, 53)), (179.5, Bounds(179.5, 52, -179.5, 53))):
                found = scene_footprint(make_scene(bounds=bounds, footprint=zigzag(n, west)))
                print(found.x1 - found.x0)
        scene_footprint(make_scene(bounds=Bounds(4, 51, 6.1, 53), footprint=comb(9000)))
    """)
    assert (done.returncode, done.stdout.split()) == (0, ["1.0"] * 10), done.stderr


BOX = shapely.box(0, 0, 4, 4)
INVALID = [
    (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "cross", "0.5, 0.5"),
    (shapely.Polygon([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)]), "touches itself", "1, 0"),
    (shapely.MultiPolygon([BOX, shapely.box(1, 1, 2, 2)]), "parts", "2, 1"),
    (shapely.MultiPolygon([BOX, BOX]), "overlap", "4, 4"),
    (BOX.difference(BOX).union(BOX), None, None),
    (shapely.Polygon(BOX.exterior, [shapely.box(5, 5, 6, 6).exterior]), "hole", "6, 5"),
    (shapely.Polygon(BOX.exterior, [[(0, 2), (2, 0), (4, 2), (2, 4)]]), "pieces", ", at "),
    (shapely.Polygon([(0, 0), (0, 0), (0, 0), (0, 0)]), "too few", "0, 0"),
    (shapely.LineString([(5, 5), (5, 5)]), "too few", "5, 5"),
]


@pytest.mark.parametrize(("geometry", "word", "place"), INVALID, ids=range(len(INVALID)))
def test_an_invalid_place_is_refused_with_the_reason(geometry, word, place):
    if word is None:
        assert geometry_region(mapping(geometry)).y1 == 4
        return
    with pytest.raises(BadQuery) as told:
        geometry_region(mapping(geometry))
    assert word in told.value.say("en")
    assert place in told.value.say("en")
    assert told.value.say("nl") != told.value.say("en")


def test_a_place_with_too_many_corners_is_refused():
    line = {"type": "LineString", "coordinates": [[n * 1e-5, 52] for n in range(MAX_VERTICES + 1)]}
    with pytest.raises(BadQuery, match=str(MAX_VERTICES)):
        geometry_region(line)
    line["coordinates"].pop()
    assert geometry_region(line).y0 == 52


@settings(deadline=None)
@example([(0, 55), (0, 55), (0, 55), (1, 40)], 20)  # GEOS finds no hull of repeated corners
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(40, 60)), min_size=4, max_size=20),
    st.sampled_from([1, 20]),
)
def test_a_mended_footprint_misses_nothing(ring, more):
    """The oracle is the slow way of mending: every area that it finds must be covered."""
    oracle = shapely.make_valid(shapely.Polygon(ring))
    areas = [part for part in shapely.get_parts(oracle) if part.area]
    places = [[x + part / more * (u - x), y + part / more * (v - y)]  # 20 times as many corners
              for (x, y), (u, v) in zip(ring, [*ring[1:], ring[0]], strict=True)
              for part in range(more)]  # fmt: skip
    outline = {"type": "Polygon", "coordinates": [[*places, places[0]]]}
    found = scene_footprint(make_scene(footprint=outline))
    edges = (found.x0, found.y0, found.x1, found.y1)
    assert edges == pytest.approx(shapely.LineString(ring).bounds)
    kept = shapely.from_wkb(found.wkb) if found.wkb else shapely.box(*edges)
    assert shapely.is_valid(kept)
    assert shapely.covers(shapely.buffer(kept, 1e-6), areas).all()


@pytest.mark.parametrize("bounds", [Bounds(5, 52, 6, 53), Bounds(179, 52, -179, 53)])
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_footprint_without_a_place_is_refused(bounds, number):
    ring = [[5, 52], [6, 52], [6, number], [5, 53], [5, 52]]
    with pytest.raises(BadRecord):
        scene_footprint(
            make_scene(bounds=bounds, footprint={"type": "Polygon", "coordinates": [ring]})
        )
