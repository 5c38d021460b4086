"""Search against a slow and simple oracle, on random scenes, whichever way is taken."""

from __future__ import annotations

import itertools
import json
import math
import random
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from landzicht.grid import Bounds
from landzicht.kinds import Query, Span
from landzicht.records import SqliteCatalog, boxes, find, plan, statements
from landzicht.records.plan import Way
from landzicht.records.token import Place
from landzicht.stac import read_item
from landzicht.testing import strategies
from landzicht.testing.scenes import make_collection, make_scene

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = st.integers(0, 40).map(lambda days: START + timedelta(days=days))
RELAXED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def unrolled(box: Bounds) -> shapely.Geometry:
    east = box.east if box.west <= box.east else box.east + 360
    return shapely.box(box.west, box.south, east, box.north)


def globally_intersects(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """The oracle: on a round Earth, moving a shape by whole turns changes nothing."""
    turns = (shapely.affinity.translate(other, xoff=360.0 * n) for n in (-2, -1, 0, 1, 2))
    return any(shapely.intersects(one, moved) for moved in turns)


@st.composite
def near_boxes(draw, widest=12):
    """Boxes of whole degrees close together around the antimeridian, so that many just meet."""
    west, south = draw(st.integers(170, 190)), draw(st.integers(-6, 6))
    east, north = west + draw(st.integers(0, widest)), south + draw(st.integers(0, widest))
    west, east = ((x + 180) % 360 - 180 for x in (west, east))
    return Bounds(float(west), float(south), float(east), float(north))


any_boxes = near_boxes() | near_boxes(2) | near_boxes(2) | strategies.boxes(whole=True)


@st.composite
def outlines(draw):
    """A box, or a triangle or a ring with a hole in one; whole degrees, so that edges meet."""
    box = draw(any_boxes.filter(lambda b: b.west != b.east and b.south < b.north))
    whole = unrolled(box)
    x0, y0, x1, y1 = whole.bounds
    triangle = shapely.Polygon([(x0, y0), (x1, y0), (x0, y1)])
    hole = shapely.affinity.scale(whole, 0.5, 0.5)
    return draw(st.sampled_from([whole, triangle, whole.difference(hole)]))


def scene_of(number: int, outline: shapely.Geometry, moment: datetime, collection: str):
    """Make a scene as RFC 7946 wants it: cut at the antimeridian."""
    x0, y0, x1, y1 = outline.bounds
    west = outline.intersection(shapely.box(-180, -90, 180, 90))
    east = outline.intersection(shapely.box(180, -90, 540, 90))
    parts = [west, shapely.affinity.translate(east, xoff=-360)] if x1 > 180 else [outline]
    polygons = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    footprint = json.loads(json.dumps(mapping(shapely.MultiPolygon(polygons))))
    bounds = Bounds(x0, y0, x1 - 360 if x1 > 180 else x1, y1)
    return make_scene(f"s{number}", collection, bounds=bounds, footprint=footprint, moment=moment)


@st.composite
def worlds(draw):
    """Scenes with their unrolled outlines."""
    number = draw(st.integers(1, 12))
    drawn = [
        (draw(outlines()), draw(DAYS), draw(st.sampled_from(["a", "b"]))) for _ in range(number)
    ]
    return [(scene_of(n, *each), each[0]) for n, each in enumerate(drawn)]


@st.composite
def places(draw):
    """A query's place and the shape that the oracle compares with."""
    box = draw(any_boxes)
    kind = draw(st.sampled_from(["none", "box", "geometry", "point", "both"]))
    shape = unrolled(box)
    x0, y0, x1, y1 = shape.bounds
    if x0 == x1 or y0 == y1:
        shape = shapely.LineString([(x0, y0), (x1, y1)])
    if kind == "none":
        return {}, []
    if kind == "box":
        return {"bounds": box}, [shape]
    if kind == "point" or x1 > 180 or shape.geom_type != "Polygon":
        point = shapely.Point(box.west, box.south)
        return {"intersects": mapping(point)}, [point]
    triangle = shapely.Polygon([(x0, y0), (x1, y0), (x1, y1)])
    if kind == "geometry":
        return {"intersects": mapping(triangle)}, [triangle]
    other = draw(any_boxes.filter(lambda b: b.west != b.east and b.south < b.north))
    return {"intersects": mapping(triangle), "bounds": other}, [triangle, unrolled(other)]


@RELAXED
@given(
    world=worlds(),
    place=places(),
    period=st.none() | st.tuples(DAYS, DAYS).map(sorted),
    collections=st.sampled_from([None, ("a",), ("a", "b"), ("b", "x")]),
    limit=st.integers(1, 6),
)
def test_search_finds_what_the_oracle_finds(
    tmp_path_factory, world, place, period, collections, limit
):
    fields, shapes = place
    shapes = [s if s.geom_type != "Polygon" or s.area else shapely.LineString(s.exterior.coords)
              for s in shapes]  # fmt: skip
    span = Span(*period) if period else None
    expected = sorted(
        (
            scene
            for scene, outline in world
            if all(globally_intersects(outline, shape) for shape in shapes)
            and (span is None or span.start <= scene.moment <= span.end)
            and (collections is None or scene.collection in collections)
        ),
        key=lambda scene: (-scene.moment.timestamp(), scene.collection, scene.id),
    )
    names = [(scene.collection, scene.id) for scene in expected]
    query = Query(limit=limit, span=span, collections=collections, **fields)
    with SqliteCatalog(tmp_path_factory.mktemp("c") / "c.sqlite") as catalog:
        catalog.put([make_collection("a"), make_collection("b")], [scene for scene, _ in world])
        assert paged(catalog, query) == names
        assert [(e.collection, e.id) for e in catalog.entries(query)] == names
        with catalog._connections.lend() as db:  # every way gives the same
            for way in (Way.TIME, Way.BOX) if shapes else (Way.TIME,):
                hits = find.find(db, replace(query, limit=10_000), way).hits
                assert [(hit.collection, hit.id) for hit in hits] == names
            if shapes:
                assert [(h.collection, h.id) for h in walked_near(db, query, limit)] == names


def walked_near(db, query, wanted, period=None):
    """Page through `first_near` by slices, so that it never looks at all candidates at once."""
    asked, known = find.prepare(db, query)
    first = min((each.t0 or 0 for each in known), default=0)
    last = max((each.t1 or 0 for each in known), default=0)
    slices = boxes.slices_of(*(period or (first, last)))
    slices = slices if len(slices) > 1 else [boxes.Slice(0, math.inf), boxes.Slice(-math.inf, 0)]
    hits, after = [], None
    while asked.collections:
        near = boxes.first_near(db, asked, after, wanted, slices)
        assert near.matched is None
        hits += near.hits
        if len(near.hits) < wanted:
            break
        after = near.hits[-1].place
    return hits


def paged(catalog, query):
    seen, counts, token = [], set(), None
    while True:
        page = catalog.search(replace(query, token=token))
        seen += [read_item(body) for body in page.bodies]
        counts.add(page.matched)
        token = page.next
        if token is None:
            break
        assert len(page.bodies) == query.limit
    assert counts <= {None, len(seen)}
    return [(scene.collection, scene.id) for scene in seen]


@RELAXED
@given(
    seconds=st.lists(st.integers(0, 5), max_size=25),
    limit=st.integers(1, 8),
    late=st.lists(st.integers(0, 5), max_size=5),
)
def test_paging_is_complete_and_without_repeats(tmp_path_factory, seconds, limit, late):
    """Many scenes share a moment, and others come in between the pages."""

    def scenes(prefix, moments):
        return [
            make_scene(f"{prefix}{n}", "ab"[n % 2], moment=START + timedelta(seconds=second))
            for n, second in enumerate(moments)
        ]

    with SqliteCatalog(tmp_path_factory.mktemp("c") / "c.sqlite") as catalog:
        catalog.put([make_collection("a"), make_collection("b")], scenes("s", seconds))
        seen, token, coming = [], None, scenes("late", late)
        while True:
            page = catalog.search(Query(limit=limit, token=token))
            seen += [read_item(body).id for body in page.bodies]
            token = page.next
            if token is None:
                break
            catalog.put([], coming[:1])
            coming = coming[1:]
        old = [name for name in seen if not name.startswith("late")]
        assert sorted(old) == sorted(f"s{n}" for n in range(len(seconds)))
        assert len(seen) == len(set(seen))


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """5,000 scenes on a 10 x 10 grid of cells, written straight into the tables."""
    chance = random.Random(7)
    with SqliteCatalog(tmp_path_factory.mktemp("big") / "c.sqlite") as catalog:
        scenes = []
        for n in range(5000):
            x, y = chance.randrange(10), chance.randrange(10) + 45
            moment = START + timedelta(minutes=chance.randrange(500_000))
            bounds = Bounds(x, y, x + 1, y + 1)
            scenes.append(make_scene(f"s{n}", bounds=bounds, moment=moment))
        catalog.put([make_collection()], scenes)
        yield catalog


@pytest.mark.parametrize(
    ("bounds", "text", "way"),
    [
        (Bounds(3.1, 48.1, 3.2, 48.2), None, Way.BOX),
        (Bounds(0, 45, 10, 55), None, Way.TIME),
        (Bounds(0, 45, 10, 55), "2025-06-01", Way.TIME),
        (Bounds(0, 45, 5, 50), None, Way.TIME),
        (Bounds(50, 0, 51, 1), None, Way.BOX),
    ],
)
def test_the_way_follows_the_question(big, bounds, text, way):
    query = Query(bounds=bounds, span=Span.parse(text) if text else None)
    with big._connections.lend() as db:
        known = find._known(db, None)
        asked = plan.ask(query, ("polder",), 0)
        assert find.best(db, asked, known, query.limit).way is way
        pages = [[h.id for h in find.find(db, query, each).hits] for each in (Way.BOX, Way.TIME)]
    assert pages[0] == pages[1]


def test_a_page_is_planned_on_an_estimate_and_everything_on_a_count(big):
    """Half of the 5,000 scenes lie in the place; the newest slice of the period tells a page."""
    query = Query(bounds=Bounds(0, 45, 3.5, 55))
    with big._connections.lend() as db:
        asked, known = find.prepare(db, query)
        page, all_of = (find.best(db, asked, known, limit) for limit in (10, 2**31))
        real = len(find.find(db, replace(query, limit=10_000), Way.TIME).hits)
    assert all_of.near == real
    assert page.near % boxes.SLICES == 0
    assert page.near == pytest.approx(real, rel=0.3)


def test_sqlite_follows_our_plan_and_makes_none_of_its_own(big):
    """No scan of a whole table, the R*Tree outermost, no sorting of the walk in time."""
    query = Query(bounds=Bounds(179.0, 1.0, -179.0, 2.0), span=Span.parse("2025-06"))
    asked = plan.ask(query, ("polder",), 0)
    two = plan.ask(query, ("polder", "x"), 0)
    place = Place(0, "polder", "s")
    with big._connections.lend() as db:
        told = {
            "box": explain(db, statements.candidates(asked, Way.BOX)),
            "near": explain(db, statements.count_near(asked, 0.0, 10)),
            "one": explain(db, statements.walk(asked, place)),
            "two": explain(db, statements.walk(two, place)),
            "ids": explain(db, statements.candidates(replace(asked, ids=("s1",)), Way.IDS)),
            "count": explain(db, statements.count_in_time(asked, 10)),
            "days": explain(db, statements.days_near(asked, 0.0, 9.0, 10)),
            "rows": explain(db, with_numbers(statements.by_number(asked))),
            "clear": explain(db, statements.candidates(replace(asked, cloud=1.0), Way.CLOUD)),
            "how clear": explain(db, statements.count_clear(replace(asked, cloud=1.0), 10)),
        }
    assert all("SCAN s" not in each for each in told.values())
    assert all("SCAN b VIRTUAL TABLE INDEX 2:" in told[name] for name in ("box", "near", "days"))
    assert "SEARCH s" not in told["days"]
    assert "SEARCH s USING INTEGER PRIMARY KEY" in told["rows"]
    assert "INDEX scene_cloud (cloud<?)" in told["clear"]
    assert "COVERING INDEX scene_cloud" in told["how clear"]
    assert "SEARCH s USING INTEGER PRIMARY KEY" in told["box"]
    assert "INDEX scene_collection (collection=? AND t>? AND t<?)" in told["one"]
    assert "INDEX scene_time (t>? AND t<?)" in told["two"]
    assert "scene_id (collection=? AND id=?)" in told["ids"]
    assert "COVERING INDEX scene_collection" in told["count"]
    assert not any("ORDER BY" in told[name] for name in ("one", "two"))


def with_numbers(statement):
    return statement.sql, statement.facts | {"rids": "[1]"}


def explain(db: sqlite3.Connection, statement) -> str:
    text, facts = statement
    return "\n".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {text}", facts))


COUNTS = st.integers(0, 10**7)


@given(
    limit=st.integers(1, 10_000),
    near=st.integers(0, 200),
    in_time=COUNTS,
    clear=st.none() | COUNTS,
    picky=st.booleans(),
)
def test_what_is_done_for_a_small_place_does_not_grow_with_the_catalogue(
    limit, near, in_time, clear, picky
):
    shares = plan.Shares(limit=limit, near=near, in_time=in_time, clear=clear, is_picky=picky)
    way = plan.choose(shares)
    if way is Way.TIME:
        assert in_time < 200 * 400
    if way is Way.CLOUD:
        assert clear < 200 * 50


@given(limit=st.integers(1, 100), in_time=st.integers(0, 10**7), picky=st.booleans())
def test_a_large_place_is_walked_in_time(limit, in_time, picky):
    most = plan.NEAR_MOST
    shares = plan.Shares(limit=limit, near=most, in_time=max(in_time, most), is_picky=picky)
    assert plan.choose(shares) is Way.TIME
    few = plan.clear_most(shares)
    if few > 1:
        assert plan.choose(replace(shares, clear=0)) is Way.CLOUD


TICKS = st.integers(-2_000_000, 20_000_000).map(lambda minutes: minutes * 60_000_000)


@given(first=st.integers(-(10**16), 10**17), last=st.integers(-(10**16), 10**17))
def test_slices_follow_each_other_and_leave_nothing_out(first, last):
    slices = boxes.slices_of(first, last)
    assert slices[0].until == math.inf
    assert slices[-1].after == -math.inf
    assert all(one.after == next_.until for one, next_ in itertools.pairwise(slices))
    assert all(each.after < each.until for each in slices)
    assert len(slices) <= 6


def test_of_too_many_scenes_near_a_place_the_newest_are_walked_to(big, monkeypatch):
    query = Query(bounds=Bounds(0, 45, 4.5, 55), limit=20)
    with big._connections.lend() as db:
        expected = find.find(db, query, Way.TIME)
        monkeypatch.setattr(boxes, "MOST", 30)
        asked, known = find.prepare(db, query)
        assert boxes.first_near(db, asked, None, 21, find._slices(asked, known)) is None
        assert find.find(db, query, Way.BOX) == expected


@RELAXED
@given(
    minutes=st.lists(st.integers(-2_000_000, 20_000_000), min_size=1, max_size=80),
    wanted=st.integers(1, 20),
    period=st.none() | st.tuples(TICKS, TICKS),
)
def test_the_newest_near_a_place_come_in_order_though_days_are_rounded(
    tmp_path_factory, minutes, wanted, period
):
    """The R*Tree rounds days to minutes, and not evenly; some moments are seconds apart.

    Wherever the period is cut in slices, all are found.
    """
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=n) for n in minutes]
    moments += [moment + timedelta(seconds=n) for n, moment in enumerate(moments)]
    scenes = [make_scene(f"s{n}", moment=moment) for n, moment in enumerate(moments)]
    with SqliteCatalog(tmp_path_factory.mktemp("c") / "c.sqlite") as catalog:
        catalog.put([make_collection()], scenes)
        with catalog._connections.lend() as db:
            hits = walked_near(db, Query(bounds=scenes[0].bounds), wanted, period)
    expected = sorted(scenes, key=lambda scene: (-scene.moment.timestamp(), scene.id))
    assert [hit.id for hit in hits] == [scene.id for scene in expected]


