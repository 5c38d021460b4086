"""Tags of TIFF files, read with distrust: every offset and count is checked before use."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HEAD_BYTES = 65_536
"""So much of a file on this disk is read at once; tags beyond it cost a read each."""
_MOST_ENTRIES = 512
_MOST_DIRECTORIES = 64
_MOST_VALUE = 2**20
_ALL_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8}
_PLACES_OF_BLOCKS = frozenset({273, 279, 324, 325})
MOST_TEXT = 4_096
"""Longest text that is read."""
_KINDS = {1: "u1", 2: "S", 3: "u2", 4: "u4", 7: "u1", 16: "u8"}
_SIZES = {"u1": 1, "u2": 2, "u4": 4, "u8": 8, "S": 1}


class DamagedTiff(Exception):
    """The file contradicts itself or is cut short."""


class OtherProfile(Exception):
    """An honest TIFF, but laid out or packed in a way that our own path does not cover."""


class Source:
    """Checked access to ranges of a file."""

    def __init__(self, head: bytes, size: int, more: Callable[[int, int], bytes]) -> None:
        """Begin with what is known of a file.

        Args:
            head: its first bytes.
            size: all its bytes.
            more: gives `(offset, length)` of what lies beyond the head.
        """
        self._head = head
        self._more = more
        self.size = size
        self.order: Literal["<", ">"] = "<"

    @property
    def order_name(self) -> Literal["little", "big"]:
        """The byte order, as Python names it."""
        return "little" if self.order == "<" else "big"

    def get(self, offset: int, length: int) -> bytes:
        """Return a range.

        Raises:
            DamagedTiff: it lies outside the file.
        """
        if offset < 0 or length < 0 or offset + length > self.size:
            raise DamagedTiff(f"points to byte {offset} + {length} of {self.size}")
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        found = self._more(offset, length)
        if len(found) != length:
            raise DamagedTiff("ends early")
        return found


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: where its values are."""

    kind: str
    """Type of its values: `u1`, `u2`, `u4`, `u8` or `S`."""
    count: int
    """Values."""
    offset: int
    """Byte where they start."""


Tags = dict[int, Entry]


def first_directory(source: Source) -> tuple[bool, int]:
    """Return whether it is a BigTIFF, and where the first directory is; sets the byte order."""
    magic = source.get(0, 4)
    if magic[:2] not in (b"II", b"MM"):
        raise DamagedTiff("is not a TIFF file")
    source.order = "<" if magic[:2] == b"II" else ">"
    version = int.from_bytes(magic[2:], source.order_name)
    if version == 42:
        return False, int.from_bytes(source.get(4, 4), source.order_name)
    if version != 43:
        raise DamagedTiff("is not a TIFF file")
    if source.get(4, 4) != struct.pack(f"{source.order}HH", 8, 0):
        raise DamagedTiff("has a wrong BigTIFF header")
    return True, int.from_bytes(source.get(8, 8), source.order_name)


def read_tags(source: Source, position: int, *, big: bool) -> tuple[Tags, int]:
    """Return the tags of one directory and the position of the next, 0 at the end."""
    count_size, entry_size, field = (8, 20, 8) if big else (2, 12, 4)
    order = source.order_name
    count = int.from_bytes(source.get(position, count_size), order)
    if not 0 < count <= _MOST_ENTRIES:
        raise DamagedTiff(f"has a list of {count} tags")
    begin = position + count_size
    body = source.get(begin, count * entry_size + field)
    layout = source.order + ("HHQ" if big else "HHI")
    tags: Tags = {}
    for index in range(count):
        at = index * entry_size
        tag, kind, values = struct.unpack_from(layout, body, at)
        if kind not in _KINDS:
            continue
        where = entry_size - field + at
        inside = values * _SIZES[_KINDS[kind]] <= field
        offset = begin + where if inside else int.from_bytes(body[where : where + field], order)
        tags[tag] = Entry(_KINDS[kind], values, offset)
    return tags, int.from_bytes(body[count * entry_size :], order)


def array(source: Source, tags: Tags, tag: int, count: int) -> NDArray[np.uint64]:
    """Return the `count` values of a tag."""
    entry = tags.get(tag)
    if entry is None or entry.count != count or entry.kind == "S":
        raise DamagedTiff(f"lacks a good tag {tag}")
    stored = source.get(entry.offset, count * _SIZES[entry.kind])
    return np.frombuffer(stored, source.order + entry.kind).astype(np.uint64)


def number(source: Source, tags: Tags, tag: int, default: int | None = None) -> int:
    """Return the single value of a tag."""
    if tag not in tags:
        if default is None:
            raise OtherProfile(f"has no tag {tag}")
        return default
    if tags[tag].count < 1:
        raise DamagedTiff(f"has an empty tag {tag}")
    if tags[tag].count > 1:
        raise OtherProfile(f"has several values in tag {tag}")
    return int(array(source, tags, tag, 1)[0])


def equal_numbers(source: Source, tags: Tags, tag: int, default: int, count: int) -> int:
    """Return the value that a tag has for each of `count` samples, when it is the same for all."""
    entry = tags.get(tag)
    if entry is None:
        return default
    if entry.count not in (1, count):
        raise DamagedTiff(f"has {entry.count} values in tag {tag}")
    found = set(array(source, tags, tag, entry.count).tolist())
    if len(found) != 1:
        raise OtherProfile(f"has different values in tag {tag}")
    return int(found.pop())


def raw_bytes(source: Source, tags: Tags, tag: int, most: int) -> bytes | None:
    """Return the bytes of a tag, or None when it is not there."""
    entry = tags.get(tag)
    if entry is None:
        return None
    if entry.count > most or _SIZES[entry.kind] != 1:
        raise DamagedTiff(f"has a strange tag {tag}")
    return source.get(entry.offset, entry.count)


def is_tiff(begin: bytes) -> bool:
    """Whether a file that begins so says that it is a TIFF."""
    return begin[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def every_value(source: Source) -> None:
    """Read all that a header says but for the places of blocks, in whatever kind of TIFF.

    Raises:
        DamagedTiff: the file contradicts itself.
    """
    big, position = first_directory(source)
    seen: set[int] = set()
    while position and position not in seen and len(seen) < _MOST_DIRECTORIES:
        seen.add(position)
        count_size, entry_size, field = (8, 20, 8) if big else (2, 12, 4)
        order = source.order_name
        count = int.from_bytes(source.get(position, count_size), order)
        if not 0 < count <= _MOST_ENTRIES:
            raise DamagedTiff(f"has a list of {count} tags")
        body = source.get(position + count_size, count * entry_size + field)
        for at in range(0, count * entry_size, entry_size):
            tag, kind, values = struct.unpack_from(
                source.order + ("HHQ" if big else "HHI"), body, at
            )
            size = values * _ALL_SIZES.get(kind, 0)
            where = at + entry_size - field
            if field < size <= _MOST_VALUE and tag not in _PLACES_OF_BLOCKS:
                source.get(int.from_bytes(body[where : where + field], order), size)
        position = int.from_bytes(body[count * entry_size :], order)
