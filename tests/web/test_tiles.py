"""The addresses of tiles: parameters, headers, statuses. Pixels are tested in the portal."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors import LandzichtError
from landzicht.grid import Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.problems import add_problem_handlers
from landzicht.web.tiles import parse, router

NAME = Text(nl="Proef", en="Test")
GRID = Grid(
    crs="EPSG:32631",
    transform=Affine(10, 0, 640_000, 0, -10, 5_774_000),
    height=300,
    width=300,
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
HERE = "/tiles/polder/WebMercatorQuad/14/8422/5405"
PLACE = "5.065,52.085"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("web"))
    values = np.random.default_rng(0).integers(1, 5000, (300, 300)).astype("uint16")
    layers = (
        Layer(name="red", title=NAME, assets=("B04",), rescale=((0.0, 0.5),)),
        Layer(name="visual", title=NAME, assets=("B04", "B04", "B04"), rescale=((0.0, 0.5),)),
    )
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
        yield client


@pytest.mark.parametrize(
    ("ending", "media_type", "magic"),
    [
        ("png", "image/png", b"\x89PNG"),
        ("webp", "image/webp", b"RIFF"),
        ("jpg", "image/jpeg", b"\xff\xd8"),
        ("npy", "application/octet-stream", b"\x93NUMPY"),
    ],
)
def test_tile(client, ending, media_type, magic):
    answer = client.get(f"{HERE}.{ending}?layer=red")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(magic)
    assert answer.headers["x-landzicht-scenes"] == "s1"
    assert answer.headers["x-landzicht-simulated"] == "false"
    assert "max-age" in answer.headers["cache-control"]


def test_not_modified(client):
    first = client.get(f"{HERE}.png?layer=red")
    etag = first.headers["etag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}'):
        again = client.get(f"{HERE}.png?layer=red", headers={"if-none-match": sent})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == etag
    assert client.get(f"{HERE}.png", headers={"if-none-match": '"x"'}).status_code == 200


def test_npy_holds_physical_values_and_raw_ones_on_request(client):
    physical = np.load(io.BytesIO(client.get(f"{HERE}.npy?assets=B04").content))
    raw = np.load(io.BytesIO(client.get(f"{HERE}.npy?assets=B04&raw=true").content))
    assert physical.shape == (2, 256, 256)
    np.testing.assert_allclose(physical[0], raw[0] * 0.0001, rtol=1e-6)


def test_point(client):
    told = client.get(f"/tiles/polder/point/{PLACE}?datetime=2025-06-08").json()
    assert told["scene"] == "s1"
    assert told["datetime"].startswith("2025-06-08T10:40")
    assert told["bands"][0]["name"] == "B04"
    assert told["valid"] is True
    assert 0 < told["bands"][0]["value"] < 0.5


def test_tilejson(client):
    told = client.get(
        "/tiles/polder/WebMercatorQuad/tilejson.json?layer=red&datetime=2025-06-08&format=webp",
        headers={"accept-language": "nl"},
    ).json()
    assert told["tilejson"] == "3.0.0"
    assert told["name"] == "Proef"
    west, south, east, north = told["bounds"]
    assert west < east
    assert south < north
    address = told["tiles"][0].format(z=14, x=8422, y=5405)
    answer = client.get(address.removeprefix("http://testserver"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"


def test_legend(client):
    told = client.get("/tiles/polder/legend.json?layer=red").json()
    assert told["title"] == {"nl": "Proef", "en": "Test"}
    assert told["stops"][0]["value"] == 0
    picture = client.get("/tiles/polder/legend.png?layer=red")
    assert picture.content.startswith(b"\x89PNG")
    again = client.get(
        "/tiles/polder/legend.png?layer=red", headers={"if-none-match": picture.headers["etag"]}
    )
    assert again.status_code == 304


def test_matrix_sets(client):
    told = client.get("/tiles/tileMatrixSets").json()
    assert told["tileMatrixSets"][0]["id"] == "WebMercatorQuad"
    for each in told["tileMatrixSets"]:
        one = client.get(each["links"][0]["href"]).json()
        assert (one["id"], one["title"], one["crs"]) == (each["id"], each["title"], each["crs"])
    one = client.get("/tiles/tileMatrixSets/WebMercatorQuad").json()
    assert one["tileMatrices"][3]["matrixWidth"] == 8
    assert client.get("/tiles/tileMatrixSets/Nope").status_code == 404


@pytest.mark.parametrize("matrix", ["NetherlandsRDNewQuad", "WorldCRS84Quad", "UTM31WGS84Quad"])
def test_tilejson_is_for_the_usual_web_map_only(client, matrix):
    answer = client.get(f"/tiles/polder/{matrix}/tilejson.json?layer=red")
    assert (answer.status_code, answer.json()["code"]) == (400, "only-web-mercator")
    assert client.get("/tiles/polder/EPSG:3857/tilejson.json?layer=red").status_code == 200


def test_a_tile_in_the_dutch_grid_by_both_names(client):
    first, second = (
        client.get(f"/tiles/polder/{name}/9/243/260.npy?assets=B04")
        for name in ("NetherlandsRDNewQuad", "EPSG:28992")
    )
    np.testing.assert_array_equal(
        np.load(io.BytesIO(first.content)), np.load(io.BytesIO(second.content))
    )


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/tiles/nope/WebMercatorQuad/1/0/0.png", 404, "unknown-collection"),
        ("/tiles/polder/Nope/1/0/0.png", 404, "unknown-tile-matrix-set"),
        ("/tiles/polder/WebMercatorQuad/1/9/0.png", 404, "no-such-tile"),
        ("/tiles/polder/WebMercatorQuad/1/-1/0.png", 404, "no-such-tile"),
        ("/tiles/polder/WebMercatorQuad/99/0/0.png", 404, "no-such-tile"),
        ("/tiles/polder/WebMercatorQuad/a/0/0.png", 400, "bad-tile-address"),
        ("/tiles/polder/WebMercatorQuad/1/0.5/0.png", 400, "bad-tile-address"),
        ("/tiles/polder/WebMercatorQuad/1/0/99999999999999999999.png", 400, "bad-tile-address"),
        (f"{HERE}.gif", 404, "unknown-format"),
        (f"{HERE}.png?size=300", 400, "bad-query"),
        (f"{HERE}.png?size=x", 400, "bad-query"),
        (f"{HERE}.png?resampling=magic", 400, "bad-query"),
        (f"{HERE}.png?index=NDXX", 404, "unknown-index"),
        (f"{HERE}.png?index=NDVI", 400, "index-not-possible"),
        (f"{HERE}.png?index=NDVI&layer=red", 400, "bad-query"),
        (f"{HERE}.png?mosaic=finest", 400, "bad-query"),
        (f"{HERE}.png?mosaic=first", 400, "bad-query"),
        (f"{HERE}.png?mask=true", 400, "bad-query"),
        (f"{HERE}.png?mask=perhaps", 400, "bad-query"),
        ("/tiles/nope/indices", 404, "unknown-collection"),
        (f"{HERE}.png?layer=nope", 404, "unknown-layer"),
        (f"{HERE}.png?assets=B99", 404, "unknown-band"),
        (f"{HERE}.png?assets=B04,B04", 400, "bad-query"),
        (f"{HERE}.png?assets=,", 400, "bad-query"),
        (f"{HERE}.png?expression=B04%2B", 400, "bad-formula"),
        (f"{HERE}.png?expression=9**9**9**9", 400, "bad-formula"),
        (f"{HERE}.png?expression=" + "B04%2B" * 600 + "B04", 400, "bad-formula"),
        (f"{HERE}.png?expression=B04*2", 400, "rescale-needed"),
        (f"{HERE}.png?layer=red&rescale=1", 400, "bad-query"),
        (f"{HERE}.png?layer=red&rescale=1,1", 400, "bad-query"),
        (f"{HERE}.png?layer=red&rescale=0,nan", 400, "bad-query"),
        (f"{HERE}.png?layer=red&rescale=a,b", 400, "bad-query"),
        (f"{HERE}.png?layer=red&colormap_name=rainbow", 400, "unknown-colormap"),
        (f"{HERE}.png?datetime=yesterday", 400, "bad-datetime"),
        (f"{HERE}.png?raw=maybe", 400, "bad-query"),
        (f"{HERE}.png?mark=maybe", 400, "bad-query"),
        (f"{HERE}.png?ids=" + ",".join("x" * 101), 400, "bad-query"),
        ("/tiles/polder/point/1", 400, "bad-query"),
        ("/tiles/polder/point/a,b", 400, "bad-query"),
        ("/tiles/polder/point/500,2", 400, "bad-query"),
        ("/tiles/polder/point/nan,2", 400, "bad-query"),
        ("/tiles/polder/point/-100,2", 404, "nothing-here"),
        ("/tiles/nope/point/5,52", 404, "unknown-collection"),
        ("/tiles/polder/legend.svg", 404, "unknown-format"),
        ("/tiles/nope/legend.json", 404, "unknown-collection"),
        ("/tiles/nope/WebMercatorQuad/tilejson.json", 404, "unknown-collection"),
        ("/tiles/polder/Nope/tilejson.json", 404, "unknown-tile-matrix-set"),
    ],
)
def test_wrong_addresses(client, address, status, code):
    answer = client.get(address, headers={"accept-language": "nl"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["landzicht:text"]["nl"] != answer.json()["landzicht:text"]["en"]


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(
        ["layer", "assets", "expression", "index", "rescale", "colormap_name", "datetime", "ids"]
    )
    | st.sampled_from(["mosaic", "mask", "size", "resampling"]),
    text=st.text(max_size=40),
)
def test_no_text_breaks_a_tile(client, name, text):
    answer = client.get(f"{HERE}.png", params={name: text})
    assert answer.status_code in (200, 400, 404)


def test_mark_is_for_everybody_but_a_test_on_this_computer(client):
    address = HERE.replace("polder", "zonderland") + ".png?layer=visual"
    plain = client.get(f"{address}&mark=false")
    assert plain.status_code == 200
    assert plain.headers["x-landzicht-simulated"] == "true"
    assert plain.content != client.get(address).content
    for header in ("x-forwarded-for", "forwarded", "x-real-ip"):
        answer = client.get(f"{address}&mark=false", headers={header: "203.0.113.7"})
        assert (answer.status_code, answer.json()["code"]) == (403, "mark-needed")
    answer = client.get(f"{address}&mark=false", headers={"host": "portal.example"})
    assert answer.status_code == 403


def test_openapi_describes_the_parameters(client):
    paths = client.get("/openapi.json").json()["paths"]
    told = paths["/tiles/{collection}/{matrix}/{z}/{x}/{y}.{ending}"]["get"]
    names = {each["name"] for each in told["parameters"]}
    assert {"layer", "assets", "expression", "rescale", "colormap_name", "datetime"} <= names
    assert {"collection", "matrix", "z", "x", "y", "ending"} <= names
    assert "422" not in told["responses"]


@given(st.text(max_size=30))
def test_parsing_raises_our_errors_only(text):
    query = {"rescale": text, "assets": text, "datetime": text, "size": text, "raw": text}
    for read in (
        parse.view,
        parse.selection,
        parse.size,
        lambda q: parse.flag(q, "raw", default=0),
    ):
        try:
            read(query)
        except LandzichtError:
            continue
