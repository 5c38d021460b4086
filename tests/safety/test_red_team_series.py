"""Questions about parcels that want all memory or all time: told before, bounded, or refused."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import shapely
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.grid import Grid
from landzicht.kinds import Layer, Mask
from landzicht.portal import Portal, open_portal
from landzicht.portal.settings import Settings
from landzicht.testing.fields import CLASSES, CLEAR, FIRST, RED, add_dates, in_degrees
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app

SIDE = 4_400
"""Pixels: five cells of 1,024 across and down."""
SPARE = 40_000_000
"""Bytes that differ from run to run, whatever is measured."""
LARGE = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_800_000), height=SIDE, width=SIDE
)
COPIES = 200_000
CHILD = """
import ctypes, json, sys
from pathlib import Path
import numpy as np, shapely
from landzicht.portal import open_portal
from landzicht.portal.parcels.series import SeriesRequest, plan_series, series
from landzicht.portal.parcels.series_cost import affordable
from landzicht.portal.settings import Settings
from landzicht.portal.maps.view import View
from landzicht.series.shapes import parcels_of
from landzicht.series.statistics import parse_statistics

def memory(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))

def ask(shapes):
    flat = np.empty(len(shapes), object)
    flat[:] = shapes
    parcels = parcels_of([f"p{n}" for n in range(len(shapes))], flat, "EPSG:32631")
    view = View(layer="red")
    wanted = parse_statistics(told["stats"])
    return SeriesRequest(collection="fields", parcels=parcels, view=view, statistics=wanted)

told = json.loads(sys.argv[1])
services = open_portal(Settings(data=Path(told["data"]), threads=2)).services
shape = shapely.from_wkt(told["shape"])
for _ in series(services, ask([shape.centroid.buffer(30)])):
    pass  # compiles
request = ask([shape] * told["copies"])
ctypes.CDLL(None).malloc_trim(0)  # what is free must not hide what is taken
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
plan = plan_series(services, request)
cost = affordable(services, plan, request.statistics)
rows = sum(table.parcels.size for table in series(services, request, plan))
taken = memory("VmHWM") - before
print(json.dumps({"rows": rows, "told": cost.memory, "covered": cost.covered, "taken": taken}))
"""


def describe(services, scenes):
    layer = Layer(
        name="red", title=Text(nl="Rood", en="Red"), assets=("B04",), rescale=((0.0, 0.5),)
    )
    described = make_collection(
        "fields",
        bands=(RED, CLASSES),
        layers=(layer,),
        mask=Mask(asset="SCL", valid=(CLEAR,)),
    )
    services.catalog.put([described], scenes)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A portal with one scene of five times five cells."""
    folder = tmp_path_factory.mktemp("large")
    services = make_services(folder)
    line = np.arange(SIDE, dtype=np.uint32)
    red = ((line[:, None] * 7 + line * 13) % 8_000 + 1).astype(np.uint16)
    bands = {"B04": (red, RED), "SCL": (np.full(LARGE.shape, CLEAR, np.uint8), CLASSES)}
    describe(services, [store_scene(services, "fields", "s0", LARGE, bands, moment=FIRST)])
    return folder


def measured_in_a_child(data, shape, copies, stats):
    told = {"data": str(data), "shape": shape.wkt, "copies": copies, "stats": stats}
    command = [sys.executable, "-c", CHILD, json.dumps(told)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return json.loads(done.stdout)


def test_many_copies_of_a_field_take_the_memory_that_was_told(tmp_path):
    add_dates(make_services(tmp_path), 1)
    field = shapely.affinity.rotate(shapely.box(641_000, 5_772_500, 641_140, 5_772_640), 17)
    found = measured_in_a_child(tmp_path, field, COPIES, ["mean"])
    assert found["rows"] == COPIES
    assert found["covered"] > COPIES * 196
    assert found["taken"] < 1.5 * found["told"]
    # All weights and values at once would be more than this.
    assert found["told"] < COPIES * 196 * 21 + COPIES * 500


@pytest.mark.parametrize("stats", [["mean", "std"], ["median"]])
def test_a_parcel_over_many_cells_takes_the_memory_that_was_told(large, stats):
    """A band from corner to corner: in each cell that it crosses it has a part."""
    around, wide = LARGE.bounds, SIDE * 0.6
    west, south, east, north = around.west, around.south, around.east, around.north
    corners = [
        (west, south), (west + wide, south), (east, north - wide), (east, north),
        (east - wide, north), (west, south + wide),
    ]  # fmt: skip
    band = shapely.Polygon(corners)
    found = measured_in_a_child(large, band, 1, stats)
    assert found["rows"] == 1
    assert band.area / 100 < found["covered"] < band.area / 100 * 1.2
    assert found["taken"] < 1.5 * found["told"] + SPARE
    if stats == ["median"]:
        assert found["told"] > band.area / 100 * 12
    else:
        assert found["told"] < 400_000_000


def test_corners_in_all_cells_together_are_bounded(large, monkeypatch):
    monkeypatch.setattr("landzicht.series.run.MOST_CORNERS", 5_000)
    with open_portal(Settings(data=large)) as portal:
        client = TestClient(create_app(portal, warm=False))
        refused = ask(client, parcels=triangles(20))
        assert (refused.status_code, refused.json()["code"]) == (413, "too-many-corners")
        assert ask(client, "/api/v1/series?plan=true", parcels=triangles(1)).status_code == 413


def triangles(count):
    """As large as the scene."""
    around = LARGE.bounds
    shapes = [
        shapely.Polygon(
            [
                (around.west + 5 + number, around.south + 5),
                (around.east - 5, around.south + 5),
                (around.east - 5, around.north - 5 - number),
            ]
        )
        for number in range(count)
    ]
    flat = np.empty(count, object)
    flat[:] = shapes
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": str(number), "geometry": shapely.geometry.mapping(shape)}
            for number, shape in enumerate(in_degrees(flat))
        ],
    }


