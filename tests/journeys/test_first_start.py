"""A newcomer types one command and looks at a map: offline, marked as simulated, and safe."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from landzicht.testing.serving import Running, portal_in, run

COLLECTION = "zonderland-s2"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("NUMBA_CACHE_DIR", raising=False)  # nothing is compiled on a new machine
        with portal_in(tmp_path_factory.mktemp("first") / "data") as running:
            running.wait_for(lambda: dates(running))
            yield running


def dates(running: Running) -> list[dict[str, object]]:
    answer = running.get(f"/api/v1/collections/{COLLECTION}/dates")
    found: list[dict[str, object]] = answer.json().get("dates", [])
    return found


def middle_tile(running: Running, zoom: int = 12) -> tuple[int, int, int]:
    collections = running.get("/api/v1/collections").json()["collections"]
    west, south, east, north = next(c for c in collections if c["id"] == COLLECTION)["bounds"]
    lon, lat = (west + east) / 2, math.radians((south + north) / 2)
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**zoom
    return zoom, int(x), int(y)


def test_page_comes_from_this_server_alone(running: Running) -> None:
    page = running.get("/")
    assert page.status == 200
    assert b"Landzicht" in page.body
    assert "default-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("extension", "kind"), [("png", "png"), ("webp", "webp"), ("jpg", "jpeg")])
@pytest.mark.parametrize("size", [256, 512])
@pytest.mark.parametrize("layer", ["visual", "ndvi"])
def test_a_tile_shows_something(
    running: Running, extension: str, kind: str, size: int, layer: str
) -> None:
    z, x, y = middle_tile(running)
    answer = running.get(
        f"/tiles/{COLLECTION}/WebMercatorQuad/{z}/{x}/{y}.{extension}?layer={layer}&size={size}"
    )
    assert answer.status == 200
    assert answer.headers["content-type"] == f"image/{kind}"
    pixels = imagecodecs.imread(answer.body)
    assert pixels.shape[:2] == (size, size)
    assert pixels[..., :3].std() > 5


def test_the_mark_is_in_the_pixels_and_can_be_left_out_only_for_tests(running: Running) -> None:
    z, x, y = middle_tile(running)
    address = f"/tiles/{COLLECTION}/WebMercatorQuad/{z}/{x}/{y}.png?layer=visual"
    marked = imagecodecs.png_decode(running.get(address).body).astype(int)
    plain = imagecodecs.png_decode(running.get(address + "&mark=false").body).astype(int)
    touched = np.any(marked[..., :3] != plain[..., :3], axis=-1).mean()
    assert 0.002 < touched < 0.2


def test_every_exit_says_simulated(running: Running) -> None:
    z, x, y = middle_tile(running)
    tile = running.get(f"/tiles/{COLLECTION}/WebMercatorQuad/{z}/{x}/{y}.npy?layer=ndvi")
    assert tile.headers["x-landzicht-simulated"].lower() in {"true", "yes", "1"}
    item = running.get("/stac/search?limit=1").json()["features"][0]
    assert item["properties"]["landzicht:simulated"] is True
    collection = running.get(f"/stac/collections/{COLLECTION}").json()
    assert "SIMULATED" in collection["title"].upper()
    assert "SIMULATED" in collection["description"].upper()
    found = run("search", data=running.data)
    assert "SIMULATED" in found.stdout
    told = json.loads(run("search", "--json", data=running.data).stdout)["features"][0]
    assert told["properties"]["landzicht:simulated"] is True
    for asset in told["assets"].values():
        assert Path(asset["href"]).is_file()
        with imagecodecs_tags(asset["href"]) as tags:
            assert tags.get("SIMULATED") == "YES"


def imagecodecs_tags(path: str):
    """The tags of a stored file, read by rasterio: another program than the one that wrote it."""
    from contextlib import contextmanager

    from landzicht.formats.gdal import load_rasterio

    @contextmanager
    def opened():
        with load_rasterio().open(path, driver="GTiff") as file:
            yield file.tags()

    return opened()


def test_the_answer_is_not_sent_twice(running: Running) -> None:
    z, x, y = middle_tile(running)
    address = f"/tiles/{COLLECTION}/WebMercatorQuad/{z}/{x}/{y}.webp?layer=visual&datetime=2025-04"
    first = running.get(address)
    again = running.get(address, If_None_Match=first.headers["etag"])
    assert again.status == 304
    assert again.body == b""


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/tiles/nothing/WebMercatorQuad/1/0/0.png", 404),
        (f"/tiles/{COLLECTION}/WebMercatorQuad/1/9/9.png", 404),
        (f"/tiles/{COLLECTION}/Marsquad/1/0/0.png", 404),
        (f"/tiles/{COLLECTION}/WebMercatorQuad/12/0/0.png?layer=nonsense", 404),
        (f"/tiles/{COLLECTION}/WebMercatorQuad/12/0/0.png?assets=B99", 404),
        (f"/tiles/{COLLECTION}/WebMercatorQuad/12/0/0.png?expression=B04/", 400),
        (f"/tiles/{COLLECTION}/WebMercatorQuad/12/0/0.png?layer=ndvi&datetime=soon", 400),
        ("/stac/search?bbox=1,2,3", 400),
        ("/stac/search?limit=many", 400),
        ("/stac/collections/nothing", 404),
        ("/nowhere", 404),
    ],
)
def test_a_wrong_question_gets_a_clear_answer(running: Running, address: str, status: int) -> None:
    for language, word in (("nl", "nl"), ("en", "en")):
        answer = running.get(address, Accept_Language=language)
        assert answer.status == status
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert answer.headers["content-language"] == word
        assert told["detail"]
        assert told["todo"]
        assert "Traceback" not in answer.body.decode()


def test_a_second_portal_on_the_same_port_is_told_so(running: Running, tmp_path: Path) -> None:
    port = running.base.rpartition(":")[2]
    told = run("up", "--port", port, "--no-demo", data=tmp_path, LANG="nl_NL.UTF-8", LC_ALL="")
    assert told.returncode == 1
    assert "port-in-use" in told.stderr
    assert "Traceback" not in told.stderr


def test_openapi_describes_what_is_there(running: Running) -> None:
    document = running.get("/openapi.json").json()
    assert document["info"]["title"] == "Landzicht"
    for path in ("/health", "/stac/search", "/api/v1/collections"):
        assert path in document["paths"]
    assert b"/stac/search" in running.get("/docs").body


def test_health(running: Running) -> None:
    told = running.get("/health").json()
    assert told["status"] == "ok"
