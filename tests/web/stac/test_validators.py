"""Suites and clients of others, on a real portal in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Band
from landzicht.portal import Portal
from landzicht.stac.foreign import read_foreign
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.testing.serving import portal_in

TOKEN = "a-secret-of-the-operator-0123456789"
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 648_000, 0, -10, 5_830_000), height=64, width=64
)
BAND = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001, common_name="red")
NOON = datetime(2025, 6, 8, 12, tzinfo=UTC)
ITEM = "S2A_47XNF_20230423_0_L2A"  # stac-api-validator removes it first, and wants it to be there


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    data = tmp_path_factory.mktemp("portal")
    services = make_services(data)
    collection = make_collection("polder", bands=(BAND,))
    values = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) + 1
    scenes = []
    for n in range(12):
        scene = store_scene(services, "polder", f"day-{n}", GRID, {"B04": (values, BAND)})
        cloud = {
            "eo:cloud_cover": n * 5,
            "platform": f"sentinel-2{'ab'[n % 2]}",
            "letter": "ab"[n % 2],
        }
        scenes.append(replace(scene, moment=NOON + timedelta(days=n), properties=cloud))
    extra = read_foreign(foreign_item("polder"))
    services.catalog.put([collection], [*scenes, extra])
    Portal(services).close()
    os.environ["LANDZICHT_WRITE_TOKEN"] = TOKEN
    try:
        with portal_in(data, "--no-demo") as portal:
            yield portal, values
    finally:
        del os.environ["LANDZICHT_WRITE_TOKEN"]


def foreign_item(collection):
    ring = [[99, 77], [103, 77], [103, 76], [99, 76], [99, 77]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": ITEM,
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [99, 76, 103, 77],
        "properties": {"datetime": "2023-04-23T06:47:03Z"},
        "assets": {},
        "links": [],
    }


def program(*arguments, **environment):
    """Run a Python program in a process without our limits on GDAL."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GDAL_", "CPL_", "OGR_"))}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True, text=True, timeout=280, check=False, env=kept | environment,
    )  # fmt: skip


def test_stac_api_validator_finds_no_error(running):
    portal, _ = running
    script = Path(__file__).with_name("offline_validator.py")
    done = program(script, f"{portal.base}/stac", TOKEN, "polder")
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["errors"] == [], "\n".join(told["errors"])


def test_stac_client_finds_what_is_asked(running):
    portal, _ = running
    search = ["search", f"{portal.base}/stac", "-c", "polder", "--filter", "eo:cloud_cover < 12"]
    done = program("-m", "pystac_client.cli", *search, "--filter-lang", "cql2-text")
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)["features"]
    assert {item["id"] for item in found} == {"day-0", "day-1", "day-2"}
    named = program("-m", "pystac_client.cli", "collections", f"{portal.base}/stac")
    assert [each["id"] for each in json.loads(named.stdout)] == ["polder"]


LOAD = """
import json, sys
import odc.stac, pystac_client
catalog = pystac_client.Client.open(sys.argv[1])
found = catalog.search(collections=["polder"], ids=["day-3"]).item_collection()
loaded = odc.stac.load(found, bands=["B04"], crs="EPSG:32631", resolution=10)
print(json.dumps(loaded.B04.values[0].tolist()))
"""
STACIT = """
import json, sys
import rasterio
from rasterio.env import Env
with Env() as env:
    print([d for d in env.drivers() if d.startswith("STAC")], file=sys.stderr)
url = sys.argv[1] + "/search?collections=polder&ids=day-3"
with rasterio.open('STACIT:"' + url + '":asset=B04') as file:
    print(json.dumps(file.read(1).tolist()))
"""


@pytest.mark.parametrize("code", [LOAD, STACIT], ids=["odc-stac", "GDAL STACIT"])
def test_other_programs_read_the_same_pixels(running, code):
    portal, values = running
    done = program("-c", code, f"{portal.base}/stac")
    assert done.returncode == 0, done.stderr[-3000:]
    assert np.array_equal(np.array(json.loads(done.stdout.splitlines()[-1])), values)
