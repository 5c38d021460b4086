"""Parameters that an address does not have are told; those that it describes are taken."""

from __future__ import annotations

import pytest

COUNTS = "/stac/aggregate"
ITEMS = "/stac/collections/polder/items"
LISTS = ("/stac/search", ITEMS, "/stac/collections", COUNTS, "/stac/collections/polder/aggregate")


@pytest.mark.parametrize("address", LISTS)
def test_a_misspelt_name_is_told_with_the_one_that_is_meant(client, address):
    answer = client.get(address, params={"datetme": "2025-06-08T00:00:00Z"})
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "bad-query"
    assert "datetme" in told["detail"]
    assert "perhaps datetime is meant" in told["detail"]
    dutch = client.get(address, params={"datetme": ""}, headers={"accept-language": "nl"})
    assert "misschien is datetime bedoeld" in dutch.json()["detail"]


@pytest.mark.parametrize("address", LISTS)
def test_every_name_described_is_known_and_no_other(client, address):
    path = address.replace("polder", "{collection}")
    described = client.get("/openapi.json").json()["paths"][path]["get"]["parameters"]
    names = {each["name"] for each in described if each["in"] == "query"}
    assert len(names) > 8
    assert client.get(address, params=dict.fromkeys(names, "")).status_code == 200
    for name in ("cloud", "offset", "BBOX", "", "x" * 5000, "crs"):
        answer = client.get(address, params={name: "1"})
        assert answer.status_code == 400, name
        assert len(answer.json()["detail"]) < 400


@pytest.mark.parametrize("address", ["/stac/search", COUNTS, "/stac/collections/polder/aggregate"])
def test_members_of_a_body_are_told_as_well(client, address):
    answer = client.post(address, json={"sort": [], "cloudcover": 10})
    assert answer.status_code == 400
    assert "“cloudcover, sort”" in answer.json()["detail"]
    both = {"datetime": "2025-06-08T00:00:00Z/..", "limit": 2, "sortby": [{"field": "id"}]}
    assert client.post(address, json=both).status_code == 200


def test_a_collection_holds_its_own_items_only(client):
    assert client.get(ITEMS, params={"collections": "madeup"}).status_code == 400
    assert len(client.get(ITEMS, params={"ids": "day-0,day-3"}).json()["features"]) == 2


@pytest.mark.parametrize("address", LISTS)
def test_another_form_than_ours_is_told(client, address):
    for form in ("json", "geojson", "application/geo+json"):
        assert client.get(address, params={"f": form}).status_code == 200
    assert client.get(address, params={"f": "html"}).status_code == 400
