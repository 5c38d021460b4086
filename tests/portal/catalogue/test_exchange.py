"""Catalogues out and in again: nothing is lost, bad items are told and stop no other."""

from __future__ import annotations

import json
import os
import resource
from dataclasses import replace
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.errors.records import BadExchange, BadItem
from landzicht.kinds import Query
from landzicht.portal.catalogue.exchange import export_parquet, export_static, import_items
from landzicht.portal.catalogue.moving import scenes_by_id
from landzicht.records import SqliteCatalog
from landzicht.stac import read_foreign, read_foreign_collection, write_collection
from landzicht.testing.scenes import make_collection, make_scene
from landzicht.testing.strategies import scenes as any_scenes


def plain_item(name="item-1", collection="theirs", **properties):
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": collection,
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]],
        },
        "bbox": [5, 52, 6, 53],
        "properties": {"datetime": "2025-06-08T10:40:00Z", **properties},
        "assets": {"a": {"href": "https://example.nl/a.tif", "roles": ["data"]}},
        "links": [{"rel": "license", "href": "https://example.nl/l"}],
    }


def all_of(catalog):
    return {
        each.id: {stored.id: stored.body for stored in scenes_by_id(catalog, each.id)}
        for each in catalog.collections()
    }


def all_sources(catalog):
    return {stored.source for c in catalog.collections() for stored in scenes_by_id(catalog, c.id)}


def make_files(data, scenes):
    """Make the files that scenes say they have."""
    for scene in scenes:
        for asset in scene.assets.values():
            path = data / asset.href
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x" * asset.size)


@pytest.mark.parametrize("kind", ["parquet", "static"])
def test_our_own_scenes_come_back_in_every_byte(tmp_path, kind):
    """When their files are there, they are the same scenes again."""
    scenes = [
        make_scene("a", properties={"eo:cloud_cover": 3.5, "platform": "x"}),
        make_scene(
            "b", "made-up", simulated=True, properties={"title": "Polder", "odd": [1, "two"]}
        ),
        make_scene("c", "coast", properties={"id": "mine", "odd": "text", "deep": {"x": {"y": 1}}}),
    ]
    make_files(tmp_path, scenes)
    with SqliteCatalog(tmp_path / "old") as old, SqliteCatalog(tmp_path / "new") as new:
        made_up = make_collection("made-up", simulated=True)
        old.put([make_collection(), make_collection("coast"), made_up], scenes)
        target = tmp_path / ("all.parquet" if kind == "parquet" else "folder")
        write = export_parquet if kind == "parquet" else export_static
        assert write(old, target, tmp_path) == 3
        done = import_items(new, target, tmp_path)
        assert (done.taken, done.refused) == (3, 0)
        told = [all_of(each) for each in (old, new)]
        if kind == "parquet":  # columns have an order of their own
            told = [
                {c: {n: orjson.loads(b) for n, b in i.items()} for c, i in a.items()} for a in told
            ]
        assert told[0] == told[1]
        assert all_sources(new) == all_sources(old)
        assert [c.title for c in new.collections()] == [c.title for c in old.collections()]
        assert [c.bands for c in new.collections()] == [c.bands for c in old.collections()]


def test_simulated_items_do_not_come_in_among_real_ones(tmp_path):
    """Each is told with its reason; a collection of simulated items alone becomes simulated."""
    made_up = {"landzicht:simulated": True}
    items = [
        plain_item("a"), plain_item("b", **made_up), plain_item("c"),
        plain_item("d", "new", **made_up), plain_item("e", "new", **made_up),
    ]  # fmt: skip
    source = tmp_path / "items.ndjson"
    source.write_text("\n".join(map(json.dumps, items)))
    with SqliteCatalog(tmp_path / "catalogue") as catalog:
        done = import_items(catalog, source, tmp_path)
        assert (done.taken, done.refused) == (4, 1)
        assert [(each.place, each.error.code) for each in done.told] == [
            ("items.ndjson:2", "simulated-and-real")
        ]
        found = {each.id: (each.count, each.simulated) for each in catalog.collections()}
        assert found == {"theirs": (2, False), "new": (2, True)}
        again = import_items(catalog, source, tmp_path)
        assert again.refused == 1


