"""What somebody reads, changes and sends back: nothing else of it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landzicht.stac import read_item

KEY = {"authorization": "Bearer a-secret-of-the-operator-0123456789"}
ITEMS = "/stac/collections/polder/items"
ITEM = {
    "type": "Feature",
    "id": "new-1",
    "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]]},
    "properties": {"datetime": "2025-07-01T10:00:00Z"},
    "assets": {},
    "links": [{"rel": "derived_from", "href": "https://example.org/b"}],
}
LICENSE = {"rel": "license", "href": "https://example.org/l"}
MADE = "/stac/collections/made"
TOLD = {
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
    "item_assets": {"a": {"title": "A", "roles": ["data"]}, "b": {"gsd": 20}},
    "renders": {"r": {"assets": ["a"], "rescale": [[0, 1]]}},
    "stac_extensions": ["https://stac-extensions.github.io/scientific/v1.0.0/schema.json"],
    "providers": [{"name": "Somebody", "roles": ["host"], "url": "https://example.org/"}],
    "keywords": ["k"],
    "landzicht:revisit_days": 6,
    "links": [LICENSE],
}


def done(writer, method, address, body):
    answer = writer.request(method, address, json=body, headers=KEY)
    assert answer.status_code in {201, 204}, answer.text


def links_of(writer, address):
    return writer.get(address).json()["links"]


def test_a_patch_of_an_item_leaves_its_links(writer):
    address = f"{ITEMS}/new-1"
    done(writer, "POST", ITEMS, ITEM)
    done(writer, "PATCH", address, {"properties": {"note": "x"}})
    assert ITEM["links"][0] in links_of(writer, address)
    via = {"rel": "via", "href": "https://example.org/v", "title": "V"}
    done(writer, "PATCH", address, {"links": [via]})
    rels = {link["rel"] for link in links_of(writer, address)}
    assert via in links_of(writer, address)
    assert rels == {"self", "root", "parent", "collection", "via"}
    done(writer, "PATCH", address, {"links": None})
    assert via not in links_of(writer, address)
    assert writer.get(address).json()["properties"]["note"] == "x"


def test_a_patch_of_a_collection_leaves_all_else(writer):
    done(writer, "POST", "/stac/collections", TOLD)
    done(writer, "PATCH", MADE, {"title": "A title", "sci:doi": None})
    body = writer.get(MADE).json()
    same = TOLD.keys() - {"links", "sci:doi"}
    assert {name: body[name] for name in same} == {name: TOLD[name] for name in same}
    assert body["title"] == "A title"
    assert LICENSE in body["links"]
    done(writer, "PATCH", MADE, {"links": None, "renders": {"r": None}})
    assert LICENSE not in links_of(writer, MADE)
    assert writer.get(MADE).json()["renders"] == {}


def test_a_put_of_a_collection_changes_its_assets_and_renders(writer):
    done(writer, "POST", "/stac/collections", TOLD)
    other = TOLD | {"item_assets": {"c": {"roles": ["data"]}}, "renders": {"s": {"assets": ["c"]}}}
    done(writer, "PUT", MADE, other)
    body = writer.get(MADE).json()
    assert (body["item_assets"], body["renders"]) == (other["item_assets"], other["renders"])


@pytest.mark.parametrize("name", ["polder", "madeup"])
def test_a_collection_of_ours_that_comes_back_is_the_same(writer, portal, name):
    """What we say by ourselves does not become words of somebody else, marks least of all."""
    facts = {"resolution_m": 10.0, "keywords": ("k",), "extra": {"landzicht:revisit_days": 5}}
    plain = portal.services.catalog.collection(name)
    portal.services.catalog.put([replace(plain, **facts)], [])
    before = portal.collection(name)
    address = f"/stac/collections/{name}"
    told = writer.get(address).json()
    done(writer, "PUT", address, told)
    assert portal.collection(name) == before
    done(writer, "PATCH", address, {"keywords": ["new"]})
    assert portal.collection(name) == replace(before, keywords=("new",))
    told |= {"item_assets": {**told["item_assets"], "theirs": {"gsd": 1}}, "x:y": 1}
    done(writer, "PUT", address, told)
    after = writer.get(address).json()
    assert (after["item_assets"], after["x:y"]) == (told["item_assets"], 1)
    assert portal.collection(name).bands == before.bands
    done(writer, "PATCH", address, {"summaries": {"gsd": [20]}})
    assert portal.collection(name).resolution_m == 20
    assert writer.get(address).json()["summaries"]["gsd"] == [20]
    done(writer, "PATCH", address, {"title": "Another"})
    assert portal.collection(name).title.en == "Another"
    assert ("SIMULATED" in writer.get(address).json()["title"]) == before.simulated


def test_the_words_of_the_author_of_a_simulated_scene_stay(writer, portal):
    """The answer says SIMULATED; who sends it back with a note did not mean to write that."""
    catalog = portal.services.catalog
    made = {"title": "A polder", "platform": "sat", "landzicht:seed": 7, "proj:centroid": [1]}
    scene = replace(read_item(catalog.body("madeup", "day-0")), properties=made)
    catalog.put([], [scene])
    address = "/stac/collections/madeup/items/day-0"
    shown = writer.get(address).json()["properties"]
    assert "SIMULATED" in shown["title"]
    done(writer, "PATCH", address, {"properties": {"note": "x"}})
    after = read_item(catalog.body("madeup", "day-0"))
    assert after == replace(scene, properties={**made, "note": "x"})
    assert writer.get(address).json()["properties"] == {**shown, "note": "x"}
    done(writer, "PATCH", address, {"properties": {"title": "Another", "platform": None}})
    told = read_item(catalog.body("madeup", "day-0")).properties
    assert (told["title"], "platform" in told) == ("Another", False)
    assert "SIMULATED" in writer.get(address).json()["properties"]["title"]


def test_a_scene_with_files_takes_no_links(writer):
    """It has no place for them, and losing them in silence would be worse."""
    address = f"{ITEMS}/day-1"
    refused = writer.patch(address, json={"links": ITEM["links"]}, headers=KEY)
    assert refused.status_code == 400
    assert {each["field"] for each in refused.json()["reasons"]} == {"links"}
