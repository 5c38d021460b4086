"""Scenes whose files stay where they are: taken in, looked at, handed out."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import orjson
import pytest
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.errors.files import StoredFileFailed
from landzicht.errors.portal import BadSettings
from landzicht.errors.remote import AddressNotAllowed, LinkedElsewhere, RemoteFailed
from landzicht.formats import CogWriter
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Band, Outcome, Query
from landzicht.portal import open_portal
from landzicht.portal.maps.tiles import TileRequest
from landzicht.portal.maps.view import View
from landzicht.portal.settings import Settings, load_settings
from landzicht.stac import read_item
from landzicht.testing.ranges import range_server
from landzicht.web.app import create_app

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 6.4e5, 0, -10, 5.77e6), height=1_100, width=1_200
)
BANDS = {
    "B04": Band(name="B04", dtype="uint16", nodata=0, scale=0.0001, offset=-0.1),
    "B08": Band(name="B08", dtype="uint16", nodata=0, scale=0.0001, offset=-0.1),
}
TILE = TileRequest(
    collection="far", z=12, x=2106, y=1352, ending="npy", view=View(expression="B08-B04")
)


def pixels(key):
    rows, columns = np.mgrid[: GRID.height, : GRID.width]
    noise = np.random.default_rng(4).integers(0, 400, GRID.shape)  # so that files are not tiny
    values = 1_000 + (rows * 7 + columns * 3) % 3_000 + noise + (500 if key == "B08" else 0)
    values[:50] = 0
    return values.astype(np.uint16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    for key, band in BANDS.items():
        CogWriter().write(pixels(key), GRID, band, folder / f"{key}.tif", {})
    return folder


@pytest.fixture
def server(folder):
    with range_server(folder) as server:
        yield server


def settings(data, server, **more):
    plain = {"remote_hosts": f"{server.base},s3://pictures", "remote_private": "127.0.0.1"}
    return Settings(data=data, **(plain | {"remote_timeout_s": 30} | more))


def item(base, id="one", fields=None, **properties):
    assets = {
        key: {
            "href": f"{base}/{key}.tif",
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "roles": ["data"],
            **(fields or {}),
        }
        for key in BANDS
    }
    assets["thumbnail"] = {"href": f"{base}/t.png", "type": "image/png", "roles": ["thumbnail"]}
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": id,
        "collection": "far",
        "geometry": None,
        "bbox": None,
        "properties": {"datetime": "2025-06-08T10:40:00Z", "eo:cloud_cover": 3.5, **properties},
        "links": [],
        "assets": assets,
    }


FIELDS = {
    "proj:code": GRID.crs,
    "proj:shape": [GRID.height, GRID.width],
    "proj:transform": list(GRID.transform)[:6],
    "raster:bands": [{"data_type": "uint16", "nodata": 0, "scale": 0.0001, "offset": -0.1}],
}


def told(path, *items):
    content = items[0] if len(items) == 1 else {"type": "FeatureCollection", "features": items}
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def portal(tmp_path, server):
    with open_portal(settings(tmp_path / "data", server)) as portal:
        yield portal


@pytest.fixture
def linked(portal, server, tmp_path):
    (receipt,) = portal.link([told(tmp_path / "item.json", item(server.base))])
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    return portal


def wanted(folder, tmp_path):
    """Return the tile that the same files give when they are taken in as usual."""
    with open_portal(tmp_path / "near") as near:
        path = told(folder / "item.json", item("."))
        (receipt,) = near.ingest([path])
        assert receipt.outcome is Outcome.ADDED, receipt.findings
        content = near.tile(TILE).content
        assert np.ptp(np.load(io.BytesIO(content))[0]) > 0
        return content


# --------------------------------------------------------------------------- files elsewhere


def test_a_linked_scene_gives_the_pixels_of_one_that_was_taken_in(linked, server, folder, tmp_path):
    assert linked.tile(TILE).content == wanted(folder, tmp_path)
    assert not list(linked.services.settings.files.rglob("*.tif"))
    scene = linked.local_items(Query(collections=("far",)))[0]
    asset = scene["assets"]["B04"]
    assert asset["href"] == server.address("B04.tif")
    assert asset["raster:scale"] == 0.0001
    assert asset["file:size"] == (folder / "B04.tif").stat().st_size
    assert asset["landzicht:etag"].startswith('"')
    assert scene["properties"]["eo:cloud_cover"] == 3.5
    assert "thumbnail" not in scene["assets"]


def test_an_item_that_tells_all_costs_no_look_at_headers(portal, server, folder, tmp_path):
    known = told(tmp_path / "a.json", item(server.base, fields=FIELDS))
    (first,) = portal.link([known])
    assert first.outcome is Outcome.ADDED, first.findings
    asked = server.count()
    more = [item(server.base, f"n{n}", FIELDS, created=str(n)) for n in range(5)]
    for n, one in enumerate(more):
        one["properties"]["datetime"] = f"2025-06-{10 + n}T10:40:00Z"
    receipts = portal.link([told(tmp_path / "b.json", *more)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 5
    assert server.count() == asked
    assert portal.tile(TILE).content == wanted(folder, tmp_path)


def test_a_header_that_is_not_what_the_item_says_is_told(portal, server, tmp_path):
    wrong = FIELDS | {"proj:shape": [GRID.height + 1, GRID.width]}
    (receipt,) = portal.link([told(tmp_path / "a.json", item(server.base, fields=wrong))])
    assert receipt.outcome is Outcome.REFUSED
    assert {finding.code for finding in receipt.findings} == {"remote-failed"}


def test_twice_the_same_item_is_one_scene_and_another_version_another(
    linked, server, folder, tmp_path
):
    (again,) = linked.link([tmp_path / "item.json"])
    assert again.outcome is Outcome.KNOWN
    other = item(server.base, fields={"file:checksum": "1220" + "ab" * 32})
    (receipt,) = linked.link([told(tmp_path / "other.json", other)])
    assert receipt.outcome is Outcome.ADDED
    assert receipt.scene != again.scene


def test_the_catalogue_leads_to_the_files_themselves(linked, server, tmp_path):
    with TestClient(create_app(linked), follow_redirects=False) as client:
        body = client.get("/stac/collections/far/items/one").json()
        assert body["assets"]["B04"]["href"] == server.address("B04.tif")
        answer = client.get("/assets/far/one/B04.tif")
        assert (answer.status_code, answer.headers["location"]) == (
            307,
            server.address("B04.tif"),
        )
        tile = "/tiles/far/WebMercatorQuad/12/2106/1352.png?expression=B08-B04&rescale=0,0.1"
        assert client.get(tile).status_code == 200
        place = client.get("/tiles/far/point/5.1,52.0").json()
        assert place["valid"]


def test_a_bucket_is_named_but_http_does_not_lead_there(portal, tmp_path):
    store = item("s3://pictures/2025", fields=FIELDS)
    # The first scene of a collection is looked at; this collection has one already.
    portal.services.catalog.put([_collection(portal, tmp_path)], [])
    (receipt,) = portal.link([told(tmp_path / "s3.json", store)])
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    with pytest.raises(LinkedElsewhere) as caught:
        portal.asset_path("far", "one", "B04")
    assert "s3://pictures/2025/B04.tif" in caught.value.say("nl")
    body = orjson.loads(portal.item("far", "one"))
    assert body["assets"]["B04"]["href"] == "s3://pictures/2025/B04.tif"
    with TestClient(create_app(portal)) as client:
        answer = client.get("/assets/far/one/B04.tif")
        assert (answer.status_code, answer.json()["code"]) == (404, "linked-elsewhere")


def _collection(portal, tmp_path):
    from landzicht.testing.scenes import make_collection

    return make_collection("far")


@pytest.mark.parametrize("fault", ["500", "never", "drop", "404", "redirect", "nonsense", "etag"])
def test_a_tile_of_a_computer_that_fails_is_a_clear_502_in_time(linked, server, fault):
    import time

    for path in sorted(linked.services.settings.remote_cache.rglob("*")):
        if path.is_file():
            path.unlink()
    server.always, server.conditional = fault, fault != "etag"
    with (
        open_portal(replace(linked.services.settings, remote_timeout_s=3)) as fresh,
        TestClient(create_app(fresh), raise_server_exceptions=False) as client,
    ):
        begin = time.monotonic()
        url = "/tiles/far/WebMercatorQuad/12/2106/1352.png?expression=B08-B04&rescale=0,0.1"
        answer = client.get(url, headers={"accept-language": "nl"})
        assert time.monotonic() - begin < 8
    if fault == "etag":  # other bytes by their name, but they are there
        assert answer.status_code == 200
        return
    assert answer.status_code == 502
    assert answer.json()["code"] == "remote-failed"
    assert "niet te lezen" in answer.json()["title"]


def test_what_the_operator_takes_back_is_not_read_any_more(linked, server, tmp_path):
    closed = Settings(data=linked.services.settings.data)
    asked = server.count()
    with open_portal(closed) as portal, pytest.raises(AddressNotAllowed):
        portal.tile(TILE)
    assert server.count() == asked


def test_without_link_nothing_is_asked(portal, server, tmp_path):
    (receipt,) = portal.ingest([told(tmp_path / "item.json", item(server.base))])
    assert {finding.code for finding in receipt.findings} == {"asset-outside"}
    assert server.asked == []


def test_secrets_in_addresses_are_refused_and_not_repeated(portal, server, tmp_path):
    with_key = item(server.base)
    for asset in with_key["assets"].values():
        asset["href"] += "?sig=VERYSECRET"
    (receipt,) = portal.link([told(tmp_path / "item.json", with_key)])
    assert {finding.code for finding in receipt.findings} == {"bad-address"}
    assert "VERYSECRET" not in json.dumps(receipt.as_dict())
    assert server.asked == []


def test_a_jpeg_2000_elsewhere_is_fetched_whole(portal, server, folder, tmp_path):
    rasterio = load_rasterio()
    profile = {"driver": "JP2OpenJPEG", "count": 1, "dtype": "uint16", "crs": GRID.crs}
    with rasterio.open(
        folder / "B04.jp2", "w", height=GRID.height, width=GRID.width, transform=GRID.transform,
        REVERSIBLE="YES", QUALITY="100", **profile,
    ) as target:  # fmt: skip
        target.write(pixels("B04"), 1)
    one = item(server.base)
    one["assets"] = {"B04": {"href": server.address("B04.jp2"), "type": "image/jp2"}}
    (receipt,) = portal.link([told(tmp_path / "item.json", one)])
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    body = orjson.loads(portal.item("far", "one"))
    assert body["assets"]["B04"]["type"] == "image/jp2"
    told_value = portal.tile(replace(TILE, view=View(assets=("B04",)), raw=True))
    assert told_value.content


# --------------------------------------------------------------------------- files of this disk


def test_files_below_a_linked_folder_stay_where_they_are(server, folder, tmp_path):
    chosen = settings(tmp_path / "data", server, linked_roots=str(folder))
    near = wanted(folder, tmp_path)
    with open_portal(chosen) as portal:
        (receipt,) = portal.link([folder / "item.json"])
        assert receipt.outcome is Outcome.ADDED, receipt.findings
        assert portal.tile(TILE).content == near
        assert not list(chosen.files.rglob("*.tif"))
        (again,) = portal.link([folder / "item.json"])
        assert again.outcome is Outcome.KNOWN
        (again,) = portal.ingest([folder / "item.json"])  # the same bytes, however they came in
        assert again.outcome is Outcome.KNOWN
        assert str(folder.parent) not in portal.item("far", "one").decode()
        file = portal.asset_path("far", "one", "B04")
        assert file.path == (folder / "B04.tif").resolve()
        with TestClient(create_app(portal)) as client:
            got = client.get("/assets/far/one/B04.tif")
            assert got.content == (folder / "B04.tif").read_bytes()
            href = client.get("/stac/collections/far/items/one").json()["assets"]["B04"]["href"]
            assert href.endswith("/assets/far/one/B04.tif")


def test_files_elsewhere_on_this_disk_may_not_be_linked(server, folder, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "b_2025-06-08.tif").symlink_to(folder / "B04.tif")
    chosen = settings(tmp_path / "data", server, linked_roots=str(inside))
    with open_portal(chosen) as portal:
        for path in (folder / "B04.tif", inside / "b_2025-06-08.tif"):
            (receipt,) = portal.link([path], "x", "2025-06-08")
            assert {finding.code for finding in receipt.findings} == {"not-linkable"}


def test_a_linked_file_that_is_replaced_by_a_link_outwards_is_not_read(server, folder, tmp_path):
    inside, secret = tmp_path / "inside", tmp_path / "secret.tif"
    inside.mkdir()
    content = (folder / "B04.tif").read_bytes()
    (inside / "a.tif").write_bytes(content)
    secret.write_bytes(content)
    chosen = settings(tmp_path / "data", server, linked_roots=str(inside))
    with open_portal(chosen) as portal:
        (receipt,) = portal.link([inside / "a.tif"], "x", "2025-06-08")
        assert receipt.outcome is Outcome.ADDED, receipt.findings
        (inside / "a.tif").unlink()
        (inside / "a.tif").symlink_to(secret)
        with TestClient(create_app(portal)) as client:
            key = next(iter(receipt.assets))
            assert client.get(f"/assets/x/{receipt.scene}/{key}.tif").status_code == 502


@pytest.mark.parametrize("roots", ["relative/path", "/", "/a/images,/b/images"])
def test_linked_folders_that_make_no_sense_are_told(tmp_path, roots):
    chosen = load_settings(tmp_path, linked_roots=roots)
    with pytest.raises(BadSettings):
        open_portal(chosen)


@pytest.mark.parametrize("text", ["ftp://x", "https://key:secret@store", "https://a/b", "x"])
def test_a_wrong_store_is_told_without_repeating_it(tmp_path, text):
    with pytest.raises(BadSettings) as caught:
        load_settings(tmp_path, s3_endpoint=text)
    assert "secret" not in caught.value.say("en")


def test_a_failing_first_look_leaves_nothing(portal, server, tmp_path):
    server.always = "404"
    (receipt,) = portal.link([told(tmp_path / "item.json", item(server.base))])
    assert receipt.outcome is Outcome.REFUSED
    assert {finding.code for finding in receipt.findings} == {RemoteFailed.code}
    assert portal.collections() == ()


def test_bands_are_asked_for_at_the_same_time(linked, server):
    for path in sorted(linked.services.settings.remote_cache.rglob("*")):
        if path.is_file():
            path.unlink()
    with open_portal(linked.services.settings) as fresh:
        before = server.count()
        server.delay, server.most_at_once = 0.2, 0
        fresh.tile(TILE)
        assert server.most_at_once == 2
        assert server.count() - before == 4  # a head and some blocks of each of two files


def test_the_command_line_links(server, tmp_path):
    from landzicht.testing.serving import run

    path = told(tmp_path / "item.json", item(server.base))
    allowed = {"LANDZICHT_REMOTE_HOSTS": server.base, "LANDZICHT_REMOTE_PRIVATE": "127.0.0.1"}
    refused = run("ingest", "--link", path, data=tmp_path / "data")
    assert refused.returncode == 1
    assert "address-not-allowed" in refused.stdout
    done = run("ingest", "--link", path, data=tmp_path / "data", **allowed)
    assert done.returncode == 0, done.stdout + done.stderr
    doctor = run("doctor", "--json", data=tmp_path / "data", **allowed)
    (check,) = [c for c in json.loads(doctor.stdout)["checks"] if c["name"] == "linked files"]
    assert server.base in check["en"]


def test_a_linked_file_that_is_replaced_gives_the_new_pixels(server, folder, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = inside / "a_2025-06-08.tif"
    CogWriter().write(pixels("B04"), GRID, BANDS["B04"], path, {})
    with open_portal(settings(tmp_path / "data", server, linked_roots=str(inside))) as portal:
        (receipt,) = portal.link([path], "x")
        assert receipt.outcome is Outcome.ADDED, receipt.findings
        (asset,) = read_item(portal.item("x", receipt.scene)).assets.values()
        for key in ("B04", "B08"):
            CogWriter().write(pixels(key), GRID, BANDS[key], path, {})
            block = portal.services.reader.read(asset, 0, Window(100, 100, 50, 50))
            np.testing.assert_array_equal(block.values[0], pixels(key)[100:150, 100:150])
        path.unlink()
        with pytest.raises(StoredFileFailed):
            portal.services.reader.read(asset, 0, Window(100, 100, 50, 50))
