"""Usable dates and searches by place where others wrote the moments of the scenes."""

from __future__ import annotations

import json

import pytest

from landzicht.kinds import Query, Sort
from landzicht.portal import Portal
from landzicht.portal.catalogue.place import NAMES
from landzicht.stac import read_foreign, read_item
from landzicht.testing.pixels import make_services
from landzicht.testing.scenes import make_collection, make_scene

RING = [[5, 52], [6, 52], [6, 53], [5, 53], [5, 52]]
PLACE = {"type": "Polygon", "coordinates": [RING]}
MOMENTS = {
    "plain": {"datetime": "2025-06-03T10:00:00Z"},
    "small": {"datetime": "2025-06-03t12:00:00.25z"},
    "east": {"datetime": "2025-06-03T01:30:00+02:00"},  # the second of June
    "west": {"datetime": "2025-06-02T22:30:00-02:00"},  # the third
    "period": {
        "datetime": None,
        "start_datetime": "2025-06-02T23:59:59Z",
        "end_datetime": "2025-06-20T00:00:00+02:00",
    },
    "both": {
        "datetime": "2025-06-09T00:00:00Z",
        "start_datetime": "2025-06-04T00:00:00+01:00",
        "end_datetime": "2025-06-14T00:00:00Z",
    },
}
ORDER = ["both", "small", "plain", "west", "period", "east"]
"""Newest first, as the catalogue has them: a period counts from its start."""


def item(name, times):
    return read_foreign(
        {
            "type": "Feature",
            "id": name,
            "collection": "polder",
            "geometry": PLACE,
            "properties": {**times, "eo:cloud_cover": 3},
            "assets": {"a": {"href": "https://example.org/a.tif"}},
        }
    )


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("others"))
    items = [item(name, times) for name, times in MOMENTS.items()]
    services.catalog.put([make_collection()], items)
    with Portal(services) as opened:
        yield opened


def test_days_are_those_of_the_moments(portal):
    days = portal.usable_dates(Query(collections=("polder",), intersects=PLACE))
    assert [(day["date"], day["ids"]) for day in days] == [
        ("2025-06-03", ["both", "small", "plain", "west"]),
        ("2025-06-02", ["period", "east"]),
    ]
    assert [day["datetime"] for day in days] == ["2025-06-03T23:00:00Z", "2025-06-02T23:59:59Z"]
    assert [day["date"] for day in days] == [day["date"] for day in portal.dates("polder")]


@pytest.mark.parametrize("down", [True, False])
def test_a_search_by_place_has_the_order_of_any_other(portal, down):
    query = Query(collections=("polder",), intersects=PLACE, limit=2)
    order = ORDER if down else ORDER[::-1]
    for sort in ((), (Sort("datetime", descending=down),)) if down else ((Sort("datetime"),),):
        for measured in (frozenset(), NAMES):
            seen, token = [], None
            while True:
                asked = Query(
                    collections=query.collections, intersects=PLACE, limit=2, sort=sort, token=token
                )
                page = portal.search(asked, measured)
                seen += [json.loads(body)["id"] for body in page.bodies]
                token = page.next
                if token is None:
                    break
            assert seen == order


@pytest.mark.parametrize("name", MOMENTS)
def test_a_scene_has_the_moment_of_its_item(name):
    told = item(name, MOMENTS[name])
    scene = read_item(told.body)
    assert (scene.moment, scene.end) == (told.moment, told.end)
    assert scene.moment.utcoffset().total_seconds() == 0


def test_values_of_the_place_come_among_the_properties_of_the_item(tmp_path):
    """Wherever else a writer uses the same names."""
    geometry = {"properties": {}, **PLACE, "bbox": [5, 52, 6, 53], "note": 'lz-asset:/ "geometry":'}
    told = {
        "type": "Feature",
        "stac_extensions": ['https://example.org/"properties":{'],
        "id": "odd",
        "collection": "polder",
        "geometry": geometry,
        "properties": {"datetime": "2025-06-03T10:00:00Z", "properties": {"x": 1e-7}},
        "assets": {"properties": {"href": "lz-asset:/x"}},
    }
    services = make_services(tmp_path)
    services.catalog.put([make_collection()], [read_foreign(told), make_scene("ours")])
    with Portal(services) as portal:
        place = {"type": "Point", "coordinates": [5.05, 52.05]}
        for body in portal.search(Query(intersects=place), NAMES).bodies:
            item = json.loads(body)
            values = item["properties"].pop("aoi:coverage")
            assert values == 100
            assert item == json.loads(portal.item("polder", item["id"]))
            assert (b"lz-asset:" in body) == (item["id"] == "ours")
