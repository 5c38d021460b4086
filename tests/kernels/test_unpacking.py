"""LZW and CRC-32C against others, and against any bytes."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.kernels.crc32c import crc32c
from landzicht.kernels.lzw import DAMAGED, unpack_lzw
from landzicht.kernels.unpredict import add_up


def unpack(stored, length):
    whole = np.full(length + 128, 0xAB, np.uint8)
    count = unpack_lzw(np.frombuffer(stored, np.uint8), whole[64 : 64 + length])
    assert (whole[:64] == 0xAB).all()
    assert (whole[64 + length :] == 0xAB).all()
    return count, whole[64 : 64 + max(0, count)].tobytes()


@given(st.binary(max_size=3000) | st.integers(1, 6000).map(lambda n: b"ab" * n))
def test_lzw_gives_back_what_was_packed(content):
    packed = bytes(imagecodecs.lzw_encode(content)) if content else b"\x80\x40\x40"
    assert unpack(packed, len(content)) == (len(content), content)
    if content:
        assert unpack(packed, len(content) // 2)[1] == content[: len(content) // 2]
        assert unpack(packed, len(content) + 9) == (len(content), content)


@pytest.mark.parametrize("values", [1, 2, 3, 50, 256])
def test_lzw_of_full_tables(values):
    content = np.random.default_rng(values).integers(0, values, 300_000, np.uint8).tobytes()
    assert unpack(bytes(imagecodecs.lzw_encode(content)), len(content))[1] == content


@given(st.binary(max_size=400), st.integers(0, 5000))
def test_lzw_stays_within_its_arrays(stored, length):
    count, _ = unpack(stored, length)
    assert DAMAGED <= count <= length


def test_crc32c_of_the_standard():
    assert crc32c(np.frombuffer(b"123456789", np.uint8)) == 0xE3069283
    assert crc32c(np.zeros(32, np.uint8)) == 0x8A9136AA
    assert crc32c(np.full(32, 255, np.uint8)) == 0x62A8AB43
    assert crc32c(np.zeros(0, np.uint8)) == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (33, 257)])
def test_differences_are_added_up(shape):
    steps = np.random.default_rng(3).integers(0, 2**16, shape, np.uint16)
    expected = np.add.accumulate(steps, axis=1, dtype=np.uint16)
    unpacked = np.frombuffer(steps.tobytes(), np.uint16).reshape(shape)
    out = np.full(shape, 7, np.uint16)
    add_up(unpacked, out)
    np.testing.assert_array_equal(out, expected)
    add_up(steps, steps)
    np.testing.assert_array_equal(steps, expected)