@pytest.mark.parametrize("limit", [1, 40, 400])
def test_a_page_near_a_place_reads_little_more_than_the_page(big, limit):
    """2,500 scenes lie near; rows are read for a page of them."""
    query = Query(bounds=Bounds(0, 45, 4.5, 55), limit=limit)
    everything = Query(bounds=Bounds(0, 45, 4.5, 55), limit=10_000)
    read = []
    with big._connections.lend() as db:
        asked, known = find.prepare(db, query)
        asked = replace(asked, regions=(Counting(asked.regions[0], read),))
        near = boxes.first_near(db, asked, None, limit + 1, find._slices(asked, known))
        first = [hit.id for hit in near.hits]
        assert first == [h.id for h in find.find(db, everything, Way.TIME).hits[: limit + 1]]
    assert near.matched is None
    assert sum(read) <= max(100, 3.2 * (limit + 1))


class Counting:
    """A region that tells how many footprints it is asked about."""

    def __init__(self, region, read):
        self.windows, self.y0, self.y1 = region.windows, region.y0, region.y1
        self.region, self.read = region, read

    def meets(self, edges, outlines):
        self.read.append(len(edges))
        return self.region.meets(edges, outlines)


def test_a_split_and_an_unsplit_footprint_are_the_same(tmp_path):
    """Some producers write a polygon over 180 in one piece, against RFC 7946."""
    ring = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    beyond = [[179, 0], [181, 0], [181, 1], [179, 1], [179, 0]]
    before = [[-181, 0], [-179, 0], [-179, 1], [-181, 1], [-181, 0]]
    bounds = Bounds(179.0, 0.0, -179.0, 1.0)
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        scenes = [
            make_scene(f"s{n}", bounds=bounds, footprint={"type": "Polygon", "coordinates": [each]})
            for n, each in enumerate((ring, beyond, before))
        ]
        catalog.put([make_collection()], [*scenes, make_scene("s3", bounds=bounds)])
        for x in (179.5, -179.5):
            assert len(catalog.search(Query(bounds=Bounds(x, 0.5, x, 0.5))).bodies) == 4
        assert catalog.search(Query(bounds=Bounds(-178, 0, 178, 1))).bodies == ()
        assert catalog.collection("polder").bounds == bounds


@pytest.mark.parametrize("east", [180.0, -180.0])
def test_edges_that_meet_at_the_antimeridian_meet(tmp_path, east):
    """180 degrees east and west are one line, and edges are closed."""
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        west_of = make_scene("west", bounds=Bounds(179.0, 0.0, 180.0, 1.0))
        east_of = make_scene("east", bounds=Bounds(-180.0, 0.0, -179.0, 1.0))
        catalog.put([make_collection()], [west_of, east_of])
        for place in (Bounds(170.0, 0.0, east, 1.0), Bounds(-180.0, 0.0, -170.0, 1.0)):
            assert len(catalog.search(Query(bounds=place)).bodies) == 2
