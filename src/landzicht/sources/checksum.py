"""Checksums as STAC's `file:checksum` has them: multihashes in hexadecimal.

A multihash names its function and the length of its value before the value itself, both as
variable-length integers (https://multiformats.io/multihash). What Python's `hashlib` knows is
compared; a function that it does not know (BLAKE3, Keccak), or a value of another length than its
function gives, proves nothing either way. Both are met: the Copernicus Data Space writes some
SHA3-256 values of its XML files with the number of MD5.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _hashlib import HASH
    from collections.abc import Callable
    from io import BufferedReader, BytesIO

_HEX = re.compile(r"(?:[0-9a-f]{2}){3,140}")
_NAMES = {
    0x11: "sha1", 0x12: "sha256", 0x13: "sha512", 0x14: "sha3_512", 0x15: "sha3_384",
    0x16: "sha3_256", 0x17: "sha3_224", 0x20: "sha384", 0xD5: "md5", 0x1013: "sha224",
    0x1014: "sha512_224", 0x1015: "sha512_256",
}  # fmt: skip
"""Number in the table of multicodec → name in `hashlib`."""
_BLAKE2B, _BLAKE2S = 0xB200, 0xB240
"""One number for each length: 0xb201 … 0xb240 and 0xb241 … 0xb260, in bytes."""
_BLAKE2B_MOST, _BLAKE2S_MOST = 64, 32


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a file must have."""

    name: str
    """Name of the hash function, as `hashlib` has it."""
    digest: str
    """Its value, in hexadecimal."""

    def is_of(self, file: BufferedReader | BytesIO) -> bool:
        """Whether a file, read from where it stands to its end, has this checksum."""
        size = len(self.digest) // 2
        return hashlib.file_digest(file, _function(self.name, size)).hexdigest() == self.digest


def read_checksum(text: str) -> Checksum | None:
    """Return a checksum, or None for one that cannot be compared.

    Args:
        text: multihash in hexadecimal.
    """
    text = text.lower()
    if not _HEX.fullmatch(text):
        return None
    content = bytes.fromhex(text)
    code, after = _number(content)
    length, start = _number(content[after:])
    digest = content[after + start :]
    if not after or not start or length != len(digest):
        return None
    name = _NAMES.get(code, "")
    if _BLAKE2B < code <= _BLAKE2B + _BLAKE2B_MOST and length == code - _BLAKE2B:
        name = "blake2b"
    elif _BLAKE2S < code <= _BLAKE2S + _BLAKE2S_MOST and length == code - _BLAKE2S:
        name = "blake2s"
    if name not in hashlib.algorithms_available:
        return None
    if _function(name, length)().digest_size != length:
        return None
    return Checksum(name, digest.hex())


def _number(content: bytes) -> tuple[int, int]:
    """Return a variable-length integer and its bytes; 0 bytes for one that does not end."""
    value = 0
    for place, byte in enumerate(content[:4]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, place + 1
    return 0, 0


def _function(name: str, size: int) -> Callable[[], HASH]:
    """Return what makes a hash function; BLAKE2 is another one for each length."""
    if name == "blake2b":
        return partial(hashlib.blake2b, digest_size=size)  # type: ignore[return-value]
    if name == "blake2s":
        return partial(hashlib.blake2s, digest_size=size)  # type: ignore[return-value]
    return partial(hashlib.new, name, usedforsecurity=False)
