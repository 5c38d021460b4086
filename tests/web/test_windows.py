"""The addresses of windows: parameters, headers, statuses. Pixels are tested in the portal."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.grid import Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.problems import add_problem_handlers
from landzicht.web.tiles import router
from landzicht.web.tiles.windows import MOST_BYTES

NAME = Text(nl="Proef", en="Test")
GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 130_000, 0, -10, 460_000), height=300, width=300
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
BOX = "/tiles/polder/bbox/5.04,52.105,5.06,52.115"
RD = "/tiles/polder/bbox/130000,459000,131000,460000"
AREA = {
    "type": "Polygon",
    "coordinates": [[[5.04, 52.105], [5.06, 52.105], [5.05, 52.115], [5.04, 52.105]]],
}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("web"))
    values = np.random.default_rng(0).integers(1, 5000, (300, 300)).astype("uint16")
    layers = (Layer(name="red", title=NAME, assets=("B04",), rescale=((0.0, 0.5),)),)
    collection = make_collection("polder", bands=(RED,), layers=layers, resolution_m=10)
    made_up = replace(collection, id="zonderland", simulated=True)
    scenes = [
        store_scene(services, "polder", "s1", GRID, {"B04": (values, RED)}),
        store_scene(services, "zonderland", "s2", GRID, {"B04": (values, RED)}, simulated=True),
    ]
    services.catalog.put([collection, made_up], scenes)
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(router(Portal(services)))
    with TestClient(app, raise_server_exceptions=False) as client:
        client.pixels = values
        yield client


@pytest.mark.parametrize(
    ("ending", "media_type", "magic"),
    [
        ("png", "image/png", b"\x89PNG"),
        ("webp", "image/webp", b"RIFF"),
        ("jpg", "image/jpeg", b"\xff\xd8"),
        ("npy", "application/octet-stream", b"\x93NUMPY"),
        ("tif", "image/tiff; application=geotiff", b"II*\0"),
    ],
)
def test_every_form_of_every_window(client, ending, media_type, magic):
    answers = [
        client.get(f"{BOX}.{ending}"),
        client.get(f"{BOX}/64x32.{ending}"),
        client.get(f"/tiles/polder/preview.{ending}"),
        client.post(f"/tiles/polder/feature.{ending}", json=AREA),
        client.post(
            f"/tiles/polder/feature.{ending}",
            json={"type": "Feature", "properties": {}, "geometry": AREA},
        ),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == media_type
        assert answer.content.startswith(magic)
        assert answer.headers["x-landzicht-scenes"] == "s1"
        assert answer.headers["x-landzicht-simulated"] == "false"
        assert answer.headers["etag"]


def test_simulated_is_told(client):
    answer = client.get("/tiles/zonderland/preview.npy")
    assert answer.headers["x-landzicht-simulated"] == "true"


def test_the_dutch_grid_gives_the_pixels_of_the_file(client):
    answer = client.get(f"{RD}.npy?coord_crs=EPSG:28992&raw=true")
    planes = np.load(io.BytesIO(answer.content))
    np.testing.assert_array_equal(planes[0], client.pixels[:100, :100])


def test_sizes(client):
    for query, shape in (
        ("max_size=20", (20, 20)),
        ("width=30", (30, 30)),
        ("height=10", (10, 10)),
        ("width=30&height=10", (10, 30)),
    ):
        answer = client.get(f"{RD}.npy?coord_crs=EPSG:28992&{query}")
        assert np.load(io.BytesIO(answer.content)).shape[1:] == shape
    answer = client.get(f"{RD}/30x10.npy?coord_crs=EPSG:28992")
    assert np.load(io.BytesIO(answer.content)).shape[1:] == (10, 30)


def test_not_modified(client):
    etag = client.get(f"{BOX}.png").headers["etag"]
    assert client.get(f"{BOX}.png", headers={"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/tiles/polder/bbox/1,2,3.png", 400, "bad-query"),
        ("/tiles/polder/bbox/a,b,c,d.png", 400, "bad-query"),
        ("/tiles/polder/bbox/nan,52,5.1,52.1.png", 400, "bad-bbox"),
        ("/tiles/polder/bbox/5,52,5,52.png", 400, "bad-bbox"),
        ("/tiles/polder/bbox/5,53,5.1,52.png", 400, "bad-bbox"),
        ("/tiles/polder/bbox/0,0,1,1.png", 404, "nothing-here"),
        ("/tiles/nope/bbox/0,0,1,1.png", 404, "unknown-collection"),
        (f"{BOX}.exe", 404, "unknown-format"),
        (f"{BOX}/64.png", 400, "bad-query"),
        (f"{BOX}/0x0.png", 400, "bad-query"),
        (f"{BOX}/16000x16000.png", 413, "window-too-large"),
        (f"{BOX}.png?width=x", 400, "bad-query"),
        (f"{BOX}.png?width=99999", 400, "bad-query"),
        (f"{BOX}.png?dst_crs=%2Bproj%3Dutm", 400, "bad-query"),
        (f"{BOX}.png?coord_crs=/etc/passwd", 400, "bad-query"),
        (f"{BOX}.png?resampling=magic", 400, "bad-query"),
        ("/tiles/polder/preview.exe", 404, "unknown-format"),
        ("/tiles/polder/preview.png?ids=nope", 404, "nothing-here"),
    ],
)
def test_wrong_requests_are_told(client, address, status, code):
    for language in ("nl", "en"):
        answer = client.get(address, headers={"accept-language": language})
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "unreadable-request"),
        (b"{", 400, "unreadable-request"),
        (b"[]", 400, "unreadable-request"),
        (b"\xff\xfe", 400, "unreadable-request"),
        (b"[" * 100_000, 400, "unreadable-request"),
        (
            b'{"type":"Polygon","coordinates":[[[NaN,52],[1,2],[3,4],[NaN,52]]]}',
            400,
            "unreadable-request",
        ),
        (b"{}", 400, "bad-outline"),
        (json.dumps({"type": "Point", "coordinates": [5, 52]}).encode(), 400, "bad-outline"),
        (b" " * (MOST_BYTES + 1), 413, "request-too-large"),
    ],
    ids=range(9),
)
def test_wrong_bodies_are_told(client, body, status, code):
    answer = client.post("/tiles/polder/feature.png", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_areas_in_another_system(client):
    ring = [[130_000, 459_000], [131_000, 459_000], [130_000, 460_000], [130_000, 459_000]]
    answer = client.post(
        "/tiles/polder/feature.npy?coord_crs=EPSG:28992&raw=true",
        json={"type": "Polygon", "coordinates": [ring]},
    )
    planes = np.load(io.BytesIO(answer.content))
    inside = planes[1] == 255
    assert inside.mean() == pytest.approx(0.5, abs=0.01)
    np.testing.assert_array_equal(planes[0][inside], client.pixels[:100, :100][inside])


def test_described(client):
    paths = client.get("/openapi.json").json()["paths"]
    for path, method in (
        ("/tiles/{collection}/bbox/{box}.{ending}", "get"),
        ("/tiles/{collection}/bbox/{box}/{size}.{ending}", "get"),
        ("/tiles/{collection}/preview.{ending}", "get"),
        ("/tiles/{collection}/feature.{ending}", "post"),
    ):
        told = paths[path][method]
        assert "413" in told["responses"]
        assert told["description"]
