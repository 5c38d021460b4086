"""Changing the catalogue over HTTP: off without a token, all reasons at once, no lost update."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.testing import strategies

TOKEN = "a-secret-of-the-operator-0123456789"  # of `writer` in conftest.py
KEY = {"authorization": f"Bearer {TOKEN}"}
ITEMS = "/stac/collections/polder/items"
ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "new-1",
    "collection": "polder",
    "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]]},
    "bbox": [5, 52, 6, 53],
    "properties": {"datetime": "2025-07-01T10:00:00Z", "eo:cloud_cover": 7},
    "assets": {"a": {"href": "https://example.org/a.tif", "landzicht:file": "../../etc/passwd"}},
    "links": [{"rel": "derived_from", "href": "https://example.org/b"}],
}
COLLECTION = {
    "type": "Collection",
    "stac_version": "1.1.0",
    "id": "made",
    "description": "Made by a program",
    "license": "CC0-1.0",
    "extent": {
        "spatial": {"bbox": [[5, 52, 6, 53]]},
        "temporal": {"interval": [["2025-01-01T00:00:00Z", None]]},
    },
    "summaries": {"gsd": [10]},
    "sci:doi": "10.1/x",
    "links": [{"rel": "license", "href": "https://example.org/l"}],
}
WRITES = [
    ("POST", ITEMS), ("PUT", f"{ITEMS}/day-1"), ("PATCH", f"{ITEMS}/day-1"),
    ("DELETE", f"{ITEMS}/day-1"), ("POST", "/stac/collections"),
    ("PUT", "/stac/collections/polder"), ("PATCH", "/stac/collections/polder"),
    ("DELETE", "/stac/collections/polder"), ("DELETE", "/stac/collections/nowhere"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address"), WRITES)
def test_nobody_writes_without_a_token(client, writer, method, address):
    off = client.request(method, address, json={}, headers=KEY)
    assert (off.status_code, off.json()["code"]) == (403, "writing-off")
    for headers in ({}, {"authorization": "Bearer x"}, {"authorization": f"Basic {TOKEN}"},
                    {"authorization": f"Bearer {TOKEN}x"}):  # fmt: skip
        refused = writer.request(method, address, json={}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "not-known")
        assert refused.headers["www-authenticate"] == "Bearer"
    assert writer.get("/stac/search").json()["numberMatched"] == 6


def test_only_a_writable_portal_says_so(client, writer):
    classes = "https://api.stacspec.org/v1.0.0/ogcapi-features/extensions/transaction"
    assert classes not in client.get("/stac").json()["conformsTo"]
    assert classes in writer.get("/stac").json()["conformsTo"]


def test_the_life_of_an_item(writer):
    made = writer.post(ITEMS, json=ITEM, headers=KEY)
    assert made.status_code == 201
    assert made.headers["location"].endswith(f"{ITEMS}/new-1")
    told = writer.get(made.headers["location"])
    assert told.headers["etag"] == made.headers["etag"]
    item = told.json()
    assert item["properties"]["eo:cloud_cover"] == 7
    assert item["assets"]["a"] == {"href": "https://example.org/a.tif"}  # no file of ours
    assert {"rel": "derived_from", "href": "https://example.org/b"} in item["links"]
    again = writer.post(ITEMS, json=ITEM, headers=KEY)
    assert (again.status_code, again.json()["code"]) == (409, "already-there")

    address, tag = f"{ITEMS}/new-1", {"if-match": told.headers["etag"]}
    patch = {"properties": {"eo:cloud_cover": None, "note": "x"}}
    assert writer.patch(address, json=patch, headers=KEY | tag).status_code == 204
    changed = writer.get(address).json()["properties"]
    assert "eo:cloud_cover" not in changed
    assert changed["note"] == "x"
    for method in ("put", "patch"):
        late = getattr(writer, method)(address, json=ITEM, headers=KEY | tag)
        assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert writer.delete(address, headers=KEY | tag).status_code == 412
    assert writer.put(address, json=ITEM, headers=KEY | {"if-match": "*"}).status_code == 204
    found = writer.get("/stac/search", params={"filter": "eo:cloud_cover = 7"}).json()
    assert [each["id"] for each in found["features"]] == ["new-1"]
    assert writer.delete(address, headers=KEY).status_code == 204
    assert writer.get(address).status_code == 404
    assert writer.delete(address, headers=KEY).status_code == 404
    assert writer.put(address, json=ITEM, headers=KEY).status_code == 404


def test_several_items_are_all_or_none(writer):
    several = [{**ITEM, "id": f"n{n}"} for n in range(5)]
    body = {"type": "FeatureCollection", "features": several}
    wrong = copy.deepcopy(body)
    wrong["features"][2]["properties"] = {"datetime": "soon"}
    wrong["features"][4]["geometry"] = {"type": "Point", "coordinates": [1, 2]}
    del wrong["features"][4]["assets"]
    refused = writer.post(ITEMS, json=wrong, headers=KEY)
    assert refused.status_code == 400
    fields = {each["field"] for each in refused.json()["reasons"]}
    assert fields == {
        "features[2].properties.datetime", "features[4].geometry", "features[4].assets",
    }  # fmt: skip
    assert writer.get(f"{ITEMS}/n0").status_code == 404
    assert writer.post(ITEMS, json=body, headers=KEY).status_code == 201
    assert writer.get(f"{ITEMS}/n4").status_code == 200


def test_a_scene_with_files_keeps_them(writer):
    address = f"{ITEMS}/day-1"
    before = writer.get(address).json()
    told = copy.deepcopy(before)
    told["properties"]["note"] = "seen"
    told["assets"]["B04"]["landzicht:file"] = "../../etc/passwd"
    assert writer.put(address, json=told, headers=KEY).status_code == 204
    after = writer.get(address).json()
    assert after["properties"].pop("note") == "seen"
    assert after == before
    assert writer.get("/assets/polder/day-1/B04.tif").status_code == 200
    told["assets"] = {}
    told["geometry"] = ITEM["geometry"]
    refused = writer.put(address, json=told, headers=KEY)
    assert {each["field"] for each in refused.json()["reasons"]} == {"geometry", "assets"}


def test_the_life_of_a_collection(writer):
    made = writer.post("/stac/collections", json=COLLECTION, headers=KEY)
    assert made.status_code == 201, made.text
    told = writer.get("/stac/collections/made")
    body = told.json()
    for name in ("description", "license", "sci:doi", "summaries"):
        assert body[name] == COLLECTION[name]
    assert body["extent"] == COLLECTION["extent"]
    assert {"rel": "license", "href": "https://example.org/l"} in body["links"]
    assert writer.post("/stac/collections", json=COLLECTION, headers=KEY).status_code == 409
    tag = {"if-match": told.headers["etag"]}
    patch = {"title": "A title", "sci:doi": None}
    assert writer.patch("/stac/collections/made", json=patch, headers=KEY | tag).status_code == 204
    body = writer.get("/stac/collections/made").json()
    assert body["title"] == "A title"
    assert "sci:doi" not in body
    assert writer.put("/stac/collections/made", json=COLLECTION,
                      headers=KEY | tag).status_code == 412  # fmt: skip
    assert writer.post("/stac/collections/made/items", json={**ITEM, "collection": "made"},
                       headers=KEY).status_code == 201  # fmt: skip
    assert writer.delete("/stac/collections/made", headers=KEY).status_code == 204
    assert writer.get("/stac/collections/made/items/new-1").status_code == 404


def test_layers_and_mask_survive_a_change_of_words(writer, portal):
    before = portal.collection("polder")
    patch = {"description": "Other words"}
    assert writer.patch("/stac/collections/polder", json=patch, headers=KEY).status_code == 204
    after = portal.collection("polder")
    assert after.layers == before.layers
    assert after.bands == before.bands
    assert after.description.en == "Other words"
    assert after.count == before.count


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a/b"}, "id"), ({"license": 5}, "license"), ({"type": "Catalog"}, "type"),
        ({"extent": {}}, "extent"), ({"keywords": "x"}, "keywords"), ({"links": [5]}, "links"),
        ({"providers": [{"roles": []}]}, "providers"), ({"summaries": []}, "summaries"),
    ],
)  # fmt: skip
def test_a_wrong_collection_is_refused_with_every_reason(writer, change, field):
    refused = writer.post(
        "/stac/collections", json={**COLLECTION, **change, "description": ""}, headers=KEY
    )
    assert refused.status_code == 400
    assert {each["field"] for each in refused.json()["reasons"]} == {field, "description"}


@pytest.mark.parametrize("body", [b"[]", b"{", b"5", b"null", b'{"type": "FeatureCollection"}',
                                  b'{"a":' * 500 + b"1" + b"}" * 500])  # fmt: skip
@pytest.mark.parametrize(("method", "address"), [w for w in WRITES if w[0] != "DELETE"])
def test_any_body_is_a_clear_400(writer, method, address, body):
    answer = writer.request(method, address, content=body, headers=KEY)
    assert answer.status_code in {400, 204}, answer.text
    if answer.status_code == 204:
        assert method == "PATCH"


@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(write=st.sampled_from([w for w in WRITES if w[0] != "DELETE"]), data=st.data())
def test_no_body_makes_a_write_fail(writer, portal, write, data):
    """Neither does what was then taken make reading fail."""
    method, address = write
    good = ITEM if "/items" in address else COLLECTION
    body = json.dumps(data.draw(strategies.bent(good)))
    answer = writer.request(method, address, content=body, headers=KEY)
    assert answer.status_code in {201, 204, 400, 409}, answer.text
    for listed in ("/stac", "/stac/search", "/stac/collections", "/stac/queryables"):
        assert writer.get(listed).status_code == 200
    asked = {"filter": "license = 'x' AND S_INTERSECTS(geometry, POINT(5 52))"}
    assert writer.get("/stac/collections", params=asked).status_code == 200
    asked = {"bbox": "5,52,6,53", "fields": "aoi:coverage"}
    assert writer.get("/stac/search", params=asked).status_code == 200
