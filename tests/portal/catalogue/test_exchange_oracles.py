"""Exported items as two other programs read them, and theirs as we do."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from landzicht.portal.catalogue.exchange import export_parquet, import_items
from landzicht.records import SqliteCatalog
from landzicht.testing.scenes import make_collection, make_scene

START = datetime(2025, 1, 1, tzinfo=UTC)
SCENES = [
    make_scene(
        f"s{n}",
        moment=START + timedelta(days=n),
        properties={"platform": "x", "eo:cloud_cover": 1.5 * n} | ({"odd": n} if n % 2 else {}),
    )
    for n in range(20)
]


@pytest.fixture
def exported(tmp_path):
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        catalog.put([make_collection()], SCENES)
        export_parquet(catalog, tmp_path / "items.parquet", tmp_path)
    return tmp_path / "items.parquet"


def check(items):
    """Hold what another program read against the scenes."""
    found = {item["id"]: item for item in items}
    assert len(found) == len(items) == len(SCENES)
    for scene in SCENES:
        item = found[scene.id]
        assert item["collection"] == scene.collection
        assert item["bbox"] == pytest.approx(scene.bounds.as_list())
        assert json.loads(json.dumps(item["geometry"])) == json.loads(json.dumps(scene.footprint))
        properties = item["properties"]
        assert properties["eo:cloud_cover"] == scene.properties["eo:cloud_cover"]
        assert properties.get("odd") == scene.properties.get("odd")
        assert datetime.fromisoformat(properties["datetime"]) == scene.moment
        assert set(item["assets"]) == set(scene.assets)
        asset = item["assets"]["B04"]
        assert asset["href"].endswith(scene.assets["B04"].href)
        assert asset["proj:transform"] == list(scene.assets["B04"].grid.transform[:6])


def test_rustac_reads_what_we_write_and_we_what_it_writes(exported, tmp_path):
    rustac = pytest.importorskip("rustac")
    theirs = tmp_path / "theirs.parquet"

    async def read_and_write():
        items = (await rustac.read(str(exported)))["features"]
        await rustac.write(str(theirs), items)
        return items

    check(asyncio.run(read_and_write()))
    with SqliteCatalog(tmp_path / "new.sqlite") as catalog:
        report = import_items(catalog, theirs, tmp_path)
        assert (report.taken, report.refused) == (len(SCENES), 0)
        assert catalog.collection("polder").count == len(SCENES)


def test_stac_geoparquet_reads_what_we_write(exported):
    arrow = pytest.importorskip("stac_geoparquet.arrow")
    check([*arrow.stac_table_to_items(pq.read_table(exported))])
