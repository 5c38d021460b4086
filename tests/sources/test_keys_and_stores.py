"""Sources that ask for a key, and files in S3: nobody else gets the key, and nothing keeps it."""

from __future__ import annotations

import base64
import hashlib
import threading
import urllib.request
import warnings
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import numpy as np
import pytest

from landzicht.errors.sources import BadSource
from landzicht.grid import Window
from landzicht.portal.following.source_order import Following
from landzicht.sources import profile as profiles
from landzicht.sources.profile import read_profile
from landzicht.stac import read_item
from landzicht.testing.far_scenes import BANDS, DAYS, FarScene, far_item, pixels
from landzicht.testing.ranges import range_server

SECRET = "zeer-geheim-7f3a"
SCENE = FarScene(id="S2B_1", moment=f"{DAYS[1]}T10:40:00Z")
COLLECTION = """
[collections.sentinel-2-c1-l2a]
into = "sentinel-2-l2a"
like = "sentinel-2-l2a"
offset = "sentinel-2"
[collections.sentinel-2-c1-l2a.assets]
B04 = ["red"]
B08 = ["nir"]
SCL = ["scl"]
"""


@pytest.fixture
def use(monkeypatch):
    """Put a profile of a test among those of the package."""

    def put(text):
        made = read_profile(f"title = {{nl = 'proef', en = 'test'}}\n{text}{COLLECTION}")
        known = {one.id: one for one in profiles.profiles()}
        monkeypatch.setattr(profiles, "_all", lambda: {**known, made.id: made})
        return made.id

    return put


