"""The promises of `landzicht.ports.Catalog`, as tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from landzicht.errors.catalogue import BadQuery, UnknownCollection, UnknownScene
from landzicht.errors.records import BadRecord, SameSource
from landzicht.grid import Bounds
from landzicht.kinds import Page, Query, Scene, Span
from landzicht.stac import read_item, write_item
from landzicht.testing.contracts.catalog_writing import CatalogWritingContract
from landzicht.testing.scenes import POLDER, make_collection, make_scene
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.ports import Catalog

NOON = datetime(2025, 6, 8, 12, tzinfo=UTC)
FIJI = Bounds(177.0, -19.0, -178.0, -16.0)


def ids(page: Page) -> list[str]:
    """Return the ids of the scenes on a page."""
    return [read_item(body).id for body in page.bodies]


def days(number: int, collection: str = "polder") -> list[Scene]:
    """Return scenes of one place on successive days: `day-0` is the first."""
    return [
        make_scene(f"day-{n}", collection, moment=NOON + timedelta(days=n)) for n in range(number)
    ]


class CatalogContract(CatalogWritingContract):
    """The promises of `landzicht.ports.Catalog`."""

    @pytest.fixture
    def catalog(self) -> Catalog:
        """Return an empty catalogue."""
        raise NotImplementedError

    def test_a_new_catalogue_is_empty(self, catalog: Catalog) -> None:
        """No collections, no scenes, no errors."""
        assert catalog.collections() == ()
        assert catalog.search(Query()) == Page(bodies=(), next=None, matched=0)
        assert catalog.entries(Query()) == ()
        assert catalog.sources(["0" * 64]) == {}

    def test_what_went_in_comes_out(self, catalog: Catalog) -> None:
        """The very bytes of the written form."""
        scene = make_scene(properties={"eo:cloud_cover": 12.5}, simulated=True)
        catalog.put([make_collection()], [scene])
        assert catalog.body("polder", scene.id) == write_item(scene)
        assert catalog.search(Query()).bodies == (write_item(scene),)

    def test_collections_come_by_id_with_what_they_span(self, catalog: Catalog) -> None:
        """Bounds, span and count are filled in; an empty collection has none."""
        catalog.put([make_collection("b"), make_collection("a")], days(3, "a"))
        first, second = catalog.collections()
        assert (first.id, second.id) == ("a", "b")
        assert (first.count, first.bounds) == (3, POLDER)
        assert first.span == Span(NOON, NOON + timedelta(days=2))
        assert second == make_collection("b")
        assert catalog.collection("a") == first

    def test_what_is_not_there_is_missing(self, catalog: Catalog) -> None:
        """With the error that names it."""
        catalog.put([make_collection()], [])
        with pytest.raises(UnknownCollection):
            catalog.collection("nowhere")
        with pytest.raises(UnknownCollection):
            catalog.version("nowhere")
        for collection in ("polder", "nowhere"):
            with pytest.raises(UnknownScene):
                catalog.body(collection, "scene-1")

    def test_a_scene_replaces_its_namesake(self, catalog: Catalog) -> None:
        """Also in the index and in what the collection spans."""
        here = Bounds(5.0, 52.0, 5.1, 52.1)
        there = Bounds(9.0, 40.0, 9.1, 40.1)
        catalog.put([make_collection()], [make_scene(bounds=here)])
        catalog.put([], [make_scene(bounds=there, source="f" * 64)])
        assert catalog.collection("polder").bounds == there
        assert catalog.collection("polder").count == 1
        assert ids(catalog.search(Query(bounds=here))) == []
        assert ids(catalog.search(Query(bounds=there))) == ["scene-1"]
        assert catalog.sources([make_scene().source]) == {}

    def test_a_collection_replaces_its_namesake_and_keeps_its_scenes(
        self, catalog: Catalog
    ) -> None:
        """New words, same scenes."""
        catalog.put([make_collection()], [make_scene()])
        title = Text(nl="Nieuw", en="New")
        catalog.put([make_collection(title=title)], [])
        told = catalog.collection("polder")
        assert (told.title, told.count) == (title, 1)

    def test_order_is_newest_first_then_collection_then_id(self, catalog: Catalog) -> None:
        """Whatever the order in which scenes went in."""
        scenes = [make_scene(name, c) for c in ("b", "a") for name in ("2", "1", "10")]
        late = make_scene("0", "b", moment=NOON)
        catalog.put([make_collection("a"), make_collection("b")], [*scenes, late])
        found = [read_item(body) for body in catalog.search(Query()).bodies]
        named = [(scene.collection, scene.id) for scene in found]
        assert named[0] == ("b", "0")
        assert named[1:] == sorted(named[1:])

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 10])
    @pytest.mark.parametrize("bounds", [None, POLDER])
    def test_pages_together_are_everything_once(
        self, catalog: Catalog, limit: int, bounds: Bounds | None
    ) -> None:
        """And the last page says so."""
        catalog.put([make_collection()], days(7))
        seen, token = [], None
        while True:
            page = catalog.search(Query(limit=limit, token=token, bounds=bounds))
            assert len(page.bodies) <= limit
            assert page.matched in {None, 7}
            seen += ids(page)
            token = page.next
            if token is None:
                break
        assert seen == [f"day-{n}" for n in reversed(range(7))]

    def test_pages_do_not_shift_under_writes(self, catalog: Catalog) -> None:
        """Scenes that come in between two pages repeat and hide nothing."""
        scenes = days(6)
        catalog.put([make_collection()], scenes[:4])
        first = catalog.search(Query(limit=2))
        catalog.put([], scenes[4:])
        second = catalog.search(Query(limit=2, token=first.next))
        assert ids(first) + ids(second) == ["day-3", "day-2", "day-1", "day-0"]

    @pytest.mark.parametrize("token", ["x", "", "AAAA", "é", "a" * 5000, "../..", "%00"])
    def test_a_foreign_token_is_refused(self, catalog: Catalog, token: str) -> None:
        """With a bad request, not with a wrong page; nothing at all is the first page."""
        catalog.put([make_collection()], days(2))
        if not token:
            assert len(catalog.search(Query(token=None)).bodies) == 2
            return
        with pytest.raises(BadQuery):
            catalog.search(Query(token=token))

    @pytest.mark.parametrize("limit", [0, -1, 10_001])
    def test_limits_are_kept(self, catalog: Catalog, limit: int) -> None:
        """1 to 10,000."""
        with pytest.raises(BadQuery):
            catalog.search(Query(limit=limit))

    def test_sources_are_known(self, catalog: Catalog) -> None:
        """Only those that were asked for and are in."""
        catalog.put([make_collection()], days(3))
        one, two, _ = days(3)
        assert catalog.sources([one.source, two.source, "0" * 64]) == {
            one.source: ("polder", "day-0"),
            two.source: ("polder", "day-1"),
        }

    def test_one_source_is_one_scene(self, catalog: Catalog) -> None:
        """Under another id it is refused, in full: the other scenes are not taken in either."""
        catalog.put([make_collection()], [make_scene("first")])
        twin = replace(make_scene("second"), source=make_scene("first").source)
        with pytest.raises(SameSource) as failure:
            catalog.put([], [make_scene("third"), twin])
        assert failure.value.facts["known"] == "first"
        assert ids(catalog.search(Query())) == ["first"]

    def test_scenes_may_exchange_sources(self, catalog: Catalog) -> None:
        """In one transaction only the end counts."""
        one, two = days(2)
        catalog.put([make_collection()], [one, two])
        catalog.put([], [replace(one, source=two.source), replace(two, source=one.source)])
        assert catalog.sources([one.source]) == {one.source: ("polder", "day-1")}

    def test_all_or_nothing(self, catalog: Catalog) -> None:
        """A scene without a collection, or one that cannot be kept, stops everything."""
        with pytest.raises(UnknownCollection):
            catalog.put([make_collection()], [make_scene(), make_scene(collection="nowhere")])
        with pytest.raises(BadRecord):
            catalog.put([make_collection()], [make_scene(), make_scene("a/b")])
        assert catalog.collections() == ()

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("2025-06-08", {"day-0"}),
            ("2025-06-08T12:00:00Z", {"day-0"}),
            ("2025-06-08T12:00:00.000001Z", set()),
            ("2025-06-09/2025-06-10", {"day-1", "day-2"}),
            ("../2025-06-09", {"day-0", "day-1"}),
            ("2025-06-10/..", {"day-2"}),
            ("2026-01-01/..", set()),
        ],
    )
    @pytest.mark.parametrize("bounds", [None, POLDER])
    def test_spans_are_closed(
        self, catalog: Catalog, text: str, found: set[str], bounds: Bounds | None
    ) -> None:
        """To the microsecond."""
        catalog.put([make_collection()], days(3))
        query = Query(span=Span.parse(text), bounds=bounds)
        assert set(ids(catalog.search(query))) == found

    def test_a_period_is_found_by_any_moment_in_it(self, catalog: Catalog) -> None:
        """A monthly composite belongs to each of its days."""
        month = make_scene("june", moment=datetime(2025, 6, 1, tzinfo=UTC))
        month = replace(month, end=datetime(2025, 6, 30, 23, tzinfo=UTC))
        catalog.put([make_collection()], [month, *days(2)])
        for bounds in (None, POLDER):
            inside = Query(span=Span.parse("2025-06-20"), bounds=bounds)
            assert ids(catalog.search(inside)) == ["june"]
            assert ids(catalog.search(replace(inside, span=Span.parse("2025-07-01")))) == []
        assert catalog.collection("polder").span == Span(month.moment, month.end)

    @pytest.mark.parametrize(
        ("bounds", "meets"),
        [
            (Bounds(178.0, -18.0, 179.0, -17.0), True),
            (Bounds(-179.0, -18.0, -178.5, -17.0), True),
            (Bounds(179.0, -18.0, -179.0, -17.0), True),
            (Bounds(-177.0, -18.0, 176.0, -17.0), False),
            (Bounds(-180.0, -90.0, 180.0, 90.0), True),
            (Bounds(178.0, -18.0, 178.0, -18.0), True),
            (Bounds(-178.0, -16.0, -170.0, -10.0), True),
            (Bounds(0.0, -18.0, 10.0, -17.0), False),
        ],
    )
    def test_the_antimeridian_is_no_border(
        self, catalog: Catalog, bounds: Bounds, meets: bool
    ) -> None:
        """A scene over Fiji is found from both sides, and is not around the whole Earth."""
        catalog.put([make_collection()], [make_scene("fiji", bounds=FIJI)])
        assert ids(catalog.search(Query(bounds=bounds))) == (["fiji"] if meets else [])
        assert catalog.collection("polder").bounds == FIJI

    def test_the_footprint_decides_not_its_box(self, catalog: Catalog) -> None:
        """A box in the empty corner of a triangle finds nothing."""
        triangle = {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [5, 53], [5, 52]]]}
        scene = make_scene(bounds=Bounds(5.0, 52.0, 6.0, 53.0), footprint=triangle)
        catalog.put([make_collection()], [scene])
        corner, tip = Bounds(5.9, 52.9, 6.0, 53.0), Bounds(5.0, 52.9, 5.1, 53.0)
        assert ids(catalog.search(Query(bounds=corner))) == []
        assert ids(catalog.search(Query(bounds=tip))) == ["scene-1"]
        for place, found in (([5.9, 52.9], []), ([5.5, 52.5], ["scene-1"])):
            point = {"type": "Point", "coordinates": place}
            assert ids(catalog.search(Query(intersects=point))) == found

    @pytest.mark.parametrize(
        "geometry",
        [
            {},
            {"type": "Point"},
            {"type": "Blob", "coordinates": [1, 2]},
            {"type": "Polygon", "coordinates": [[[1, 2], [3]]]},
            {"type": "Polygon", "coordinates": []},
            {"type": "Point", "coordinates": [float("nan"), 1]},
            {"type": "Point", "coordinates": [5, 120]},
            {"type": "Point", "coordinates": ["a", "b"]},
            {"type": "LineString", "coordinates": [[n / 1e6, 1] for n in range(100_001)]},
        ],
        ids=lambda geometry: str(geometry)[:40],
    )
    def test_a_bad_geometry_is_refused(self, catalog: Catalog, geometry: dict[str, object]) -> None:
        """With a bad request."""
        catalog.put([make_collection()], [make_scene()])
        with pytest.raises(BadQuery):
            catalog.search(Query(intersects=geometry))

    def test_collections_and_ids_narrow(self, catalog: Catalog) -> None:
        """None is all, nothing is nothing, and unknown names find nothing."""
        catalog.put([make_collection("a"), make_collection("b")], [*days(2, "a"), *days(2, "b")])
        for bounds in (None, POLDER):
            everything = Query(bounds=bounds)
            assert len(catalog.search(everything).bodies) == 4
            assert catalog.search(replace(everything, collections=())).bodies == ()
            assert len(catalog.search(replace(everything, collections=("a", "x"))).bodies) == 2
            assert len(catalog.search(replace(everything, collections=("a", "b"))).bodies) == 4
            assert catalog.search(replace(everything, ids=())).bodies == ()
            named = replace(everything, ids=("day-1", "day-1", "x"))
            assert ids(catalog.search(named)) == ["day-1", "day-1"]
            both = replace(named, collections=("b",))
            assert len(catalog.search(both).bodies) == 1

    def test_entries_are_the_scenes_of_search(self, catalog: Catalog) -> None:
        """All of them, in its order, with cloud cover."""
        clouds = [None, 0, 33.25]
        scenes = [
            replace(scene, properties={} if cloud is None else {"eo:cloud_cover": cloud})
            for scene, cloud in zip(days(3), clouds, strict=True)
        ]
        catalog.put([make_collection()], scenes)
        for query in (Query(limit=1), Query(limit=1, bounds=POLDER), Query(ids=("day-1",))):
            found = catalog.entries(query)
            told = [read_item(body) for body in catalog.search(replace(query, limit=99)).bodies]
            assert [e.id for e in found] == [scene.id for scene in told]
            assert [e.moment for e in found] == [scene.moment for scene in told]
        assert [e.cloud for e in catalog.entries(Query())] == clouds[::-1]

    def test_the_version_changes_with_every_change(self, catalog: Catalog) -> None:
        """And not without one; other collections keep theirs."""
        catalog.put([make_collection("a"), make_collection("b")], [])
        seen, other = {catalog.version("a")}, catalog.version("b")
        assert catalog.version("a") in seen
        catalog.put([make_collection("a", license="CC0-1.0")], [])
        seen.add(catalog.version("a"))
        catalog.put([], [make_scene(collection="a")])
        seen.add(catalog.version("a"))
        catalog.put([], [make_scene(collection="a", properties={"x": 1})])
        seen.add(catalog.version("a"))
        assert len(seen) == 4
        assert catalog.version("b") == other

    def test_many_threads_at_once(self, catalog: Catalog) -> None:
        """Writers and readers together: nothing lost, and a page is one state."""
        catalog.put([make_collection()], [])

        def write(n: int) -> None:
            catalog.put([], [make_scene(f"{n}-{part}") for part in "ab"])

        def read(_: int) -> int:
            return len(catalog.search(Query(limit=100)).bodies)

        with ThreadPoolExecutor(6) as threads:
            writes = threads.map(write, range(12))
            counts = list(threads.map(read, range(30)))
            list(writes)
        assert all(count % 2 == 0 for count in counts)
        assert catalog.collection("polder").count == read(0) == 24