def without_nothing(value):
    """JSON without nulls and empty objects: what Parquet cannot tell from a missing field."""
    if isinstance(value, dict):
        told = {name: without_nothing(each) for name, each in value.items()}
        return {name: each for name, each in told.items() if each is not None}
    return [without_nothing(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", ["parquet", "static"])
def test_links_of_others_go_out_and_come_in(tmp_path, kind):
    """As links, where every other program looks for them."""
    linked, bare = plain_item("linked"), plain_item("bare")
    linked["links"] += [
        {"rel": "derived_from", "href": "https://example.nl/b", "title": "B", "n": 1},
        {"rel": "self", "href": "https://example.nl/self"},
    ]
    bare["links"] = []
    told = json.loads(write_collection(make_collection("theirs", bands=())))
    told |= {"links": linked["links"][:1], "item_assets": {"a": {"roles": ["data"]}}}
    with SqliteCatalog(tmp_path / "old") as old, SqliteCatalog(tmp_path / "new") as new:
        old.put([read_foreign_collection(told)], [read_foreign(linked), read_foreign(bare)])
        target = tmp_path / ("all.parquet" if kind == "parquet" else "folder")
        (export_parquet if kind == "parquet" else export_static)(old, target, tmp_path)
        if kind == "parquet":
            rows = {row["id"]: row for row in pq.read_table(target).to_pylist()}
            assert [link["rel"] for link in rows["linked"]["links"]] == ["license", "derived_from"]
            assert rows["bare"]["links"] == []
            assert "landzicht:links" not in rows["linked"]
        else:
            item = json.loads((target / "theirs" / "items" / "linked.json").read_text())
            assert linked["links"][1] in item["links"]
            assert "landzicht:links" not in item
        done = import_items(new, target, tmp_path)
        assert (done.taken, done.refused) == (2, 0)
        for name, links in (("linked", linked["links"][:2]), ("bare", None)):
            bodies = [json.loads(each.body("theirs", name)) for each in (old, new)]
            assert bodies[0] == bodies[1]
            assert bodies[0].get("landzicht:links") == links
        assert new.collection("theirs") == old.collection("theirs")
        assert new.collection("theirs").extra["links"] == told["links"]


@settings(
    max_examples=25 if os.environ.get("LANDZICHT_SOAK") else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(any_scenes(), min_size=1, max_size=5, unique_by=lambda scene: scene.id))
def test_any_items_come_back_from_parquet(tmp_path_factory, scenes):
    """As JSON, but for fields without a value; coordinates are numbers, whole or not."""
    folder = tmp_path_factory.mktemp("parquet")
    scenes = [
        replace(scene, collection="polder", source=f"{n:064}") for n, scene in enumerate(scenes)
    ]
    with SqliteCatalog(folder / "old") as old, SqliteCatalog(folder / "new") as new:
        old.put([make_collection()], scenes)
        export_parquet(old, folder / "x.parquet", folder)
        from landzicht.records.geoparquet import read_geoparquet

        _, items = read_geoparquet(folder / "x.parquet")
        found = {item["id"]: item for item in items}
        for stored in scenes_by_id(old, "polder"):
            was = orjson.loads(stored.body)
            item = found[stored.id]
            for asset in [*was["assets"].values(), *item["assets"].values()]:
                asset.pop("href")
            assert item["assets"] == {k: without_nothing(a) for k, a in was["assets"].items()}
            assert without_nothing(item["properties"]) == without_nothing(was["properties"])
            assert item["bbox"] == was["bbox"]
            assert shapely.equals(
                *(shapely.from_geojson(json.dumps(i["geometry"])) for i in (item, was))
            )
        done = import_items(new, folder / "x.parquet", folder)
        assert done.taken + done.refused == len(scenes)


def test_the_file_is_what_the_format_says(tmp_path):
    """stac-geoparquet 1.1: WKB, a box, moments, properties as columns, collections inside."""
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection()], [make_scene(properties={"eo:cloud_cover": 3.5})])
        export_parquet(catalog, tmp_path / "x.parquet", tmp_path)
    table = pq.read_table(tmp_path / "x.parquet")
    about = {name: json.loads(text) for name, text in table.schema.metadata.items()}
    assert about[b"geo"]["columns"]["geometry"]["encoding"] == "WKB"
    assert about[b"stac-geoparquet"]["version"] == "1.1.0"
    assert about[b"stac-geoparquet"]["collections"]["polder"]["type"] == "Collection"
    (row,) = table.to_pylist()
    assert row["datetime"].isoformat() == "2025-06-08T10:40:00+00:00"
    assert row["eo:cloud_cover"] == 3.5
    assert row["bbox"] == {"xmin": 5.0, "ymin": 52.0, "xmax": 5.1, "ymax": 52.1}
    assert shapely.from_wkb(row["geometry"]).bounds == (5.0, 52.0, 5.1, 52.1)
    assert row["assets"]["B04"]["href"].startswith(tmp_path.as_posix())


