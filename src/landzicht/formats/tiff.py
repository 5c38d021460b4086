"""Headers of TIFF files: which of them our own path reads, and how.

Covers TIFF 6.0 and BigTIFF of both byte orders, in tiles or strips, bands together or apart, with
GDAL's conventions for overviews, masks, alpha and nodata. Anything else that is honest TIFF raises
`OtherProfile`, and GDAL reads it; anything that contradicts itself raises `DamagedTiff`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.formats.ranges import LocalFile
from landzicht.formats.tags import (
    MOST_TEXT,
    DamagedTiff,
    OtherProfile,
    array,
    equal_numbers,
    first_directory,
    number,
    raw_bytes,
    read_tags,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.formats.tags import Source, Tags

__all__ = ["DamagedTiff", "Directory", "Header", "OtherProfile", "header_of", "read_header"]
_MOST_DIRECTORIES = 64
_MOST_SIDE = 2**31 - 1
_MOST_BLOCK_SIDE = 4_096
_MOST_SAMPLES = 512
_MOST_TABLES = 65_536
MOST_BLOCK_BYTES = 64 * 2**20
"""Largest decoded block we open."""
_CODECS = {
    1: "none",
    5: "lzw",
    7: "jpeg",
    8: "deflate",
    32_946: "deflate",
    32_773: "packbits",
    34_887: "lerc",
    34_925: "lzma",
    50_000: "zstd",
    50_001: "webp",
}
_IMAGES = frozenset({"jpeg", "webp", "lerc"})
_LERC_INNER = {0: "none", 1: "deflate", 2: "zstd"}
_YCBCR = 6
_PLAIN = frozenset({0, 1, 2, 3, 4})
"""Photometric kinds whose numbers are what they are; GDAL turns inks (5) and the like into RGB."""
_NUMBER = re.compile(
    rb"\s*([-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf(?:inity)?))", re.IGNORECASE
)
_DTYPES = {1: "uint", 2: "int", 3: "float"}
_KNOWN_DTYPES = frozenset(
    {"uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"}
    | {"float16", "float32", "float64"}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Directory:
    """One image in the file: full size, an overview, or a mask of one of these."""

    height: int
    """Rows."""
    width: int
    """Columns."""
    block: tuple[int, int]
    """`(height, width)` of a tile or strip."""
    striped: bool
    """Whether blocks are strips: the last one is then cut off at the bottom."""
    dtype: np.dtype[np.generic]
    """Of one stored number, little endian; uint8 for masks."""
    swapped: bool
    """Whether numbers are stored big endian."""
    bits: int
    """Per stored number; 1 for packed masks."""
    samples: int
    """Bands in the image."""
    apart: bool
    """Whether each band has blocks of its own; else all are in each block."""
    alpha: int | None
    """Which sample (from 0) tells what is usable (0 = not), if any."""
    codec: str
    """`none`, `deflate`, `zstd`, `lzw`, `packbits`, `lzma`, `jpeg`, `webp` or `lerc`."""
    predictor: int
    """1 none, 2 horizontal differences, 3 floating point."""
    ycbcr: bool
    """Whether JPEG holds brightness and colour, to be turned into red, green and blue."""
    tables: bytes | None
    """JPEG tables that all blocks share."""
    inner: str
    """What LERC blocks are packed with once more: `none`, `deflate` or `zstd`."""
    mask: bool
    """Whether this is a validity mask (0 = not usable)."""
    offsets: NDArray[np.uint64]
    """Where each block starts, row by row, band after band when apart; 0 with size 0 = never
    written."""
    sizes: NDArray[np.uint64]
    """Stored bytes of each block."""

    @property
    def across(self) -> int:
        """Blocks in a row."""
        return -(-self.width // self.block[1])

    @property
    def per_band(self) -> int:
        """Blocks of one band."""
        return self.across * -(-self.height // self.block[0])

    def rows_of(self, number: int) -> int:
        """Return how many rows are stored in a block."""
        if not self.striped:
            return self.block[0]
        down = number % self.per_band
        return min(self.block[0], self.height - down * self.block[0])


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
        OtherProfile: an honest TIFF that our own path does not read.
        OSError: the file cannot be opened or read.
    """
    with LocalFile(path, str(path)).header() as source:
        return header_of(source)


