"""The words that tell simulated pictures from real ones, drawn into the pixels."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from landzicht.render.font import letters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.render.paint import Canvas

    Stencil: TypeAlias = tuple[NDArray[np.bool_], NDArray[np.bool_]]
    """Where the letters and their edge are: two `(height, width)`."""

WORDS = "GESIMULEERD / SIMULATED"
"""Drawn on every picture of simulated data, in both languages."""
ROOM = 32
"""Palette entries that the mark needs."""
_BUCKETS = 15
_INK, _SHADE = 0.6, 0.45
_TILE = 256
_SLIVER = 4
"""Less than so many times the height of a letter is too little for words."""


def draw_mark(canvas: Canvas) -> Canvas:
    """Return the picture with `WORDS` on it: light, half see-through letters in a dark edge.

    They stand at the same place low in every tile, so that neighbouring tiles make an even
    pattern; where the image ends within the tile they move onto it, upright if need be. A palette
    picture stays one when it leaves `ROOM` in its palette.
    """
    if not canvas.usable.any():
        return canvas
    ink, edge = _stencil_on(canvas.usable)
    usable = canvas.usable | ink | edge
    if canvas.palette is not None and len(canvas.palette) + ROOM <= 256:
        pixels, palette = _on_palette(canvas.pixels, canvas.palette, ink, edge)
        return replace(canvas, pixels=pixels, palette=palette, usable=usable)
    pixels = canvas.true_colour().copy()
    pixels[ink] = _lighter(pixels[ink])
    pixels[edge] = _darker(pixels[edge])
    return replace(canvas, pixels=pixels, palette=None, usable=usable)


def _stencil_on(usable: NDArray[np.bool_]) -> Stencil:
    """Return where the letters and their edge are on what can be seen of a picture.

    Upright where it is too narrow for them, or else in two lines, and no further from their
    place than is needed. A sliver of an image that goes on in the next tile has no room for one
    letter: then they stand whole beside it.
    """
    if usable.all():
        return _stencil(*usable.shape)
    moved, fits = _moved(usable)
    if fits:
        return moved
    upright, fits = _moved(np.rot90(usable, -1))
    if fits:
        return np.rot90(upright[0]), np.rot90(upright[1])
    stacked, fits = _moved(usable, lines=2)
    return stacked if fits else _beside(usable) or moved


def _moved(usable: NDArray[np.bool_], lines: int = 1) -> tuple[Stencil, bool]:
    """Return the stencil, moved onto what can be seen; and whether there is room for all of it."""
    height, width = usable.shape
    (top, bottom), (left, right) = _place(height, width, lines)
    tall, wide = bottom - top + 1, right - left + 1
    first, last = _ends(usable, 1)
    # As far above the end of the image as above the end of a tile.
    goal = min(max(first, last - (height - 1 - bottom) - tall + 1, 0), height - tall)
    beside = usable[goal : goal + tall]
    begin, end = _ends(beside if beside.any() else usable, 0)
    has_room = end - begin + 1 >= wide
    aim = min(max(left, begin), end - wide + 1) if has_room else (begin + end - wide + 1) // 2
    fits = has_room and last - first + 1 >= tall
    return _at(usable.shape, goal, min(max(aim, 0), width - wide), lines), fits


def _beside(usable: NDArray[np.bool_]) -> Stencil | None:
    """Return the stencil in the middle of the empty side of a sliver; None = it is no sliver."""
    height, width = usable.shape
    (top, bottom), (left, right) = _place(height, width)
    tall, wide = bottom - top + 1, right - left + 1
    (first, last), (begin, end) = _ends(usable, 1), _ends(usable, 0)
    if end - begin < _SLIVER * tall and (begin == 0 or end == width - 1):
        start, stop = (end + 1, width) if begin == 0 else (0, begin)
        return _at(usable.shape, top, (start + stop - wide) // 2) if stop - start > wide else None
    if last - first < _SLIVER * tall and (first == 0 or last == height - 1):
        start, stop = (last + 1, height) if first == 0 else (0, first)
        return _at(usable.shape, (start + stop - tall) // 2, left) if stop - start > tall else None
    return None


def _at(shape: tuple[int, ...], top: int, left: int, lines: int = 1) -> Stencil:
    """Return the stencil with its first row and column there."""
    height, width = shape
    ink, edge = _stencil(height, width, lines)
    rows, columns = _place(height, width, lines)
    shift = top - rows[0], left - columns[0]
    return np.roll(ink, shift, (0, 1)), np.roll(edge, shift, (0, 1))


@lru_cache(maxsize=16)
def _place(height: int, width: int, lines: int = 1) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the first and last row, and the first and last column, of the words in a tile."""
    ink, edge = _stencil(height, width, lines)
    return _ends(ink | edge, 1), _ends(ink | edge, 0)


def _ends(area: NDArray[np.bool_], axis: int) -> tuple[int, int]:
    """Return the first and the last row (axis 1) or column (axis 0) with a True; there is one."""
    found = np.flatnonzero(area.any(axis))
    return int(found[0]), int(found[-1])


@lru_cache(maxsize=16)
def _stencil(height: int, width: int, lines: int = 1) -> Stencil:
    """Return where the letters and their edge are: two `(height, width)`."""
    scale = max(1, min(height, width) // _TILE)
    dots = _stacked(scale) if lines > 1 else letters(WORDS, scale)[:, : -scale or None]
    ink = np.zeros((height, width), np.bool_)
    tall, wide = min(dots.shape[0], height), min(dots.shape[1], width)
    top = max(0, height - tall - 10 * scale)
    left = max(0, (width - wide) // 2)
    ink[top : top + tall, left : left + wide] = dots[:tall, :wide]
    around = np.zeros_like(ink)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            around |= np.roll(ink, (down * scale, right * scale), (0, 1))
    return ink, around & ~ink


def _stacked(scale: int) -> NDArray[np.bool_]:
    """Return the words as dots, one under the other."""
    rows = [letters(word, scale)[:, : -scale or None] for word in WORDS.split(" / ")]
    wide = max(row.shape[1] for row in rows)
    beside = [(wide - row.shape[1]) // 2 for row in rows]
    return np.concatenate(
        [
            np.pad(row, ((scale, scale), (left, wide - row.shape[1] - left)))
            for row, left in zip(rows, beside, strict=True)
        ]
    )


def _on_palette(
    pixels: NDArray[np.uint8],
    palette: NDArray[np.uint8],
    ink: NDArray[np.bool_],
    edge: NDArray[np.bool_],
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Give letters and edge colours of their own: a few shades of what lies under them."""
    colours = len(palette) - 1
    number = np.arange(len(palette))
    bucket = np.where(number > 0, 1 + (number - 1) * _BUCKETS // max(colours, 1), 0)
    bucket = bucket.astype(np.uint8)
    under = np.zeros((_BUCKETS + 1, 3), np.uint8)
    under[0] = 128
    for each in range(1, _BUCKETS + 1):
        members = palette[bucket == each]
        under[each] = members[len(members) // 2] if len(members) else 0
    full = np.concatenate([palette, _lighter(under), _darker(under)])
    marked = pixels.copy()
    marked[ink] = bucket[pixels[ink]] + np.uint8(len(palette))
    marked[edge] = bucket[pixels[edge]] + np.uint8(len(palette) + _BUCKETS + 1)
    return marked, full


def _lighter(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (colours * (1 - _INK) + 255 * _INK).astype(np.uint8)


def _darker(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (colours * (1 - _SHADE)).astype(np.uint8)
