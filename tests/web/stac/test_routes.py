"""The STAC dialect over HTTP: valid answers, working links, clear refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pystac.validation import validate_dict

from landzicht.rules import Action, Decision
from landzicht.testing.scenes import make_scene
from landzicht.text import Text
from landzicht.web.stac.parse import MOST_BYTES

POINT = {"type": "Point", "coordinates": [5.5, 52.5]}
SEARCH = "/stac/search"
CONTENT = bytes(range(256)) * 10  # of every file, as in conftest.py


def core(stac: dict) -> dict:
    """Leave out what is on the network: the schemas of extensions."""
    return {**stac, "stac_extensions": []}


def pages(client, answer):
    """Follow the links `next`, by whichever method they say."""
    while True:
        assert answer.status_code == 200
        yield answer.json()
        following = [each for each in answer.json()["links"] if each["rel"] == "next"]
        if not following:
            return
        link = following[0]
        if link.get("method") == "POST":
            answer = client.post(link["href"], json=link["body"])
        else:
            answer = client.get(link["href"])


def ids(answer):
    return [feature["id"] for feature in answer["features"]]


def test_every_answer_is_valid_stac(client):
    validate_dict(core(client.get("/stac").json()))
    for collection in client.get("/stac/collections").json()["collections"]:
        assert client.get(f"/stac/collections/{collection['id']}").json() == collection
        validate_dict(core(collection))
        items = client.get(f"/stac/collections/{collection['id']}/items").json()["features"]
        for item in items:
            validate_dict(core(item))
            one = client.get(f"/stac/collections/{collection['id']}/items/{item['id']}")
            assert one.json() == item
            assert one.headers["content-type"] == "application/geo+json"


def test_every_link_leads_somewhere(client):
    """From the landing page on, all that is ours and is not another dialect."""
    seen, todo = set(), ["/stac"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        told = answer.json()
        everything = [told, *told.get("collections", []), *told.get("features", [])]
        for link in (link for each in everything for link in each.get("links", [])):
            address = urlsplit(link["href"])
            assert address.netloc == "testserver"
            if address.path.startswith(("/stac", "/assets")) and link.get("method") != "POST":
                todo.append(f"{address.path}?{address.query}")
        for asset in (a for each in everything for a in each.get("assets", {}).values()):
            todo_asset = urlsplit(asset["href"]).path
            assert client.get(todo_asset).content == CONTENT
    assert len(seen) > 12


def test_the_landing_page_tells_its_classes(client):
    told = client.get("/stac").json()
    assert told["conformsTo"] == client.get("/stac/conformance").json()["conformsTo"]
    assert "https://api.stacspec.org/v1.0.0/item-search" in told["conformsTo"]
    methods = {link["method"] for link in told["links"] if link["rel"] == "search"}
    assert methods == {"GET", "POST"}


def test_links_follow_the_address_of_the_reader(app):
    """Behind a proxy the portal may live under another name and a path."""
    with TestClient(app, base_url="https://data.example.nl", root_path="/sat") as client:
        item = client.get("/stac/collections/polder/items/day-1").json()
        page = client.get(SEARCH, params={"limit": 1}).json()
    base = "https://data.example.nl/sat"
    assert item["assets"]["B04"]["href"] == f"{base}/assets/polder/day-1/B04.tif"
    assert item["links"][0]["href"] == f"{base}/stac/collections/polder/items/day-1"
    following = next(link for link in page["links"] if link["rel"] == "next")
    assert following["href"].startswith(f"{base}/stac/search?limit=1&token=")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("limit", [1, 2, 4, 6, 50])
def test_paging_gives_everything_once(client, method, limit):
    if method == "get":
        first = client.get(SEARCH, params={"limit": limit})
    else:
        first = client.post(SEARCH, json={"limit": limit})
    found = [
        (feature["collection"], feature["id"])
        for page in pages(client, first)
        for feature in page["features"]
    ]
    assert found == [
        *[("polder", f"day-{n}") for n in (4, 3, 2, 1)],
        ("madeup", "day-0"),
        ("polder", "day-0"),
    ]
    assert first.json()["numberMatched"] == 6


def test_pages_of_one_collection(client):
    first = client.get("/stac/collections/polder/items", params={"limit": 2, "bbox": "6,52,8,53"})
    assert [ids(page) for page in pages(client, first)] == [["day-3", "day-2"], ["day-1"]]


QUESTIONS = [
    ({}, 6),
    ({"bbox": [5.95, 52, 6.5, 53]}, 1),
    ({"bbox": [5.95, 52, 0, 6.5, 53, 100]}, 1),
    ({"bbox": [170, -10, -170, 10]}, 0),
    ({"datetime": "2025-06-09T00:00:00Z/2025-06-09T23:59:59Z"}, 1),
    ({"datetime": "2025-06-09T12:00:00Z/.."}, 4),
    ({"datetime": "2025-06-01T00:00:00+02:00/.."}, 6),
    ({"ids": ["day-0"]}, 2),
    ({"ids": ["day-0", "day-1"], "collections": ["polder", "nothing"]}, 2),
    ({"collections": ["madeup"]}, 1),
    ({"intersects": POINT}, 1),
    ({"intersects": {"type": "LineString", "coordinates": [[5.5, 52.5], [7.5, 52.5]]}}, 3),
    ({"limit": 99_999_999}, 6),
    ({"limit": 10**19}, 6),
    ({"limit": 10**30}, 6),
]


@pytest.mark.parametrize(("asked", "number"), QUESTIONS, ids=lambda each: str(each)[:50])
def test_get_and_post_find_the_same(client, asked, number):
    texts = {
        name: json.dumps(value)
        if isinstance(value, dict)
        else ",".join(map(str, value))
        if isinstance(value, list)
        else value
        for name, value in asked.items()
    }
    by_get, by_post = client.get(SEARCH, params=texts), client.post(SEARCH, json=asked)
    assert by_get.status_code == by_post.status_code == 200
    assert by_get.json()["features"] == by_post.json()["features"]
    assert by_get.json()["numberReturned"] == len(by_get.json()["features"]) == number


BAD = [
    ({"bbox": "1,2,3"}, "bad-bbox"),
    ({"bbox": "a,b,c,d"}, "bad-bbox"),
    ({"bbox": "0,10,1,5"}, "bad-bbox"),
    ({"bbox": "0,0,nan,5"}, "bad-bbox"),
    ({"bbox": "0,0,999,5"}, "bad-bbox"),
    ({"datetime": "yesterday"}, "bad-datetime"),
    ({"datetime": "2025-06-09"}, "bad-datetime"),
    ({"datetime": "2025-06-09T12:00:00"}, "bad-datetime"),
    ({"datetime": "2025-06-09/2025-06-01"}, "bad-datetime"),
    ({"datetime": "../.."}, "bad-datetime"),
    ({"limit": "0"}, "bad-query"),
    ({"limit": "-1"}, "bad-query"),
    ({"limit": "ten"}, "bad-query"),
    ({"limit": "1.5"}, "bad-query"),
    ({"limit": "0" * 30}, "bad-query"),
    ({"limit": "-" + "9" * 30}, "bad-query"),
    ({"token": "nonsense"}, "bad-query"),
    ({"intersects": "{"}, "bad-query"),
    ({"intersects": "[1]"}, "bad-query"),
    ({"intersects": '{"type":"Point"}'}, "bad-query"),
    ({"intersects": json.dumps(POINT), "bbox": "0,0,1,1"}, "bad-query"),
    ({"filter": "eo:cloud_cover<"}, "bad-filter"),
    ({"filter": "(" * 2000 + "1=1" + ")" * 2000}, "bad-filter"),
    ({"filter": "NOT " * 500 + "true"}, "bad-filter"),
    ({"filter": "x = '" + "a" * 5000 + "'"}, "bad-filter"),
    ({"filter": "avg(cloud) < 4"}, "bad-filter"),
    ({"filter": "eo:cloud_cover + 1"}, "bad-filter"),
    ({"filter": "1=1; DROP TABLE scene"}, "bad-filter"),
    ({"filter": "true", "filter-lang": "sql"}, "bad-query"),
    ({"filter": "true", "filter-crs": "EPSG:28992"}, "bad-query"),
    ({"filter": "{", "filter-lang": "cql2-json"}, "bad-query"),
    ({"filter": "[" * 900 + "]" * 900, "filter-lang": "cql2-json"}, "bad-filter"),
    ({"sortby": "-"}, "bad-query"),
    ({"sortby": "a,b,c,d,e,f"}, "bad-query"),
    ({"sortby": 'a"b'}, "bad-query"),
    ({"query": "[]"}, "bad-query"),
    ({"query": '{"a": {"near": 1}}'}, "bad-filter"),
    ({"q": ",".join("abcdefghijklmnopqrstuvw")}, "bad-filter"),
]


@pytest.mark.parametrize(("asked", "code"), BAD, ids=str)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_bad_search_is_a_clear_400(client, asked, code, language):
    answer = client.get(SEARCH, params=asked, headers={"accept-language": language})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == code
    assert told["detail"] == told["landzicht:text"][language]
    assert told["landzicht:text"]["nl"] != told["landzicht:text"]["en"]
    assert "Text(" not in told["detail"]


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": "x"},
        {"bbox": [1, 2, "3", 4]},
        {"bbox": [1, 2, True, 4]},
        {"bbox": {}},
        {"datetime": 2025},
        {"limit": "x"},
        {"limit": True},
        {"limit": 1.5},
        {"limit": [1]},
        {"ids": [1]},
        {"ids": {}},
        {"collections": 1},
        {"collections": ["x"] * 10_001},
        {"token": 1},
        {"token": {}},
        {"intersects": [1]},
        {"intersects": {"type": "Point", "coordinates": ["5.5", 52.5]}},
        {"intersects": {"type": "MultiPoint", "coordinates": [[5.5, 52.5], [True, 52.5]]}},
        {
            "intersects": {
                "type": "GeometryCollection",
                "geometries": [{**POINT, "coordinates": ["5", 52]}],
            }
        },
        {"query": {"eo:cloud_cover": 10}},
        {"filter": {"op": "=", "args": [1]}},
        {"filter": {"op": "casei", "args": ["a"]}},
        {"filter": {"op": "and", "args": [True]}},
        {"filter": {"property": 1}},
        {"filter": 5},
        {"filter": {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point"}]}},
        {"sortby": [{"field": "id", "direction": "up"}]},
        {"sortby": 5},
        {"fields": 5},
        {"q": 5},
    ],
    ids=lambda asked: str(asked)[:40],
)
def test_a_bad_body_is_a_clear_400(client, asked):
    answer = client.post(SEARCH, json=asked)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith("bad-")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_a_clear_400(client, body):
    answer = client.post(SEARCH, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable-request")


def test_a_huge_body_is_refused(client):
    answer = client.post(SEARCH, content=b" " * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "request-too-large")


def zigzag(n: int) -> dict:
    ring = [[5 + i % 2, 52 + (i * 7919 % n) / n] for i in range(n)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


@pytest.mark.parametrize("corners", [50, 200, 5000, 50_000])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_place_that_crosses_itself_is_a_clear_400(client, corners, language):
    """Mending one of 200 corners took minutes: 3 kB could keep a thread busy."""
    body, headers = {"limit": 1, "intersects": zigzag(corners)}, {"accept-language": language}
    answer = client.post(SEARCH, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-query")
    words = {"nl": ("kruisen", "hoekpunten"), "en": ("cross", "vertices")}[language]
    assert words[corners > 10_000] in answer.json()["detail"]


RELAXED = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = ["bbox", "datetime", "limit", "token", "ids", "collections", "intersects"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometries"]), inner)
    ),
    max_leaves=10,
)


@RELAXED
@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_body_makes_the_portal_fail(client, asked):
    answer = client.post(SEARCH, content=json.dumps(asked))
    assert answer.status_code in {200, 400}


@RELAXED
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_no_address_makes_the_portal_fail(client, asked):
    assert client.get(SEARCH, params=asked).status_code in {200, 400}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/stac/collections/nowhere", "unknown-collection"),
        ("/stac/collections/nowhere/items", "unknown-collection"),
        ("/stac/collections/nowhere/items/x", "unknown-collection"),
        ("/stac/collections/polder/items/x", "unknown-scene"),
        ("/stac/collections/%2e%2e", "unknown-collection"),
        ("/assets/polder/x/B04.tif", "unknown-scene"),
        ("/assets/polder/day-0/B99.tif", "unknown-band"),
        ("/assets/polder/day-0/B04.png", "no-such-address"),
        ("/assets/polder/day-0/..%2f..%2fcatalogue.sqlite.tif", "no-such-address"),
    ],
)
def test_what_is_not_there_is_a_clear_404(client, path, code):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


class Hides:
    def judge(self, use, collection):
        if collection == "madeup" and use.action is Action.DISCOVER:
            return Decision(False, Text(nl="besloten", en="closed"))
        if use.action is Action.DOWNLOAD:
            return Decision(False, Text(nl="alleen kijken", en="look only"))
        return None


def test_a_hidden_collection_is_nowhere_in_the_dialect(app, portal):
    portal.services = replace(portal.services, policies=(Hides(),))
    with TestClient(app) as client:
        for path in ("/stac", "/stac/collections", SEARCH, f"{SEARCH}?ids=day-0"):
            assert "madeup" not in client.get(path).text
        assert client.get(SEARCH).json()["numberMatched"] == 5
        for name in ("madeup", "nowhere"):
            told = client.get(f"/stac/collections/{name}/items/day-0").json()
            assert told["code"] == "unknown-collection"
        answer = client.get("/assets/polder/day-0/B04.tif")
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


@pytest.mark.parametrize(
    "path",
    [
        *("/stac", "/stac/collections", "/stac/collections/polder", SEARCH, "/stac/queryables"),
        *("/stac/collections/polder/items/day-0", "/assets/polder/day-0/B04.tif"),
    ],
)
def test_what_the_reader_has_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    for told in (tag, f'"other", W/{tag}', "*"):
        again = client.get(path, headers={"if-none-match": told})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert head.headers["content-length"] == str(len(first.content))


def test_the_tag_changes_with_the_record(client, portal):
    path = "/stac/collections/polder"
    tag = client.get(path).headers["etag"]
    plain = portal.services.catalog.collection("polder")
    portal.services.catalog.put([replace(plain, license="CC0-1.0")], [])
    assert client.get(path, headers={"if-none-match": tag}).status_code == 200


def test_simulated_data_are_marked_at_every_exit(client):
    item = client.get("/stac/collections/madeup/items/day-0").json()
    assert item["properties"]["landzicht:simulated"] is True
    assert "SIMULATED" in item["properties"]["title"]
    assert "SIMULATED" in client.get("/stac/collections/madeup").json()["title"]
    child = [link for link in client.get("/stac").json()["links"] if link["rel"] == "child"]
    assert any("SIMULATED" in link["title"] for link in child)
    file = client.get("/assets/madeup/day-0/B04.tif")
    assert file.headers["x-landzicht-simulated"] == "true"
    assert "SIMULATED_" in file.headers["content-disposition"]


@pytest.mark.parametrize("period", ["2025", "2025-06", "2025-06-08"])
def test_periods_are_told_in_both_languages_and_marked(client, period):
    for name in ("polder", "madeup"):
        told = client.get(f"/stac/browse/{name}/{period}").json()
        validate_dict(told)
        assert told["title"] == told["landzicht:title"]["en"]
        assert period in told["landzicht:title"]["nl"]
        assert told["landzicht:description"]["nl"] == f"Opnamen van {name} in {period}."
        assert ("SIMULATED" in told["title"]) == (name == "madeup")
        assert ("GESIMULEERD" in told["landzicht:title"]["nl"]) == (name == "madeup")


def test_a_list_may_be_told_in_pieces(client):
    asked = [("ids", "day-0"), ("ids", "day-1,day-2"), ("collections", "polder"), ("limit", 2)]
    told = [*pages(client, client.get(SEARCH, params=[*asked, ("collections", "madeup")]))]
    assert sorted(name for page in told for name in ids(page)) == [
        "day-0",
        "day-0",
        "day-1",
        "day-2",
    ]
    box = [("bbox", edge) for edge in (5, 52, 5.1, 52.1)]
    (counted,) = client.get("/stac/aggregate", params=box).json()["aggregations"]
    assert counted["value"] == len(ids(client.get(SEARCH, params=box).json())) == 2


def test_walking_along_the_children_meets_every_item_once(client, portal):
    start = datetime(2025, 6, 9, 12, tzinfo=UTC)
    composite = replace(make_scene("composite", moment=start), end=start + timedelta(days=40))
    portal.services.catalog.put([], [composite])
    pending, met = [client.get("/stac/collections/polder").json()], []
    while pending:
        for link in pending.pop()["links"]:
            if link["rel"] == "child":
                pending.append(client.get(link["href"]).json())
            elif link["rel"] == "item":
                met.append(client.get(link["href"]).json()["id"])
    assert sorted(met) == ["composite", *(f"day-{n}" for n in range(5))]


def test_the_openapi_document_describes_every_route(app):
    told = app.openapi()
    for path, methods in told["paths"].items():
        for method, about in methods.items():
            assert about["summary"], (method, path)
            assert about["description"], (method, path)
            done = {s: a for s, a in about["responses"].items() if s < "300"}
            assert len(done) >= 1
            assert "204" in done or done[min(done)]["content"], (method, path)
            placed = {p["name"] for p in about.get("parameters", []) if p["in"] == "path"}
            assert placed == {part[1:].split("}")[0] for part in path.split("/") if "{" in part}
    assert "422" not in json.dumps(told)
