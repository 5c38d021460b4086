"""Coming from TiTiler: its parameters work, have another name, or are refused with a reason."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import imagecodecs
import numpy as np
import pytest
from affine import Affine
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from landzicht.grid import Grid
from landzicht.kinds import Band, BandKind, Mask
from landzicht.portal import Portal
from landzicht.testing.bands import read_bands
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.web.problems import add_problem_handlers
from landzicht.web.tiles import router
from landzicht.web.tiles.titiler import ELSEWHERE, REFUSED

moving = Transformer.from_crs
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=300, width=300
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
BANDS = (
    RED,
    Band(name="B03", dtype="uint16", nodata=0, scale=0.0001),
    Band(name="dem", dtype="float32", unit="m"),
    Band(name="SCL", dtype="uint8", kind=BandKind.CATEGORICAL),
)
HERE = "/tiles/polder/WebMercatorQuad/14/8422/5405"
PAGE = Path(__file__).parents[2] / "docs/titiler.md"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("web"))
    rng = np.random.default_rng(0)
    down, across = np.mgrid[0:300, 0:300]
    pixels = {
        "B04": rng.integers(1, 5000, (300, 300)).astype("uint16"),
        "B03": rng.integers(1, 5000, (300, 300)).astype("uint16"),
        "dem": (30 * np.sin(down / 20) * np.cos(across / 15)).astype("float32"),
        "SCL": np.full((300, 300), 4, "uint8"),
    }
    bands = {band.name: (pixels[band.name], band) for band in BANDS}
    collection = make_collection("polder", bands=BANDS, mask=Mask(asset="SCL", valid=(4,)))
    services.catalog.put([collection], [store_scene(services, "polder", "s1", GRID, bands)])
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(router(Portal(services)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


RGB = "assets=B04,B03,B04&rescale=0,0.5"
SHADED = "assets=dem&algorithm=hillshade"
THEIR_LIGHT = '&algorithm_params={"azimuth":90,"angle_altitude":30,"z_exaggeration":2,"buffer":3}'


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("assets=B04&assets=B03&assets=B04&rescale=0,0.5", RGB),
        ("assets=B04,B03,B04&rescale=0,0.5&rescale=0,0.5&rescale=0,0.5", RGB),
        (f"{RGB}&tilesize=512", f"{RGB}&size=512"),
        (f"{RGB}&unscale=true", RGB),
        ("assets=B04&rescale=0,5000&unscale=false", "assets=B04&rescale=0,5000&raw=true"),
        (f"{RGB}&pixel_selection=first", RGB),
        (f"{RGB}&pixel_selection=median", f"{RGB}&mosaic=median"),
        (f"{RGB}&return_mask=true&asset_as_band=true&padding=4", RGB),
        (f"{RGB}&color_formula=gamma RGB 1.5", f"{RGB}&gamma=1.5"),
        ("assets=B04,B03,B04&rescale=[0,0.5]&rescale=[0,0.5]&rescale=[0,0.5]", RGB),
        ("assets=B04,B03,B04&rescale=[[0,0.5],[0,0.5],[0,0.5]]", RGB),
        (f"{RGB}&bidx=&nodata=&return_mask=", RGB),
        (
            SHADED + THEIR_LIGHT,
            "assets=dem&algorithm=hillshade&azimuth=90&altitude=30&z_factor=2",
        ),
        (
            "assets=dem&algorithm=hillshade",
            'assets=dem&algorithm=hillshade&algorithm_params={"azimuth":315,"altitude":45}',
        ),
    ],
)
def test_both_spellings_give_one_picture(client, theirs, ours):
    first, second = (client.get(f"{HERE}.png?{query}") for query in (theirs, ours))
    assert first.status_code == second.status_code == 200, first.text + second.text
    assert first.content == second.content


def test_twice_as_many_pixels_at_the_end_of_the_address(client):
    wide = client.get(f"{HERE}@2x.png?{RGB}")
    assert imagecodecs.png_decode(wide.content).shape[:2] == (512, 512)
    assert wide.content == client.get(f"{HERE}.png?{RGB}&size=512").content
    assert client.get(f"{HERE}@1x.png?{RGB}").content == client.get(f"{HERE}.png?{RGB}").content
    for wrong in (f"{HERE}@3x.png", f"{HERE}@x.png", f"{HERE}@2x.png?size=512", f"{HERE}@2.png"):
        assert client.get(f"{wrong}{'&' if '?' in wrong else '?'}{RGB}").status_code == 400


def test_the_end_of_an_address_may_be_left_out(client):
    area = {"type": "Polygon", "coordinates": [[[5.05, 52.08], [5.07, 52.08], [5.06, 52.09]]]}
    area["coordinates"][0].append(area["coordinates"][0][0])
    assert client.get(f"{HERE}?{RGB}").content == client.get(f"{HERE}.png?{RGB}").content
    for name in ("webp", "jpeg", "tif", "npy"):
        whole = client.get(f"{HERE}@2x.{name}?{RGB}")
        assert client.get(f"{HERE}@2x?{RGB}&format={name}").content == whole.content
    assert client.get(f"{HERE}?{RGB}&format=gif").json()["code"] == "unknown-format"
    for kind, ask in (("preview", client.get), ("feature", client.post)):
        body = {} if kind == "preview" else {"json": area}
        sized = ask(f"/tiles/polder/{kind}.png?{RGB}&width=40&height=30", **body)
        assert sized.status_code == 200, sized.text
        assert imagecodecs.png_decode(sized.content).shape[:2] == (30, 40)
        assert ask(f"/tiles/polder/{kind}/40x30.png?{RGB}", **body).content == sized.content
        short = ask(f"/tiles/polder/{kind}?{RGB}&width=40&height=30", **body)
        assert short.content == sized.content


def test_points_in_another_system(client):
    rd = moving("EPSG:4326", "EPSG:28992", always_xy=True).transform(5.065, 52.085)
    there = client.get("/tiles/polder/point/5.065,52.085").json()
    for crs in ("EPSG:28992", "epsg:28992", "http://www.opengis.net/def/crs/EPSG/0/28992"):
        here = client.get(f"/tiles/polder/point/{rd[0]},{rd[1]}?coord_crs={crs}").json()
        assert here["values"] == there["values"]
        assert (here["lon"], here["lat"]) == pytest.approx((5.065, 52.085), abs=1e-7)
    for wrong in ("1e9,1e9?coord_crs=EPSG:3035", "5,52?coord_crs=EPSG:0", "5,52?coord_crs=x"):
        answer = client.get(f"/tiles/polder/point/{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")


@pytest.mark.parametrize("word", ELSEWHERE)
def test_addresses_of_titiler_tell_where_to_ask_instead(client, word):
    answer = client.get(f"/tiles/polder/{word}")
    assert (answer.status_code, answer.json()["code"]) == (404, "address-elsewhere")
    text = answer.json()["landzicht:text"]
    assert text["nl"] != text["en"]
    assert answer.json()["detail"] == client.get(f"/tiles/x/{word}").json()["detail"].replace(
        "/x/", "/polder/"
    )


def test_unknown_colour_maps_are_called_by_their_name(client):
    for name in ("terrain", "#ff0000"):
        answer = client.get(f"{HERE}.png", params={"assets": "B04", "colormap_name": name})
        assert (answer.status_code, answer.json()["code"]) == (400, "unknown-colormap")
        assert f"“{name}”" in answer.json()["title"]


def test_a_buffer_and_a_custom_scale(client):
    wide = client.get(f"{HERE}.npy?assets=B04&buffer=2")
    assert np.load(io.BytesIO(wide.content)).shape == (2, 260, 260)
    codes = json.dumps({"4": "#0a0b0c"})
    shown = client.get(f"{HERE}.png", params={"assets": "SCL", "colormap": codes})
    pixels = imagecodecs.png_decode(shown.content)
    assert {tuple(each) for each in pixels[..., :3].reshape(-1, 3)} <= {(10, 11, 12), (0, 0, 0)}
    assert (pixels[..., :3] == [10, 11, 12]).all(axis=-1).any()


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_silently_differ_is_refused(client, name):
    answer = client.get(f"{HERE}.png?{RGB}&{name}=1")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    assert name in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "return_mask=false", "asset_as_band=false", "pixel_selection=count", "mosaic=finest",
        "algorithm=contours", "algorithm=hillshade", "algorithm=slope&algorithm_params=[1]",
        'algorithm=slope&algorithm_params={"x":1}', "raw=true&unscale=true", "unscale=maybe",
        "colormap=viridis", "color_formula=blur 3", "gamma=0", "gamma=nan", "gamma=x",
        "rescale=[0,1", "rescale=[[0,1],[2,3",
        "buffer=1.5", "buffer=1000", "depth=12", "tilesize=300", "algorithm_params=" + "{" * 2000,
    ],
)  # fmt: skip
def test_wrong_values_are_told(client, query):
    if query.startswith("algorithm_params"):
        query = "algorithm=slope&" + query
    answer = client.get(f"{HERE}.png?{RGB}&{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    text = answer.json()["landzicht:text"]
    assert text["nl"] != text["en"]


def test_parameters_that_nobody_knows_are_passed_over(client):
    plain = client.get(f"{HERE}.png?{RGB}")
    assert client.get(f"{HERE}.png?{RGB}&v=123&_=9&token=abc").content == plain.content


@pytest.fixture(scope="module")
def two_scenes(tmp_path_factory):
    """An older scene that is dark and clear, and a newer one that is bright and half clouded."""
    services = make_services(tmp_path_factory.mktemp("two"))
    mask = Mask(asset="SCL", valid=(4,))
    collection = make_collection("polder", bands=(RED, BANDS[3]), mask=mask)
    codes = np.full((300, 300), 4, "uint8")
    clouded = codes.copy()
    clouded[:, :150] = 9
    made = [
        store_scene(
            services, "polder", name, GRID, moment=JUNE + timedelta(days=days),
            bands={"B04": (np.full((300, 300), dark, "uint16"), RED), "SCL": (scl, BANDS[3])},
        )
        for name, days, dark, scl in (("dark", 0, 1000, codes), ("bright", 5, 3000, clouded))
    ]  # fmt: skip
    services.catalog.put([collection], made)
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(router(Portal(services)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "scenes", "numbers"),
    [
        ("mosaic=newest", "bright", {3000}),
        ("mosaic=oldest", "dark", {1000}),
        ("mosaic=best", "dark", {1000}),
        ("mask=true", "bright,dark", {1000, 3000}),
        ("pixel_selection=first", "bright", {3000}),
        ("pixel_selection=median", "bright,dark", {2000}),
        ("mosaic=median&mask=true", "bright,dark", {1000, 2000}),
        ("pixel_selection=mean", "bright,dark", {2000}),
        ("pixel_selection=highest", "bright,dark", {3000}),
        ("pixel_selection=lowest", "bright,dark", {1000}),
        ("pixel_selection=stdev", "bright,dark", {1000}),
        ("pixel_selection=lastbandhigh", "bright,dark", {3000}),
        ("pixel_selection=lastbandlow", "bright,dark", {1000}),
    ],
)
def test_which_scenes_count_and_how(two_scenes, query, scenes, numbers):
    answer = two_scenes.get(f"{HERE}.npy?assets=B04&raw=true&{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-landzicht-scenes"] == scenes
    values, usable = np.load(io.BytesIO(answer.content))
    assert set(values[usable == 255].tolist()) == numbers
    picture = two_scenes.get(f"{HERE}.png?assets=B04&rescale=0,0.5&{query}")
    assert picture.headers["x-landzicht-scenes"] == scenes


def test_points_take_the_best_scene_and_no_rule(two_scenes):
    place = "/tiles/polder/point/5.065,52.085"
    assert two_scenes.get(f"{place}?mosaic=best").status_code == 200
    assert two_scenes.get(f"{place}?mosaic=median").status_code == 400


def test_raw_band_tiles(client):
    answer = client.get(f"{HERE}.bands?assets=B04,B03,SCL&depth=16")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.landzicht.bands"
    assert answer.headers["x-landzicht-scenes"] == "s1"
    header, found = read_bands(answer.content)
    values = np.load(io.BytesIO(client.get(f"{HERE}.npy?assets=B04,B03,SCL").content))
    usable = values[-1] == 255
    for number, name in enumerate(("B04", "B03", "SCL")):
        np.testing.assert_array_equal(found[name][usable], values[number][usable])
    assert header["width"] == 256
    for ending in ("npy", "bands", "tif"):
        many = "&".join("assets=B04" for _ in range(17))
        assert client.get(f"{HERE}.{ending}?{many}").status_code == 400
        assert client.get(f"{HERE}.{ending}?assets=B04,B03").status_code == 200


def test_tilejson_keeps_every_parameter(client):
    query = (
        "assets=B04&assets=B03&assets=B04&rescale=0,1&rescale=0,2&rescale=0,3&gamma=1.2"
        "&color_formula=saturation 1.1&pixel_selection=median&buffer=2&unscale=true"
    )
    told = client.get(f"/tiles/polder/WebMercatorQuad/tilejson.json?{query}&tile_format=webp")
    assert told.status_code == 200, told.text
    address = urlsplit(told.json()["tiles"][0])
    assert address.path.endswith(".webp")
    kept = parse_qs(address.query)
    assert kept["assets"] == ["B04,B03,B04"]
    assert kept["rescale"] == ["0,1,0,2,0,3"]
    assert kept["gamma"] == ["1.2"]
    assert kept["pixel_selection"] == ["median"]
    assert kept["buffer"] == ["2"]


def test_tilejson_with_other_zooms(client):
    document = "/tiles/polder/WebMercatorQuad/tilejson.json?assets=B04&rescale=0,1"
    told = client.get(f"{document}&minzoom=3&maxzoom=9").json()
    assert (told["minzoom"], told["maxzoom"], told["center"][2]) == (3, 9, 6)
    assert "zoom" not in told["tiles"][0]
    for wrong in ("minzoom=9&maxzoom=3", "maxzoom=31", "minzoom=-1", "minzoom=x"):
        assert client.get(f"{document}&{wrong}").json()["code"] == "bad-query"


def test_the_page_about_titiler_names_every_parameter_it_refuses():
    told = set(re.findall(r"`(\w+)`", PAGE.read_text()))
    assert set(REFUSED) <= told


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(
        [
            *("colormap", "color_formula", "gamma", "algorithm", "algorithm_params", "azimuth"),
            *("pixel_selection", "buffer", "depth", "unscale", "tilesize", "return_mask"),
        ]
    ),
    text=st.text(max_size=40) | st.sampled_from(["{}", "[[]]", '{"1":[]}', "1e400", "-1", "٣"]),
)
def test_no_text_breaks_a_tile(client, name, text):
    query = {"assets": "dem", "rescale": "0,9", "algorithm": "hillshade", name: text}
    answer = client.get(f"{HERE}.png", params=query)
    assert answer.status_code in (200, 400, 404)


def test_the_first_band_of_an_asset_as_titiler_calls_it(client):
    """`{asset}_b{index}`, of which the first is the only one here."""

    def values(expression: str):
        answer = client.get(f"{HERE}.npy", params={"expression": expression})
        return answer.status_code, answer.content

    status, ours = values("(B04-B03)/(B04+B03)")
    assert status == 200
    assert values("(B04_b1-B03_b1)/(B04_b1+B03)") == (200, ours)
    told = client.get(f"{HERE}.npy", params={"expression": "B04_b2 - B03_b1"})
    assert told.status_code == 404
    assert "B04_b2" in told.json()["detail"]
