"""Profiles of the package: whole, consistent, and honest about what nobody checked."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.sources import BadSource, NoCredential
from landzicht.formats.remote import KeyKind, find_keys, read_address
from landzicht.formats.remote.keys import KeyNames
from landzicht.portal.land import wrong_in_layer
from landzicht.sources.adapt import Unwanted, Wanted, adapt, sentinel2_offset
from landzicht.sources.profile import profile_at, profile_named, profiles, read_profile
from landzicht.stac import read_collection, write_collection


@pytest.mark.parametrize("profile", profiles(), ids=lambda one: one.id)
def test_a_profile_is_whole(profile):
    assert profile_named(profile.id) is profile
    for address in profile.addresses:
        assert profile_at(address) is profile
        assert address.startswith("https://")
        read_address(f"{address}/")
    for name, theme in profile.themes.items():
        collection = theme.collection
        assert read_collection(write_collection(collection)) == collection
        names = [band.name for band in collection.bands]
        assert not [wrong for layer in collection.layers for wrong in wrong_in_layer(layer, names)]
        assert theme.refused is not None or theme.assets, name
        assert set(theme.assets) == set(names)
        if collection.mask is not None and theme.refused is None:
            assert collection.mask.asset in names
        assert collection.license


def test_what_nobody_checked_is_said():
    assert profile_named("usgs").themes["landsat-c2l2-sr"].unverified
    assert profile_named("satellietdataportaal").unverified
    assert not profile_named("planetary-computer").themes["landsat-c2-l2"].unverified


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id = 7",
        "id = 'x'\ntitle = 'x'",
        "id = 'x'\ntitle = {nl='a', en='b'}\n[key]\nkind='magic'",
        "id = 'x'\ntitle = {nl='a', en='b'}\n[collections.c]\nlike='moon'",
        "id = 'x'\ntitle = {nl='a', en='b'}\n[collections.c.assets]\nz=['a']",
        "id = 'x'\ntitle = {nl='a', en='b'}\n[collections.c]\nwithout='('",
        "id = 'x'\ntitle = {nl='a', en='b'}\n[collections.c.bands.red]\nscale=0",
        "= =",
    ],
)
def test_a_wrong_profile_is_refused(text):
    with pytest.raises(BadSource):
        read_profile(text)


def test_keys_come_from_the_environment_and_are_never_shown(monkeypatch):
    names = KeyNames(kind=KeyKind.BASIC, user="A_USER", secret="A_SECRET", hosts=("example.org",))
    monkeypatch.delenv("A_USER", raising=False)
    with pytest.raises(NoCredential) as found:
        find_keys(names, "the portal")
    assert "A_USER" in found.value.say("nl")
    monkeypatch.setenv("A_USER", "ellen")
    monkeypatch.setenv("A_SECRET", "geheim\r\nX: y")
    with pytest.raises(NoCredential):
        find_keys(names, "the portal")
    monkeypatch.setenv("A_SECRET", "geheim")
    keys = find_keys(names, "the portal")
    assert "geheim" not in repr(keys)
    assert "ellen" not in repr(keys)
    told = keys.headers(read_address("https://example.org/x"))
    assert told == {"Authorization": "Basic ZWxsZW46Z2VoZWlt"}  # RFC 7617
    for other in ("https://example.com/x", "https://sub.example.org/x", "http://example.org/x"):
        assert keys.headers(read_address(other)) == {}


def test_keys_may_be_in_the_keyring_of_the_system(monkeypatch):
    class KeyringError(Exception):
        pass

    ring = {("the portal", "A_USER"): "ellen", ("the portal", "A_SECRET"): "geheim"}
    locked = False

    def get_password(service, name):
        if locked:
            raise KeyringError
        return ring.get((service, name))

    module = SimpleNamespace(
        get_password=get_password, errors=SimpleNamespace(KeyringError=KeyringError)
    )
    monkeypatch.setitem(sys.modules, "keyring", module)
    for name in ("A_USER", "A_SECRET"):
        monkeypatch.delenv(name, raising=False)
    plain = KeyNames(kind=KeyKind.BASIC, user="A_USER", secret="A_SECRET")
    names = replace(plain, service="the portal")
    found = find_keys(names, "x")
    assert (found.user, found.secret) == ("ellen", "geheim")
    monkeypatch.setenv("A_SECRET", "of the environment")
    assert find_keys(names, "x").secret == "of the environment"
    monkeypatch.delenv("A_SECRET")
    with pytest.raises(NoCredential):  # a profile that names no keyring is not looked up in it
        find_keys(plain, "x")
    locked = True
    with pytest.raises(NoCredential):
        find_keys(names, "x")
    monkeypatch.setitem(sys.modules, "keyring", None)  # as if it were not installed
    with pytest.raises(NoCredential):
        find_keys(names, "x")


@given(
    baseline=st.sampled_from(["02.14", "03.01", "04.00", "05.09", "05.11", "N0400", "N0214", None])
    | st.text(max_size=6),
    applied=st.sampled_from([True, False, None, "true", 1]),
)
def test_the_offset_is_minus_1000_or_nothing(baseline, applied):
    found = sentinel2_offset(
        {"s2:processing_baseline": baseline, "earthsearch:boa_offset_applied": applied}
    )
    assert found in (0.0, -1000.0)
    if applied is True or baseline in ("02.14", "03.01", "N0214", None):
        assert found == 0.0
    elif baseline in ("04.00", "05.09", "05.11", "N0400"):
        assert found == -1000.0


@given(
    item=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "assets", "properties", "geometry", "type", "coordinates", "datetime",
                 "href", "red", "eo:cloud_cover", "raster:bands", "roles"]
            ),
            inner,
            max_size=6,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_whatever_an_api_sends_is_an_item_or_unwanted(item):
    theme = profile_named("earth-search").themes["sentinel-2-c1-l2a"]
    wanted = Wanted(collection="sentinel-2-c1-l2a", into="s2", theme=theme, cloud=50)
    for one in (wanted, Wanted(collection="x", into="x")):
        with pytest.raises(Unwanted):
            adapt(item, one)


def test_a_collection_may_ask_for_other_keys_than_its_api():
    earth, usgs = profile_named("earth-search"), profile_named("usgs")
    assert earth.access_to("landsat-c2-l2") == usgs.access_to("landsat-c2l2-sr")
    assert earth.access_to("landsat-c2-l2").payer
    for free in ("sentinel-2-c1-l2a", "cop-dem-glo-30", "no-such-collection"):
        assert earth.access_to(free).keys.kind is KeyKind.NONE
        assert not earth.access_to(free).payer
    assert earth.access_to("cop-dem-glo-30").region == "eu-central-1"
    assert earth.themes["landsat-c2-l2"].without_keys is not None
    made = read_profile(
        "id='x'\ntitle={nl='a',en='b'}\n[key]\nkind='s3'\nuser='U'\nsecret='S'\n"
        "[s3]\nregion='here'\n[collections.one.s3]\nregion='there'\nrequester_pays=true\n"
        "[collections.two.key]\nkind='none'\n[collections.three]\n"
    )
    one, two, three = (made.access_to(name) for name in ("one", "two", "three"))
    assert (one.keys, one.region, one.payer) == (made.access.keys, "there", True)
    assert (two.keys.kind, two.region) == (KeyKind.NONE, "here")
    assert three == made.access
