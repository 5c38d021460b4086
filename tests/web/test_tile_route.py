"""The quick route of tiles is the one that `/docs` describes, and answers the same."""

from __future__ import annotations

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
from landzicht.web.app import create_app
from landzicht.web.problems import add_problem_handlers
from landzicht.web.tiles import router, tile_route

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


@pytest.mark.parametrize(
    "asked",
    [
        f"{TILE}.png",
        f"{TILE}.jpg?layer=red&size=512",
        f"{TILE}.png?layer=nothing",
        f"{TILE}.gif",
        f"{TILE}.png?size=3",
        "/tiles/polder/WebMercatorQuad/14/x/5405.png",
        "/tiles/nowhere/WebMercatorQuad/14/8422/5405.png",
    ],
)
def test_both_routes_answer_the_same(portal, asked):
    answers = []
    for add in (
        lambda app: app.router.routes.append(tile_route(portal)),
        lambda app: app.include_router(router(portal)),
    ):
        app = FastAPI()
        add_problem_handlers(app)
        add(app)
        with TestClient(app, raise_server_exceptions=False) as client:
            answers.append(client.get(asked))
    quick, described = answers
    assert quick.status_code == described.status_code
    assert quick.content == described.content
    assert dict(quick.headers) == dict(described.headers)


def test_it_comes_first_and_is_described(portal):
    app = create_app(portal, warm=False)
    routes = [route.path for route in app.router.routes if hasattr(route, "path")]
    path = tile_route(portal).path
    ours = [each for each in routes if not each.startswith(("/openapi", "/docs"))]
    assert ours[0] == path
    assert path in app.openapi()["paths"]