def everything_kept(folder):
    """Return all that is in the data folder, but for the locks."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def told(portal, capsys):
    """Return what anybody can see of the sources."""
    shown = "".join(str(one.as_dict()) for one in portal.sources())
    return shown + "".join(capsys.readouterr())


def follow(portal, api, profile):
    order = Following(place=api.address, collection=api.collection, profile=profile, since=DAYS[0])
    source = portal.add_source(order)
    said = []
    failed = portal.follow_once(
        frozenset({source.id}), lambda _, came: said.append(came), threading.Event()
    )
    return failed, said


def check(portal):
    scene = read_item(portal.services.catalog.body("sentinel-2-l2a", SCENE.id))
    for theirs, ours in BANDS.items():
        levels = portal.services.reader.levels(scene.assets[ours])
        block = portal.services.reader.read(scene.assets[ours], 0, Window(0, 0, *levels[0].shape))
        np.testing.assert_array_equal(block.values[0], pixels(theirs, 1))


def test_a_name_and_password_go_to_their_own_computer_only(
    api, portal, use, monkeypatch, tmp_path, capsys
):
    name = use("id='t'\nhosts=['http://127.0.0.1:1']\n"
               "[key]\nkind='basic'\nuser='T_USER'\nsecret='T_SECRET'\n")  # fmt: skip
    api.wants = "Basic " + base64.b64encode(f"ellen:{SECRET}".encode()).decode()
    api.items = [far_item(api.server, SCENE)]
    monkeypatch.delenv("T_USER", raising=False)
    failed, _ = follow(portal, api, name)
    assert "T_USER" in next(iter(failed.values())).en
    assert api.server.asked == []
    monkeypatch.setenv("T_USER", "ellen")
    monkeypatch.setenv("T_SECRET", SECRET)
    assert follow(portal, api, name)[0] == {}
    check(portal)
    monkeypatch.setenv("T_SECRET", "wrong")
    failed, _ = follow(portal, api, name)
    assert failed
    kept = everything_kept(portal.services.settings.data)
    for secret in (SECRET, api.wants.partition(" ")[2], "T_SECRET=wrong"):
        assert secret.encode() not in kept
        assert secret not in told(portal, capsys)


def test_a_password_is_not_sent_to_computers_that_items_name(api, portal, use, monkeypatch):
    name = use("id='t'\n[key]\nkind='basic'\nuser='T_USER'\nsecret='T_SECRET'\n")
    monkeypatch.setenv("T_USER", "ellen")
    monkeypatch.setenv("T_SECRET", SECRET)
    folder = api.server.folder.parent / "other"
    folder.mkdir()
    heard = []
    with range_server(folder) as other:

        def listen(method, path, body, headers):
            heard.append(headers)
            return 404, {}, b""

        other.api = listen
        item = far_item(api.server, SCENE)
        item["assets"]["red"]["href"] = f"{other.base.replace('127.0.0.1', 'localhost')}/stac/x.tif"
        api.items = [item]
        settings = portal.services.settings
        object.__setattr__(
            settings, "remote_hosts", f"http://localhost:{urlsplit(other.base).port}"
        )
        object.__setattr__(settings, "remote_private", "127.0.0.1, localhost")
        _, said = follow(portal, api, name)
    assert [one.code for one in said] == ["asset-failed"]
    assert heard
    assert all("authorization" not in headers for headers in heard)


def test_files_that_want_a_signature(api, portal, use, tmp_path, capsys):
    name = use(
        f"id='t'\n[key]\nkind='sas'\nhosts=['127.0.0.1']\n"
        f"signing='{api.server.base}/stac/sign/{{account}}/{{container}}'\n"
    )
    asked = []
    plain = api.answer

    def answer(method, path, body, headers):
        if path.startswith("/stac/sign/"):
            asked.append(path)
            content = b'{"token": "sig=%s&se=x", "msft:expiry": "2099-01-01T00:00:00Z"}'
            return 200, {"content-type": "application/json"}, content % SECRET.encode()
        return plain(method, path, body, headers)

    api.server.api = answer
    api.items = [far_item(api.server, SCENE)]
    assert follow(portal, api, name)[0] == {}
    check(portal)
    assert asked == ["/stac/sign/127.0.0.1/S2B_1"]  # once for all files of the container
    assert f"sig={SECRET}&se=x" in api.server.queries
    assert SECRET.encode() not in everything_kept(portal.services.settings.data)
    assert SECRET not in told(portal, capsys)


def test_a_signature_that_is_none_is_not_used(api, portal, use):
    name = use(
        f"id='t'\n[key]\nkind='sas'\nhosts=['127.0.0.1']\n"
        f"signing='{api.server.base}/stac/sign/{{account}}/{{container}}'\n"
    )
    plain = api.answer

    def answer(method, path, body, headers):
        if path.startswith("/stac/sign/"):
            content = b'{"token": "x HTTP/1.1\\r\\nHost: inside"}'
            return 200, {"content-type": "application/json"}, content
        return plain(method, path, body, headers)

    api.server.api = answer
    api.items = [far_item(api.server, SCENE)]
    _, said = follow(portal, api, name)
    assert [one.code for one in said] == ["asset-failed"]


def test_sources_with_a_key_cannot_be_linked(api, portal, use):
    name = use("id='t'\n[key]\nkind='sas'\nsigning='https://example.org/{account}/{container}'\n")
    order = Following(place=api.address, collection=api.collection, profile=name, link=True)
    with pytest.raises(BadSource, match="--mirror"):
        portal.add_source(order)


@pytest.fixture(scope="module")
def store():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def asked(monkeypatch):
    """Return the headers of what is fetched of the store.

    As at Amazon, the bucket `usgs-landsat` gives nothing to whoever does not sign and say that he
    pays; moto does not mind.
    """
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    plain, heard = DomainDispatcherApplication.__call__, []

    def call(self, environ, start_response):
        if environ["REQUEST_METHOD"] == "GET":
            heard.append({name: told for name, told in environ.items() if name.startswith("HTTP_")})
            paid = environ.get("HTTP_X_AMZ_REQUEST_PAYER") == "requester"
            signed = "x-amz-request-payer" in environ.get("HTTP_AUTHORIZATION", "")
            if environ["PATH_INFO"].startswith("/usgs-landsat/") and not (paid and signed):
                start_response("403 Forbidden", [("Content-Length", "0")])
                return [b""]
        return plain(self, environ, start_response)

    monkeypatch.setattr(DomainDispatcherApplication, "__call__", call)
    return heard


def bucket(store, name):
    """Make a bucket and return it, open for writing."""
    from obstore.store import S3Store

    urllib.request.urlopen(urllib.request.Request(f"{store}/{name}", method="PUT")).close()
    options = {"allow_http": True, "timeout": timedelta(seconds=10)}
    return S3Store(
        name, endpoint=store, region="us-east-1", client_options=options,
        access_key_id="access-key", secret_access_key=SECRET,
    )  # fmt: skip


def test_files_in_a_store_with_keys_of_its_own(api, portal, use, store, asked, monkeypatch, capsys):
    import obstore

    # Those of an account at Amazon are not for this store.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-amazon")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-amazon-too")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-of-amazon")
    monkeypatch.setenv("T_KEY", "access-key")
    monkeypatch.setenv("T_SECRET", SECRET)
    held = bucket(store, "eodata")
    item = far_item(api.server, SCENE)
    for key, ours in BANDS.items():
        content = (api.server.folder / SCENE.id / f"{ours}.tif").read_bytes()
        obstore.put(held, f"Sentinel-2/{ours}.tif", content)
        item["assets"][key]["href"] = f"s3://eodata/Sentinel-2/{ours}.tif"
    api.items = [item]
    name = use(
        f"id='t'\nhosts=['s3://eodata']\n[s3]\nendpoint='{store}'\nregion='us-east-1'\n"
        "[key]\nkind='s3'\nuser='T_KEY'\nsecret='T_SECRET'\n"
    )
    assert follow(portal, api, name)[0] == {}
    check(portal)
    assert SECRET.encode() not in everything_kept(portal.services.settings.data)
    assert SECRET not in told(portal, capsys)
    assert asked
    assert all("of-amazon" not in str(headers) for headers in asked)
    assert all("Credential=access-key/" in headers["HTTP_AUTHORIZATION"] for headers in asked)
    item["id"] = "S2B_2"
    item["properties"]["s2:datatake_id"] = "other"
    item["assets"]["red"]["href"] = "s3://other-bucket/B04.tif"
    _, said = follow(portal, api, name)
    assert [one.code for one in said] == ["address-not-allowed"]


def landsat_item(api, store):
    """Return an item of Landsat as Earth Search has them, its files in a bucket that costs."""
    import obstore

    from landzicht.formats.gdal import load_rasterio

    plain = far_item(api.server, SCENE)
    quality = api.server.folder / SCENE.id / "QA_PIXEL.tif"
    rasterio = load_rasterio()
    with rasterio.open(api.server.folder / SCENE.id / "B04.tif") as image:
        profile = {**image.profile, "nodata": 1}
    with rasterio.open(quality, "w", **profile) as made:
        made.write(np.full((1, 256, 256), 21824, np.uint16))  # clear
    held = bucket(store, "usgs-landsat")
    assets = {}
    for key, name in (("red", "B04"), ("nir08", "B08"), ("qa_pixel", "QA_PIXEL")):
        path = f"collection02/level-2/{key}.TIF"
        content = (api.server.folder / SCENE.id / f"{name}.tif").read_bytes()
        obstore.put(held, path, content)
        assets[key] = {
            "href": f"https://landsatlook.usgs.gov/data/{path}",
            "type": "image/vnd.stac.geotiff; cloud-optimized=true",
            "file:checksum": "1340" + hashlib.sha512(content).hexdigest(),
            "alternate": {"s3": {"href": f"s3://usgs-landsat/{path}"}},
        }
    # Where the bucket is the first address there is no other.
    assets["nir08"]["href"] = assets["nir08"].pop("alternate")["s3"]["href"]
    wrs = {"landsat:wrs_path": "198", "landsat:wrs_row": "024", "platform": "landsat-9"}
    properties = {**plain["properties"], **wrs}
    return {**plain, "collection": "landsat-c2-l2", "assets": assets, "properties": properties}


def test_landsat_of_earth_search_for_whoever_has_keys_of_amazon(
    api, portal, store, asked, monkeypatch, capsys
):
    api.collection = "landsat-c2-l2"
    order = Following(place=api.address, collection=api.collection, profile="earth-search")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadSource, match=r"AWS_ACCESS_KEY_ID .*Planetary Computer"):
        portal.add_source(order)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "short-lived")
    with pytest.raises(BadSource, match="--mirror"):
        portal.add_source(replace(order, link=True))
    # The profile of the package, with this store in the place of Amazon's.
    known = {one.id: one for one in profiles.profiles()}
    earth = known["earth-search"]
    theme = earth.themes["landsat-c2-l2"]
    there = replace(theme, access=replace(theme.access, endpoint=store))
    made = replace(earth, themes={**earth.themes, theme.id: there})
    monkeypatch.setattr(profiles, "_all", lambda: {**known, earth.id: made})
    # The store of the operator's own files is another one, and hears nothing.
    object.__setattr__(portal.services.settings, "s3_endpoint", "http://127.0.0.1:1")
    api.items = [landsat_item(api, store)]
    failed, said = follow(portal, api, "earth-search")
    assert (failed, [one.outcome.value for one in said]) == ({}, ["in"])
    scene = read_item(portal.services.catalog.body("landsat-c2-l2", SCENE.id))
    assert set(scene.assets) == {"red", "nir08", "qa_pixel"}
    assert (scene.assets["red"].band.scale, scene.assets["red"].band.offset) == (2.75e-05, -0.2)
    for ours, key in (("red", "red"), ("nir08", "nir")):
        block = portal.services.reader.read(scene.assets[ours], 0, Window(0, 0, 256, 256))
        np.testing.assert_array_equal(block.values[0], pixels(key, 1))
    assert {headers["HTTP_X_AMZ_SECURITY_TOKEN"] for headers in asked} == {"short-lived"}
    assert SECRET.encode() not in everything_kept(portal.services.settings.data)
    assert SECRET not in told(portal, capsys)
    # Keys that are gone later are told as such, and nobody is asked for anything.
    before = len(asked)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    failed = portal.follow_once(None, lambda *_: None, threading.Event())
    assert "AWS_SECRET_ACCESS_KEY" in next(iter(failed.values())).en
    assert len(asked) == before


def test_nobody_pays_for_what_another_collection_names(api, portal, store, asked, monkeypatch):
    """An item of a free collection that names a bucket where the reader pays gets nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "access-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    landsat = landsat_item(api, store)
    item = far_item(api.server, SCENE)
    item["assets"]["red"] = {**landsat["assets"]["nir08"]}
    api.items = [item]
    object.__setattr__(portal.services.settings, "s3_endpoint", store)
    monkeypatch.setenv("AWS_REQUEST_PAYER", "requester")  # as GDAL has it
    _, said = follow(portal, api, "earth-search")
    assert [one.code for one in said] == ["asset-failed"]
    assert asked
    assert all("HTTP_X_AMZ_REQUEST_PAYER" not in headers for headers in asked)
