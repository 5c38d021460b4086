"""From colours or values to the bytes of a file."""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from landzicht.errors.pixels import UnknownFormat

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from landzicht.render.paint import Canvas

_UP, _PALETTE = 2, 3
_FLAT = 0.7
"""Share of zeros in filtered rows above which looking for matches pays."""
_PNG_LEVEL = 1
_WEBP_QUALITY, _WEBP_METHOD = 75, 0
"""The quality that libwebp and TiTiler take too. The quickest method: a fifth quicker than the
next, for files that are 5 % larger; libwebp's own choice (4) takes five times as long, for files
of two thirds of the size."""
_JPEG_QUALITY = 85


def png(canvas: Canvas) -> bytes:
    """Encode as PNG (ISO 15948): a palette, true colour, or true colour with alpha.

    The same pixels whatever the packer: a fast one without matches for pictures that have few, as
    soon as it is compiled, and libdeflate for flat ones.
    """
    height, width = canvas.usable.shape
    if canvas.palette is not None:
        return _png(width, height, _PALETTE, canvas.pixels, canvas.palette.tobytes())
    if canvas.usable.all():
        return _png(width, height, 2, canvas.pixels.reshape(height, -1))
    return _png(width, height, 6, _with_alpha(canvas).reshape(height, -1))


def webp(canvas: Canvas) -> bytes:
    """Encode as WebP, lossy."""
    pixels = canvas.true_colour() if canvas.usable.all() else _with_alpha(canvas)
    return bytes(
        imagecodecs.webp_encode(pixels, level=_WEBP_QUALITY, lossless=False, method=_WEBP_METHOD)
    )


def jpeg(canvas: Canvas) -> bytes:
    """Encode as JPEG; what is see-through becomes white."""
    pixels = canvas.true_colour()
    if not canvas.usable.all():
        pixels = np.where(canvas.usable[..., None], pixels, np.uint8(255))
    return bytes(imagecodecs.jpeg8_encode(pixels, level=_JPEG_QUALITY))


def jpeg_pixels(content: bytes) -> NDArray[np.uint8]:
    """Return the pixels `(y, x, 3)` of a JPEG that `jpeg` made."""
    pixels: NDArray[np.uint8] = imagecodecs.jpeg8_decode(content)
    return pixels


def npy(values: NDArray[Any], usable: NDArray[np.bool_]) -> bytes:
    """Encode values `(channel, y, x)` in numpy's format (NEP 1), with a last plane 255 / 0.

    The last plane is the mask (255 = usable), as TiTiler adds it; values that are not usable are
    NaN, or 0 when the numbers are whole.
    """
    hole = np.nan if values.dtype.kind == "f" else 0
    planes = np.empty((len(values) + 1, *usable.shape), values.dtype)
    planes[:-1] = values
    np.copyto(planes[:-1], np.asarray(hole, values.dtype), where=~usable)
    np.multiply(usable, 255, out=planes[-1], casting="unsafe")
    head = io.BytesIO()
    told = np.lib.format.header_data_from_array_1_0(planes)
    np.lib.format.write_array_header_1_0(head, told)
    return b"".join((head.getvalue(), planes.data))  # one copy: these may be large


ENCODERS: dict[str, tuple[str, Callable[[Canvas], bytes]]] = {
    "png": ("image/png", png),
    "webp": ("image/webp", webp),
    "jpg": ("image/jpeg", jpeg),
}
"""File ending → media type and encoder of pictures."""
NPY = "application/octet-stream"
"""Media type of `.npy`."""


def encoder(ending: str) -> tuple[str, Callable[[Canvas], bytes]]:
    """Return the media type and the encoder for the file ending of a picture.

    Raises:
        UnknownFormat: we make no such pictures; there may be values of that ending.
    """
    if ending not in ENCODERS:
        raise UnknownFormat(format=ending[:20], known=", ".join(ENCODERS))
    return ENCODERS[ending]


def _with_alpha(canvas: Canvas) -> NDArray[np.uint8]:
    pixels = np.empty((*canvas.usable.shape, 4), np.uint8)
    pixels[..., :3] = canvas.true_colour()
    np.multiply(canvas.usable, 255, out=pixels[..., 3], casting="unsafe")
    return pixels


def _png(
    width: int,
    height: int,
    colour: int,
    rows: NDArray[np.uint8],
    palette: bytes = b"",
) -> bytes:
    packed = _packed(rows)
    if packed is None:
        lines = _unfiltered(rows) if colour == _PALETTE else _filtered(rows)
        pack: Any = imagecodecs.deflate_encode  # its stub knows bytes only
        packed = pack(lines, level=_PNG_LEVEL)
    size = struct.pack(">I", len(packed))
    total = struct.pack(">I", _crc(packed, _crc(b"IDAT")))
    return b"".join([_head(width, height, colour, palette), size, b"IDAT", packed, total, _END])


def _packed(rows: NDArray[np.uint8]) -> Any:  # noqa: ANN401 - bytes, without copying them
    """Return rows as a zlib stream without matches, or None when matches would pay."""
    from landzicht.kernels.warm import is_ready

    if not is_ready():
        return None
    from landzicht.kernels.huffman import ROOM, filter_up, pack

    height, length = rows.shape
    lines = np.empty((height, length + 1), np.uint8)
    counts = np.zeros(256, np.int64)
    counted = filter_up(np.ascontiguousarray(rows), lines, counts)
    if counts[0] > _FLAT * counted:
        return None
    flat = lines.reshape(-1)
    out = np.empty(2 * flat.size + ROOM, np.uint8)
    size = pack(flat, counts, out)
    checksum: Any = imagecodecs.deflate_adler32
    struct.pack_into(">I", out.data, size, checksum(flat))
    return out[: size + 4]


def _filtered(lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Store each line as its difference from the one above (PNG filter 2)."""
    height, length = lines.shape
    out = np.empty((height, length + 1), np.uint8)
    out[:, 0] = _UP
    out[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=out[1:, 1:])
    return out


def _unfiltered(lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Store each line as it is (PNG filter 0)."""
    out = np.zeros((lines.shape[0], lines.shape[1] + 1), np.uint8)
    out[:, 1:] = lines
    return out


@lru_cache(maxsize=64)
def _head(width: int, height: int, colour: int, palette: bytes) -> bytes:
    """Return what comes before the pixels; tiles of one map share it."""
    size = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    colours = _chunk(b"PLTE", palette) + _chunk(b"tRNS", b"\0") if palette else b""
    return b"\x89PNG\r\n\x1a\n" + size + colours


def _chunk(kind: bytes, data: bytes) -> bytes:
    told = kind + data
    return struct.pack(">I", len(data)) + told + struct.pack(">I", _crc(told))


def _crc(data: Any, before: int = 0) -> int:  # noqa: ANN401 - bytes, or an array of them
    checksum: Any = imagecodecs.deflate_crc32
    return int(checksum(data, before))


_END = _chunk(b"IEND", b"")
