"""Items that somebody else wrote: kept word for word, or refused with every reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors import Invalid
from landzicht.errors.records import BadItem
from landzicht.stac import (
    item_name,
    read_collection,
    read_foreign,
    read_foreign_collection,
    read_item,
    write_collection,
)
from landzicht.stac.checking import MOST_REASONS
from landzicht.stac.foreign import with_links
from landzicht.testing import strategies
from landzicht.testing.strategies import anything

GOOD = {
    "type": "Feature",
    "stac_version": "1.0.0",
    "id": "x",
    "collection": "c",
    "geometry": {"type": "Polygon", "coordinates": [[[5, 52], [6, 52], [6, 53], [5, 52]]]},
    "properties": {"datetime": "2025-06-08T10:40:00.5+02:00"},
    "assets": {"a": {"href": "https://example.nl/a.tif"}},
    "links": [],
}


def fields(item, collection=None):
    with pytest.raises(BadItem) as failure:
        read_foreign(item, collection)
    for language in ("nl", "en"):
        assert failure.value.say(language)
    return {field for field, _ in failure.value.facts["reasons"]}


def test_what_the_index_needs_is_read():
    item = read_foreign(GOOD)
    assert item_name(item.body) == ("c", "x")
    assert item.moment == datetime(2025, 6, 8, 8, 40, 0, 500_000, tzinfo=UTC)
    assert item.bounds.as_list() == [5.0, 52.0, 6.0, 53.0]
    told = json.loads(item.body)
    assert told["stac_version"] == "1.1.0"
    assert told["bbox"] == [5.0, 52.0, 6.0, 53.0]
    assert "links" not in told


def test_a_period_counts_from_its_start():
    times = {
        "datetime": None,
        "start_datetime": "2025-06-01T00:00:00Z",
        "end_datetime": "2025-06-30T00:00:00Z",
    }
    item = read_foreign({**GOOD, "properties": times})
    assert (item.moment.day, item.end.day) == (1, 30)


def test_only_the_scheme_of_our_assets_is_disguised():
    item = {**GOOD, "assets": {"a": {"href": "lz-asset:/c/x/a.tif"}}}
    body = read_foreign(item).body
    assert b"lz-asset:" not in body
    assert json.loads(body)["assets"]["a"]["href"] == "lz-asset:/c/x/a.tif"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"id": None}, {"id"}),
        ({"id": "a/b"}, {"id"}),
        ({"id": 3}, {"id"}),
        ({"collection": "a b"}, {"collection"}),
        ({"type": "FeatureCollection"}, {"type"}),
        ({"geometry": None}, {"geometry"}),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, {"geometry"}),
        (
            {"geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [7, 8]]]}},
            {"geometry"},
        ),
        ({"geometry": {"type": "MultiPolygon", "coordinates": [[]]}}, {"geometry"}),
        ({"bbox": [1, 2, 3]}, {"bbox"}),
        ({"bbox": [1, 20, 3, 10]}, {"bbox"}),
        ({"properties": None}, {"properties"}),
        ({"properties": {}}, {"properties.datetime"}),
        ({"properties": {"datetime": "2025"}}, {"properties.datetime"}),
        (
            {"properties": {"datetime": 5, "created": "x"}},
            {"properties.datetime", "properties.created"},
        ),
        (
            {
                "properties": {
                    "datetime": None,
                    "start_datetime": "2025-06-08T00:00:00Z",
                    "end_datetime": "2025-06-07T00:00:00Z",
                }
            },
            {"properties.end_datetime"},
        ),
        ({"assets": None}, {"assets"}),
        (
            {"assets": {"a": 1, "b": {"roles": "data"}}},
            {"assets.a", "assets.b.href", "assets.b.roles"},
        ),
        ({"links": [{"rel": 1}, 2]}, {"links[0].rel", "links[0].href", "links[1]"}),
        ({"stac_extensions": [1]}, {"stac_extensions"}),
        ({"properties": {"datetime": "2025-06-08T10:40:00Z", "x": float("inf")}}, {"properties"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:50],
)
def test_every_reason_is_told(change, wrong):
    assert fields({**GOOD, **change}) == wrong


def test_an_item_of_another_collection_is_refused():
    assert fields(GOOD, "other") == {"collection"}
    assert read_foreign({k: v for k, v in GOOD.items() if k != "collection"}, "c").collection == "c"


def test_deep_and_many():
    deep = []
    for _ in range(5000):
        deep = [deep]
    assert fields({**GOOD, "deep": deep}) == {"deep"}
    many = {f"a{n}": {} for n in range(1000)}
    with pytest.raises(BadItem) as failure:
        read_foreign({**GOOD, "assets": many})
    assert len(failure.value.facts["reasons"]) == MOST_REASONS


@given(st.sampled_from([*GOOD, "bbox"]), anything)
def test_whatever_comes_is_an_item_or_a_reason(field, value):
    try:
        item = read_foreign({**GOOD, field: value})
    except Invalid:
        return
    assert json.loads(item.body)["id"] == item.id


@given(anything)
def test_whatever_comes_at_all(value):
    with pytest.raises(BadItem):
        read_foreign(value)


FULL = GOOD | {
    "bbox": [5, 52, 6, 53],
    "stac_extensions": ["x"],
    "properties": {
        "datetime": "2025-06-08T10:40:00Z",
        "start_datetime": "2025-06-08T10:00:00Z",
        "end_datetime": "2025-06-09T10:00:00Z",
        "created": "2025-06-10T10:00:00Z",
        "eo:cloud_cover": 7,
        "title": "x",
        "landzicht:simulated": True,
        "landzicht:original": {"title": "y"},
    },
    "links": [{"rel": "license", "href": "https://example.nl/l"}],
}
THEIRS = {
    "type": "Collection",
    "id": "theirs",
    "title": "T",
    "description": "Words",
    "license": "CC0-1.0",
    "keywords": ["k"],
    "providers": [{"name": "n", "roles": ["host"], "url": "https://example.nl"}],
    "extent": {"spatial": {"bbox": [[5, 52, 6, 53]]}, "temporal": {"interval": [[None, None]]}},
    "summaries": {"gsd": [10], "x": [1]},
    "item_assets": {"a": {"roles": ["data"]}},
    "renders": {"r": {"assets": ["a"]}},
    "stac_extensions": ["x"],
    "links": [{"rel": "license", "href": "https://example.nl/l"}],
    "landzicht:title": {"nl": "T", "en": "T"},
}


@settings(max_examples=200)
@given(strategies.bent(FULL))
def test_what_was_taken_is_a_scene_of_the_same_moment(told):
    """Whatever is wrong with an item is found when it comes, not when somebody reads it."""
    try:
        item = read_foreign(told)
    except Invalid:
        return
    scene = read_item(item.body)
    assert (scene.moment, scene.end) == (item.moment, item.end)
    back = read_foreign(with_links(json.loads(item.body)))
    assert json.loads(back.body) == json.loads(item.body)


def outcome(told, text=None):
    """Return what became of an item: what is kept of it, or all reasons."""
    try:
        return read_foreign(told, text=text)
    except BadItem as error:
        return error.facts["reasons"], error.say("nl"), error.say("en")


@settings(max_examples=150)
@given(st.one_of(strategies.bent(FULL), anything))
def test_the_text_it_comes_from_changes_nothing(value):
    try:
        text = orjson.dumps(value)
    except TypeError:  # not everything that is made here has a form in JSON
        return
    assert outcome(orjson.loads(text), text) == outcome(orjson.loads(text))


@pytest.mark.parametrize("levels", [200, 247, 248, 249, 250, 251, 252, 253, 254, 300, 1000])
@pytest.mark.parametrize("wide", [False, True])
def test_nor_does_it_with_many_brackets_or_levels(levels, wide):
    """Few brackets need no look; with many of them, only how deep they are counts."""
    value = b"[" + b"[]," * levels + b"[]]" if wide else b"[" * levels + b"]" * levels
    text = orjson.dumps(GOOD)[:-1] + b',"more":' + value + b"}"
    assert outcome(orjson.loads(text), text) == outcome(orjson.loads(text))


@settings(max_examples=150)
@given(strategies.bent(THEIRS))
def test_a_collection_that_comes_back_is_the_same(told):
    try:
        collection = read_foreign_collection(told)
        body = write_collection(collection)
    except Invalid:
        return
    assert read_collection(body) == collection
    assert read_foreign_collection(with_links(json.loads(body)), collection) == collection
