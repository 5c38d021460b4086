"""One rule hides a collection from every address, and nothing gives away that it exists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from fastapi.testclient import TestClient

from landzicht.grid import Bounds, Grid
from landzicht.kinds import Band, Layer
from landzicht.portal import Portal
from landzicht.rules import Action, Decision, Use
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.text import Text
from landzicht.web.app import create_app

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 648_000, 0, -10, 5_830_000), height=64, width=64
)
BAND = Band(name="b", dtype="uint8")
NO = Decision(False, Text(nl="Dit is geheim.", en="This is secret."))


@dataclass(frozen=True)
class Hides:
    """Hides one collection, for some actions."""

    collection: str
    actions: frozenset[Action] = frozenset(Action)

    def judge(self, use: Use, collection: str) -> Decision | None:
        return NO if collection == self.collection and use.action in self.actions else None


def make_portal(folder: Path, *policies: Hides) -> Portal:
    services = make_services(folder, policies)
    for name in ("open", "secret"):
        layer = Layer(
            name="b", title=Text(nl="Band", en="Band"), assets=("b",), rescale=((0.0, 255.0),)
        )
        collection = make_collection(name, bands=(BAND,), layers=(layer,))
        values = np.full(GRID.shape, 200, np.uint8)
        scene = store_scene(services, name, f"{name}-1", GRID, {"b": (values, BAND)})
        services.catalog.put([collection], [scene])
    return Portal(services)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    portal = make_portal(tmp_path, Hides("secret"))
    with TestClient(create_app(portal, warm=False)) as client:
        yield client


def addresses(client: TestClient) -> list[str]:
    """Every address of the portal that is about one collection, for a collection called X."""
    names = {
        "collection": "X", "collection_id": "X", "item": "X-1", "item_id": "X-1", "key": "b",
        "matrix": "WebMercatorQuad", "z": "13", "x": "4214", "y": "2683", "ending": "png",
        "period": "2025", "place": "5.1899,52.5969", "id": "X",
        "box": "5.18,52.59,5.2,52.6", "size": "16x16",
    }  # fmt: skip
    found = []
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        if "get" not in operations or "{" not in path:
            continue
        known = {name: value for name, value in names.items() if "{" + name + "}" in path}
        filled = path
        for name, value in known.items():
            filled = filled.replace("{" + name + "}", value)
        if "X" in filled and "{" not in filled:
            found.append(filled)
    return found


def test_there_are_enough_addresses_to_mean_something(client: TestClient) -> None:
    found = addresses(client)
    assert len(found) >= 8, found
    assert any("/tiles/" in each for each in found)
    assert any("/assets/" in each for each in found)
    assert any("/items" in each for each in found)


def test_hidden_is_as_if_it_did_not_exist(client: TestClient) -> None:
    for address in addresses(client):
        hidden = client.get(address.replace("X", "secret"))
        absent = client.get(address.replace("X", "absent"))
        assert hidden.status_code == absent.status_code == 404, address
        assert hidden.text.replace("secret", "absent") == absent.text, address
        assert hidden.headers.keys() == absent.headers.keys(), address


def test_the_open_one_answers_at_most_of_the_same_addresses(client: TestClient) -> None:
    answers = [client.get(each.replace("X", "open")).status_code for each in addresses(client)]
    assert answers.count(200) >= len(answers) - 2, list(
        zip(addresses(client), answers, strict=True)
    )


@pytest.mark.parametrize(
    "address",
    [
        "/stac",
        "/stac/collections",
        "/stac/search",
        "/stac/search?collections=secret",
        "/stac/search?collections=secret,open",
        "/stac/search?ids=secret-1",
        "/stac/search?bbox=5,52,6,53",
        "/stac/search?q=secret",
        "/stac/search?filter=collection='secret'",
        "/stac/search?filter=collection%20LIKE%20's%25'",
        "/stac/search?sortby=-collection",
        "/stac/search?bbox=5,52,6,53&fields=aoi:coverage",
        "/stac/search?bbox=5,52,6,53&filter=aoi:coverage%3E=0",
        "/stac/queryables",
        "/stac/children",
        "/stac/aggregate",
        "/stac/aggregate?collections=secret",
        "/stac/aggregate?aggregations=collection_frequency,datetime_frequency",
        "/stac/collections?q=secret",
        "/stac/collections?filter=id='secret'",
        "/stac/collections?sortby=-id&limit=1",
        "/api/v1/freshness",
        "/actualiteit",
        "/api/v1/collections",
        "/data",
        "/docs",
        "/openapi.json",
        "/",
    ],
)
def test_lists_and_searches_do_not_name_it(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code in {200, 503}, answer.text  # 503: the page is not built here
    text = answer.text.replace(address.partition("?")[2], "")
    assert "secret-1" not in text
    assert '"secret"' not in text


def test_counts_do_not_count_it(client: TestClient, tmp_path: Path) -> None:
    answer = client.get("/stac/search").json()
    assert len(answer["features"]) == 1
    assert answer["numberMatched"] == 1


@pytest.mark.parametrize(
    "question",
    [
        "", "&filter=b1=1", "&filter=only_secret='x'", "&filter=only_secret%20IS%20NULL",
        "&filter=NOT%20only_secret='x'", "&q=treasure", "&sortby=only_secret", "&ids=secret-1",
        "&filter=S_INTERSECTS(geometry,BBOX(100,10,110,20))", "&bbox=100,10,110,20",
    ],
)  # fmt: skip
def test_answers_are_those_of_a_portal_without_it(tmp_path: Path, question: str) -> None:
    """Counts, extents, queryables, words, tokens: nothing differs but the name of the portal."""
    answers = []
    for name, hides in (("with", True), ("without", False)):
        portal = make_portal(tmp_path / name, *([Hides("secret")] if hides else []))
        catalog = portal.services.catalog
        if hides:  # it lies elsewhere, at another time, and has a property and a word of its own
            far = Bounds(100.0, 10.0, 110.0, 20.0)
            told = {"only_secret": "x", "title": "treasure", "eo:cloud_cover": 99}
            moment = datetime(1999, 1, 1, tzinfo=UTC)
            collection = "secret"
            catalog.put([], [make_scene("secret-2", collection, bounds=far, properties=told,
                                        moment=moment)])  # fmt: skip
        else:
            catalog.delete_collection("secret")
        counts = "total_count,datetime_min,datetime_max,collection_frequency,cloud_cover_frequency"
        with TestClient(create_app(portal, warm=False)) as client:
            answers.append(
                [
                    client.get(f"{address}{question}").text
                    for address in (
                        "/stac/search?limit=1", "/stac/search?limit=100",
                        f"/stac/aggregate?aggregations={counts}",
                        "/stac/queryables?", "/stac/collections?", "/stac?", "/stac/children?",
                    )
                ]
            )  # fmt: skip
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("action", "address", "status"),
    [
        (Action.VIEW, "/tiles/secret/WebMercatorQuad/13/4214/2683.png", 404),
        (Action.MEASURE, "/tiles/secret/point/5.1899,52.5969", 404),
        (Action.MEASURE, "/tiles/secret/WebMercatorQuad/13/4214/2683.npy", 404),
        (Action.DOWNLOAD, "/assets/secret/secret-1/b.tif", 403),
    ],
)
def test_each_action_has_its_own_gate(
    tmp_path: Path, action: Action, address: str, status: int
) -> None:
    portal = make_portal(tmp_path, Hides("secret", frozenset({action})))
    with TestClient(create_app(portal, warm=False)) as client:
        assert client.get(address).status_code == status
        assert client.get(address.replace("secret", "open")).status_code == 200
        assert client.get("/stac/collections/secret").status_code == 200
