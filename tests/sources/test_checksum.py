"""Checksums as STAC items tell them: compared when their function is known, else left."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.sources.checksum import Checksum, read_checksum

CONTENT = b"pixels" * 1000
FUNCTIONS = {
    # Number in https://github.com/multiformats/multicodec/blob/master/table.csv, as variable-length
    # integer.
    "11": hashlib.sha1, "12": hashlib.sha256, "13": hashlib.sha512, "14": hashlib.sha3_512,
    "15": hashlib.sha3_384, "16": hashlib.sha3_256, "17": hashlib.sha3_224, "20": hashlib.sha384,
    "d501": hashlib.md5, "9320": hashlib.sha224,
    "9420": lambda data: hashlib.new("sha512_224", data),
    "9520": lambda data: hashlib.new("sha512_256", data), "c0e402": hashlib.blake2b,
    "a0e402": lambda data: hashlib.blake2b(data, digest_size=32), "e0e402": hashlib.blake2s,
    "d0e402": lambda data: hashlib.blake2s(data, digest_size=16),
}  # fmt: skip


def multihash(code: str, digest: bytes) -> str:
    return f"{code}{len(digest):02x}{digest.hex()}"


@pytest.mark.parametrize("code", FUNCTIONS)
def test_known_functions_tell_right_from_wrong(code):
    text = multihash(code, FUNCTIONS[code](CONTENT).digest())
    for told in (text, text.upper()):
        found = read_checksum(told)
        assert found is not None
        assert found.is_of(io.BytesIO(CONTENT))
        assert not found.is_of(io.BytesIO(CONTENT[:-1]))
    assert read_checksum(text[:-2]) is None  # shorter than it says
    assert read_checksum(f"{text}00") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "1220",
        "sha256:" + "ab" * 32,
        "ab" * 32,  # a plain value, as some write it: its first bytes are no function and length
        multihash("1e", b"x" * 32),  # BLAKE3
        multihash("1b", b"x" * 32),  # Keccak-256, which is not SHA3-256
        multihash("00", CONTENT[:16]),  # “identity”: the file itself
        multihash("12", b"x" * 20),  # SHA-256 cut off
        multihash("a0e402", b"x" * 31),
        multihash("d501", b"x" * 32),  # so has the Copernicus Data Space for XML files
        "ffffffffff" + "00" * 9,
    ],
)
def test_what_nobody_can_compare_is_left(text):
    assert read_checksum(text) is None


@given(text=st.text(alphabet="0123456789abcdefABCDx", max_size=150) | st.text(max_size=9))
def test_whatever_is_told_is_understood_or_left(text):
    found = read_checksum(text)
    if found is not None:
        assert text.lower().endswith(found.digest)


@given(digest=st.binary(min_size=64, max_size=64))
def test_a_value_is_read_as_it_was_written(digest):
    assert read_checksum(multihash("13", digest)) == Checksum("sha512", digest.hex())
