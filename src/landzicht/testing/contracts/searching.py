"""The promises of `landzicht.ports.Catalog` about finding and counting, as tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from landzicht.errors.catalogue import BadQuery, UnknownCollection
from landzicht.grid import Bounds
from landzicht.kinds import Aggregation, Counted, Query, Scene, Sort, Step
from landzicht.kinds.aggregation import count_entries
from landzicht.stac import read_foreign, read_item
from landzicht.stac.cql2 import check, evaluate, parse_text
from landzicht.testing.scenes import make_collection, make_scene

if TYPE_CHECKING:
    from landzicht.ports import Catalog

START = datetime(2025, 1, 1, 10, tzinfo=UTC)
CONDITIONS = (
    "eo:cloud_cover < 20",
    "eo:cloud_cover >= 20 AND platform = 'a'",
    "NOT platform = 'a'",
    "platform IS NULL",
    "platform IS NOT NULL AND (flag OR eo:cloud_cover = 0)",
    "flag = false",
    "CASEI(ACCENTI(title)) LIKE '%een%'",
    "title LIKE 'Één_%'",
    "eo:cloud_cover BETWEEN 5 AND 25 OR platform IN ('c', 'd')",
    "platform NOT IN ('a', 'b')",
    "eo:cloud_cover * 2 + 1 > gsd ^ 2",
    "eo:cloud_cover % 3 = 1 OR eo:cloud_cover div 4 = 2",
    "eo:cloud_cover / 0 = 1",
    "platform > 5",
    "gsd = eo:cloud_cover",
    "datetime >= TIMESTAMP('2025-01-05T10:00:00Z')",
    "datetime = '2025-01-03T10:00:00Z'",
    "T_INTERSECTS(datetime, DATE('2025-01-04'))",
    "T_DURING(datetime, INTERVAL('2025-01-02', '2025-01-05'))",
    "T_BEFORE(created, DATE('2025-02-02'))",
    "A_CONTAINS(tags, ('x', 2))",
    "A_OVERLAPS(tags, ('y'))",
    "A_EQUALS(tags, (2, 'x'))",
    "S_INTERSECTS(geometry, BBOX(5.2, 52.0, 5.4, 52.05))",
    "S_WITHIN(geometry, BBOX(5.0, 52.0, 5.5, 52.5))",
    "S_DISJOINT(geometry, POINT(5.25 52.05)) AND eo:cloud_cover < 40",
    "S_TOUCHES(geometry, POINT(5.1 52.05))",
    "S_CONTAINS(geometry, POINT(5.15 52.05)) OR id = 's0'",
    "collection = 'b' AND id <> 's1'",
    "nowhere = 1",
    "true",
    "false",
)
SORTS = (
    (Sort("eo:cloud_cover"),),
    (Sort("platform", descending=True), Sort("eo:cloud_cover")),
    (Sort("datetime"),),
    (Sort("collection", descending=True), Sort("id", descending=True)),
    (Sort("tags"), Sort("flag")),
    (Sort("nowhere"),),
)


def several() -> list[Scene]:
    """Return 12 scenes in two collections, with properties of many kinds, some without."""
    scenes = []
    for n in range(12):
        told: dict[str, Any] = {"eo:cloud_cover": n * 4, "gsd": 10 - n % 3, "flag": n % 2 == 0}
        if n % 4:
            told["platform"] = "abc"[n % 3] if n != 5 else 7
        if n % 3 == 0:
            told |= {"title": f"Één {n}", "tags": ["x", 2, "y"][: 1 + n % 4]}
        told["created"] = f"2025-02-0{1 + n % 4}T00:00:00Z"
        if n == 7:
            del told["eo:cloud_cover"]
        west = 5.0 + n / 10
        scenes.append(
            make_scene(
                f"s{n}",
                "ab"[n % 2],
                moment=START + timedelta(days=n // 2),
                bounds=Bounds(west, 52.0, west + 0.1, 52.1),
                properties=told,
            )
        )
    return scenes


PERIOD_CONDITIONS = (
    "datetime > start_datetime",
    "datetime = end_datetime",
    "datetime > TIMESTAMP('2025-01-20T00:00:00Z')",
    "datetime <= DATE('2025-01-09')",
    "T_AFTER(datetime, DATE('2025-01-16'))",
    "T_INTERSECTS(datetime, INTERVAL('2025-01-10', '2025-01-20'))",
    "datetime IN (TIMESTAMP('2025-01-31T00:00:00Z'), TIMESTAMP('2025-01-01T00:00:00Z'))",
)


def _periods() -> list[dict[str, Any]]:
    """Return items of one period, whose `datetime` is its end, its middle, not told, elsewhere."""
    period = {"start_datetime": "2025-01-01T00:00:00Z", "end_datetime": "2025-01-31T00:00:00Z"}
    moments = ("2025-01-31T01:00:00+01:00", "2025-01-16T00:00:00.500Z", None)
    told = [{**period, "datetime": moment} for moment in moments]
    told.append({"datetime": "2025-01-10T00:00:00Z"})
    ring = [[5, 52], [5.1, 52], [5.1, 52.1], [5, 52.1], [5, 52]]
    return [
        {
            "type": "Feature",
            "stac_version": "1.1.0",
            "id": f"p{n}",
            "collection": "a",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": properties,
            "assets": {},
            "links": [],
        }
        for n, properties in enumerate(told)
    ]


def names(catalog: Catalog, query: Query) -> list[tuple[str, str]]:
    """Return collection and id of every scene, page by page."""
    found: list[tuple[str, str]] = []
    token = None
    for _ in range(50):
        page = catalog.search(replace(query, token=token))
        found += [(scene.collection, scene.id) for scene in map(read_item, page.bodies)]
        token = page.next
        if token is None:
            return found
    message = "there is no last page"
    raise AssertionError(message)


class SearchContract:
    """The promises of `landzicht.ports.Catalog` about finding and counting."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """Return an empty catalogue."""
        raise NotImplementedError

    @pytest.fixture
    def filled(self, catalog: Catalog) -> Catalog:
        """Return a catalogue with `several` scenes."""
        catalog.put([make_collection("a"), make_collection("b")], several())
        return catalog

    def test_conditions_mean_what_the_evaluator_says(self, filled: Catalog) -> None:
        """Every kind of condition; also counted, and with a place beside it."""
        items = [orjson.loads(body) for body in filled.search(Query(limit=100)).bodies]
        for text in CONDITIONS:
            tree = check(parse_text(text))
            told = {(i["collection"], i["id"]) for i in items if evaluate(tree, i) is True}
            query = Query(filter=tree, limit=5)
            assert set(names(filled, query)) == told, text
            assert filled.count(query) == len(told), text
            assert len(filled.entries(replace(query, bounds=Bounds(5, 52, 7, 53)))) == len(told)

    @pytest.mark.parametrize("sort", SORTS, ids=lambda sort: sort[0].name)
    def test_any_order_page_by_page(self, filled: Catalog, sort: tuple[Sort, ...]) -> None:
        """The same for every size of page; those without the value come last."""
        whole = names(filled, Query(sort=sort, limit=100))
        assert len(set(whole)) == 12
        for limit in (1, 5):
            assert names(filled, Query(sort=sort, limit=limit)) == whole
        told = {(s.collection, s.id): s.properties.get(sort[0].name) for s in several()}
        if sort[0].name == "eo:cloud_cover":
            values = [told[name] for name in whole]
            assert values == [*sorted(v for v in values if v is not None), None]

    def test_datetime_of_a_period_is_what_it_says(self, catalog: Catalog) -> None:
        """A composite tells its period and, in `datetime`, another moment than the start of it."""
        catalog.put([make_collection("a")], [*map(read_foreign, _periods())])
        whole = Query(limit=100)
        items = [orjson.loads(body) for body in catalog.search(whole).bodies]
        for text in PERIOD_CONDITIONS:
            tree = check(parse_text(text))
            told = {i["id"] for i in items if evaluate(tree, i) is True}
            assert 0 < len(told) < len(items), text
            found = catalog.search(Query(filter=tree, limit=100)).bodies
            assert {orjson.loads(body)["id"] for body in found} == told, text
            assert catalog.count(Query(filter=tree)) == len(told), text
        for down in (False, True):
            query, order = Query(sort=(Sort("datetime", descending=down),), limit=2), []
            while True:
                page = catalog.search(query)
                order += [orjson.loads(body)["id"] for body in page.bodies]
                if page.next is None:
                    break
                query = replace(query, token=page.next)
            assert order == ["p2", "p3", "p1", "p0"][:: -1 if down else 1]

    def test_pages_in_another_order_do_not_shift_under_writes(self, filled: Catalog) -> None:
        """Scenes that come in or go between two pages repeat and hide no other scene."""
        query = Query(sort=(Sort("eo:cloud_cover"),), limit=4)
        first = filled.search(query)
        early = make_scene("early", "a", properties={"eo:cloud_cover": 1})
        late = make_scene("late", "a", properties={"eo:cloud_cover": 90})
        filled.put([], [early, late])
        filled.delete("a", "s2")
        following = filled.search(replace(query, limit=50, token=first.next))
        ids = [read_item(body).id for body in (*first.bodies, *following.bodies)]
        assert ids == ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s8", "s9", "s10", "s11", "late",
                       "s7"]  # fmt: skip

    def test_a_token_belongs_to_its_order(self, filled: Catalog) -> None:
        """With a bad request."""
        token = filled.search(Query(sort=SORTS[0], limit=2)).next
        for sort in (SORTS[1], ()):
            with pytest.raises(BadQuery):
                filled.search(Query(sort=sort, token=token))

    def test_counts_are_those_of_the_entries(self, filled: Catalog) -> None:
        """In every way, with and without a place and a condition."""
        ways = [Aggregation(by=by, step=step, precision=n + 1) for by in Counted
                for n, step in enumerate(Step)]  # fmt: skip
        cloudy = check(parse_text("eo:cloud_cover > 10"))
        for query in (
            Query(),
            Query(filter=cloudy),
            Query(bounds=Bounds(5.3, 52, 5.6, 52.2)),
            Query(collections=("b",)),
            Query(collections=()),
        ):
            entries = filled.entries(query)
            expected = [count_entries(entries, way) for way in ways]
            assert filled.aggregate(query, ways) == expected
            assert filled.count(query) == len(entries)

    def test_facets_tell_what_scenes_have(self, filled: Catalog) -> None:
        """Types, ranges and values; of one collection only."""
        found = {facet.name: facet for facet in filled.facets("b")}
        assert found["eo:cloud_cover"].kinds == ("number",)
        assert (found["eo:cloud_cover"].minimum, found["eo:cloud_cover"].maximum) == (4, 44)
        assert found["platform"].kinds == ("number", "string")
        assert found["flag"].kinds == ("boolean",)
        assert found["title"].values == ("Één 3", "Één 9")
        filled.put([make_collection("c")], [])
        assert filled.facets("c") == ()
        with pytest.raises(UnknownCollection):
            filled.facets("nowhere")
