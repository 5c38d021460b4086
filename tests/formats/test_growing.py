"""Blocks unpacked as far as needed: the same numbers as all at once, whatever the order."""

from __future__ import annotations

import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.blocks.cache import ByteCache
from landzicht.formats import growing
from landzicht.formats.decode import decode_block
from landzicht.formats.growing import GrowingBlock, can_grow, rows_upto
from landzicht.formats.tags import DamagedTiff
from landzicht.formats.tiff import Directory

pytest.importorskip("isal")


def image(*, dtype="uint16", block=(200, 500), predictor=2, samples=1, swapped=False, **more):
    fields = dict.fromkeys(Directory.__dataclass_fields__)
    told = {
        "height": block[0],
        "width": block[1],
        "block": block,
        "striped": False,
        "dtype": np.dtype(dtype),
        "swapped": swapped,
        "bits": 8 * np.dtype(dtype).itemsize,
        "samples": samples,
        "apart": False,
        "codec": "deflate",
        "predictor": predictor,
        "mask": False,
        "inner": "none",
    }
    return Directory(**(fields | told | more))


def stored(directory, seed=0, level=6):
    """Random bytes of the right length, packed; differences of any size are allowed."""
    height, width = directory.block
    length = height * width * directory.samples * directory.dtype.itemsize
    chance = np.random.default_rng(seed)
    raw = (chance.integers(0, 256, length) & chance.integers(0, 256, length)).astype(np.uint8)
    return zlib.compress(raw.tobytes(), level)


FORMS = [
    image(),
    image(predictor=1),
    image(swapped=True),
    image(dtype="uint8", block=(300, 700)),
    image(dtype="uint8", samples=3, block=(150, 400)),
    image(dtype="float32", predictor=3, block=(100, 400)),
    image(dtype="float32", predictor=3, samples=2, block=(90, 256)),
    image(dtype="int32", block=(64, 600)),
    image(dtype="float64", predictor=1, block=(64, 300)),
    image(dtype="uint16", predictor=2, samples=4, block=(64, 300)),
]


@pytest.mark.parametrize("directory", FORMS)
@settings(max_examples=8, deadline=None)
@given(rows=st.lists(st.integers(1, 400), min_size=1, max_size=5), seed=st.integers(0, 99))
def test_any_order_of_rows_gives_what_unpacking_at_once_gives(directory, rows, seed):
    assert can_grow(directory)
    packed = stored(directory, seed)
    whole = decode_block(directory, packed)
    block = GrowingBlock(directory, packed)
    for row in rows:
        found = block.upto(row)
        assert len(found) >= min(row, len(whole))
        assert found.dtype == whole.dtype
        assert found.tobytes() == whole[: len(found)].tobytes()
        assert not found.flags.writeable
    assert block.is_complete == (len(found) == len(whole))


def test_no_more_is_unpacked_than_was_asked_for():
    directory = image(block=(1000, 500))
    block = GrowingBlock(directory, stored(directory))
    assert 300 <= len(block.upto(300)) < 340
    assert 300 <= len(block.upto(100)) < 340
    assert not block.is_complete


def test_many_threads_see_the_same():
    directory = image(block=(1000, 500))
    packed = stored(directory)
    whole, block = decode_block(directory, packed), GrowingBlock(directory, packed)
    ready = threading.Barrier(4)

    def job(number):
        ready.wait(60)
        return all(
            np.array_equal(found := block.upto(row), whole[: len(found)])
            for row in range(50 + number, 1001, 190)
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(job, range(4)))


@pytest.mark.parametrize("level", [0, 1, 9])
def test_a_stream_that_is_not_what_the_header_promises_is_refused(level):
    directory = image()
    good = stored(directory, level=level)
    raw = zlib.decompress(good)
    bad_sum = good[:-1] + bytes([good[-1] ^ 1])
    for packed in (
        b"",
        b"nonsense",
        good[: len(good) // 2],
        good[:-4],
        bad_sum,
        zlib.compress(raw + b"x", level),
        zlib.compress(raw[:-1], level),
        zlib.compress(raw + bytes(10**7), level),
    ):
        block = GrowingBlock(directory, packed)
        for _ in range(2):  # what went wrong once goes wrong again
            with pytest.raises(DamagedTiff):
                block.upto(200)
        with pytest.raises(DamagedTiff):
            decode_block(directory, packed)


def test_rows_before_the_damage_are_still_there():
    directory = image(block=(1000, 500))
    packed = stored(directory)
    block = GrowingBlock(directory, packed[: len(packed) // 2])
    whole = decode_block(directory, packed)
    np.testing.assert_array_equal(found := block.upto(100), whole[: len(found)])
    with pytest.raises(DamagedTiff):
        block.upto(1000)
    again = block.upto(100)
    np.testing.assert_array_equal(again[: len(found)], found)


def test_the_cache_counts_what_a_block_may_take_and_then_what_it_takes():
    directory = image()
    packed = stored(directory)
    cache = ByteCache(10**7, lambda block: block.nbytes)
    make = lambda: GrowingBlock(directory, packed)  # noqa: E731 - as short as it is
    rows_upto(cache, "k", make, 10)
    full = 200 * 500 * 2
    assert cache.counts["bytes"] >= full + len(packed)
    rows_upto(cache, "k", make, 200)
    assert cache.counts == {"bytes": full, "values": 1, "hits": 1, "misses": 1}
    assert isinstance(cache.peek("k"), np.ndarray)


def test_small_blocks_masks_and_other_codecs_are_unpacked_at_once(monkeypatch):
    assert not can_grow(image(block=(100, 500)))
    assert not can_grow(image(codec="zstd"))
    assert not can_grow(image(mask=True))
    monkeypatch.setattr(growing, "find_spec", lambda _: None)
    assert not can_grow(image())


def test_the_last_strip_is_shorter():
    directory = image(striped=True, height=250)
    packed = zlib.compress(bytes(50 * 500 * 2))
    block = GrowingBlock(directory, packed, 1)
    assert block.upto(200).shape == (50, 500)
    assert block.is_complete
