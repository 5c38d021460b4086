"""Sources that ask for a key, and files in S3: nobody else gets the key, and nothing keeps it."""

from __future__ import annotations

import base64
import threading
import urllib.request
import warnings
from datetime import timedelta
from urllib.parse import urlsplit

import numpy as np
import pytest

from landzicht.errors.sources import BadSource
from landzicht.portal.source_order import Following
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
        from landzicht.grid import Window

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


def test_files_in_a_store_with_keys_of_its_own(api, portal, use, store, monkeypatch, capsys):
    import obstore
    from obstore.store import S3Store

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("T_KEY", "access-key")
    monkeypatch.setenv("T_SECRET", SECRET)
    urllib.request.urlopen(urllib.request.Request(f"{store}/eodata", method="PUT")).close()
    options = {"allow_http": True, "timeout": timedelta(seconds=10)}
    held = S3Store(
        "eodata", endpoint=store, region="us-east-1", client_options=options,
        access_key_id="access-key", secret_access_key=SECRET,
    )  # fmt: skip
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
    item["id"] = "S2B_2"
    item["properties"]["s2:datatake_id"] = "other"
    item["assets"]["red"]["href"] = "s3://other-bucket/B04.tif"
    _, said = follow(portal, api, name)
    assert [one.code for one in said] == ["address-not-allowed"]
