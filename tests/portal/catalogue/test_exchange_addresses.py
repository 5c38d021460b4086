"""Addresses told from where an item lies: pystac, that wrote them, says where they lead."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from shapely.geometry import box, mapping

from landzicht.portal.catalogue.exchange import export_static, import_items
from landzicht.records import SqliteCatalog

pystac = pytest.importorskip("pystac")
SITE = "https://data.example/een plek/".replace(" ", "%20")
HREFS = {
    "beside": "./a.tif", "below": "b/é c.tif", "above": "../../c.tif", "web": "https://x.nl/d",
    "root": "/data/e.tif", "s3": "s3://bucket/f.tif", "vsi": "/vsicurl/https://x.nl/g.tif",
}  # fmt: skip


def written(folder, kind):
    """Write a catalogue with one item a level deeper than its collection."""
    catalog = pystac.Catalog("theirs", "A catalogue.")
    extent = pystac.Extent(
        pystac.SpatialExtent([[5, 52, 6, 53]]), pystac.TemporalExtent([[None, None]])
    )
    collection = pystac.Collection("polder", "Land.", extent, license="other")
    catalog.add_child(collection)
    moment = datetime(2025, 6, 8, tzinfo=UTC)
    item = pystac.Item("scene", mapping(box(5, 52, 6, 53)), [5, 52, 6, 53], moment, {})
    for key, href in HREFS.items():
        item.add_asset(key, pystac.Asset(href))
    item.add_link(pystac.Link("license", "./LICENSE.txt"))
    collection.add_asset("legend", pystac.Asset("./legend.png"))
    collection.add_item(item)
    catalog.normalize_hrefs(SITE if kind != pystac.CatalogType.SELF_CONTAINED else str(folder))
    catalog.save(kind, dest_href=str(folder))
    return folder / "polder" / "scene" / "scene.json"


@pytest.mark.parametrize("kind", list(pystac.CatalogType), ids=str)
def test_addresses_are_those_that_pystac_finds(tmp_path, kind):
    path = written(tmp_path / "een plek", kind)
    told = json.loads(path.read_text())
    away = kind != pystac.CatalogType.SELF_CONTAINED
    place = f"{SITE}polder/scene/scene.json" if away else path.as_posix()
    with SqliteCatalog(tmp_path / "c") as catalog:
        done = import_items(catalog, tmp_path / "een plek", tmp_path)
        assert (done.taken, done.refused) == (1, 0)
        found = json.loads(catalog.body("polder", "scene"))
        wanted = {
            key: pystac.utils.make_absolute_href(asset["href"], place)
            for key, asset in told["assets"].items()
        }
        assert {key: asset["href"] for key, asset in found["assets"].items()} == wanted
        assert wanted["web"] == HREFS["web"]
        assert wanted["beside"] == f"{place.rsplit('/', 1)[0]}/a.tif"
        (link,) = found["landzicht:links"]
        assert link["href"] == f"{place.rsplit('/', 1)[0]}/LICENSE.txt"
        legend = catalog.collection("polder").extra["assets"]["legend"]["href"]
        assert legend == f"{place.rsplit('/', 2)[0]}/legend.png"


def test_one_item_in_a_file_of_its_own(tmp_path):
    path = written(tmp_path / "a", pystac.CatalogType.SELF_CONTAINED)
    with SqliteCatalog(tmp_path / "c") as catalog:
        assert import_items(catalog, path, tmp_path).taken == 1
        found = json.loads(catalog.body("polder", "scene"))
    assert found["assets"]["beside"]["href"] == (path.parent / "a.tif").as_posix()


def test_what_was_relative_before_an_export_comes_back_as_it_was(tmp_path):
    path = written(tmp_path / "a", pystac.CatalogType.SELF_CONTAINED)
    told = json.loads(path.read_text()) | {"links": []}
    (tmp_path / "x.ndjson").write_text(json.dumps(told))
    with SqliteCatalog(tmp_path / "c") as catalog, SqliteCatalog(tmp_path / "d") as again:
        assert import_items(catalog, tmp_path / "x.ndjson", tmp_path).taken == 1
        export_static(catalog, tmp_path / "out", tmp_path)
        assert import_items(again, tmp_path / "out", tmp_path).taken == 1
        assert catalog.body("polder", "scene") == again.body("polder", "scene")


@pytest.mark.parametrize("href", ["https://[", "./a%00b.json", "https://[/b", "\x00"])
def test_links_that_are_none_are_passed_over(tmp_path, href):
    path = written(tmp_path / "a", pystac.CatalogType.SELF_CONTAINED)
    for each in (path, tmp_path / "a" / "catalog.json"):
        told = json.loads(each.read_text())
        told["links"] += [{"rel": rel, "href": href} for rel in ("item", "self")]
        told["assets"] = {"x": {"href": href}} if "assets" in told else {}
        each.write_text(json.dumps(told))
    with SqliteCatalog(tmp_path / "c") as catalog:
        done = import_items(catalog, tmp_path / "a", tmp_path)
        assert (done.taken, done.refused) == (1, 0)
