"""What can go wrong with a server: it is told clearly, the password never, and life goes on."""

from __future__ import annotations

import json
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from landzicht.errors.files import DiskFailed
from landzicht.errors.records import CatalogueServerFailed, DamagedRecord, NewerCatalogue
from landzicht.kinds import Query
from landzicht.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.records.pgstac import PgstacCatalog
from landzicht.records.pgstac.connections import without_password
from landzicht.stac import read_foreign, write_item
from landzicht.testing.postgres import postgres_missing, serve_postgres
from landzicht.testing.scenes import make_collection, make_scene


def sql(server, address, statement):
    return server.sql(statement, address.rpartition("/")[2])


def test_other_programs_find_the_same_scenes_through_pgstac(server, address):
    """With pgSTAC's own search: place, time, filter, and the item as we keep it."""
    scenes = [
        make_scene(f"s{n}", properties={"eo:cloud_cover": 10.0 * n, "odd": "nul \0 and é"})
        for n in range(4)
    ]
    with PgstacCatalog(address, "/srv/data") as catalog:
        catalog.put([make_collection()], scenes)
        catalog.put([], [replace(scenes[0], properties={"eo:cloud_cover": 99.0})])
        catalog.delete("polder", "s3")
        search = {
            "bbox": [5.0, 52.0, 5.05, 52.05],
            "datetime": "2025-06-08T00:00:00Z/2025-06-09T00:00:00Z",
            "filter": {"op": "<", "args": [{"property": "eo:cloud_cover"}, 50]},
            "filter-lang": "cql2-json",
        }
        asked = f"SELECT pgstac.search('{json.dumps(search)}')"
        answer = json.loads(sql(server, address, f"SET search_path TO pgstac,public; {asked}"))
        assert {item["id"] for item in answer["features"]} == {"s1", "s2"}
        told = next(item for item in answer["features"] if item["id"] == "s1")
        ours = json.loads(write_item(scenes[1]))
        assert told["assets"]["B04"].pop("href") == f"/srv/data/{scenes[1].assets['B04'].href}"
        ours["assets"]["B04"].pop("href")
        assert told["assets"] == ours["assets"]
        assert told["properties"].pop("odd") == "nul \ufffd and é"
        ours["properties"].pop("odd")
        assert told["properties"] == ours["properties"]
        assert (told["geometry"], told["bbox"]) == (ours["geometry"], ours["bbox"])
        catalog.delete_collection("polder")
        for table in ("items", "collections"):
            assert sql(server, address, f"SELECT count(*) FROM pgstac.{table}") == "0"


def test_links_of_others_are_links_in_pgstac(server, address):
    link = {"rel": "license", "href": "https://example.org/l"}
    ring = [[5, 52], [6, 52], [6, 53], [5, 52]]
    item = {
        "type": "Feature",
        "id": "theirs",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2025-06-08T10:40:00Z"},
        "assets": {},
        "links": [link],
    }
    collection = make_collection(extra={"links": [link]})
    with PgstacCatalog(address) as catalog:
        catalog.put([collection], [read_foreign(item, "polder"), make_scene("ours")])
        for name, links in (("theirs", [link]), ("ours", [])):
            found = sql(server, address, f"SELECT content FROM pgstac.items WHERE id = '{name}'")
            assert json.loads(found)["links"] == links
            assert "landzicht:links" not in found
        told = sql(server, address, "SELECT content -> 'links' FROM pgstac.collections")
        assert json.loads(told) == [link]
        assert catalog.collection("polder").extra == collection.extra


def test_all_or_nothing_holds_for_pgstac_too(server, address, monkeypatch):
    """What pgSTAC refuses is in neither."""
    from landzicht.records.pgstac import writing

    async def refuse(*_):
        raise DiskFailed(path="x", reason="y")

    with PgstacCatalog(address) as catalog:
        catalog.put([make_collection()], [make_scene("a")])
        monkeypatch.setattr(writing, "publish", refuse)
        with pytest.raises(DiskFailed):
            catalog.put([], [make_scene("b")])
        assert catalog.collection("polder").count == 1
        assert len(catalog.search(Query()).bodies) == 1
    assert sql(server, address, "SELECT count(*) FROM pgstac.items") == "1"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_password_is_never_told(server, language):
    for port, name in ((server.port, "nowhere"), (1, "postgres")):
        address = f"postgresql://postgres:{server.password}@127.0.0.1:{port}/{name}?sslmode=disable"
        with PgstacCatalog(address) as catalog:
            with pytest.raises(CatalogueServerFailed) as failure:
                catalog.collections()
            trace = "".join(traceback.format_exception(failure.value))
            for said in (failure.value.say(language), repr(catalog), repr(failure.value), trace):
                assert server.password not in said
            assert f"127.0.0.1:{port}/{name}" in failure.value.say(language)
    wrong = f"postgresql://postgres:not-it-{language}@127.0.0.1:{server.port}/postgres"
    with PgstacCatalog(wrong) as catalog, pytest.raises(CatalogueServerFailed) as failure:
        catalog.collections()
    assert "not-it" not in failure.value.say(language)
    assert without_password(wrong) == f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
    assert "not-it" not in repr(Settings(data=".", catalogue=wrong))


def test_a_portal_outlives_its_server(tmp_path):
    """It starts without, says so, works as soon as the server is there, and again after a crash."""
    if missing := postgres_missing():
        pytest.skip(missing)
    with serve_postgres(durable=True) as server:
        address = server.make_database("portal")
        server.stop()
        with open_portal(Settings(data=tmp_path, catalogue=address)) as portal:
            with pytest.raises(CatalogueServerFailed):
                portal.collections()
            assert portal.health()["status"] == "failing"
            server.start()
            assert portal.collections() == ()
            catalog = portal.services.catalog
            catalog.put([make_collection()], [make_scene()])
            server.stop("immediate")  # as if the power went
            with pytest.raises(CatalogueServerFailed):
                portal.search(Query())
            with pytest.raises(CatalogueServerFailed):
                catalog.put([], [make_scene("lost")])
            server.start()
            assert len(portal.search(Query()).bodies) == 1  # acknowledged is on disk
            assert portal.health()["checks"]["catalogue"]
            catalog.put([], [make_scene("more")])
            assert portal.collection("polder").count == 2


def test_several_portals_start_on_an_empty_database(server):
    address = server.make_database()
    catalogs = [PgstacCatalog(address) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(lambda each: each.collections(), catalogs)) == [()] * 3
    for n, catalog in enumerate(catalogs):
        catalog.put([make_collection()], [make_scene(f"s{n}")])
        catalog.close()
    with catalogs[0] as again:  # closed is not broken
        assert again.collection("polder").count == 3


def test_a_later_form_is_not_touched(server, address):
    sql(server, address, "UPDATE landzicht.meta SET form = 999")
    with PgstacCatalog(address) as catalog, pytest.raises(NewerCatalogue) as failure:
        catalog.collections()
    assert "999" in failure.value.say("en")


def test_a_damaged_body_is_told(server, address):
    with PgstacCatalog(address) as catalog:
        catalog.put([make_collection()], [make_scene()])
        sql(server, address, "UPDATE landzicht.scene SET packed = substr(packed, 1, 50)")
        with pytest.raises(DamagedRecord):
            catalog.body("polder", "scene-1")


def test_it_travels_to_another_process_as_an_address(address):
    with PgstacCatalog(address, "/data") as catalog:
        catalog.put([make_collection()], [])
        with pickle.loads(pickle.dumps(catalog)) as copy:
            assert copy.collections() == catalog.collections()
            assert copy._files == "/data"
