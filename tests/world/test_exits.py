"""Every way out of the portal says that Zonderland is simulated.

`EXITS` is the list of those ways. An address that is not on it, and not in `SILENT` with a reason,
fails `test_no_way_out_is_forgotten`: whoever adds one also says here how it is marked. Those of the
command line are listed in `test_exits_cli.py`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from landzicht.formats.gdal import load_rasterio
from landzicht.formats.writer import CogWriter
from landzicht.kinds import Outcome
from landzicht.portal.demo import PARCELS_ID, register_areas
from landzicht.portal.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.runners import Inline
from landzicht.web.app import create_app
from landzicht.world import COLLECTION_ID, SENSORS, WorldSpec, acquisitions, make_world

SPEC = WorldSpec(size=128, dates=1, zones=2)
ITEM = acquisitions(SPEC)[0].id
C = COLLECTION_ID
BOX = "5.192,52.602,5.196,52.606"
RING = [[5.192, 52.602], [5.196, 52.602], [5.196, 52.606], [5.192, 52.606], [5.192, 52.602]]
AREA = {
    "type": "Feature",
    "id": "a",
    "properties": {},
    "geometry": {"type": "Polygon", "coordinates": [RING]},
}
PARCELS = {"type": "FeatureCollection", "features": [AREA]}
SERIES = {"collection": C, "layer": "ndvi", "parcels": PARCELS}
INSIGHT = {"collection": C, "layer": "ndvi", "parcel": AREA}
TILE = f"/tiles/{C}/WebMercatorQuad/14/8428/5366"

WORDS, HEADER, PIXELS, TAG, NAMES = "words", "header", "pixels", "tag", "names"
EXITS: tuple[tuple[str, str, object, tuple[str, ...]], ...] = (
    # method, address, what is sent, how the answer is marked
    ("get", "/api/v1/collections", None, (WORDS,)),
    ("get", f"/api/v1/collections/{C}/dates", None, (NAMES,)),
    ("get", f"/api/v1/collections/{C}/usable-dates?bbox={BOX}", None, (NAMES,)),
    ("get", "/api/v1/freshness", None, (WORDS,)),
    ("post", "/api/v1/series", SERIES, (HEADER, WORDS)),
    ("post", f"/api/v1/series/file?collection={C}&layer=ndvi", PARCELS, (HEADER, WORDS)),
    ("post", "/api/v1/series/insight", INSIGHT, (HEADER, WORDS)),
    ("get", "/api/v1/areas", None, (WORDS,)),
    ("get", f"/api/v1/areas/{PARCELS_ID}", None, (WORDS,)),
    ("get", f"/api/v1/areas/{PARCELS_ID}/items?limit=2", None, (WORDS,)),
    ("get", f"/api/v1/areas/{PARCELS_ID}/items/1", None, (WORDS,)),
    ("get", "/stac", None, (WORDS,)),
    ("get", "/stac/collections", None, (WORDS,)),
    ("get", f"/stac/collections/{C}", None, (WORDS,)),
    ("get", f"/stac/collections/{C}/items", None, (WORDS,)),
    ("get", f"/stac/collections/{C}/items/{ITEM}", None, (WORDS,)),
    ("get", "/stac/search", None, (WORDS,)),
    ("post", "/stac/search", {}, (WORDS,)),
    ("get", "/stac/children", None, (WORDS,)),
    ("get", f"/stac/browse/{C}/2025-04", None, (WORDS,)),
    ("get", f"/assets/{C}/{ITEM}/B04.tif", None, (HEADER, TAG)),
    ("get", f"/tiles/{C}/point/5.194,52.604?layer=ndvi", None, (HEADER, WORDS)),
    ("get", f"/tiles/{C}/bbox/{BOX}.png?layer=visual", None, (HEADER, PIXELS)),
    ("get", f"/tiles/{C}/bbox/{BOX}.tif?layer=ndvi", None, (HEADER, TAG)),
    ("get", f"/tiles/{C}/bbox/{BOX}.npy?layer=ndvi", None, (HEADER,)),
    ("get", f"/tiles/{C}/bbox/{BOX}.bands?layer=ndvi", None, (HEADER, WORDS)),
    ("get", f"/tiles/{C}/bbox/{BOX}/300x200.webp?layer=ndvi", None, (HEADER, PIXELS)),
    ("get", f"/tiles/{C}/preview.png?layer=false-colour", None, (HEADER, PIXELS)),
    ("get", f"/tiles/{C}/legend.json?layer=ndvi", None, (HEADER, WORDS)),
    ("get", f"/tiles/{C}/legend.png?layer=ndvi", None, (HEADER,)),
    ("get", f"/tiles/{C}/WebMercatorQuad/tilejson.json", None, (HEADER, WORDS)),
    ("get", f"{TILE}.png?layer=visual", None, (HEADER, PIXELS)),
    ("get", f"{TILE}.webp?layer=ndvi", None, (HEADER, PIXELS)),
    ("get", f"{TILE}.jpg?layer=water", None, (HEADER, PIXELS)),
    ("get", f"{TILE}.npy?layer=ndvi", None, (HEADER,)),
    ("get", f"{TILE}.tif?layer=ndvi", None, (HEADER, TAG)),
    ("get", f"{TILE}.bands?layer=ndvi", None, (HEADER, WORDS)),
    ("post", f"/tiles/{C}/feature.png?layer=visual", AREA, (HEADER, PIXELS)),
    ("post", f"/tiles/{C}/feature.tif?layer=ndvi", AREA, (HEADER, TAG)),
    ("get", f"/tiles/{C}/sheet.pdf?layer=ndvi&dpi=72", None, (HEADER,)),
    ("post", f"/tiles/{C}/sheet.pdf?layer=ndvi&dpi=72", AREA, (HEADER,)),
    ("get", f"/tiles/{C}/sheet.png?layer=ndvi&dpi=72", None, (HEADER, PIXELS)),
    ("get", f"/tiles/{C}/film.webp?layer=ndvi&max_size=320&cloud=100", None, (HEADER, PIXELS)),
    ("get", "/data", None, (WORDS,)),
    ("get", f"/data/{C}", None, (WORDS,)),
    ("get", "/uitleg", None, (WORDS,)),
)
SILENT = {
    "/health": "tells whether the portal lives",
    "/metrics": "counts, times and bytes for monitoring",
    "/api/v1/jobs/{job}": "tells how far a job is",
    "/api/v1/jobs/{job}/result": "bytes of /api/v1/series; tests/web/test_jobs.py compares",
    "/api/v1/own-areas": "gives the reader's own file back",
    "/api/v1/sources": "tells how following goes; no data",
    "/api/v1/status": "tells what is being made; its title says so",
    "/stac/conformance": "names of standards",
    "/stac/queryables": "names of properties",
    "/stac/collections/{collection}/queryables": "names of properties",
    "/stac/aggregate": "counts of scenes, no measurement",
    "/stac/aggregations": "names of counts",
    "/stac/collections/{collection}/aggregate": "counts of scenes, no measurement",
    "/stac/collections/{collection}/aggregations": "names of counts",
    "/tiles/tileMatrixSets": "grids",
    "/tiles/tileMatrixSets/{matrix}": "grids",
    "/tiles/{collection}/indices": "formulas, no values",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exits")
    make_world(SPEC, folder / "world", CogWriter(), Inline())
    with open_portal(Settings(data=folder / "data")) as portal:
        receipts = portal.ingest([folder / "world" / "images"])
        assert all(receipt.outcome is not Outcome.REFUSED for receipt in receipts)
    register_areas(Settings(data=folder / "data"), SPEC)
    return folder / "data"


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[TestClient]:
    with open_portal(Settings(data=data)) as portal:
        app = create_app(portal, warm=False)
        with TestClient(app, client=("127.0.0.1", 50_000)) as client:
            yield client


def ask(client: TestClient, method: str, address: str, body: object):
    answer = client.get(address) if method == "get" else client.post(address, json=body)
    assert answer.status_code == 200, answer.text[:300]
    return answer


@pytest.mark.parametrize(
    ("method", "address", "body", "marks"), EXITS, ids=[f"{e[0]} {e[1]}" for e in EXITS]
)
def test_every_exit_is_marked(
    client: TestClient, method: str, address: str, body: object, marks: tuple[str, ...]
) -> None:
    answer = ask(client, method, address, body)
    content = answer.content
    if HEADER in marks:
        assert answer.headers["x-landzicht-simulated"] == "true"
    if WORDS in marks:
        assert re.search(rb"simulated|gesimuleerd", content, re.IGNORECASE)
    if NAMES in marks:
        assert b"SIM_" in content
    if TAG in marks:
        with load_rasterio().MemoryFile(content) as memory, memory.open() as file:
            assert file.tags()["SIMULATED"] == "YES"
    if PIXELS in marks:
        plain = ask(client, method, address + "&mark=false", body).content
        with_words, without = (imagecodecs.imread(each)[..., :3] for each in (content, plain))
        touched = (with_words.astype(int) != without).any(-1).mean()
        assert touched > 0.002


def test_no_way_out_is_forgotten(client: TestClient) -> None:
    """Each address of the description is on one of the two lists."""
    paths = client.get("/openapi.json").json()["paths"]
    listed = set(SILENT)
    patterns = {path: re.sub(r"\{\w+\}", "[^/]+?", path.replace(".", r"\.")) for path in paths}
    for path, pattern in patterns.items():
        if any(re.fullmatch(pattern, address.partition("?")[0]) for _, address, _, _ in EXITS):
            listed.add(path)
    forgotten = {
        path for path, ops in paths.items() if set(ops) & {"get", "post"} and path not in listed
    }
    assert not forgotten, "say in EXITS how these mark simulated data, or in SILENT why not"
    assert set(SILENT) <= set(paths), "gone"


@pytest.mark.parametrize(
    "accept",
    [
        "application/x-ndjson",
        "text/csv",
        "application/vnd.apache.arrow.stream",
        "application/vnd.apache.parquet",
    ],
)
def test_numbers_of_parcels_are_marked_in_every_form(client: TestClient, accept: str) -> None:
    answer = client.post("/api/v1/series", json=SERIES, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["x-landzicht-simulated"] == "true"
    content = answer.content
    if accept.endswith("ndjson"):
        assert all(json.loads(line)["simulated"] is True for line in content.splitlines())
    elif accept == "text/csv":
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        assert rows
        assert {row["simulated"] for row in rows} == {"true"}
    else:
        table = (
            pa.ipc.open_stream(content).read_all()
            if accept.endswith("stream")
            else pq.read_table(io.BytesIO(content))
        )
        assert set(table["simulated"].to_pylist()) == {True}
        assert table.schema.metadata[b"simulated"] == b"YES"


def test_band_tiles_say_it_in_their_head(client: TestClient) -> None:
    content = client.get(f"{TILE}.bands?layer=ndvi").content
    assert b'"simulated":true' in content[:2000].replace(b" ", b"")


def test_every_collection_says_it_in_both_languages() -> None:
    for sensor in SENSORS.values():
        described = sensor.collection()
        assert described.simulated
        for text in (described.title, described.description):
            assert text is not None
            assert "GESIMULEERD" in text.nl
            assert "SIMULATED" in text.en
        assert any("imulated" in source for source in described.sources)
        assert described.id.startswith("zonderland")


def test_no_place_on_earth_is_meant(client: TestClient) -> None:
    """The map lies in water that every real map shows, and no title names a real place."""
    item = client.get(f"/stac/collections/{C}/items/{ITEM}").json()
    west, south, east, north = item["bbox"]
    assert 5.0 < west < east < 5.4
    assert 52.4 < south < north < 52.7
    assert item["properties"]["platform"].startswith("simulated")
    assert np.isfinite([west, south, east, north]).all()
