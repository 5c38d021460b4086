"""Over HTTP too real and simulated items never come together in one collection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from landzicht.portal import Portal
from landzicht.web import stac
from landzicht.web.problems import add_problem_handlers

TOKEN = "a-secret-of-the-operator-0123456789"
KEY = {"authorization": f"Bearer {TOKEN}"}
RING = [[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]


def item(id: str, collection: str, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": id,
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [RING]},
        "bbox": [5, 52, 6, 53],
        "properties": {"datetime": "2025-07-01T10:00:00Z", **properties},
        "assets": {"a": {"href": "https://example.org/a.tif"}},
        "links": [],
    }


def made_up(id: str, collection: str, world: str = "7-1024-real-2025") -> dict[str, object]:
    return item(id, collection, **{"landzicht:simulated": True, "landzicht:world": world})


def described(id: str, **fields: object) -> dict[str, object]:
    return {
        "type": "Collection",
        "stac_version": "1.1.0",
        "id": id,
        "description": "Made by a program",
        "license": "CC0-1.0",
        "extent": {
            "spatial": {"bbox": [[5, 52, 6, 53]]},
            "temporal": {"interval": [["2025-01-01T00:00:00Z", None]]},
        },
        "links": [],
        **fields,
    }


@pytest.fixture
def writer(portal):
    settings = replace(portal.services.settings, write_token=TOKEN)
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(stac.router(Portal(replace(portal.services, settings=settings))))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def post(writer, *items: dict[str, object]):
    body = items[0] if len(items) == 1 else {"type": "FeatureCollection", "features": [*items]}
    return writer.post(f"/stac/collections/{items[0]['collection']}/items", json=body, headers=KEY)


def test_a_simulated_item_does_not_join_real_ones(writer, portal) -> None:
    refused = post(writer, item("fine", "polder"), made_up("odd", "polder"))
    assert (refused.status_code, refused.json()["code"]) == (400, "simulated-and-real")
    assert "odd" in refused.json()["detail"]
    assert portal.collection("polder").count == 5, "all or none"
    refused = post(writer, item("odd", "madeup"))
    assert (refused.status_code, refused.json()["code"]) == (400, "simulated-and-real")
    assert post(writer, made_up("fine", "madeup")).status_code == 201


@pytest.mark.parametrize(("language", "word"), [("nl", "gesimuleerd"), ("en", "simulated")])
def test_the_refusal_is_told_in_both_languages(writer, language: str, word: str) -> None:
    answer = writer.post(
        "/stac/collections/polder/items",
        json=made_up("odd", "polder"),
        headers=KEY | {"accept-language": language},
    )
    assert word in answer.json()["detail"]
    assert "--collection" in answer.json()["todo"]


def test_an_item_cannot_be_replaced_by_one_of_the_other_kind(writer, portal) -> None:
    assert post(writer, item("plain", "polder")).status_code == 201
    address = "/stac/collections/polder/items/plain"
    refused = writer.put(address, json=made_up("plain", "polder"), headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (400, "simulated-and-real")
    patch = {"properties": {"landzicht:simulated": True}}
    refused = writer.patch(address, json=patch, headers=KEY)
    assert refused.json()["code"] == "simulated-and-real"
    assert not portal.collection("polder").simulated
    assert post(writer, made_up("m", "madeup")).status_code == 201
    patch = {"properties": {"landzicht:simulated": None}}
    refused = writer.patch("/stac/collections/madeup/items/m", json=patch, headers=KEY)
    assert refused.json()["code"] == "simulated-and-real", "the mark cannot be taken off"


def test_an_empty_collection_becomes_what_its_first_items_are(writer, portal) -> None:
    assert writer.post("/stac/collections", json=described("new"), headers=KEY).status_code == 201
    assert not portal.collection("new").simulated
    mixed = post(writer, made_up("a", "new"), item("b", "new"))
    assert mixed.json()["code"] == "simulated-and-real"
    assert post(writer, made_up("a", "new")).status_code == 201
    assert portal.collection("new").simulated
    told = writer.get("/stac/collections/new").json()
    assert "SIMULATED" in told["title"]
    other = post(writer, made_up("b", "new", "8-512-real-2025"))
    assert (other.status_code, other.json()["code"]) == (400, "other-world")


def test_a_collection_may_say_itself_that_it_is_simulated(writer, portal) -> None:
    body = described("new", **{"landzicht:simulated": True})
    assert writer.post("/stac/collections", json=body, headers=KEY).status_code == 201
    assert portal.collection("new").simulated
