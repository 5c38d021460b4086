"""Pictures one after the other: animated WebP (RIFF container) and GIF (89a).

Each picture is packed by the codec that packs still ones; only the container is written here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from landzicht.errors.pixels import UnknownFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

_QUALITY = 82
_COLOURS = 255
"""Colours of a GIF; one more is left for nothing at all."""
_SHADES = 32
"""Steps of red, green and blue among which colours are counted."""
_SAMPLE = 40_000
_ANIMATION = 0x02
_FOR_EVER = 0

Frame = tuple["NDArray[np.uint8]", int]
"""Pixels `(y, x, 3)`, and how many milliseconds they stay."""


def webp(frames: Iterable[Frame]) -> bytes:
    """Return an animated WebP that begins again at the end.

    Args:
        frames: at least one; all of one size.
    """
    chunks: list[bytes] = []
    shape = (0, 0)
    for pixels, milliseconds in frames:
        shape = pixels.shape[:2]
        packed = imagecodecs.webp_encode(pixels, level=_QUALITY, lossless=False, method=2)
        chunks.append(_webp_frame(_picture_chunk(bytes(packed)), shape, milliseconds))
    size = _three(shape[1] - 1) + _three(shape[0] - 1)
    head = _chunk(b"VP8X", bytes([_ANIMATION, 0, 0, 0]) + size)
    animation = _chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, _FOR_EVER))
    body = b"".join([b"WEBP", head, animation, *chunks])
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif(frames: Iterable[Frame]) -> bytes:
    """Return an animated GIF that begins again at the end, all frames with one palette."""
    listed = list(frames)
    palette, table = _palette([pixels for pixels, _ in listed])
    height, width = listed[0][0].shape[:2]
    parts = [b"GIF89a", struct.pack("<HHBBB", width, height, 0xF7, 0, 0), palette.tobytes()]
    parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", _FOR_EVER) + b"\x00")
    for pixels, milliseconds in listed:
        delay = struct.pack("<H", max(2, milliseconds // 10))
        parts.append(b"\x21\xf9\x04\x04" + delay + b"\x00\x00")
        parts.append(b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0))
        parts.append(_gif_data(_indexed(pixels, table), palette))
    return b"".join([*parts, b"\x3b"])


FILMS: dict[str, tuple[str, Callable[[Iterable[Frame]], bytes]]] = {
    "webp": ("image/webp", webp),
    "gif": ("image/gif", gif),
}
"""File ending → media type and how to make it."""


def film_maker(ending: str) -> tuple[str, Callable[[Iterable[Frame]], bytes]]:
    """Return the media type and the maker for a file ending.

    Raises:
        UnknownFormat: we make no such films.
    """
    if ending not in FILMS:
        raise UnknownFormat(format=ending[:20], known=", ".join(FILMS))
    return FILMS[ending]


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\x00" * (len(data) % 2)


def _three(value: int) -> bytes:
    return struct.pack("<I", value)[:3]


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and data of the parts of a WebP file."""
    at = 12
    while at + 8 <= len(file):
        name, size = file[at : at + 4], struct.unpack_from("<I", file, at + 4)[0]
        yield name, file[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _picture_chunk(file: bytes) -> bytes:
    """Return the part of a still WebP that holds its pixels."""
    return next(_chunk(name, data) for name, data in _chunks(file) if name in {b"VP8 ", b"VP8L"})


def _webp_frame(picture: bytes, shape: tuple[int, int], milliseconds: int) -> bytes:
    place = _three(0) + _three(0) + _three(shape[1] - 1) + _three(shape[0] - 1)
    how = b"\x02"  # does not blend with what was there
    return _chunk(b"ANMF", place + _three(milliseconds) + how + picture)


def _palette(
    pictures: list[NDArray[np.uint8]],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return 256 colours `(256, 3)` by median cut, and the index of each coarse colour."""
    each = max(1, _SAMPLE // len(pictures))
    sample = np.concatenate(
        [p.reshape(-1, 3)[:: max(1, p.shape[0] * p.shape[1] // each)] for p in pictures]
    )
    boxes = [sample]
    while len(boxes) < _COLOURS:
        spread = [
            0.0 if len(part) < 2 else float(np.ptp(part, axis=0).max()) * len(part) ** 0.5
            for part in boxes
        ]
        widest = int(np.argmax(spread))
        if spread[widest] == 0:
            break
        part = boxes.pop(widest)
        channel = int(np.argmax(np.ptp(part, axis=0)))
        ordered = part[np.argsort(part[:, channel], kind="stable")]
        boxes += [ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]]
    palette = np.zeros((256, 3), np.uint8)
    for number, part in enumerate(boxes):
        palette[number] = np.rint(part.mean(axis=0))
    step = 256 // _SHADES
    levels = np.arange(_SHADES) * step + step // 2
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    known = palette[: len(boxes)].astype(np.float32)
    away = (known**2).sum(1)[None] - 2 * grid.astype(np.float32) @ known.T
    return palette, away.argmin(1).astype(np.uint8)


def _indexed(pixels: NDArray[np.uint8], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    red, green, blue = (pixels[..., each].astype(np.int32) * _SHADES // 256 for each in range(3))
    found: NDArray[np.uint8] = table[(red * _SHADES + green) * _SHADES + blue]
    return found


def _gif_data(index: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """Return the packed pixels of one picture, as they stand in a GIF of their own."""
    file = bytes(imagecodecs.gif_encode(np.ascontiguousarray(index), colormap=palette))
    at = 13 + (3 << ((file[10] & 7) + 1) if file[10] & 0x80 else 0)
    while file[at : at + 1] == b"\x21":  # extensions
        at += 2
        while file[at]:
            at += 1 + file[at]
        at += 1
    assert file[at : at + 1] == b"\x2c"
    local = file[at + 9]
    at += 10 + (3 << ((local & 7) + 1) if local & 0x80 else 0)
    start = at
    at += 1
    while file[at]:
        at += 1 + file[at]
    return file[start : at + 1]
