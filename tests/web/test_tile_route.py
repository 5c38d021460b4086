"""The quick ways to tiles are the one that `/docs` describes, and answer the same."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import Response

from landzicht.errors.files import StoredFileFailed
from landzicht.grid import Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app
from landzicht.web.problems import add_problem_handlers
from landzicht.web.tiles import DirectTiles, router, tile_handler, tile_route

NAME = Text(nl="Proef", en="Test")
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=300, width=300
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001)
TILE = "/tiles/polder/WebMercatorQuad/14/8422/5405"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("web"))
    values = np.random.default_rng(0).integers(1, 5000, (300, 300)).astype("uint16")
    layers = (Layer(name="red", title=NAME, assets=("B04",), rescale=((0.0, 0.5),)),)
    collection = make_collection("polder", bands=(RED,), layers=layers, resolution_m=10)
    scene = store_scene(services, "polder", "s1", GRID, {"B04": (values, RED)})
    services.catalog.put([collection], [scene])
    return Portal(services)


def with_direct(app, portal):
    """Add the shortest way, and the route that it leaves the rest to."""
    app.include_router(router(portal))
    app.add_middleware(DirectTiles, tile=tile_handler(portal))


@pytest.mark.parametrize(
    "asked",
    [
        f"{TILE}.png",
        f"{TILE}.jpg?layer=red&size=512",
        f"{TILE}.png?layer=nothing",
        f"{TILE}.gif",
        f"{TILE}.png?size=3",
        f"{TILE}@2x.png?layer=red&m%61rk=false",
        f"{TILE}.png?layer=red&" + "x=1&" * 1000,
        "/tiles/polder/WebMercatorQuad/14/x/5405.png",
        "/tiles/nowhere/WebMercatorQuad/14/8422/5405.png",
    ],
)
@pytest.mark.parametrize("headers", [{}, {"origin": "https://example.org"}])
def test_all_ways_answer_the_same(portal, asked, headers):
    answers = []
    for add in (
        lambda app: app.include_router(router(portal)),
        lambda app: app.router.routes.append(tile_route(tile_handler(portal))),
        lambda app: with_direct(app, portal),
    ):
        app = FastAPI()
        add_problem_handlers(app)
        add(app)
        with TestClient(app, raise_server_exceptions=False) as client:
            answers.append(client.get(asked, headers=headers))
    described, *quick = answers
    for each in quick:
        assert each.status_code == described.status_code
        assert each.content == described.content
        assert dict(each.headers) == dict(described.headers)


def test_the_application_answers_other_origins_and_heads_as_before(portal):
    with TestClient(create_app(portal, warm=False)) as client:
        plain = client.get(f"{TILE}.png")
        other = client.get(f"{TILE}.png", headers={"origin": "https://example.org"})
        head = client.head(f"{TILE}.png")
        known = client.get(f"{TILE}.png", headers={"if-none-match": plain.headers["etag"]})
    assert (plain.status_code, known.status_code) == (200, 304)
    assert other.headers["access-control-allow-origin"] == "*"
    assert other.content == plain.content
    assert (head.content, head.headers["etag"]) == (b"", plain.headers["etag"])


@pytest.mark.parametrize("headers", [{}, {"origin": "https://example.org"}])
def test_a_tile_that_fails_is_tried_once(portal, monkeypatch, headers):
    """A file that cannot be read may take half a minute to say so."""
    tried = []

    def failing(asset):
        tried.append(asset.key)
        raise StoredFileFailed(path=asset.href, reason="gone")

    monkeypatch.setattr(portal.services.reader, "levels", failing)
    with TestClient(create_app(portal, warm=False), raise_server_exceptions=False) as client:
        answer = client.get(f"{TILE}.png?layer=red&gamma=1.01", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (502, "stored-file-failed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert tried == ["B04"]


def test_only_plain_requests_for_tiles_go_directly(portal):
    """The rest must pass through the layers that other origins, proxies and heads need."""
    passed = []

    async def rest(scope, receive, send):
        passed.append(scope["path"])
        await Response("rest")(scope, receive, send)

    direct = DirectTiles(rest, tile=tile_handler(portal))
    tile = f"{TILE}.png"
    for client, method, path, headers in (
        (TestClient(direct), "GET", tile, {}),
        (TestClient(direct), "GET", "/tiles/polder/point/5,52", {}),
        (TestClient(direct), "HEAD", tile, {}),
        (TestClient(direct), "GET", tile, {"origin": "https://example.org"}),
        (TestClient(direct, root_path="/maps"), "GET", tile, {}),
    ):
        client.request(method, path, headers=headers)
    assert passed == ["/tiles/polder/point/5,52", tile, tile, tile]


def test_it_comes_first_and_is_described(portal):
    app = create_app(portal, warm=False)
    routes = [route.path for route in app.router.routes if hasattr(route, "path")]
    path = tile_route(tile_handler(portal)).path
    ours = [each for each in routes if not each.startswith(("/openapi", "/docs"))]
    assert ours[0] == path
    assert path in app.openapi()["paths"]
