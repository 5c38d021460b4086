"""Which fields of an item are left, by the semantics of the fields extension."""

from __future__ import annotations

import json

import pytest

from landzicht.web.stac.extend import fields_of
from landzicht.web.stac.select import select

ITEM = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "a",
    "collection": "c",
    "geometry": {"type": "Point", "coordinates": [5, 52]},
    "properties": {"datetime": "2025-06-08T00:00:00Z", "gsd": 10, "deep": {"x": 1, "y": 2}},
    "assets": {"B04": {"href": "https://example.org/b.tif", "title": "Red"}},
    "links": [],
}


def left(asked):
    fields = fields_of(asked)
    assert fields is not None
    return json.loads(select(json.dumps(ITEM).encode(), fields))


@pytest.mark.parametrize(
    ("asked", "properties"),
    [
        ("id,properties,-properties.gsd", {"datetime", "deep"}),
        ("properties,-gsd,-properties.deep", {"datetime"}),
        ({"include": ["properties"], "exclude": ["properties.datetime"]}, {"gsd", "deep"}),
        ({"include": ["properties.gsd"], "exclude": ["properties"]}, {"gsd"}),
        ({"include": ["gsd", "deep"], "exclude": ["gsd"]}, {"gsd", "deep"}),
        ({"include": [], "exclude": ["geometry"]}, {"datetime"}),
    ],
)
def test_the_longer_path_decides_and_of_equal_ones_include(asked, properties):
    assert left(asked)["properties"].keys() == properties


def test_what_lies_in_a_field_can_be_excluded_from_it():
    found = left({"include": ["assets", "deep"], "exclude": ["assets.B04.title", "deep.x"]})
    assert found["assets"] == {"B04": {"href": "https://example.org/b.tif"}}
    assert "properties" in found


def test_everything_can_be_excluded():
    assert left({"include": ["id"], "exclude": ["links", "type", "collection"]}) == {"id": "a"}
    assert "properties" not in left({"include": [], "exclude": ["properties"]})
