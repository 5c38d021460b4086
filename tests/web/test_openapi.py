"""The OpenAPI document says what the portal really answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.grid import Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.portal.parcels.areas import Registering, register
from landzicht.rules import Action, Decision, Use
from landzicht.series.check import check_shapes
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text
from landzicht.web.app import create_app
from landzicht.web.openapi import METHODS

PROBLEM = "application/problem+json"
GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 648_000, 0, -10, 5_830_000), height=64, width=64
)
BAND = Band(name="b", dtype="uint8")
NAMES = {
    "collection": "open", "collection_id": "open", "item": "open-1", "key": "b",
    "matrix": "WebMercatorQuad", "z": "13", "x": "4214", "y": "2683", "ending": "png",
    "period": "2025", "place": "5.1899,52.5969", "box": "5.18,52.59,5.2,52.6", "size": "16x16",
    "area": "fields", "area_item": "a", "job": "A" * 22,
}  # fmt: skip
AREA = {
    "type": "Polygon",
    "coordinates": [[[5.187, 52.595], [5.193, 52.595], [5.19, 52.598], [5.187, 52.595]]],
}
ELSEWHERE = ("/api/v1/series", "/api/v1/jobs/")
"""Tests of their own ask these for every form of answer."""
ENDINGS = ("png", "webp", "jpg", "npy", "tif", "bands", "json", "pdf", "gif")


class LookOnly:
    """Files of the collection `closed` may not be fetched."""

    def judge(self, use: Use, collection: str) -> Decision | None:
        if collection == "closed" and use.action is Action.DOWNLOAD:
            return Decision(False, Text(nl="alleen kijken", en="look only"))
        return None


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    services = make_services(tmp_path_factory.mktemp("openapi"), (LookOnly(),))
    layer = Layer(
        name="b", title=Text(nl="Band", en="Band"), assets=("b",), rescale=((0.0, 255.0),)
    )
    for name in ("open", "closed"):
        collection = make_collection(name, bands=(BAND,), layers=(layer,))
        pixels = {"b": (np.full(GRID.shape, 200, np.uint8), BAND)}
        services.catalog.put([collection], [store_scene(services, name, f"{name}-1", GRID, pixels)])
    checked = check_shapes([("a", shapely.geometry.shape(AREA))])
    order = Registering(id="fields", title="Fields", source="test")
    register(services.settings, order, checked, pa.table({"crop": ["grass"]}))
    return Portal(services)


@pytest.fixture(scope="module")
def client(portal: Portal) -> Iterator[TestClient]:
    with TestClient(create_app(portal, warm=False), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip()


def test_every_failure_is_a_problem_document_and_none_is_a_422(document: dict[str, Any]) -> None:
    assert "422" not in json.dumps(document)
    assert "ValidationError" not in json.dumps(document)
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert answer["description"], (path, method, status)
            if status >= "400" and (path, status) != ("/health", "503"):
                assert list(answer["content"]) == [PROBLEM], (path, method, status)
            elif status not in {"204", "304", "307"}:
                assert answer["content"], (path, method, status)
                for media_type, content in answer["content"].items():
                    assert content["schema"], (path, method, status, media_type)


def test_failures_that_can_happen_are_told(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert {"400", "404"} <= paths["/api/v1/collections/{collection_id}/dates"]["get"][
        "responses"
    ].keys()
    assert "503" in paths["/health"]["get"]["responses"]
    for path, method, operation in operations(document):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        statuses = operation["responses"].keys()
        if "mark" in names:
            assert {"400", "403", "404", "413", "502"} <= statuses, (path, method)
        if "{collection" in path:
            assert {"404", "502"} <= statuses, (path, method)


def test_the_document_is_well_formed(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert operation["description"], (path, method)
        parameters = operation.get("parameters", [])
        names = [(parameter["in"], parameter["name"]) for parameter in parameters]
        assert len(names) == len(set(names)), (path, method)
        placed = {name for place, name in names if place == "path"}
        assert placed == set(re.findall(r"{(\w+)}", path)), (path, method)
        for parameter in parameters:
            assert parameter["schema"], (path, parameter["name"])
            assert parameter["in"] in {"path", "query", "header"}
            assert parameter["in"] != "path" or parameter["required"] is True
        for status in operation["responses"]:
            assert re.fullmatch(r"[2-5]\d\d", status)


def test_every_schema_and_reference_makes_sense(document: dict[str, Any]) -> None:
    types = {"string", "integer", "number", "boolean", "object", "array", "null"}
    pending: list[Any] = [document]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending.extend(part)
        if not isinstance(part, dict):
            continue
        pending.extend(part.values())
        if isinstance(part.get("$ref"), str):
            found: Any = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
        for schema in (part["schema"],) if isinstance(part.get("schema"), dict) else ():
            told = schema.get("type", [])
            assert set([told] if isinstance(told, str) else told) <= types, schema


def ask(
    client: TestClient, path: str, method: str, names: dict[str, str], query: str = ""
) -> tuple[int, str, str]:
    """Return address, status and media type of a real answer."""
    address = re.sub(r"{(\w+)}", lambda found: names[found[1]], path) + query
    is_area = any(each in path for each in ("feature", "sheet", "own-areas"))
    body: dict[str, Any] = AREA if is_area else {"limit": 1}
    if "sheet" in path:
        address += ("&" if query else "?") + "dpi=72"
    if path.endswith("/usable-dates"):
        address += ("&" if query else "?") + "bbox=5.18,52.59,5.2,52.6"
        body = {"geometry": AREA}
    answer = client.request(method, address, json=body if method == "post" else None)
    return answer.status_code, answer.headers.get("content-type", ""), f"{method} {address}"


def test_every_success_has_a_media_type_that_is_told(
    client: TestClient, document: dict[str, Any]
) -> None:
    """And each media type that is told is the answer to something."""
    for path, method, operation in operations(document):
        if "security" in operation:  # tests/web/stac/test_transactions.py has a token
            continue
        if path.startswith(ELSEWHERE):
            continue
        told = {essence(media_type) for media_type in operation["responses"]["200"]["content"]}
        seen = set()
        for ending in ENDINGS if "{ending}" in path else ("",):
            status, media_type, address = ask(client, path, method, {**NAMES, "ending": ending})
            if ending and status == 404:
                continue
            assert status == 200, address
            assert essence(media_type) in told, address
            seen.add(essence(media_type))
        if "film" in path:  # the same address in lines, for who wants to hear how far it is
            address = path.format(**NAMES | {"ending": "webp"})
            lines = client.get(address, headers={"accept": "application/x-ndjson"})
            seen.add(essence(lines.headers["content-type"]))
        assert seen == told, (path, method)


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        (dict.fromkeys(NAMES, "nonsense"), ""),
        ({"collection": "absent", "collection_id": "absent"}, ""),
        ({"collection": "closed", "item": "closed-1"}, ""),
        ({"item": "absent"}, ""),
        ({"key": "absent"}, ""),
        ({"z": "99"}, ""),
        ({"size": "99999x99999"}, ""),
        ({"place": "-100,2", "box": "0,0,1,1"}, ""),
        ({}, "?bbox=x&datetime=x&layer=absent&limit=x"),
        ({}, "?limit=0&size=1000000&width=16000&height=16000&raw=maybe"),
        ({}, "?mark=perhaps"),
        ({}, "?width=16000&height=16000"),
    ],
    ids=range(12),
)
def test_every_answer_to_a_bad_request_is_told(
    client: TestClient, document: dict[str, Any], changes: dict[str, str], query: str
) -> None:
    refused = 0
    for path, method, operation in operations(document):
        status, media_type, address = ask(client, path, method, NAMES | changes, query)
        assert str(status) in operation["responses"], (status, address)
        content = operation["responses"][str(status)]["content"]
        assert essence(media_type) in {essence(each) for each in content}, address
        refused += status >= 400
    assert refused


def test_a_picture_without_its_mark_is_refused_as_told(
    client: TestClient, document: dict[str, Any]
) -> None:
    client.headers["x-forwarded-for"] = "203.0.113.7"
    try:
        for path, method, operation in operations(document):
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            if "security" in operation:  # refused for another reason
                continue
            status, media_type, address = ask(client, path, method, NAMES, "?mark=false")
            assert (status == 403) is ("mark" in names), address
            assert status == 200 or media_type == PROBLEM
    finally:
        del client.headers["x-forwarded-for"]


def test_a_broken_store_is_answered_as_told(
    portal: Portal, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The catalogue is no catalogue: 502, and 503 from `/health`."""
    services = make_services(tmp_path)
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"no catalogue" * 1000)
    broken = Portal(replace(services, catalog=type(services.catalog)(path)))
    statuses = set()
    with TestClient(create_app(broken, warm=False), raise_server_exceptions=False) as client:
        for path_, method, operation in operations(document):
            if "security" in operation or path_.startswith((*ELSEWHERE, "/api/v1/areas")):
                continue  # or no part of the catalogue
            status, media_type, address = ask(client, path_, method, NAMES)
            content = operation["responses"].get(str(status), {}).get("content", {})
            assert essence(media_type) in {essence(each) for each in content}, (status, address)
            statuses.add(status)
    assert statuses == {200, 502, 503}
