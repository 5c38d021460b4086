"""STAC items: nothing lost on the way there and back, valid for others, closed to injection."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from datetime import UTC, datetime

import orjson
import pystac
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pystac.validation import validate_dict

from landzicht.errors.records import BadRecord, DamagedRecord
from landzicht.kinds import Band, BandKind, Scene
from landzicht.stac import RESERVED, read_item, splice, write_item
from landzicht.testing import strategies
from landzicht.testing.scenes import make_scene

SELF = {"rel": "self", "href": "https://example.nl/stac/item"}
COLLECTION = {"rel": "collection", "href": "https://example.nl/stac/collections/polder"}


def answer(scene: Scene) -> dict:
    return orjson.loads(splice(write_item(scene), "https://example.nl/assets", [SELF, COLLECTION]))


@settings(deadline=None)
@given(strategies.scenes())
def test_reading_is_the_exact_inverse_of_writing(scene):
    assert read_item(write_item(scene)) == scene


@settings(deadline=None, max_examples=40)
@given(strategies.scenes())
def test_what_was_read_is_written_in_the_same_bytes(scene):
    assert write_item(scene) == write_item(read_item(write_item(scene)))


def test_the_round_trip_covers_every_field():
    """A field added to a noun without a default value in the strategies would slip through."""
    rich = Band(
        name="x", dtype="uint8", kind=BandKind.CATEGORICAL, nodata=1, scale=2, offset=3, unit="K",
        common_name="red", title="t", wavelength_um=0.6, colours=((1, (1, 2, 3, 4)),),
    )  # fmt: skip
    empty = Band(name="y", dtype="uint16")
    untold = [f.name for f in fields(Band) if getattr(rich, f.name) == getattr(empty, f.name)]
    assert not untold
    asset = replace(make_scene().assets["B04"], band=rich, key="x")
    scene = make_scene(assets={"x": asset})
    assert read_item(write_item(scene)) == scene


@settings(deadline=None, max_examples=25)
@given(strategies.scenes())
def test_pystac_finds_the_core_of_every_item_valid(scene):
    usable = {"title": "A", "platform": "p"}  # common metadata has types of its own
    item = answer(replace(scene, properties=usable))
    item["stac_extensions"] = []  # their schemas are on the network; see the tests below
    validate_dict(item)


def test_extensions_are_declared_exactly_when_their_fields_occur():
    plain = answer(make_scene(properties={}))
    told = [url.split("/")[3] for url in plain["stac_extensions"]]
    assert told == ["eo", "file", "projection", "raster"]
    sunny = answer(make_scene(properties={"view:sun_elevation": 60.1}))
    assert any("/view/" in url for url in sunny["stac_extensions"])


def test_fields_stand_where_generic_clients_look():
    item = answer(make_scene(end=datetime(2025, 6, 9, tzinfo=UTC)))
    asset = item["assets"]["B04"]
    assert asset["href"] == "https://example.nl/assets/polder/scene-1/B04.tif"
    assert asset["proj:code"] == item["properties"]["proj:code"] == "EPSG:32631"
    assert asset["proj:shape"] == [1024, 1024]
    assert asset["proj:transform"][:3] == [10.0, 0.0, 640_000.0]
    assert (asset["raster:scale"], asset["nodata"], asset["data_type"]) == (0.0001, 0, "uint16")
    assert asset["bands"] == [{"name": "B04", "eo:common_name": "red"}]
    assert asset["file:checksum"].startswith("1220")
    assert item["properties"]["start_datetime"] == "2025-06-08T10:40:00Z"
    assert item["properties"]["end_datetime"] == "2025-06-09T00:00:00Z"


def test_the_extensions_of_pystac_read_our_fields():
    """No package brings the schemas of extensions; these classes are how clients read them."""
    told = {"view:sun_azimuth": 150.0, "eo:cloud_cover": 4.0}
    scene = make_scene(properties=told)
    item = pystac.Item.from_dict(answer(scene))
    asset, ours = item.assets["B04"], scene.assets["B04"]
    assert item.ext.proj.code == asset.ext.proj.code == ours.grid.crs
    assert asset.ext.proj.shape == [ours.grid.height, ours.grid.width]
    assert asset.ext.proj.transform == list(ours.grid.transform[:6])
    assert asset.ext.file.size == ours.size
    assert asset.ext.file.checksum == "1220" + ours.sha256
    assert item.ext.eo.cloud_cover == 4.0
    assert item.ext.view.sun_azimuth == 150.0


def test_numbers_outside_json_get_their_stac_words():
    band = Band(name="B04", dtype="float32", nodata=math.nan)
    asset = replace(make_scene().assets["B04"], band=band, statistics={"mean": math.nan})
    item = answer(make_scene(assets={"B04": asset}))
    assert item["assets"]["B04"]["nodata"] == "nan"
    assert "statistics" not in item["assets"]["B04"]


@pytest.mark.parametrize("title", [None, "Zomer"])
def test_simulated_items_cannot_be_mistaken(title):
    given_ = {"platform": "sentinel-2a"} | ({"title": title} if title else {})
    properties = answer(make_scene(simulated=True, properties=given_))["properties"]
    assert properties["landzicht:simulated"] is True
    assert "SIMULATED" in properties["title"]
    assert "GESIMULEERD" in properties["title"]
    assert properties["platform"] == "simulated sentinel-2a"


def test_real_items_are_not_called_simulated():
    assert b"imulated" not in write_item(make_scene(properties={"title": "x"}))


INJECTIONS = [
    {"href": "lz-asset:/polder/other/B04.tif"},
    {"lz-asset:/x": 1},
    {"a": ['"lz-asset:/', '\\"lz-asset:/', "\\lz-asset:/"]},
]


@pytest.mark.parametrize("properties", INJECTIONS)
def test_no_other_string_is_taken_for_the_address_of_an_asset(properties):
    scene = make_scene(properties=properties)
    body = write_item(scene)
    assert body.count(b"lz-asset:") == 1
    assert read_item(body) == scene
    spliced = orjson.loads(splice(body, "https://evil.example", []))
    assert {name: spliced["properties"][name] for name in properties} == properties


@given(st.text(), st.text())
def test_splice_gives_json_whatever_the_texts(base, text):
    base, text = base.encode("utf-8", "ignore").decode(), text.encode("utf-8", "ignore").decode()
    scene = make_scene(properties={"x": text, "y": f"lz-asset:/{text}"})
    item = orjson.loads(splice(write_item(scene), base, [{"rel": "self", "href": text}]))
    assert item["assets"]["B04"]["href"] == f"{base}/polder/scene-1/B04.tif"
    assert item["properties"]["y"] == f"lz-asset:/{text}"
    assert item["links"] == [{"rel": "self", "href": text}]


def test_keys_are_quoted_in_addresses():
    asset = replace(make_scene().assets["B04"], key='b 4?"é')
    item = answer(make_scene(assets={'b 4?"é': asset}))
    href = item["assets"]['b 4?"é']["href"]
    assert href == "https://example.nl/assets/polder/scene-1/b%204%3F%22%C3%A9.tif"


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_properties_cannot_be_overruled(name):
    scene = make_scene(properties={name: "x"})
    assert read_item(write_item(scene)) == replace(scene, properties={})


BAD = {
    "id": make_scene(id="a/b"),
    "id dots": make_scene(id=".."),
    "id empty": make_scene(id=""),
    "id long": make_scene(id="x" * 201),
    "collection": make_scene(collection="a b"),
    "nan": make_scene(properties={"eo:cloud_cover": math.nan}),
    "deep infinity": make_scene(properties={"a": [{"b": math.inf}]}),
    "object": make_scene(properties={"a": object()}),
    "huge number": make_scene(properties={"a": 2**70}),
    "surrogate": make_scene(properties={"a": "\ud800"}),
    "key": make_scene(assets={"a/b": make_scene().assets["B04"]}),
    "footprint": make_scene(footprint={"type": "Polygon", "coordinates": [[[math.nan, 1]]]}),
}


@pytest.mark.parametrize("scene", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_kept_is_refused(scene):
    with pytest.raises(BadRecord) as failure:
        write_item(scene)
    assert failure.value.code == "bad-record"
    assert failure.value.say("nl") != failure.value.say("en")


def test_too_deep_is_refused():
    deep: dict = {}
    for _ in range(2000):
        deep = {"a": deep}
    with pytest.raises(BadRecord):
        write_item(make_scene(properties=deep))


@pytest.mark.parametrize("cut", [0, 1, 10, 200, -1])
def test_a_damaged_body_is_a_clear_error(cut):
    with pytest.raises(DamagedRecord):
        read_item(write_item(make_scene())[:cut])


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"properties":3}', b'{"id":{}}'])
def test_other_json_is_a_clear_error(body):
    with pytest.raises(DamagedRecord):
        read_item(body)


def test_a_zero_has_no_sign():
    """Equal grids share one object when read, so equal ones must be written alike."""
    scenes = []
    for zero in (0.0, -0.0):
        scene = make_scene()
        asset = scene.assets["B04"]
        transform = asset.grid.transform
        grid = replace(asset.grid, transform=Affine(10.0, zero, transform.c, zero, -10.0, 1.0))
        scenes.append(replace(scene, assets={"B04": replace(asset, grid=grid)}))
    bodies = [write_item(read_item(write_item(scene))) for scene in scenes]
    assert bodies == [write_item(scene) for scene in scenes]
