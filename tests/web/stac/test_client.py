"""The client that most people use, against a real server on a free port of this machine."""

from __future__ import annotations

import hashlib
import threading
import time
import urllib.request

import pystac
import pytest
import shapely
import uvicorn
from pystac_client import Client
from pystac_client.exceptions import APIError


@pytest.fixture
def address(app):
    config = uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/stac"
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def catalog(address):
    return Client.open(address)


def test_it_finds_the_collections(catalog):
    found = {collection.id: collection for collection in catalog.get_collections()}
    assert set(found) == {"polder", "madeup"}
    polder = catalog.get_collection("polder")
    assert polder.extent.spatial.bboxes == [[5.0, 52.0, 9.9, 52.9]]
    assert polder.ext.render["red"].assets == ["B04"]
    assert polder.item_assets["B04"].properties["raster:scale"] == 0.0001
    assert "SIMULATED" in found["madeup"].title


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_it_pages_through_everything(catalog, method, limit):
    search = catalog.search(collections=["polder"], limit=limit, method=method)
    assert [item.id for item in search.items()] == [f"day-{n}" for n in (4, 3, 2, 1, 0)]
    assert search.matched() == 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_searches_by_place_and_time(catalog, method):
    def found(**asked):
        return {item.id for item in catalog.search(method=method, **asked).items()}

    line = shapely.LineString([(5.5, 52.5), (7.5, 52.5)])
    assert found(intersects=line) == {"day-0", "day-1", "day-2"}
    assert found(bbox=[6.1, 52.1, 6.2, 52.2]) == {"day-1"}
    assert found(datetime="2025-06-09/2025-06-10") == {"day-1", "day-2"}
    assert found(ids=["day-3"]) == {"day-3"}
    assert found(max_items=2, limit=1) == {"day-3", "day-4"}


def test_it_reads_one_item_with_its_extensions(catalog):
    item = catalog.get_collection("polder").get_item("day-2")
    asset = item.assets["B04"]
    assert isinstance(item, pystac.Item)
    assert item.ext.proj.code == "EPSG:32631"
    assert asset.ext.proj.shape == [1024, 1024]
    assert item.properties["eo:cloud_cover"] == 20
    with urllib.request.urlopen(asset.get_absolute_href()) as answer:
        content = answer.read()
    assert asset.extra_fields["file:checksum"] == "1220" + hashlib.sha256(content).hexdigest()
    assert asset.extra_fields["file:size"] == len(content)


def test_it_hears_what_is_wrong(catalog):
    with pytest.raises(APIError, match="bad-query"):
        catalog.search(intersects={"type": "Point"}).item_collection()
