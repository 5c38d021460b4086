"""Copying the part of a remote image that lies in an area, without unpacking a single block.

A tiled TIFF is a list of packed blocks. Those inside a window, with a header of their own in front
of them, are a TIFF of that window; so no more is fetched than is wanted, and no pixel changes.
"""

from __future__ import annotations

import math
import struct
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from landzicht.errors.remote import RemoteFailed
from landzicht.formats.ranges import Range
from landzicht.formats.remote.linker import write_header
from landzicht.formats.remote.merge import joined
from landzicht.formats.tags import DamagedTiff, OtherProfile, Source, first_directory, is_tiff
from landzicht.formats.tiff import Directory, header_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landzicht.formats.remote.fetching import Fetcher
    from landzicht.kinds import RasterInfo
    from landzicht.ports import Inspector

_HEAD = 64 * 1024
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8}
_WIDTH, _HEIGHT, _KIND, _PLACES, _COUNTS = 256, 257, 254, 324, 325
_TIE_POINTS, _TRANSFORMATION = 33922, 34264
_LEFT_OUT = frozenset({_PLACES, _COUNTS, 273, 279, 330, 34665, 34853, 40965})
_MOST_TAG = 2**20
_MOST_HEADER = 16 * 2**20
_MOST_TIMES = 4
"""Blocks may be one and the same piece of the file, which is no reason to fill a disk with it."""
_BATCH = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a header, its values as they are stored."""

    kind: int
    count: int
    values: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixels:
    """A window of an image, in whole pixels."""

    left: int
    top: int
    right: int
    """Pixel after the last."""
    bottom: int


class FarImage:
    """An opened remote TIFF; one version of it, whatever happens there meanwhile."""

    def __init__(self, fetcher: Fetcher, href: str) -> None:
        """Ask for its first bytes.

        Raises:
            as `Fetcher.piece`; Lasting or OtherProfile: it is no TIFF.
        """
        self._fetcher, self.address = fetcher, href
        head = fetcher.piece(href, 0, _HEAD, None)
        self.version, self._head = head.version, head.content
        if not is_tiff(head.content):
            raise OtherProfile("is not a TIFF file")

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.version.size

    def get(self, offset: int, length: int) -> bytes:
        """Return a piece of it; raises as `Fetcher.piece`."""
        if offset + length <= len(self._head):
            return self._head[offset : offset + length]
        return self._fetcher.piece(self.address, offset, offset + length, self.version).content

    @contextmanager
    def header(self) -> Iterator[Source]:
        """Yield access to single values."""
        begin, known = 0, b""

        def more(offset: int, length: int) -> bytes:
            nonlocal begin, known
            if not begin <= offset <= offset + length <= begin + len(known):
                begin = offset
                stop = min(self.size, offset + max(length, 2 * _HEAD))
                known = self.get(offset, stop - offset)
            return known[offset - begin : offset - begin + length]

        yield Source(self._head, self.size, more)

    def inspect(self, inspector: Inspector) -> RasterInfo:
        """Return what its header says; GDAL sees a file of this disk without pixels.

        Raises:
            UnreadableFile, FileTooLarge: as `Inspector.inspect`.
            RemoteFailed: its header cannot be put on this disk.
        """
        with tempfile.TemporaryDirectory(prefix="landzicht-") as folder:
            path = Path(folder, "header.tif")
            try:
                write_header(self, path)
            except OSError as error:
                raise RemoteFailed(address=self.address, reason=str(error)) from error
            return replace(inspector.inspect(path), path=Path(self.address))


def crop(image: FarImage, window: Pixels, target: Path) -> int:
    """Write the blocks that a window touches as a TIFF of their own.

    Args:
        image: a tiled TIFF.
        window: what is wanted; the result is as large as the blocks that it touches.
        target: file to write.

    Returns:
        Bytes that were fetched of pixels.

    Raises:
        OtherProfile: it has no tiles, or a header that we do not rewrite.
        DamagedTiff: it contradicts itself.
        OSError: the disk does not let us.
        as `Fetcher.piece`.
    """
    with image.header() as source:
        header = header_of(source)
        tables = list(_tables(source))
    full, mask = header.levels[0], header.masks[0]
    wanted = [(full, tables[0])]
    if mask is not None:
        wanted.append((mask, _mask_table(tables, mask, source.order)))
    fetched = 0
    with target.open("wb") as file:
        order = source.order
        file.write(struct.pack(f"{order}2sHHHQ", b"II" if order == "<" else b"MM", 43, 8, 0, 16))
        link = 8
        for directory, table in wanted:
            if directory.striped:
                raise OtherProfile("has strips and no tiles")
            blocks = _blocks(directory, window)
            sizes = [int(directory.sizes[number]) for number in blocks.numbers]
            if sum(sizes) > _MOST_TIMES * image.size:
                raise OtherProfile("repeats its blocks")
            made = _header_of_part(table, blocks, order)
            link, places = _write_table(file, made, sizes, order, link)
            fetched += _copy(image, directory, blocks.numbers, file, places)
    return fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blocks:
    """The blocks that a window touches."""

    numbers: list[int]
    left: int
    top: int
    width: int
    height: int


def _blocks(directory: Directory, window: Pixels) -> _Blocks:
    tall, wide = directory.block
    first, last = window.left // wide, -(-min(window.right, directory.width) // wide)
    top, bottom = window.top // tall, -(-min(window.bottom, directory.height) // tall)
    if not (0 <= first < last and 0 <= top < bottom):
        raise OtherProfile("does not lie in the area")
    bands = directory.samples if directory.apart else 1
    numbers = [
        band * directory.per_band + row * directory.across + column
        for band in range(bands)
        for row in range(top, bottom)
        for column in range(first, last)
    ]
    return _Blocks(
        numbers=numbers,
        left=first * wide,
        top=top * tall,
        width=min(last * wide, directory.width) - first * wide,
        height=min(bottom * tall, directory.height) - top * tall,
    )


def _tables(source: Source) -> Iterator[dict[int, Tag]]:
    """Yield the tags of each image of the file, those of places left out."""
    big, position = first_directory(source)
    count_size, entry_size, field = (8, 20, 8) if big else (2, 12, 4)
    layout = source.order + ("HHQ" if big else "HHI")
    total = 0
    while position:
        count = int.from_bytes(source.get(position, count_size), source.order_name)
        body = source.get(position + count_size, count * entry_size + field)
        table = {}
        for at in range(0, count * entry_size, entry_size):
            tag, kind, number = struct.unpack_from(layout, body, at)
            size = number * _SIZES.get(kind, 0)
            if tag in _LEFT_OUT or not size:
                continue
            total += size
            if size > _MOST_TAG or total > _MOST_HEADER:
                raise OtherProfile(f"has a tag {tag} of {size} bytes, {total} with those before")
            where = at + entry_size - field
            values = body[where : where + size]
            if size > field:
                place = int.from_bytes(body[where : where + field], source.order_name)
                values = source.get(place, size)
            table[tag] = Tag(kind, number, values)
        yield table
        position = int.from_bytes(body[count * entry_size :], source.order_name)


def _mask_table(tables: list[dict[int, Tag]], mask: Directory, order: str) -> dict[int, Tag]:
    for table in tables[1:]:
        told = [_whole(table.get(tag), order) for tag in (_KIND, _WIDTH, _HEIGHT)]
        if told[0] & 4 and told[1:] == [mask.width, mask.height]:
            return table
    raise DamagedTiff("has a mask without a header")


def _whole(tag: Tag | None, order: str) -> int:
    if tag is None:
        return 0
    size = _SIZES[tag.kind]
    return int.from_bytes(tag.values[:size], "little" if order == "<" else "big")


def _header_of_part(table: Mapping[int, Tag], blocks: _Blocks, order: str) -> dict[int, Tag]:
    """Return the tags of the part: its size, and where it lies on the earth."""
    made = dict(table)
    made[_WIDTH] = Tag(4, 1, struct.pack(f"{order}I", blocks.width))
    made[_HEIGHT] = Tag(4, 1, struct.pack(f"{order}I", blocks.height))
    if _TIE_POINTS in made:
        made[_TIE_POINTS] = _shifted_ties(made[_TIE_POINTS], blocks, order)
    if _TRANSFORMATION in made:
        made[_TRANSFORMATION] = _shifted_matrix(made[_TRANSFORMATION], blocks, order)
    return made


def _shifted_ties(tag: Tag, blocks: _Blocks, order: str) -> Tag:
    """A tie point binds a pixel to a place: the pixel gets another number."""
    numbers = _doubles(tag, order)
    if len(numbers) % 6:
        raise OtherProfile("has odd tie points")
    for at in range(0, len(numbers), 6):
        numbers[at] -= blocks.left
        numbers[at + 1] -= blocks.top
    return replace(tag, values=struct.pack(f"{order}{len(numbers)}d", *numbers))


def _shifted_matrix(tag: Tag, blocks: _Blocks, order: str) -> Tag:
    numbers = _doubles(tag, order)
    if len(numbers) != 16:
        raise OtherProfile("has an odd transformation")
    for row in (0, 4):
        numbers[row + 3] += numbers[row] * blocks.left + numbers[row + 1] * blocks.top
    return replace(tag, values=struct.pack(f"{order}16d", *numbers))


def _doubles(tag: Tag, order: str) -> list[float]:
    if tag.kind != 12:
        raise OtherProfile("has a place on the earth in an odd form")
    found = list(struct.unpack(f"{order}{tag.count}d", tag.values))
    if not all(math.isfinite(number) for number in found):
        raise DamagedTiff("has a place on the earth that is no number")
    return found


def _write_table(
    file: BinaryIO, table: dict[int, Tag], sizes: list[int], order: str, link: int
) -> tuple[int, list[int]]:
    """Write a directory at the end of the file, and tell the one before where it is.

    Returns:
        Where the place of the next directory is to be written, and where each block will be.
    """
    count = len(sizes)
    blank = bytes(8 * count)
    made = table | {_PLACES: Tag(16, count, blank), _COUNTS: Tag(16, count, blank)}
    at = file.seek(0, 2)
    at += -at % 8
    outside = at + 8 + 20 * len(made) + 8
    spots: dict[int, int] = {}
    for tag in sorted(made):
        if len(made[tag].values) > 8:
            spots[tag] = outside
            outside += len(made[tag].values) + -len(made[tag].values) % 8
    places, place = [], outside
    for size in sizes:
        places.append(place if size else 0)
        place += size
    made[_PLACES] = Tag(16, count, struct.pack(f"{order}{count}Q", *places))
    made[_COUNTS] = Tag(16, count, struct.pack(f"{order}{count}Q", *sizes))
    entries = b"".join(
        struct.pack(f"{order}HHQ", tag, one.kind, one.count)
        + (struct.pack(f"{order}Q", spots[tag]) if tag in spots else one.values.ljust(8, b"\0"))
        for tag, one in sorted(made.items())
    )
    file.seek(link)
    file.write(struct.pack(f"{order}Q", at))
    file.seek(at)
    file.write(struct.pack(f"{order}Q", len(made)) + entries)
    next_link = file.tell()
    file.write(bytes(8))
    for tag, spot in spots.items():
        file.seek(spot)
        file.write(made[tag].values)
    file.seek(outside)
    return next_link, places


def _copy(
    image: FarImage, directory: Directory, numbers: list[int], file: BinaryIO, places: list[int]
) -> int:
    """Fetch blocks, near ones together, and put each where it belongs."""
    fetched = 0
    targets: dict[Range, list[int]] = {}  # several blocks may be one and the same piece
    for number, place in zip(numbers, places, strict=True):
        if directory.sizes[number]:
            piece = Range(int(directory.offsets[number]), int(directory.sizes[number]))
            targets.setdefault(piece, []).append(place)
    wanted = sorted(targets)
    while wanted:
        batch: list[Range] = []
        total = 0
        while wanted and (not batch or total + wanted[0].size <= _BATCH):
            batch.append(wanted.pop(0))
            total += batch[-1].size
        for joint in joined(batch):
            content = image.get(joint.offset, joint.stop - joint.offset)
            fetched += len(content)
            for piece in joint.pieces:
                begin = piece.offset - joint.offset
                for place in targets[piece]:
                    file.seek(place)
                    file.write(content[begin : begin + piece.size])
    return fetched
