"""Search by a place of one's own: coverage, clouds, usable dates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from affine import Affine
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import mapping

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.filters import TooManyScenes
from landzicht.grid import Bounds, Grid
from landzicht.grid.crs import transformer
from landzicht.grid.share import covered_share, equal_area
from landzicht.kinds import Band, BandKind, Mask, Query, Sort
from landzicht.portal import Portal
from landzicht.portal.catalogue import place
from landzicht.rules import Action, Decision
from landzicht.stac.cql2 import check, parse_text
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_840_000), height=400, width=400
)
SCL = Band(name="SCL", dtype="uint8", kind=BandKind.CATEGORICAL, nodata=0)
START = datetime(2025, 6, 1, 10, tzinfo=UTC)


def lonlat(*corners):
    """A polygon given in metres of the grid, as WGS84."""
    back = transformer("EPSG:32631", "OGC:CRS84")
    return shapely.Polygon([back.transform(*corner) for corner in corners])


# 1 km square, 100 by 100 pixels, in the middle of the grid
AOI = lonlat((641_000, 5_839_000), (642_000, 5_839_000), (642_000, 5_838_000), (641_000, 5_838_000))


def scl(cloudy):
    """A mask in which a share of each row of the area is cloud (9), from the west."""
    values = np.full(GRID.shape, 4, np.uint8)
    values[:, : 100 + round(100 * cloudy)] = 9
    return values


class NoMeasuring:
    def judge(self, use, collection):
        if use.action is Action.MEASURE and collection == "closed":
            return Decision(False, Text(nl="nee", en="no"))
        return None


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("place"), (NoMeasuring(),))
    mask = Mask(asset="SCL", valid=(4, 5))
    for name in ("open", "closed"):
        collection = make_collection(name, bands=(SCL,), mask=mask)
        for n, cloudy in enumerate((0.0, 0.25, 0.5, 1.0)):
            scene = store_scene(services, name, f"{name}-{n}", GRID, {"SCL": (scl(cloudy), SCL)})
            scene = replace(scene, moment=START + timedelta(days=n))
            if n == 1:  # only the western half of the area
                west = lonlat((640_000, 5_840_000), (641_500, 5_840_000),
                              (641_500, 5_836_000), (640_000, 5_836_000))  # fmt: skip
                scene = replace(scene, footprint=json.loads(json.dumps(mapping(west))))
            services.catalog.put([collection], [scene])
    with Portal(services) as opened:
        yield opened


def asked(text=None, **more):
    tree = check(parse_text(text)) if text else None
    return Query(collections=("open",), intersects=mapping(AOI), filter=tree, limit=100, **more)


def values(page):
    items = map(json.loads, page.bodies)
    return {i["id"]: tuple(i["properties"].get(n) for n in sorted(place.NAMES)) for i in items}


def test_coverage_and_clouds_are_those_of_the_place(portal):
    found = values(portal.search(asked(), place.NAMES))
    for n, (cloudy, coverage) in enumerate([(0, 100), (25, 50), (50, 100), (100, 100)]):
        clouds, covered = found[f"open-{n}"]
        assert covered == pytest.approx(coverage, abs=0.1)
        if n != 1:
            assert clouds == pytest.approx(cloudy, abs=1.5)


def test_they_can_be_filtered_and_sorted_by(portal):
    clear = portal.search(asked("aoi:cloud_cover < 40 AND aoi:coverage > 90"))
    assert set(values(clear)) == {"open-0"}
    assert clear.matched == 1
    by_cloud = portal.search(asked(sort=(Sort("aoi:cloud_cover", descending=True),)))
    assert list(values(by_cloud)) == ["open-3", "open-2", "open-1", "open-0"]
    either = portal.search(asked("aoi:coverage < 60 OR id = 'open-3'"))
    assert set(values(either)) == {"open-1", "open-3"}


def test_pages_of_a_search_by_place(portal):
    query = asked(sort=(Sort("aoi:coverage"), Sort("aoi:cloud_cover")))
    whole = list(values(portal.search(query)))
    seen, token = [], None
    for _ in range(9):
        page = portal.search(replace(query, limit=1, token=token))
        seen += values(page)
        token = page.next
        if token is None:
            break
    assert seen == whole
    assert len(seen) == 4


def test_a_box_without_an_area_is_a_point_or_a_line(portal):
    """A point in all footprints, lines that start outside of them, and a box that is a point."""
    west, south, _, north = AOI.bounds
    by = (Sort("aoi:cloud_cover"), Sort("aoi:coverage"))
    for box in (
        Bounds(west, north, west, north),
        Bounds(west, south - 1, west, north),
        Bounds(west - 1, south, west, south),
    ):
        page = portal.search(Query(collections=("open",), bounds=box, sort=by))
        items = [json.loads(body) for body in page.bodies]
        assert [item["properties"]["aoi:coverage"] for item in items] == [100.0] * 4
        assert len(portal.usable_dates(Query(collections=("open",), bounds=box))) == 4


def test_without_a_place_there_is_no_answer(portal):
    for text in ("aoi:coverage > 10", "aoi:cloud_cover < 10"):
        with pytest.raises(BadQuery):
            portal.search(replace(asked(text), intersects=None))


def test_clouds_are_not_told_to_who_may_not_measure(portal):
    closed = replace(asked("aoi:cloud_cover <= 100"), collections=("closed",))
    assert portal.search(closed).matched == 0
    told = values(portal.search(replace(asked(), collections=("closed",)), place.NAMES))
    assert {clouds for clouds, _ in told.values()} == {None}


def test_too_many_scenes_are_refused(portal, monkeypatch):
    monkeypatch.setattr(place, "MOST_SCENES", 2)
    with pytest.raises(TooManyScenes):
        portal.search(asked("aoi:coverage > 10"))


def test_usable_dates_of_a_place_in_one_call(portal):
    with TestClient(create_app(portal, warm=False)) as client:
        address = "/api/v1/collections/open/usable-dates"
        told = client.post(address, json={"geometry": mapping(AOI)}).json()["dates"]
        assert [day["date"] for day in told] == [f"2025-06-0{n}" for n in (4, 3, 2, 1)]
        assert [day["usable"] for day in told] == [False, False, False, True]
        assert told[2]["coverage"] == pytest.approx(50, abs=0.1)
        box = ",".join(map(str, AOI.bounds))
        asked = {"bbox": box, "cloud": 60, "coverage": 40, "datetime": "2025-06-02/2025-06-04"}
        told = client.get(address, params=asked).json()["dates"]
        assert [day["date"] for day in told] == [f"2025-06-0{n}" for n in (4, 3, 2)]
        assert [day["usable"] for day in told] == [False, True, True]
        for wrong in ({"cloud": 101}, {"coverage": "x"}, {"datetime": "soon"}, {"geometry": 5}):
            answer = client.post(address, json={"geometry": mapping(AOI), **wrong})
            assert answer.status_code == 400, wrong
        missing = client.post("/api/v1/collections/x/usable-dates", json={"geometry": mapping(AOI)})
        assert missing.status_code == 404


coordinates = st.tuples(st.floats(-170, 170), st.floats(-80, 80))


@settings(deadline=None, max_examples=60)
@given(corners=st.lists(coordinates, min_size=3, max_size=6), width=st.floats(0.05, 3))
def test_areas_are_those_of_the_ellipsoid(corners, width):
    """Against geodesic areas of pyproj, with edges as dense as ours."""
    west, south = corners[0]
    small = shapely.MultiPoint([(west + (x % width), south + (y % width)) for x, y in corners])
    shape = shapely.convex_hull(small)
    if shape.geom_type != "Polygon" or shape.area < 1e-2:
        return
    geodesic, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.segmentize(shape, 0.005))
    assert equal_area(shape) * 6_378_137.0**2 == pytest.approx(abs(geodesic), rel=1e-4)


def test_shares_across_the_antimeridian():
    footprint = shapely.box(178, -18, 182, -16)
    assert covered_share(footprint, shapely.box(-179, -18, -178, -16)) == pytest.approx(1)
    assert covered_share(footprint, shapely.box(-179, -18, -177, -16)) == pytest.approx(0.5)
    assert covered_share(footprint, shapely.Point(-179, -17)) == 1
    assert covered_share(footprint, shapely.Point(170, -17)) == 0
    world = Bounds(-180.0, -90.0, 180.0, 90.0)
    assert covered_share(footprint, shapely.box(*world.as_list())) > 0
