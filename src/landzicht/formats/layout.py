"""Laying out a cloud-optimised GeoTIFF: all directories first, then the blocks, smallest first.

The layout is that of GDAL's COG driver (its `LAYOUT=IFDS_BEFORE_DATA` block included), so that
every reader with a fast path for COGs takes it. TIFF 6.0, Adobe Technical Note 3 (predictor),
GeoTIFF 1.1 (OGC 19-008), BigTIFF when the file passes 4 GB.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from landzicht.formats.tiles import TILE, predictor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from landzicht.formats.levels import Spool

GHOST = (
    b"LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n"
    b"BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
)
"""GDAL's note on the layout; readers that know it may skip the tile index."""

SHORT, LONG, DOUBLE, ASCII, LONG8 = 3, 4, 12, 2, 16
_CODES = {SHORT: "H", LONG: "I", DOUBLE: "d", LONG8: "Q"}
_ZSTD, _DEFLATE = 50000, 8
_CLASSIC_LIMIT = 2**32 - 2**20

Tags = dict[int, tuple[int, Any]]
"""Tag number → (type, bytes for ASCII, else a sequence of numbers)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directory:
    """One image of the file: the full picture, an overview, or the mask of either."""

    height: int
    """Rows."""
    width: int
    """Columns."""
    dtype: np.dtype[Any] | None
    """Stored numbers; None for a 1-bit mask."""
    subfile: int
    """TIFF NewSubfileType: 1 = reduced, 4 = mask, added together."""
    blocks: Spool
    """Compressed tiles."""
    extra: Mapping[int, tuple[int, Any]]
    """Further tags: georeference, nodata, names; on the full picture only."""

    def tags(self) -> Tags:
        """Return all tags but the block index."""
        masks = self.dtype is None
        tags: Tags = {
            254: (LONG, [self.subfile]),
            256: (LONG, [self.width]),
            257: (LONG, [self.height]),
            258: (SHORT, [1 if self.dtype is None else self.dtype.itemsize * 8]),
            259: (SHORT, [_DEFLATE if masks else _ZSTD]),
            262: (SHORT, [4 if masks else 1]),
            277: (SHORT, [1]),
            284: (SHORT, [1]),
            322: (SHORT, [TILE]),
            323: (SHORT, [TILE]),
            339: (SHORT, [_sample_format(self.dtype)]),
        }
        if self.dtype is not None:
            tags[317] = (SHORT, [predictor(self.dtype)])
        return tags | dict(self.extra)


def write_layout(file: BinaryIO, directories: Sequence[Directory]) -> None:
    """Write the whole file; `directories` in reading order: full picture, mask, overviews.

    The blocks follow from the smallest image to the full one, each between its size and its last
    four bytes again, as `GHOST` promises.
    """
    payload = sum(sum(d.blocks.sizes) + 8 * len(d.blocks.sizes) for d in directories)
    big = payload > _CLASSIC_LIMIT
    head = _header(big=big) + _ghost_block()
    sizes = [len(_directory(d, [0] * len(d.blocks.sizes), 0, 0, big=big)) for d in directories]
    position = len(head) + sum(sizes)
    offsets: dict[int, list[int]] = {}
    for index in _data_order(directories):
        places = []
        for size in directories[index].blocks.sizes:
            places.append(position + 4)
            position += size + 8
        offsets[index] = places
    file.write(head)
    start = len(head)
    for index, directory in enumerate(directories):
        following = start + sizes[index] if index + 1 < len(directories) else 0
        file.write(_directory(directory, offsets[index], start, following, big=big))
        start += sizes[index]
    for index in _data_order(directories):
        file.writelines(_framed(block) for block in directories[index].blocks.blocks())


def _data_order(directories: Sequence[Directory]) -> list[int]:
    """Smallest image first; an image before its mask."""

    def rank(index: int) -> tuple[int, int]:
        directory = directories[index]
        return (directory.width * directory.height, directory.subfile & 4)

    return sorted(range(len(directories)), key=rank)


def _header(*, big: bool) -> bytes:
    first = (16 if big else 8) + len(_ghost_block())
    if big:
        return struct.pack("<2sHHHQ", b"II", 43, 8, 0, first)
    return struct.pack("<2sHI", b"II", 42, first)


def _ghost_block() -> bytes:
    block = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(GHOST) + GHOST
    return block + b"\0" * (-len(block) % 16)  # directories start on a word boundary


def _directory(
    directory: Directory, offsets: Sequence[int], start: int, following: int, *, big: bool
) -> bytes:
    """Return one directory with its long values behind it; `start` is its place in the file."""
    tags = directory.tags()
    tags[324] = (LONG8 if big else LONG, offsets)
    tags[325] = (LONG, directory.blocks.sizes)
    inline, count, entry = (8, "<Q", "<HHQ") if big else (4, "<H", "<HHI")
    length = struct.calcsize(count) + len(tags) * (20 if big else 12) + inline
    entries, values = b"", b""
    for number in sorted(tags):
        kind, numbers = tags[number]
        raw = numbers if kind == ASCII else struct.pack(f"<{len(numbers)}{_CODES[kind]}", *numbers)
        entries += struct.pack(entry, number, kind, len(numbers))
        if len(raw) <= inline:
            entries += raw.ljust(inline, b"\0")
            continue
        place = start + length + len(values)
        entries += struct.pack("<Q" if big else "<I", place)
        values += raw + b"\0" * (-len(raw) % 8)
    body = struct.pack(count, len(tags)) + entries + struct.pack("<Q" if big else "<I", following)
    whole = body + values
    return whole + b"\0" * (-len(whole) % 16)


def _framed(block: bytes) -> bytes:
    return struct.pack("<I", len(block)) + block + block[-4:]


def _sample_format(dtype: np.dtype[Any] | None) -> int:
    return 1 if dtype is None else {"u": 1, "i": 2, "f": 3}[dtype.kind]
