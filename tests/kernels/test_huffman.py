"""The packer without matches: zlib must give back every byte."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landzicht.kernels.huffman import ROOM, filter_up, pack


def packed(data):
    counts = np.bincount(data, minlength=256).astype(np.int64)
    out = np.full(2 * data.size + ROOM + 16, 0xA5, np.uint8)
    size = pack(data, counts, out[: 2 * data.size + ROOM])
    assert (out[2 * data.size + ROOM :] == 0xA5).all(), "nothing is written beyond the room"
    return out[:size].tobytes() + struct.pack(">I", zlib.adler32(data))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
@example(b"")
@example(b"\0")
@example(bytes(range(256)))
def test_any_bytes_come_back(content):
    data = np.frombuffer(content, np.uint8)
    assert zlib.decompress(packed(data.copy())) == content


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 256), st.floats(0.3, 30))
def test_skewed_bytes_come_back(seed, symbols, slope):
    chance = np.random.default_rng(seed)
    share = np.exp(-np.arange(symbols) / slope)
    data = chance.choice(symbols, 5000, p=share / share.sum()).astype(np.uint8)
    found = packed(data)
    assert zlib.decompress(found) == data.tobytes()


@pytest.mark.parametrize("steps", [13, 16, 20])
def test_codes_that_would_be_too_long(steps):
    """Counts that grow like Fibonacci's make the longest codes there are: one bit a symbol."""
    counts = [1, 1]
    while len(counts) < steps:
        counts.append(counts[-1] + counts[-2])
    data = np.repeat(np.arange(steps, dtype=np.uint8), counts)
    np.random.default_rng(steps).shuffle(data)
    assert zlib.decompress(packed(data)) == data.tobytes()


def test_it_is_near_the_entropy():
    data = np.random.default_rng(0).normal(0, 6, 60_000).astype(np.int8).view(np.uint8)
    share = np.bincount(data, minlength=256) / data.size
    entropy = -(share[share > 0] * np.log2(share[share > 0])).sum() * data.size / 8
    assert entropy < len(packed(data)) < entropy * 1.02 + 200


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 40), st.integers(0, 10**6))
@example(63, 5, 0)
@example(64, 5, 0)
def test_filter_up(height, length, seed):
    rows = np.random.default_rng(seed).integers(0, 256, (height, length), np.uint8)
    out, counts = np.empty((height, length + 1), np.uint8), np.zeros(256, np.int64)
    counted = filter_up(rows, out, counts)
    above = np.vstack([np.zeros((1, length), np.uint8), rows[:-1]])
    expected = np.hstack([np.full((height, 1), 2, np.uint8), rows - above])
    np.testing.assert_array_equal(out, expected)
    some = out if height < 64 else out[np.arange(height) * 7 % 16 < 4]
    assert counted == some.size
    assert height < 64 or some.size >= out.size // 5
    further = counts - np.bincount(some.ravel(), minlength=256)
    assert set(further) <= ({0} if height < 64 else {0, 1})
    assert counts[out.ravel()].all(), "a byte that was not counted needs a code too"


@settings(max_examples=20, deadline=None)
@given(st.integers(64, 300), st.integers(1, 60), st.integers(0, 10**6))
def test_what_was_not_counted_comes_back_too(height, length, seed):
    chance = np.random.default_rng(seed)
    rows = chance.normal(0, 3, (height, length)).astype(np.int64).astype(np.uint8)
    rows[chance.integers(0, height)] = chance.integers(0, 256, length)
    out, counts = np.empty((height, length + 1), np.uint8), np.zeros(256, np.int64)
    filter_up(rows, out, counts)
    flat = out.ravel()
    room = np.empty(2 * flat.size + ROOM, np.uint8)
    stream = room[: pack(flat, counts, room)].tobytes() + struct.pack(">I", zlib.adler32(flat))
    assert zlib.decompress(stream) == out.tobytes()


@pytest.mark.parametrize("spread", [1, 6, 40])
def test_counting_some_rows_costs_little(spread):
    """The stream is at most 1.5 percent longer than with codes for all rows."""
    rows = np.random.default_rng(0).normal(100, spread, (256, 768)).astype(np.int64)
    rows = rows.astype(np.uint8)
    out, counts = np.empty((256, 769), np.uint8), np.zeros(256, np.int64)
    filter_up(rows, out, counts)
    flat, room = out.ravel(), np.empty(2 * out.size + ROOM, np.uint8)
    assert pack(flat, counts, room) < 1.015 * len(packed(flat))
