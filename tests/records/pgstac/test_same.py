"""Both stores give the same answer to the same question: filters, orders, pages, counts."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from landzicht.grid import Bounds
from landzicht.kinds import Aggregation, Counted, Query, Sort, Span, Step
from landzicht.records import SqliteCatalog
from landzicht.records.pgstac import PgstacCatalog
from landzicht.stac.cql2 import parse_text
from landzicht.testing.scenes import make_collection, make_scene

FILTERS = (
    '"eo:cloud_cover" < 20',
    "\"eo:cloud_cover\" >= 99.5 OR platform = 's2a'",
    "\"eo:cloud_cover\" < 50 AND platform = 's2b' AND gsd = 10",
    "NOT platform = 's2a'",
    "platform IS NULL",
    "platform LIKE 's2%'",
    "CASEI(platform) = CASEI('S2A')",
    "gsd BETWEEN 9 AND 10.5",
    "gsd IN (10, 30)",
    "gsd * 2 > 20",
    "gsd = platform",
    "flag = TRUE",
    "platform > 's2a'",
    "gsd > 1e299",
    "S_INTERSECTS(geometry, BBOX(5.2, 52.0, 5.3, 52.2))",
    "T_AFTER(datetime, TIMESTAMP('2025-06-20T00:00:00Z'))",
    "datetime >= TIMESTAMP('2025-06-20T00:00:00Z') AND \"eo:cloud_cover\" > 50",
    "A_CONTAINS(tags, ('a'))",
    "id = 's7'",
    "collection = 'coast' AND gsd < 1000",
)
SORTS = (
    (),
    (Sort("eo:cloud_cover"),),
    (Sort("eo:cloud_cover", descending=True),),
    (Sort("mixed"), Sort("id", descending=True)),
    (Sort("mixed", descending=True),),
    (Sort("platform"), Sort("gsd", descending=True)),
    (Sort("datetime"),),
    (Sort("collection", descending=True), Sort("datetime")),
    (Sort("nowhere"),),
    (Sort("flag", descending=True),),
)
PLACES = (
    Query(),
    Query(bounds=Bounds(5.0, 52.0, 5.25, 52.2)),
    Query(span=Span.parse("2025-06-10/2025-06-25"), collections=("polder",)),
    Query(ids=("s1", "s7", "s8", "none")),
    Query(intersects={"type": "Point", "coordinates": [5.3, 52.1]}),
)


def any_scenes():
    chance = random.Random(5)
    for n in range(60):
        told = {
            "eo:cloud_cover": chance.choice([0, 12.5, 19.999, 20, 99.5, 100, None]),
            "platform": chance.choice(["s2a", "s2b", "S2A", "é", None]),
            "gsd": chance.choice([10, 10.0, 30, 1e300, -0.5, None]),
            "flag": chance.choice([True, False, None]),
            "mixed": chance.choice([1, 2.5, "a", "B", "1", True, None, [1]]),
            "tags": chance.choice([["a", "b"], ["b"], [], None]),
        }
        west = 5.0 + chance.random() * 0.5
        yield make_scene(
            f"s{n}",
            chance.choice(["polder", "coast"]),
            moment=datetime(2025, 6, 1, tzinfo=UTC) + timedelta(hours=7 * chance.randrange(100)),
            bounds=Bounds(west, 52.0, west + 0.1, 52.2),
            properties={name: value for name, value in told.items() if value is not None},
        )


@pytest.fixture(scope="module")
def both(server, template, tmp_path_factory):
    address = server.make_database(template=template)
    path = tmp_path_factory.mktemp("same") / "c.sqlite"
    with SqliteCatalog(path) as one, PgstacCatalog(address) as other:
        for catalog in (one, other):
            catalog.put([make_collection(), make_collection("coast")], list(any_scenes()))
        yield one, other


def pages(catalog, query):
    """Everything, in pages of seven."""
    found, token = [], None
    while True:
        page = catalog.search(replace(query, limit=7, token=token))
        found += page.bodies
        token = page.next
        if token is None:
            return found


@pytest.mark.parametrize("text", FILTERS)
def test_filters(both, text):
    for place in PLACES:
        query = replace(place, filter=parse_text(text))
        one, other = (pages(catalog, query) for catalog in both)
        assert one == other
        assert both[0].count(query) == both[1].count(query) == len(one)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_orders(both, sort):
    for place in PLACES:
        for text in (None, FILTERS[0]):
            query = replace(place, sort=sort, filter=parse_text(text) if text else None)
            one, other = (pages(catalog, query) for catalog in both)
            assert one == other
            assert both[0].entries(query) == both[1].entries(query)


@pytest.mark.parametrize("sort", [SORTS[0], SORTS[1], SORTS[3]], ids=str)
@pytest.mark.parametrize("text", [None, FILTERS[0], FILTERS[3]])
def test_how_many_match(both, sort, text):
    """Both tell it for the same pages, and then the same number."""
    for place in PLACES:
        for limit in (3, 100):
            query = replace(place, sort=sort, limit=limit, filter=text and parse_text(text))
            one, other = (catalog.search(query) for catalog in both)
            number = both[0].count(query)
            assert {one.matched, other.matched} <= {None, number}
            if query.ids is None:  # names are counted where that costs nothing
                assert one.matched == other.matched
            if one.next is None:
                assert other.matched == number
            later = [
                catalog.search(replace(query, token=page.next)).matched if page.next else None
                for catalog, page in zip(both, (one, other), strict=True)
            ]
            assert later[0] == later[1] or query.ids is not None


def test_a_page_of_one_store_goes_on_in_the_other(both):
    """So a portal may move while somebody leafs."""
    for sort in SORTS:
        query = Query(limit=20, sort=sort)
        token = both[0].search(query).next
        later = [catalog.search(replace(query, token=token)).bodies for catalog in both]
        assert later[0] == later[1]


def test_counts_and_facets(both):
    wanted = [Aggregation(by=by) for by in Counted]
    wanted += [Aggregation(by=Counted.TIME, step=step) for step in Step]
    for place in PLACES:
        assert both[0].aggregate(place, wanted) == both[1].aggregate(place, wanted)
    for name in ("polder", "coast"):
        one, other = ({f.name: f for f in catalog.facets(name)} for catalog in both)
        assert one.keys() == other.keys()
        for key in one:
            assert one[key] == other[key]