def ask(client, address="/api/v1/series", **fields):
    asked = {"collection": "fields", "layer": "red", "stats": ["mean"], **fields}
    return client.post(address, json=asked)


def test_provinces_over_each_other_count_as_often_as_they_lie_there(large):
    """The image is read once, and counted again for each of them."""
    with open_portal(Settings(data=large, series_direct_mpx=500, threads=2)) as portal:
        client = TestClient(create_app(portal, warm=False))
        price = ask(client, "/api/v1/series?plan=true", parcels=triangles(100)).json()
        assert price["covered"] > 100 * SIDE * SIDE * 0.45
        assert price["direct"] is False
        assert price["seconds"] > 1
        assert price["memory"] < 1_500_000_000
        one = ask(client, "/api/v1/series?plan=true", parcels=triangles(1)).json()
        assert one["direct"] is True
    with open_portal(Settings(data=large, series_most_mpx=500)) as portal:
        client = TestClient(create_app(portal, warm=False))
        refused = ask(client, parcels=triangles(100))
        assert (refused.status_code, refused.json()["code"]) == (413, "series-too-large")


@pytest.mark.parametrize(
    ("limit", "most", "code"),
    [
        ("run.MOST_COVERED", 500_000_000, "series-too-large"),
        ("shapes.MOST_PIECES", 10_000, "too-many-corners"),
    ],
)
def test_more_than_anybody_needs_is_refused_before_it_is_divided(
    large, monkeypatch, limit, most, code
):
    """Small limits here, to be quick; what counts is that nothing is made before they are met."""
    monkeypatch.setattr(f"landzicht.series.{limit}", most)
    monkeypatch.setattr("landzicht.series.run.cells_of", None)
    with open_portal(Settings(data=large)) as portal:
        client = TestClient(create_app(portal, warm=False))
        refused = ask(client, parcels=triangles(100))
        assert (refused.status_code, refused.json()["code"]) == (413, code)


@pytest.mark.parametrize("smooth", [False, True])
def test_too_much_memory_is_refused_with_what_helps(large, smooth):
    with open_portal(Settings(data=large, series_memory_mb=400, threads=1)) as portal:
        client = TestClient(create_app(portal, warm=False))
        asked = {"parcels": triangles(1), "stats": ["mean", "median"], "smooth": smooth}
        for language, words in (("nl", "series_memory_mb"), ("en", "mean, std, min, max")):
            refused = client.post(
                "/api/v1/series",
                json={"collection": "fields", "layer": "red", **asked},
                headers={"accept-language": language},
            )
            assert refused.status_code == 413, refused.text
            assert refused.json()["code"] == "series-too-heavy"
            assert words in refused.json()["todo"]
        price = ask(client, "/api/v1/series?plan=true", parcels=triangles(1))
        assert price.status_code == 200, price.text


def test_what_takes_much_memory_becomes_a_job(tmp_path):
    """So that one such question runs at a time, however many ask."""
    services = make_services(tmp_path)
    add_dates(services, 1)
    body = {"type": "Point", "coordinates": [5.05, 52.09]}
    memory = ask(
        TestClient(create_app(Portal(services), warm=False)),
        "/api/v1/series?plan=true",
        parcels=body,
    ).json()["memory"]
    for times, direct in ((3, False), (6, True)):
        most = max(1, round(memory * times / 1e6))
        with open_portal(Settings(data=tmp_path, series_memory_mb=most)) as portal:
            client = TestClient(create_app(portal, warm=False))
            price = ask(client, "/api/v1/series?plan=true", parcels=body).json()
            assert price["direct"] is direct, (memory, most)
