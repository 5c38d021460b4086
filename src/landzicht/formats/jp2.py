"""Heads of JPEG 2000 files (ISO 15444-1, annexes A and I): what a decoder would have to hold.

A file may be one tile. GDAL then reads it in pieces, so its own word for a block says little;
but the decoder keeps a record of every code block of the tile, and when it must, its numbers.
"""

from __future__ import annotations

import math
import struct
from typing import IO, TYPE_CHECKING

from landzicht.errors import reasons
from landzicht.errors.files import FileTooLarge, UnreadableFile
from landzicht.formats.limits import is_too_large

if TYPE_CHECKING:
    from pathlib import Path

MOST_TILE_BYTES = 2 * 2**30
"""Most that the numbers of one tile take in the decoder: 13,000 by 13,000 pixels of three bands."""
MOST_CODE_BLOCKS = 4 * 2**20
"""Most pieces that are coded apart in one tile: what fits in `MOST_TILE_BYTES`, 11 by 11 each."""
_NUMBER_BYTES = 4
_MOST_BOXES = 1_000
_MOST_MARKERS = 1_000
_START, _SIZE, _CODING, _TILE = b"\xff\x4f", b"\xff\x51", b"\xff\x52", b"\xff\x90"
_SIZES = struct.Struct(">2x8IH")
_STYLE = struct.Struct(">B4x3B2x")
_OWN_PRECINCTS = 1


def check_jp2(path: Path) -> None:
    """Refuse a JPEG 2000 file by what its head says of its tiles, before any decoder sees it.

    Raises:
        FileTooLarge: more pixels than we open, or a tile of more numbers, or of more pieces, than
            we let a decoder hold.
        UnreadableFile: it has no such head.
    """
    try:
        with path.open("rb") as file:
            samples, piece, (height, width) = _read_head(file)
    except (OSError, struct.error, ValueError, IndexError) as error:
        reason = reasons.HEADER.fill(detail="JPEG 2000")
        raise UnreadableFile(path=path, reason=reason) from error
    if is_too_large(height, width):  # a decoder keeps a record of every tile
        raise FileTooLarge(path=path, reason=reasons.SIDES.fill(width=width, height=height))
    if samples * _NUMBER_BYTES > MOST_TILE_BYTES or samples > MOST_CODE_BLOCKS * piece:
        megabytes = math.ceil(samples * _NUMBER_BYTES / 1e6)
        raise FileTooLarge(path=path, reason=reasons.BLOCK.fill(megabytes=megabytes))


def _read_head(file: IO[bytes]) -> tuple[int, int, tuple[int, int]]:
    """Return the numbers of a tile, all bands together; its smallest piece; `(height, width)`."""
    _find_stream(file)
    tile, smallest, shape = 0, 0, (0, 0)
    for _ in range(_MOST_MARKERS):
        marker, length = file.read(2), struct.unpack(">H", file.read(2))[0]
        if marker == _TILE:
            break
        body = file.read(length - 2)
        if marker == _SIZE:
            tile, shape = _tile(body)
        elif marker == _CODING:
            smallest = _smallest_piece(body)
        if tile and smallest:
            return tile, smallest, shape
    raise ValueError


def _find_stream(file: IO[bytes]) -> None:
    """Go to the first marker of the codestream, which may lie in a file of boxes."""
    if file.read(2) == _START:
        return
    file.seek(0)
    for _ in range(_MOST_BOXES):
        begin = file.tell()
        length, kind = struct.unpack(">I4s", file.read(8))
        if length == 1:
            length = struct.unpack(">Q", file.read(8))[0]
        if kind == b"jp2c":
            if file.read(2) == _START:
                return
            break
        if length < 8:  # 0 = up to the end of the file
            break
        file.seek(begin + length)
    raise ValueError


def _tile(body: bytes) -> tuple[int, tuple[int, int]]:
    """Return the numbers of one tile from the marker SIZ, and the shape of the image."""
    right, bottom, left, top, wide, tall, _, _, bands = _SIZES.unpack_from(body)
    if right <= left or bottom <= top or not (wide and tall and bands):
        raise ValueError
    height, width = bottom - top, right - left
    return int(min(wide, width) * min(tall, height) * bands), (height, width)


def _smallest_piece(body: bytes) -> int:
    """Return the numbers of the smallest code block from the marker COD.

    Code blocks are cut to precincts, which above the lowest resolution hold half as much of each
    of the bands of a wavelet.
    """
    own, levels, across, down = _STYLE.unpack_from(body)
    wide, tall = (across & 15) + 2, (down & 15) + 2
    if own & _OWN_PRECINCTS:
        for place in range(levels + 1):
            sides = body[_STYLE.size + place]
            half = 1 if place else 0
            wide = min(wide, max(0, (sides & 15) - half))
            tall = min(tall, max(0, (sides >> 4) - half))
    return int(1 << (wide + tall))
