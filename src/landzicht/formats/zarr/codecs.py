"""Unpacking one chunk: what was done last is undone first, and nothing grows beyond its size."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from landzicht.formats.zarr.store import DamagedZarr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_SPARE = 65_536
_BLOSC_HEAD = 16
_CHECKSUM = 4
_UNPACK: dict[str, Callable[..., Any]] = {
    "zstd": imagecodecs.zstd_decode,
    "gzip": imagecodecs.gzip_decode,
    "zlib": imagecodecs.zlib_decode,
    "lz4": imagecodecs.lz4_decode,
    "bz2": imagecodecs.bz2_decode,
    "lzma": imagecodecs.lzma_decode,
    "blosc": imagecodecs.blosc_decode,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One codec from bytes to bytes."""

    name: str
    """`zstd`, `gzip`, `zlib`, `lz4`, `bz2`, `lzma`, `blosc`, `crc32c` or `shuffle`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """As the metadata has them."""


KNOWN = frozenset(_UNPACK) | {"crc32c", "shuffle"}
"""Names of codecs that we undo."""


def unpack(stored: bytes, steps: Sequence[Step], length: int) -> NDArray[np.uint8]:
    """Return the bytes of a chunk.

    Args:
        stored: as they lie in the store.
        steps: in the order in which they were done.
        length: bytes that must come out.

    Raises:
        DamagedZarr: more or fewer come out, or the bytes cannot be unpacked.
    """
    found = np.frombuffer(stored, np.uint8)
    most = length + length // 8 + _SPARE
    try:
        for place in reversed(range(len(steps))):
            found = _undo(steps[place], found, length if place == 0 else most)
    except (RuntimeError, ValueError, TypeError, struct.error) as error:
        raise DamagedZarr("has a chunk that cannot be unpacked") from error
    if found.size != length:
        raise DamagedZarr(f"has a chunk of {found.size} bytes instead of {length}")
    return found


def _undo(step: Step, stored: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    if step.name == "crc32c":
        return _checked(stored)
    if step.name == "shuffle":
        return _unshuffled(stored, int(step.options.get("elementsize", 4)))
    content = stored.tobytes()
    if step.name == "blosc":
        most = _blosc_size(content, most)
    if step.name == "lz4":  # numcodecs puts the size in front
        (size,) = struct.unpack_from("<i", content)
        if not 0 <= size <= most:
            raise DamagedZarr(f"has a chunk that claims {size} bytes")
        most, content = size, content[4:]
    out = np.empty(most, np.uint8)
    return np.frombuffer(_UNPACK[step.name](content, out=out), np.uint8)


def _checked(stored: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from landzicht.kernels.crc32c import crc32c

    content, told = stored[:-_CHECKSUM], stored[-_CHECKSUM:].tobytes()
    if len(told) != _CHECKSUM or crc32c(content) != int.from_bytes(told, "little"):
        raise DamagedZarr("has a chunk with a wrong checksum")
    return content


def _unshuffled(stored: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Put the bytes of numbers together again; a rest that fills no number stays as it is."""
    if not 1 <= size <= 16:
        raise DamagedZarr(f"shuffles numbers of {size} bytes")
    whole = stored.size // size * size
    planes = stored[:whole].reshape(size, -1)
    return np.concatenate([planes.T.ravel(), stored[whole:]])


def _blosc_size(content: bytes, most: int) -> int:
    """Return what a Blosc chunk says that it holds, when that can be."""
    if len(content) < _BLOSC_HEAD:
        raise DamagedZarr("has a chunk that is cut short")
    holds, _, stored = struct.unpack_from("<III", content, 4)
    if holds > most or stored != len(content):
        raise DamagedZarr(f"has a chunk of {stored} bytes that claims to hold {holds}")
    return int(holds)
