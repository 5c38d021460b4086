"""Stored bodies are plain zlib streams, and damage never passes for a body."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from landzicht.errors.records import DamagedRecord
from landzicht.records.bodies import DICTIONARY, pack, unpack
from landzicht.stac import write_item
from landzicht.testing.scenes import make_scene

BODY = write_item(make_scene())


@given(body=st.binary(max_size=2000) | st.just(BODY * 50))
def test_zlib_reads_what_we_write_and_we_read_what_zlib_writes(body):
    """Catalogues of earlier versions were written by zlib; and ours must be readable to all."""
    reader = zlib.decompressobj(zdict=DICTIONARY)
    assert reader.decompress(pack(body, DICTIONARY)) + reader.flush() == body
    for level in (1, 6):
        writer = zlib.compressobj(level, zdict=DICTIONARY)
        assert unpack(writer.compress(body) + writer.flush(), DICTIONARY, "r") == body


def test_a_body_takes_a_fraction_of_its_size():
    assert len(pack(BODY, DICTIONARY)) < len(BODY) / 2


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
@example(place=0.0, flip=1)
@example(place=0.999, flip=1)
def test_one_changed_byte_is_noticed(place, flip):
    packed = bytearray(pack(BODY, DICTIONARY))
    packed[int(place * len(packed))] ^= flip
    try:
        body = unpack(bytes(packed), DICTIONARY, "r")
    except DamagedRecord:
        return
    assert body == BODY  # a byte of the stream that says nothing: its hint of the level


@given(cut=st.floats(0, 1, exclude_max=True), junk=st.binary(max_size=30))
def test_part_of_a_body_is_no_body(cut, junk):
    packed = pack(BODY, DICTIONARY)
    with pytest.raises(DamagedRecord):
        unpack(packed[: int(cut * len(packed))], DICTIONARY, "r")
    with pytest.raises(DamagedRecord):
        unpack(junk, DICTIONARY, "r")


def test_the_dictionary_of_another_catalogue_is_noticed():
    with pytest.raises(DamagedRecord):
        unpack(pack(BODY, DICTIONARY), DICTIONARY[::-1], "r")
