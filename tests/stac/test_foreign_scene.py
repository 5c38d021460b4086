"""Items of others can be found, measured by place and shown in lists like scenes of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from landzicht.kinds import Collection, Layer, Query
from landzicht.portal import Portal
from landzicht.portal.catalogue.place import NAMES
from landzicht.stac import read_collection, read_foreign_collection, read_item, write_collection
from landzicht.stac.foreign import read_foreign
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

ITEM = {
    "type": "Feature",
    "id": "theirs",
    "collection": "polder",
    "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]]},
    "properties": {
        "datetime": None,
        "start_datetime": "2025-06-01T00:00:00Z",
        "end_datetime": "2025-06-30T00:00:00Z",
        "eo:cloud_cover": 3,
    },
    "assets": {"a": {"href": "https://example.org/a.tif"}},
}


def test_an_item_of_others_is_a_scene_without_files():
    item = read_foreign(ITEM)
    scene = read_item(item.body)
    assert (scene.id, scene.source, scene.assets) == ("theirs", item.source, {})
    assert scene.moment == datetime(2025, 6, 1, tzinfo=UTC)
    assert scene.end == datetime(2025, 6, 30, tzinfo=UTC)


def test_it_is_found_like_others(tmp_path):
    services = make_services(tmp_path)
    services.catalog.put([make_collection()], [read_foreign(ITEM)])
    with Portal(services) as portal:
        query = Query(bounds=make_collection().bounds or None)
        (found,) = portal.local_items(query)
        assert found["id"] == "theirs"
        area = {"type": "Polygon", "coordinates": ITEM["geometry"]["coordinates"]}
        page = portal.search(Query(intersects=area), NAMES)
        assert b'"aoi:coverage":100' in page.bodies[0]
        (day,) = portal.usable_dates(Query(collections=("polder",), intersects=area))
        assert (day["date"], day["cloud_cover"], day["usable"]) == ("2025-06-01", None, False)


@pytest.mark.parametrize("gsd", [[10], {"minimum": 1, "maximum": 2}, []])
def test_a_collection_of_others_comes_back_word_for_word(gsd):
    told = {
        "type": "Collection",
        "id": "theirs",
        "description": "Words",
        "license": "CC0-1.0",
        "extent": {"spatial": {"bbox": [[5, 52, 6, 53]]}, "temporal": {"interval": [[None, None]]}},
        "summaries": {"gsd": gsd, "x": [1]},
        "item_assets": {"a": {"roles": ["data"]}},
        "a:b": {"c": 1},
    }
    collection = read_foreign_collection(told)
    assert isinstance(collection, Collection)
    assert read_collection(write_collection(collection)) == collection
    written = orjson.loads(write_collection(collection))
    for name in ("description", "license", "extent", "summaries", "item_assets", "a:b"):
        assert written[name] == told[name]


def test_bands_that_come_into_a_collection_of_others_stay():
    """It had told of such an asset and such a view already; what else it told stays told."""
    theirs = read_foreign_collection(
        {
            "type": "Collection",
            "id": "theirs",
            "description": "Words",
            "license": "CC0-1.0",
            "extent": {
                "spatial": {"bbox": [[5, 52, 6, 53]]},
                "temporal": {"interval": [[None, None]]},
            },
            "summaries": {"gsd": [10, 20], "x": [1]},
            "item_assets": {"B04": {"title": "Rood"}, "other": {"roles": ["data"]}},
            "renders": {"red": {"title": "Rood"}, "more": {"assets": ["other"]}},
        }
    )
    ours = make_collection(
        layers=(Layer(name="red", title=Text(nl="Rood", en="Red"), assets=("B04",)),)
    )
    now = replace(theirs, bands=ours.bands, layers=ours.layers, resolution_m=10.0)
    again = read_collection(write_collection(now))
    assert (again.bands, again.layers, again.resolution_m) == (ours.bands, ours.layers, 10.0)
    assert write_collection(again) == write_collection(now)
    told = orjson.loads(write_collection(again))
    assert told["item_assets"].keys() == {"B04", "other"}
    assert told["item_assets"]["B04"]["data_type"] == "uint16"
    assert told["renders"].keys() == {"red", "more"}
    assert told["summaries"] == {"gsd": [10.0], "x": [1]}
