"""Conditions in SQL against the evaluator in Python: random trees, random scenes, every way."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import landzicht.records
from landzicht.errors.catalogue import BadQuery, UnknownCollection
from landzicht.errors.filters import BadFilter
from landzicht.grid import Bounds
from landzicht.kinds import Aggregation, Counted, Query, Sort, Step
from landzicht.kinds.aggregation import count_entries
from landzicht.kinds.filter import Literal, Operation, Property
from landzicht.records import SqliteCatalog, find
from landzicht.records.order import arrange, keys_of
from landzicht.records.plan import Way
from landzicht.records.token import SortedPlace
from landzicht.stac import read_item
from landzicht.stac.cql2 import check, evaluate, parse_json, parse_text, write_json, write_text
from landzicht.testing import conditions
from landzicht.testing.scenes import make_collection, make_scene

START = datetime(2025, 1, 1, tzinfo=UTC)
RELAXED = settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))


def scenes(facts):
    return [
        make_scene(
            f"s{n}", "ab"[n % 2], moment=START + timedelta(days=n // 2), properties=each,
            bounds=Bounds(5.0 + n / 40, 52.0, 5.1 + n / 40, 52.1),
        )
        for n, each in enumerate(facts)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A catalogue of 60 scenes with all sorts of properties, and their items."""
    sample = st.lists(conditions.properties, min_size=60, max_size=60)
    drawn = []

    @settings(
        max_examples=1, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(sample)
    def draw(facts):
        drawn.append(facts)

    draw()
    values = [
        *drawn[0][:20],
        *(
            {
                "eo:cloud_cover": n * 5,
                "platform": "abAé"[n % 4],
                "tags": [n, "a"],
                "some flag": n % 3 == 0,
                "view:off_nadir": n / 2,
                "created": f"2025-01-0{1 + n % 3}T00:00:00Z",
            }
            for n in range(20)
        ),
        {"platform": "a%b", "é": "Straße"},
        {"é": "STRASSE", "eo:cloud_cover": "x"},
        {"tags": {"type": "Point", "coordinates": [5.05, 52.05]}},
    ]
    with SqliteCatalog(tmp_path_factory.mktemp("c") / "c.sqlite") as catalog:
        catalog.put([make_collection("a"), make_collection("b")], scenes(values))
        items = [orjson.loads(body) for body in catalog.search(Query(limit=1000)).bodies]
        yield catalog, items


@RELAXED
@given(tree=conditions.conditions)
def test_sql_agrees_with_the_evaluator(filled, tree):
    catalog, items = filled
    try:
        tree = check(tree)
    except BadFilter:
        return
    expected = {(i["collection"], i["id"]) for i in items if evaluate(tree, i) is True}
    query = Query(filter=tree, limit=1000)
    found = [(s.collection, s.id) for s in map(read_item, catalog.search(query).bodies)]
    assert set(found) == expected
    assert len(found) == len(expected) == catalog.count(query)
    box = Bounds(0.0, 0.0, 90.0, 90.0)
    assert {(e.collection, e.id) for e in catalog.entries(replace(query, bounds=box))} == expected
    with catalog._connections.lend() as db:
        for way in (Way.TIME, Way.BOX):
            hits = find.find(db, replace(query, bounds=box), way).hits
            assert {(hit.collection, hit.id) for hit in hits} == expected


@RELAXED
@given(tree=conditions.conditions)
def test_both_spellings_keep_a_condition(tree):
    assert parse_text(write_text(tree)) == tree
    assert parse_json(json.loads(json.dumps(write_json(tree)))) == tree


NAMES = ("eo:cloud_cover", "platform", "tags", "some flag", "datetime", "id", "unknown")
sorts = st.lists(st.builds(Sort, st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=3)


@RELAXED
@given(sort=sorts.map(tuple), limit=st.integers(3, 50), tree=st.none() | conditions.conditions)
def test_pages_in_any_order(filled, sort, limit, tree):
    catalog, items = filled
    try:
        tree = tree and check(tree)
    except BadFilter:
        tree = None
    known = {}
    for item in items:
        if tree is None or evaluate(tree, item):
            moment = datetime.fromisoformat(item["properties"]["datetime"])
            t = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            place = SortedPlace(keys_of(item, t, sort), t, item["collection"], item["id"])
            known[place] = item["id"]
    expected = [known[place] for place in arrange(list(known), sort)]
    for bounds in (None, Bounds(0.0, 0.0, 90.0, 90.0)):
        seen, token = [], None
        for _ in range(100):
            page = catalog.search(
                Query(sort=sort, limit=limit, token=token, filter=tree, bounds=bounds)
            )
            seen += [read_item(body).id for body in page.bodies]
            token = page.next
            if token is None:
                break
        assert seen == expected


@pytest.mark.parametrize("token", ["x", "Ag", "AgAAAABbXQ", "é", "a" * 9000])
def test_a_foreign_token_of_an_order_is_refused(filled, token):
    catalog, _ = filled
    by_cloud = Query(sort=(Sort("eo:cloud_cover"),), limit=5)
    with pytest.raises(BadQuery):
        catalog.search(replace(by_cloud, token=token))
    other = catalog.search(replace(by_cloud, sort=(Sort("platform"),))).next
    assert other
    with pytest.raises(BadQuery):
        catalog.search(replace(by_cloud, token=other))


def test_statements_are_made_of_names_of_ours_only():
    """What is put into the text of a statement, anywhere in this room, is listed here."""
    ours = {
        "APPLICATION_ID", "COLUMNS", "COUNT_MOST", "DAY", "NEAR_MOST", "STEPS", "_CACHE_KIB",
        "_COLLECTION", "_EXTENT", "_LOG_PAGES", "_ROOM_KIB", "_TIME", "_VAST_LOG_PAGES", "_and",
        "asked", "before",
        "beyond", "column", "columns", "conditions", "edge", "end", "first", "found_in", "index",
        "inner", "joined", "keys", "len", "listed", "most", "n", "name", "order", "passes", "pick",
        "rids", "start", "table", "text", "where",
    }  # fmt: skip
    found = set()
    for path in Path(landzicht.records.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_text = isinstance(node, ast.JoinedStr)
            if not is_text or not any(
                isinstance(part, ast.Constant) and SQL.search(str(part.value))
                for part in node.values
            ):
                continue
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    found |= {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
    assert {"columns", "where"} <= found  # it does look
    assert found <= ours


SQL = re.compile(r"\b(SELECT|DELETE FROM|INSERT INTO|UPDATE|PRAGMA|CREATE|DROP)\b")


@pytest.mark.parametrize(
    "text",
    [
        "platform = '''; DROP TABLE scene; --'",
        "platform LIKE '%''%' OR 1=2",
        '"a) OR 1=1 --" = 1',
        "\"x' OR '1'='1\" IS NULL",
        "platform IN (''');--', 'a')",
    ],
)
def test_nothing_in_a_condition_is_taken_for_sql(filled, text):
    catalog, items = filled
    tree = check(parse_text(text))
    expected = sum(evaluate(tree, item) is True for item in items)
    assert catalog.count(Query(filter=tree)) == expected
    assert catalog.count(Query()) == len(items)


def test_counts_in_groups_are_those_of_the_entries(filled):
    catalog, _ = filled
    wanted = [
        Aggregation(by=by, step=step, precision=precision)
        for by in Counted
        for step, precision in ((Step.DAY, 6), (Step.WEEK, 1), (Step.MONTH, 2), (Step.YEAR, 3))
    ]
    few = Operation("<", (Property("eo:cloud_cover"), Literal(40)))
    for query in (
        Query(),
        Query(bounds=Bounds(5.0, 52.0, 5.4, 53.0)),
        Query(filter=few),
        Query(collections=("a",)),
        Query(collections=()),
        Query(ids=("s1", "s2")),
    ):
        entries = catalog.entries(query)
        expected = [count_entries(entries, each) for each in wanted]
        assert catalog.aggregate(query, wanted) == expected
        assert catalog.count(query) == len(entries)


def test_facets_tell_what_is_there(filled):
    catalog, items = filled
    for facet in catalog.facets("a"):
        told = [i["properties"].get(facet.name) for i in items if i["collection"] == "a"]
        told = [value for value in told if value is not None]
        types = {bool: "boolean", int: "number", float: "number", str: "string", list: "array",
                 dict: "object"}  # fmt: skip
        assert facet.kinds == tuple(sorted({types[type(value)] for value in told}))
        if facet.kinds == ("number",):
            assert (facet.minimum, facet.maximum) == (min(told), max(told))
        if facet.values is not None:
            assert facet.values == tuple(sorted(set(told)))
    with pytest.raises(UnknownCollection):
        catalog.facets("nowhere")
