"""What a stranger writes is never taken for SQL by PostgreSQL, and what is hidden stays so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import pytest
from fastapi.testclient import TestClient

from landzicht.errors.catalogue import BadQuery, UnknownCollection, UnknownScene
from landzicht.grid import Bounds
from landzicht.kinds import Query, Sort
from landzicht.portal import Portal
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
from landzicht.records.pgstac import PgstacCatalog
from landzicht.rules import Action, Decision
from landzicht.stac.cql2 import check, evaluate, parse_text
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.text import Text
from landzicht.web.app import create_app

NASTY = (
    "'; DROP TABLE landzicht.scene; --", "$1", "{}", "%s", '"', "a' OR '1'='1", "\\", "\0", "é",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(server, template):
    address = server.make_database(template=template)
    with PgstacCatalog(address) as catalog:
        told = [{"platform": text, text.replace("\0", "0"): n} for n, text in enumerate(NASTY)]
        told += [{"platform": "a"}, {}, {"x' OR '1'='1": "y"}]
        scenes = [make_scene(f"s{n}", properties=each) for n, each in enumerate(told)]
        catalog.put([make_collection()], scenes)
        items = [orjson.loads(body) for body in catalog.search(Query(limit=100)).bodies]
        assert len(items) == len(scenes)
        yield catalog, items
    server.drop_database(address)


@pytest.mark.parametrize(
    "text",
    [
        "platform = '''; DROP TABLE landzicht.scene; --'",
        "platform LIKE '%''%' OR 1=2",
        '"a) OR 1=1 --" = 1',
        "\"x' OR '1'='1\" IS NULL",
        "\"x' OR '1'='1\" = 'y'",
        '"\'; DROP TABLE landzicht.scene; --" = 0',
        '"$1" = 1 AND "{}" < 9',
        '"$1" >= 1 OR "{}" = 2',
        "platform = '{}' OR platform = '$1' OR platform = '%s'",
        "platform IN (''');--', 'a')",
        "platform = '\\'",
        "platform = '\0' OR platform LIKE '\0%'",
    ],
)
def test_nothing_in_a_condition_is_taken_for_sql(filled, text):
    catalog, items = filled
    tree = check(parse_text(text))
    expected = {item["id"] for item in items if evaluate(tree, item) is True}
    found = catalog.search(Query(filter=tree, limit=100)).bodies
    assert {orjson.loads(body)["id"] for body in found} == expected
    assert catalog.count(Query(filter=tree)) == len(expected)
    assert catalog.count(Query()) == len(items)


@pytest.mark.parametrize("text", NASTY)
def test_neither_is_a_name_or_an_order(filled, text):
    catalog, items = filled
    for query in (Query(ids=(text, "s1")), Query(collections=(text, "polder"), ids=("s1",))):
        assert catalog.count(query) == len(catalog.search(query).bodies) == 1
    for down in (False, True):
        by = (Sort(text.replace("\0", "0"), descending=down), Sort("platform"))
        seen, token = [], None
        while True:
            page = catalog.search(Query(sort=by, limit=5, token=token))
            seen += [orjson.loads(body)["id"] for body in page.bodies]
            token = page.next
            if token is None:
                break
        assert sorted(seen) == sorted(item["id"] for item in items)
    for ask in (
        catalog.collection, catalog.facets, catalog.version, catalog.mark,
        catalog.delete_collection,
    ):  # fmt: skip
        with pytest.raises(UnknownCollection):
            ask(text)
    for ask in (catalog.body, catalog.mark, catalog.delete):
        with pytest.raises(UnknownScene):
            ask("polder", text)
    assert catalog.sources([text]) == {}
    assert catalog.stored(text) == ()
    with pytest.raises(BadQuery):
        catalog.search(Query(token=text))
    assert catalog.count(Query()) == len(items)


@dataclass(frozen=True)
class Hides:
    """Hides the collection `secret` from everybody."""

    def judge(self, use, collection):
        if collection != "secret" or use.action not in set(Action):
            return None
        return Decision(False, Text(nl="Dit is geheim.", en="This is secret."))


def test_answers_are_those_of_a_portal_without_the_hidden(server, template, tmp_path):
    """On this store too: counts, extents, queryables, words, conditions, tokens."""
    questions = (
        "", "&filter=only_secret='x'", "&filter=only_secret%20IS%20NULL",
        "&filter=NOT%20only_secret='x'", "&q=treasure", "&sortby=only_secret", "&ids=secret-1",
        "&filter=S_INTERSECTS(geometry,BBOX(100,10,110,20))", "&bbox=100,10,110,20",
        "&collections=secret",
    )  # fmt: skip
    counts = (
        "total_count,datetime_min,datetime_max,collection_frequency,cloud_cover_frequency,"
        "datetime_frequency,grid_geohash_frequency"
    )
    answers = []
    for hides in (True, False):
        address = server.make_database(template=template)
        folder = tmp_path / str(hides)
        services = open_services(
            Settings(data=folder, catalogue=address), (Hides(),) if hides else ()
        )
        services.catalog.put([make_collection("open")], [make_scene(f"o{n}", "open") for n in "ab"])
        if hides:
            told = {"only_secret": "x", "title": "treasure", "eo:cloud_cover": 99}
            far, then = Bounds(100.0, 10.0, 110.0, 20.0), datetime(1999, 1, 1, tzinfo=UTC)
            scene = make_scene("secret-1", "secret", bounds=far, properties=told, moment=then)
            services.catalog.put([make_collection("secret")], [scene])
        with Portal(services) as portal, TestClient(create_app(portal, warm=False)) as client:
            answers.append(
                {
                    f"{path}{question}": client.get(f"{path}{question}").text
                    for path in (
                        "/stac/search?limit=1", "/stac/search?limit=100",
                        f"/stac/aggregate?aggregations={counts}", "/stac/queryables?",
                        "/stac/collections?", "/stac?", "/stac/children?",
                    )
                    for question in questions
                }
            )  # fmt: skip
            for path in ("/stac/collections/{}", "/stac/collections/{}/items/secret-1"):
                hidden = client.get(path.format("secret"))
                absent = client.get(path.format("absent"))
                assert hidden.status_code == absent.status_code == 404
                assert hidden.text.replace("secret", "absent") == absent.text.replace(
                    "secret", "absent"
                )
        server.drop_database(address)
    assert answers[0] == answers[1]
