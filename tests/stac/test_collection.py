"""STAC collections: there and back, valid for others, honest about simulation."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from pystac.validation import validate_dict

from landzicht.errors.records import BadRecord, DamagedRecord
from landzicht.kinds import Band, Collection, Layer
from landzicht.stac import read_collection, splice, write_collection
from landzicht.testing import strategies
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

NDVI = Layer(
    name="ndvi",
    title=Text(nl="Groen", en="Green"),
    expression="(B08-B04)/(B08+B04)",
    rescale=((-0.2, 1.0),),
    colormap="rdylgn",
)


def answer(collection: Collection) -> dict:
    return orjson.loads(splice(write_collection(collection), "https://example.nl/assets", []))


@settings(deadline=None)
@given(strategies.collections())
def test_reading_is_the_exact_inverse_of_writing(collection):
    assert read_collection(write_collection(collection)) == collection


@settings(deadline=None, max_examples=25)
@given(strategies.collections())
def test_pystac_finds_the_core_of_every_collection_valid(collection):
    plain = replace(collection, license="other")
    roles = ("producer", "host")
    plain = replace(plain, providers=tuple((name or "x", roles) for name, _ in plain.providers))
    plain = replace(plain, description=Text(nl="d", en="d"))
    told = answer(plain)
    told["stac_extensions"] = []  # their schemas are on the network
    validate_dict(told)


def test_layers_are_renders_that_others_can_follow():
    bands = tuple(Band(name=name, dtype="uint16") for name in ("B03", "B04", "B08"))
    render = answer(make_collection(bands=bands, layers=(NDVI,)))["renders"]["ndvi"]
    assert render["assets"] == ["B04", "B08"]
    assert render["expression"] == "(B08-B04)/(B08+B04)"
    assert render["rescale"] == [[-0.2, 1.0]]
    assert render["colormap_name"] == "rdylgn"


def test_the_render_extension_is_declared_when_used():
    assert not any("render" in url for url in answer(make_collection())["stac_extensions"])
    told = answer(make_collection(layers=(NDVI,)))["stac_extensions"]
    assert any("render/v2.0.0" in url for url in told)


def test_both_languages_are_kept_beside_the_english_string():
    title = Text(nl="Polder van boven", en="Polder from above")
    told = answer(make_collection(title=title))
    assert told["title"] == "Polder from above"
    assert told["landzicht:title"] == {"nl": "Polder van boven", "en": "Polder from above"}


def test_simulated_collections_say_so_in_both_languages():
    told = answer(make_collection(simulated=True))
    for field in ("title", "description"):
        assert "SIMULATED" in told[field]
        assert "GESIMULEERD" in told[f"landzicht:{field}"]["nl"]
    assert told["landzicht:simulated"] is True
    assert "SIMULATED" not in answer(make_collection())["title"]


def test_a_mark_by_the_author_is_not_doubled():
    title = Text(nl="Zonderland (GESIMULEERD)", en="Zonderland (SIMULATED)")
    assert answer(make_collection(simulated=True, title=title))["title"] == title.en


def test_the_extent_of_an_empty_collection_is_open():
    told = answer(make_collection())
    assert told["extent"]["temporal"]["interval"] == [[None, None]]
    assert told["extent"]["spatial"]["bbox"] == [[-180.0, -90.0, 180.0, 90.0]]
    assert read_collection(write_collection(make_collection())).bounds is None


@pytest.mark.parametrize("id", ["", "..", "a/b", "x" * 101, "é"])
def test_bad_ids_are_refused(id):
    with pytest.raises(BadRecord):
        write_collection(make_collection(id))


def test_two_bands_with_one_name_are_refused():
    band = Band(name="B04", dtype="uint8")
    with pytest.raises(BadRecord):
        write_collection(make_collection(bands=(band, band)))


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"id":"a","title":1}'])
def test_other_bytes_are_a_clear_error(body):
    with pytest.raises(DamagedRecord):
        read_collection(body)


def test_addresses_in_texts_are_not_spliced():
    title = Text(nl="lz-asset:/x", en="lz-asset:/x")
    collection = make_collection(title=title)
    assert b"lz-asset:" not in write_collection(collection)
    assert answer(collection)["title"] == "lz-asset:/x"
    assert read_collection(write_collection(collection)) == collection