@pytest.mark.parametrize("spelling", ["out", "./out", "link", "out/../out"])
def test_a_static_catalogue_is_found_from_where_one_stands(tmp_path, monkeypatch, spelling):
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection()], [make_scene("a")])
        export_static(catalog, tmp_path / "out", tmp_path)
    (tmp_path / "link").symlink_to("out")
    monkeypatch.chdir(tmp_path)
    with SqliteCatalog(tmp_path / "new") as catalog:
        assert import_items(catalog, Path(spelling), tmp_path).taken == 1


def test_a_static_catalogue_is_read_by_pystac(tmp_path):
    pystac = pytest.importorskip("pystac")
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection()], [make_scene("a"), make_scene("b")])
        export_static(catalog, tmp_path / "out", tmp_path)
    read = pystac.Catalog.from_file(str(tmp_path / "out" / "catalog.json"))
    assert {item.id for item in read.get_items(recursive=True)} == {"a", "b"}
    read.validate()


def test_one_bad_item_does_not_lose_the_others(tmp_path):
    """Every reason at once, with the line of the file."""
    bad = plain_item("bad id", **{"eo:cloud_cover": 300})
    bad["geometry"] = {"type": "Point", "coordinates": [5, 52]}
    bad["properties"]["datetime"] = "yesterday"
    bad["assets"]["b"] = {"title": 3}
    lines = [json.dumps(plain_item(f"i{n}")) for n in range(2500)]
    lines[1200] = json.dumps(bad)
    lines[7] = "{this is no JSON"
    lines[8] = lines[9]  # the same item twice is no error
    (tmp_path / "x.ndjson").write_text("\n".join(lines))
    with SqliteCatalog(tmp_path / "c") as catalog:
        done = import_items(catalog, tmp_path / "x.ndjson", tmp_path)
        assert (done.taken, done.refused) == (2498, 2)
        assert catalog.collection("theirs").count == 2497
    first, second = done.told
    assert (first.place, second.place) == ("x.ndjson:8", "x.ndjson:1201")
    assert isinstance(second.error, BadItem)
    assert {field for field, _ in second.error.facts["reasons"]} == {
        "id",
        "geometry",
        "properties.datetime",
        "properties.eo:cloud_cover",
        "assets.b.href",
        "assets.b.title",
    }
    for language, word in (("nl", "graden"), ("en", "degrees")):
        assert word in second.error.say(language)


def test_a_scene_that_the_store_refuses_is_found_among_a_thousand(tmp_path):
    """Longitudes may go on to 360, but only the store knows that this one starts too far east."""
    items = [plain_item(f"i{n}") for n in range(1000)]
    ring = [[x + 195, y] for x, y in items[500]["geometry"]["coordinates"][0]]
    items[500]["geometry"]["coordinates"] = [ring]
    read_foreign(items[500])  # nothing is wrong with it by itself
    (tmp_path / "x.ndjson").write_text("\n".join(map(json.dumps, items)))
    with SqliteCatalog(tmp_path / "c") as catalog:
        done = import_items(catalog, tmp_path / "x.ndjson", tmp_path)
    assert (done.taken, done.refused) == (999, 1)
    assert [each.place for each in done.told] == ["x.ndjson:501"]


