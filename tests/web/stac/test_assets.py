"""Files over HTTP: whole, in parts, and only when they changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from landzicht.web.stac.ranges import read_range

FILE = "/assets/polder/day-0/B04.tif"
CONTENT = bytes(range(256)) * 10  # of every file, as in conftest.py
SIZE = len(CONTENT)


def get(client, wanted, **headers):
    return client.get(FILE, headers={"range": wanted, **headers})


def test_a_file_that_was_made_anew_is_fetched_anew(client, portal):
    """A corrected recipe gives other bytes at the same address."""
    first = client.get(FILE)
    assert first.headers["cache-control"] == "no-cache"
    tag = first.headers["etag"]
    again = client.get(FILE, headers={"if-none-match": tag})
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")

    services, other = portal.services, CONTENT[::-1] + b"more"
    catalog = services.catalog
    (path,) = (p for p in (services.settings.data / "files").rglob("*.tif") if is_ours(p, portal))
    path.write_bytes(other)
    scene = read(catalog, "polder", "day-0")
    asset = replace(scene.assets["B04"], size=len(other), sha256=hashlib.sha256(other).hexdigest())
    catalog.put([], [replace(scene, assets={"B04": asset})])

    new = client.get(FILE, headers={"if-none-match": tag})
    assert (new.status_code, new.content) == (200, other)
    assert new.headers["etag"] == f'"{asset.sha256}"'
    mixed = get(client, "bytes=0-9", **{"if-range": tag})
    assert (mixed.status_code, mixed.content) == (200, other)


def read(catalog, collection, id):
    from landzicht.stac import read_item

    return read_item(catalog.body(collection, id))


def is_ours(path, portal):
    scene = read(portal.services.catalog, "polder", "day-0")
    return path == portal.services.settings.data / scene.assets["B04"].href


def test_a_file_is_served_whole(client):
    answer = client.get(FILE)
    assert answer.content == CONTENT
    assert answer.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert answer.headers["content-type"].startswith("image/tiff")
    assert answer.headers["accept-ranges"] == "bytes"
    assert "x-landzicht-simulated" not in answer.headers


def test_a_damaged_file_is_a_clear_502(client, portal):
    for path in (portal.services.settings.data / "files").rglob("*.tif"):
        path.write_bytes(b"short")
    answer = client.get(FILE)
    assert (answer.status_code, answer.json()["code"]) == (502, "stored-file-failed")


@pytest.mark.parametrize(
    "nonsense",
    ["x", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=a-b", "bytes=9-5", "bytes=1-2,x",
     "bytes=1-2,9-5", "bytes=--1", "bytes=1-2-3", "bytes=\xb2-\xb3", "lines=1-2", "bytes 1-2",
     "bytes=0-0" + ",2-2" * 100, "bytes=0-" + "9" * 5000],
    ids=range(16),
)  # fmt: skip
def test_a_range_that_cannot_be_read_is_ignored(client, nonsense):
    """RFC 9110, 14.2."""
    answer = get(client, nonsense.encode("latin-1"))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    "beyond", ["bytes=2560-", "bytes=9999-99999", "bytes=-0", "bytes=3000-,-0"]
)
def test_a_range_beyond_the_end_is_told(client, beyond, language):
    answer = get(client, beyond, **{"accept-language": language})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["status"]) == ("no-such-part", 416)
    assert told["detail"] == told["landzicht:text"][language]
    assert str(SIZE) in told["detail"]


def test_a_range_beyond_the_end_of_another_version_gives_the_file(client):
    answer = get(client, "bytes=9999-", **{"if-range": '"other"'})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("BYTES = 0-99", 0, 99),
        ("bytes=100-", 100, 2559),
        ("bytes=-10", 2550, 2559),
        ("bytes=-99999", 0, 2559),
        ("bytes=2559-2559", 2559, 2559),
        ("bytes=0-99999999999999999999", 0, 2559),
        ("bytes=,5-9, 3000-,", 5, 9),
        ("bytes=5-9,8-20", 5, 20),
    ],
)
def test_one_part(client, wanted, first, last):
    answer = get(client, wanted)
    assert (answer.status_code, answer.content) == (206, CONTENT[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last + 1 - first)
    tag = answer.headers["etag"]
    same = get(client, wanted, **{"if-range": tag})
    assert (same.status_code, same.content) == (206, answer.content)
    for told in ('"other"', f"W/{tag}", answer.headers["last-modified"]):
        other = get(client, wanted, **{"if-range": told})
        assert (other.status_code, other.content) == (200, CONTENT)


def test_several_parts(client):
    answer = get(client, "bytes=0-9,100-109")
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert (answer.status_code, kind) == (206, "multipart/byteranges")
    parts = answer.content.split(f"--{boundary}".encode())[1:-1]
    assert [part.partition(b"\r\n\r\n")[2][:10] for part in parts] == [
        CONTENT[:10],
        CONTENT[100:110],
    ]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5),
    st.integers(1, 25),
)
def test_parts_are_those_bytes_of_the_file_that_were_asked_for(wanted, size):
    header = "bytes=" + ",".join(f"{first}-{last}" for first, last in wanted)
    scope = {"type": "http", "headers": [(b"range", header.encode())]}
    told = read_range(Request(scope), size, '"tag"')
    if any(last < first for first, last in wanted):
        assert told is None
        return
    assert told is not None
    asked = [byte for first, last in wanted for byte in range(first, last + 1) if byte < size]
    assert [byte for first, last in told for byte in range(first, last + 1)] == asked


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("bytes=0123456789-, \tx"), max_size=30), st.booleans())
def test_no_range_makes_the_portal_fail(client, text, begins):
    answer = get(client, ("bytes=" if begins else "") + text)
    assert answer.status_code in {200, 206, 416}


def test_head_tells_the_size_and_sends_nothing(client):
    answer = client.head(FILE)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["etag"] == client.get(FILE).headers["etag"]
