"""A portal with an open and a simulated collection, and a client without a network."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.formats.places import Places
from landzicht.formats.remote import RemoteLinker
from landzicht.grid import Bounds
from landzicht.kinds import Layer
from landzicht.portal import Portal
from landzicht.portal.services import Services
from landzicht.portal.settings import Settings
from landzicht.records import SqliteCatalog
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.text import Text
from landzicht.web import stac
from landzicht.web.problems import add_problem_handlers

NOON = datetime(2025, 6, 8, 12, tzinfo=UTC)
CONTENT = bytes(range(256)) * 10
TOKEN = "a-secret-of-the-operator-0123456789"
RED = Layer(name="red", title=Text(nl="Rood", en="Red"), assets=("B04",), rescale=((0, 1),))


@pytest.fixture
def portal(tmp_path):
    catalog = SqliteCatalog(tmp_path / "catalogue.sqlite")
    scenes = [
        make_scene(
            f"day-{n}",
            moment=NOON + timedelta(days=n),
            bounds=Bounds(5 + n, 52, 5.9 + n, 52.9),
            properties={"eo:cloud_cover": n * 10.0},
        )
        for n in range(5)
    ]
    made_up = make_scene("day-0", "madeup", moment=NOON, simulated=True)
    digest = hashlib.sha256(CONTENT).hexdigest()
    stored = [with_file(tmp_path, scene, digest) for scene in (*scenes, made_up)]
    collections = [make_collection(layers=(RED,)), make_collection("madeup", simulated=True)]
    catalog.put(collections, stored)
    services = Services(
        settings=Settings(data=tmp_path, max_items=100),
        catalog=catalog,
        reader=None,
        writer=None,
        inspector=None,
        linker=RemoteLinker(None, Places(tmp_path), None),
        runner=None,
    )
    with Portal(services) as opened:
        yield opened


def with_file(folder, scene, digest):
    asset = scene.assets["B04"]
    path = folder / asset.href
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    return replace(scene, assets={"B04": replace(asset, size=len(CONTENT), sha256=digest)})


@pytest.fixture
def app(portal):
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(stac.router(portal))
    return app


@pytest.fixture
def client(app):
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def writer(portal):
    """A client of a portal that may be written to; it shows no token by itself."""
    services = replace(
        portal.services, settings=replace(portal.services.settings, write_token=TOKEN)
    )
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(stac.router(Portal(services)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
