"""Headers of TIFF files, read with distrust: every offset and count is checked before use.

Covers what our own files hold (TIFF 6.0, BigTIFF, GDAL's conventions for overviews, masks and
nodata): little endian, tiled, one sample per pixel. Anything else that is honest TIFF raises
`OtherProfile`, and GDAL reads it; anything that contradicts itself raises `DamagedTiff`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_HEAD_BYTES = 65_536
_MOST_DIRECTORIES = 64
_MOST_ENTRIES = 512
_MOST_TEXT = 4_096
_MOST_SIDE = 2**31 - 1
_MOST_BLOCK_SIDE = 4_096
MOST_BLOCK_BYTES = 64 * 2**20
"""Largest decoded block we open."""
_NONE, _DEFLATE, _OLD_DEFLATE, _ZSTD = 1, 8, 32_946, 50_000
_TYPES = {1: "u1", 3: "<u2", 4: "<u4", 16: "<u8", 2: "S"}
_SIZES = {"u1": 1, "<u2": 2, "<u4": 4, "<u8": 8, "S": 1}
_DTYPES = {1: "uint", 2: "int", 3: "float"}
_KNOWN_DTYPES = frozenset(
    {"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"}
    | {"float32", "float64"}
)


class DamagedTiff(Exception):
    """The file contradicts itself or is cut short."""


class OtherProfile(Exception):
    """An honest TIFF, but not laid out as our own files are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directory:
    """One image in the file: full size, an overview, or a mask of one of these."""

    height: int
    """Rows."""
    width: int
    """Columns."""
    block: tuple[int, int]
    """`(height, width)` of a tile."""
    dtype: np.dtype[np.generic]
    """Of one stored number; uint8 for masks."""
    bits: int
    """Per stored number; 1 for packed masks."""
    codec: str
    """`none`, `deflate` or `zstd`."""
    predictor: int
    """1 none, 2 horizontal differences, 3 floating point."""
    mask: bool
    """Whether this is a validity mask (0 = not usable)."""
    offsets: NDArray[np.uint64]
    """Where each tile starts, row by row; 0 with size 0 = never written."""
    sizes: NDArray[np.uint64]
    """Stored bytes of each tile."""

    @property
    def across(self) -> int:
        """Tiles in a row."""
        return -(-self.width // self.block[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Header:
    """What one needs to read pixels."""

    levels: tuple[Directory, ...]
    """Full size first, then overviews from fine to coarse."""
    masks: tuple[Directory | None, ...]
    """The mask of each level."""
    nodata: float | None
    """GDAL's nodata tag; fills tiles that were never written."""


def read_header(path: Path) -> Header:
    """Read the header of a TIFF file.

    Raises:
        DamagedTiff: the file contradicts itself or is cut short.
        OtherProfile: an honest TIFF that is laid out differently.
        OSError: the file cannot be opened or read.
    """
    with path.open("rb", buffering=0) as file:
        return _header(_Source(file))


class _Source:
    """Checked access to ranges of a file."""

    def __init__(self, file: BinaryIO | object) -> None:
        self._file: BinaryIO = file  # type: ignore[assignment]
        self._head = self._file.read(_HEAD_BYTES)
        self.size = self._file.seek(0, 2)

    def get(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise DamagedTiff(f"points to byte {offset} + {length} of {self.size}")
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        self._file.seek(offset)
        found = self._file.read(length)
        if len(found) != length:
            raise DamagedTiff("ends early")
        return found


@dataclass(frozen=True, slots=True)
class _Entry:
    """One tag: where its values are."""

    kind: str
    count: int
    offset: int


_Tags = dict[int, _Entry]


def _header(source: _Source) -> Header:
    big, position = _first_directory(source)
    directories: list[tuple[int, Directory]] = []
    nodata: float | None = None
    seen: set[int] = set()
    while position:
        if position in seen or len(seen) >= _MOST_DIRECTORIES:
            raise DamagedTiff("its list of images goes round or never ends")
        seen.add(position)
        tags, position = _tags(source, position, big=big)
        kind = _number(source, tags, 254, 0)
        directory = _directory(source, tags, mask=bool(kind & 4))
        if not directories:
            if kind & ~1:
                raise OtherProfile("does not start with the image itself")
            nodata = _nodata(source, tags)
        elif not kind & 5:
            raise OtherProfile("holds more than one image")
        directories.append((kind, directory))
    if not directories:
        raise DamagedTiff("holds no image")
    return _arrange([found for _, found in directories], nodata)


def _first_directory(source: _Source) -> tuple[bool, int]:
    magic = source.get(0, 4)
    if magic[:2] == b"MM" and magic[2:] in (b"\0*", b"\0+"):
        raise OtherProfile("is big endian")
    if magic == b"II*\0":
        return False, struct.unpack("<I", source.get(4, 4))[0]
    if magic == b"II+\0":
        if source.get(4, 4) != b"\x08\0\0\0":
            raise DamagedTiff("has a wrong BigTIFF header")
        return True, struct.unpack("<Q", source.get(8, 8))[0]
    raise DamagedTiff("is not a TIFF file")


def _tags(source: _Source, position: int, *, big: bool) -> tuple[_Tags, int]:
    """Return the tags of one directory and the position of the next, 0 at the end."""
    count_size, entry_size, field = (8, 20, 8) if big else (2, 12, 4)
    count = int.from_bytes(source.get(position, count_size), "little")
    if not 0 < count <= _MOST_ENTRIES:
        raise DamagedTiff(f"has a list of {count} tags")
    begin = position + count_size
    body = source.get(begin, count * entry_size + field)
    layout = "<HHQ" if big else "<HHI"
    tags: _Tags = {}
    for number in range(count):
        at = number * entry_size
        tag, kind, values = struct.unpack_from(layout, body, at)
        if kind not in _TYPES:
            continue
        where = entry_size - field + at
        inside = values * _SIZES[_TYPES[kind]] <= field
        offset = begin + where if inside else int.from_bytes(body[where : where + field], "little")
        tags[tag] = _Entry(_TYPES[kind], values, offset)
    return tags, int.from_bytes(body[count * entry_size :], "little")


def _array(source: _Source, tags: _Tags, tag: int, count: int) -> NDArray[np.uint64]:
    entry = tags.get(tag)
    if entry is None or entry.count != count or entry.kind == "S":
        raise DamagedTiff(f"lacks a good tag {tag}")
    stored = source.get(entry.offset, count * _SIZES[entry.kind])
    return np.frombuffer(stored, entry.kind).astype(np.uint64)


def _number(source: _Source, tags: _Tags, tag: int, default: int | None = None) -> int:
    if tag not in tags:
        if default is None:
            raise OtherProfile(f"has no tag {tag}")
        return default
    if tags[tag].count < 1:
        raise DamagedTiff(f"has an empty tag {tag}")
    if tags[tag].count > 1:
        raise OtherProfile(f"has several values in tag {tag}")
    return int(_array(source, tags, tag, 1)[0])


def _nodata(source: _Source, tags: _Tags) -> float | None:
    entry = tags.get(42113)
    if entry is None:
        return None
    if entry.kind != "S" or entry.count > _MOST_TEXT:
        raise DamagedTiff("has a strange nodata tag")
    text = source.get(entry.offset, entry.count).split(b"\0")[0]
    try:
        return float(text)
    except ValueError as error:
        raise DamagedTiff("has a strange nodata tag") from error


def _directory(source: _Source, tags: _Tags, *, mask: bool) -> Directory:
    width, height = _number(source, tags, 256), _number(source, tags, 257)
    across, down = _number(source, tags, 322), _number(source, tags, 323)
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE and across and down):
        raise DamagedTiff(f"claims {width} x {height} pixels in tiles of {across} x {down}")
    if _number(source, tags, 277, 1) != 1:
        raise OtherProfile("has several samples per pixel")
    if _number(source, tags, 266, 1) != 1:
        raise OtherProfile("has an unusual bit order")
    bits, dtype = _dtype(source, tags, mask=mask)
    if max(across, down) > _MOST_BLOCK_SIDE or across * down * dtype.itemsize > MOST_BLOCK_BYTES:
        raise OtherProfile("has very large tiles")
    codec, predictor = _coding(source, tags, dtype, bits)
    tiles = -(-width // across) * -(-height // down)
    if tiles * 2 > source.size:
        raise DamagedTiff(f"claims {tiles} tiles in {source.size} bytes")
    offsets, sizes = _array(source, tags, 324, tiles), _array(source, tags, 325, tiles)
    if (sizes > source.size).any() or (
        offsets > source.size - np.minimum(sizes, source.size)
    ).any():
        raise DamagedTiff("points to tiles beyond its end")
    return Directory(
        height=height,
        width=width,
        block=(down, across),
        dtype=dtype,
        bits=bits,
        codec=codec,
        predictor=predictor,
        mask=mask,
        offsets=offsets,
        sizes=sizes,
    )


def _dtype(source: _Source, tags: _Tags, *, mask: bool) -> tuple[int, np.dtype[np.generic]]:
    bits = _number(source, tags, 258, 1)
    kind = _number(source, tags, 339, 1)
    if mask:
        if bits not in (1, 8):
            raise OtherProfile(f"has a mask of {bits} bits")
        return bits, np.dtype(np.uint8)
    name = f"{_DTYPES.get(kind, 'strange')}{bits}"
    if name not in _KNOWN_DTYPES:
        raise OtherProfile(f"holds numbers of kind {kind} with {bits} bits")
    return bits, np.dtype(name)


def _coding(
    source: _Source, tags: _Tags, dtype: np.dtype[np.generic], bits: int
) -> tuple[str, int]:
    codes = {_NONE: "none", _DEFLATE: "deflate", _OLD_DEFLATE: "deflate", _ZSTD: "zstd"}
    code, predictor = _number(source, tags, 259, _NONE), _number(source, tags, 317, 1)
    if code not in codes:
        raise OtherProfile(f"is compressed by method {code}")
    if code == _NONE:
        predictor = 1
    fits = predictor == 1 or (predictor == 2 and bits > 1) or (predictor == 3 and dtype.kind == "f")
    if not fits:
        raise OtherProfile(f"uses predictor {predictor}")
    return codes[code], predictor


def _arrange(directories: list[Directory], nodata: float | None) -> Header:
    """Put levels in order and find the mask of each."""
    levels = [found for found in directories if not found.mask]
    if any(level.dtype != levels[0].dtype for level in levels):
        raise OtherProfile("has overviews of another type")
    levels[1:] = sorted(levels[1:], key=lambda level: -level.width)
    if any(
        level.width >= levels[0].width and level.height >= levels[0].height for level in levels[1:]
    ):
        raise OtherProfile("has overviews as large as itself")
    by_shape = {(found.height, found.width): found for found in directories if found.mask}
    masks = tuple(by_shape.get((level.height, level.width)) for level in levels)
    if by_shape and None in masks:
        raise OtherProfile("has masks for some levels only")
    return Header(levels=tuple(levels), masks=masks, nodata=nodata)