def header_of(source: Source) -> Header:
    """Read the header of a TIFF file wherever it lies.

    Raises:
        DamagedTiff: the file contradicts itself or is cut short.
        OtherProfile: an honest TIFF that our own path does not read.
    """
    big, position = first_directory(source)
    directories: list[Directory] = []
    nodata: float | None = None
    seen: set[int] = set()
    while position:
        if position in seen or len(seen) >= _MOST_DIRECTORIES:
            raise DamagedTiff("its list of images goes round or never ends")
        seen.add(position)
        tags, position = read_tags(source, position, big=big)
        kind = number(source, tags, 254, 0)
        directory = _directory(source, tags, mask=bool(kind & 4))
        if not directories:
            if kind & ~1:
                raise OtherProfile("does not start with the image itself")
            nodata = _nodata(source, tags)
        elif not kind & 5:
            raise OtherProfile("holds more than one image")
        directories.append(directory)
    if not directories:
        raise DamagedTiff("holds no image")
    return _arrange(directories, nodata)


def _nodata(source: Source, tags: Tags) -> float | None:
    text = raw_bytes(source, tags, 42113, MOST_TEXT)
    if text is None:
        return None
    # As GDAL does (`atof` of C): the number at the start, 0 when there is none ("none").
    found = _NUMBER.match(text.split(b"\0")[0])
    return float(found[1]) if found else 0.0