@pytest.mark.slow
def test_a_large_file_takes_a_bounded_memory(tmp_path):
    """100,000 items (15,000 in a quick run) with bad ones between them."""
    number = 100_000 if os.environ.get("LANDZICHT_SOAK") else 15_000
    with (tmp_path / "x.ndjson").open("w") as file:
        for n in range(number):
            item = plain_item(f"i{n}")
            if n % 5000 == 77:
                item["bbox"] = "here"
            file.write(json.dumps(item) + "\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = []
    with SqliteCatalog(tmp_path / "c") as catalog:
        source = tmp_path / "x.ndjson"
        done = import_items(catalog, source, tmp_path, lambda *facts: told.append(facts))
        assert catalog.collection("theirs").count == number - number // 5000
    assert (done.taken, done.refused) == (number - number // 5000, number // 5000)
    assert told[-1] == ("x.ndjson", number, number)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000  # kB


def test_an_item_cannot_point_into_the_data_folder(tmp_path):
    """What only our own scenes may say is left out of somebody else's."""
    secret = tmp_path / "secret.tif"
    secret.write_bytes(b"x" * 10)
    item = plain_item(**{"landzicht:source": "0" * 64, "landzicht:simulated": True})
    item["assets"]["a"] |= {"landzicht:file": "../secret.tif", "file:size": 10}
    item["landzicht:hidden"] = True
    (tmp_path / "x.json").write_text(json.dumps(item))
    data = tmp_path / "data"
    data.mkdir()
    with SqliteCatalog(tmp_path / "c") as catalog:
        assert import_items(catalog, tmp_path / "x.json", data).taken == 1
        body = json.loads(catalog.body("theirs", "item-1"))
    assert body["assets"]["a"] == {
        "href": "https://example.nl/a.tif",
        "roles": ["data"],
        "file:size": 10,
    }
    assert "landzicht:source" not in body["properties"]
    assert body["properties"]["landzicht:simulated"] is True
    assert "landzicht:hidden" not in body
    assert body["landzicht:links"] == item["links"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.parquet", b"PAR1 this is not Parquet"),
        ("x.json", b"[1, 2"),
        ("x.json", b'{"type": "FeatureCollection", "features": 3}'),
        ("x.doc", b"{}"),
        ("empty", None),
    ],
)
def test_what_is_no_catalogue_is_told(tmp_path, name, content):
    if content is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    with SqliteCatalog(tmp_path / "c") as catalog, pytest.raises(BadExchange) as failure:
        import_items(catalog, tmp_path / name, tmp_path)
    assert name in failure.value.say("nl")


def test_a_static_catalogue_cannot_lead_out_of_its_folder(tmp_path):
    (tmp_path / "out").mkdir()
    links = [{"rel": "item", "href": "../../etc/passwd"}]
    (tmp_path / "out" / "catalog.json").write_text(json.dumps({"type": "Catalog", "links": links}))
    with SqliteCatalog(tmp_path / "c") as catalog, pytest.raises(BadExchange):
        import_items(catalog, tmp_path / "out", tmp_path)


def test_a_foreign_item_is_found_and_kept_word_for_word(tmp_path):
    item = plain_item(**{"their:thing": {"a": [1, 2.5, None]}, "eo:cloud_cover": 20})
    kept = read_foreign(item)
    assert json.loads(kept.body)["properties"] == item["properties"]
    with SqliteCatalog(tmp_path / "c") as catalog:
        catalog.put([make_collection("theirs")], [kept])
        assert catalog.search(Query(bounds=kept.bounds)).bodies == (kept.body,)
        assert catalog.entries(Query())[0].cloud == 20