def _directory(source: Source, tags: Tags, *, mask: bool) -> Directory:
    width, height = number(source, tags, 256), number(source, tags, 257)
    striped = 322 not in tags
    if striped:
        across, down = width, min(number(source, tags, 278, height), height)
    else:
        across, down = number(source, tags, 322), number(source, tags, 323)
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE and across and down):
        raise DamagedTiff(f"claims {width} x {height} pixels in blocks of {across} x {down}")
    if number(source, tags, 266, 1) != 1:
        raise OtherProfile("has an unusual bit order")
    samples = number(source, tags, 277, 1)
    if not 0 < samples <= _MOST_SAMPLES or (mask and samples > 1):
        raise OtherProfile(f"has {samples} samples per pixel")
    apart = samples > 1 and number(source, tags, 284, 1) == 2
    bits, dtype = _dtype(source, tags, samples, mask=mask)
    together = 1 if apart else samples
    if not striped and max(across, down) > _MOST_BLOCK_SIDE:
        raise OtherProfile("has very large tiles")
    if across * down * together * dtype.itemsize > MOST_BLOCK_BYTES:
        raise OtherProfile("has very large blocks")
    blocks = -(-width // across) * -(-height // down) * (samples if apart else 1)
    offsets, sizes = _places(source, tags, blocks, striped=striped)
    return Directory(
        height=height,
        width=width,
        block=(down, across),
        striped=striped,
        dtype=dtype,
        swapped=source.order == ">",
        bits=bits,
        samples=samples,
        apart=apart,
        alpha=_alpha(source, tags, samples),
        mask=mask,
        offsets=offsets,
        sizes=sizes,
        **_coding(source, tags, dtype, bits, together),
    )


def _places(
    source: Source, tags: Tags, blocks: int, *, striped: bool
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return where blocks start and how many bytes they have."""
    if blocks * 2 > source.size:
        raise DamagedTiff(f"claims {blocks} blocks in {source.size} bytes")
    first, second = (273, 279) if striped else (324, 325)
    offsets, sizes = array(source, tags, first, blocks), array(source, tags, second, blocks)
    beyond = offsets > source.size - np.minimum(sizes, source.size)
    if (sizes > source.size).any() or beyond.any():
        raise DamagedTiff("points to blocks beyond its end")
    return offsets, sizes


def _dtype(
    source: Source, tags: Tags, samples: int, *, mask: bool
) -> tuple[int, np.dtype[np.generic]]:
    bits = equal_numbers(source, tags, 258, 1, samples)
    kind = equal_numbers(source, tags, 339, 1, samples)
    if mask:
        if bits not in (1, 8):
            raise OtherProfile(f"has a mask of {bits} bits")
        return bits, np.dtype(np.uint8)
    name = f"{_DTYPES.get(kind, 'strange')}{bits}"
    if name not in _KNOWN_DTYPES:
        raise OtherProfile(f"holds numbers of kind {kind} with {bits} bits")
    return bits, np.dtype(name)


def _alpha(source: Source, tags: Tags, samples: int) -> int | None:
    """Return which sample is alpha: the first extra one of kind 1 or 2."""
    entry = tags.get(338)
    if entry is None or not 0 < entry.count <= samples:
        return None
    kinds = array(source, tags, 338, entry.count).tolist()
    found = [place for place, kind in enumerate(kinds) if kind in (1, 2)]
    return samples - len(kinds) + found[0] if found else None


def _coding(
    source: Source, tags: Tags, dtype: np.dtype[np.generic], bits: int, together: int
) -> dict[str, Any]:
    code, predictor = number(source, tags, 259, 1), number(source, tags, 317, 1)
    if code not in _CODECS:
        raise OtherProfile(f"is compressed by method {code}")
    codec = _CODECS[code]
    if codec in ("none", "packbits") or codec in _IMAGES:
        predictor = 1
    fits = predictor == 1 or (predictor == 2 and bits > 1) or (predictor == 3 and dtype.kind == "f")
    if not fits:
        raise OtherProfile(f"uses predictor {predictor}")
    photometric = number(source, tags, 262, 1)
    ycbcr = codec == "jpeg" and photometric == _YCBCR
    if not ycbcr and photometric not in _PLAIN:
        raise OtherProfile(f"has colours of kind {photometric}")
    inner = "none"
    if codec in ("jpeg", "webp"):
        possible = (1, 3) if codec == "jpeg" else (3, 4)
        if dtype != np.uint8 or bits != 8 or together not in possible or (ycbcr and together != 3):
            raise OtherProfile(f"has {together} samples of {bits} bits as {codec}")
    elif codec == "lerc":
        # Half floats in LERC hold more than their header says, and GDAL gives all of it.
        half = dtype.kind == "f" and bits == 16
        if together != 1 or half or 50674 not in tags or tags[50674].count != 2:
            raise OtherProfile("has an unusual LERC form")
        packing = int(array(source, tags, 50674, 2)[1])
        if packing not in _LERC_INNER:
            raise OtherProfile(f"has LERC packed by {packing}")
        inner = _LERC_INNER[packing]
    tables = raw_bytes(source, tags, 347, _MOST_TABLES) if codec == "jpeg" else None
    return {
        "codec": codec,
        "predictor": predictor,
        "ycbcr": ycbcr,
        "tables": tables,
        "inner": inner,
    }


def _arrange(directories: list[Directory], nodata: float | None) -> Header:
    """Put levels in order and find the mask of each."""
    levels = [found for found in directories if not found.mask]
    first = levels[0]
    if any((level.dtype, level.samples) != (first.dtype, first.samples) for level in levels):
        raise OtherProfile("has overviews of another type")
    levels[1:] = sorted(levels[1:], key=lambda level: -level.width)
    if any(level.width >= first.width and level.height >= first.height for level in levels[1:]):
        raise OtherProfile("has overviews as large as itself")
    by_shape = {(found.height, found.width): found for found in directories if found.mask}
    masks = tuple(by_shape.get((level.height, level.width)) for level in levels)
    if by_shape and None in masks:
        raise OtherProfile("has masks for some levels only")
    return Header(levels=tuple(levels), masks=masks, nodata=nodata)
