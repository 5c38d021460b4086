"""The words that tell simulated pictures from real ones, drawn into the pixels."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.render.font import letters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.render.paint import Canvas

WORDS = "GESIMULEERD / SIMULATED"
"""Drawn on every picture of simulated data, in both languages."""
ROOM = 32
"""Palette entries that the mark needs."""
_BUCKETS = 15
_INK, _SHADE = 0.6, 0.45
_TILE = 256


def draw_mark(canvas: Canvas) -> Canvas:
    """Return the picture with `WORDS` on it: light, half see-through letters in a dark edge.

    They stand at the same place low in every tile, so that neighbouring tiles make an even
    pattern. A palette picture stays one when it leaves `ROOM` in its palette.
    """
    if not canvas.usable.any():
        return canvas
    ink, edge = _stencil(*canvas.usable.shape)
    usable = canvas.usable | ink | edge
    if canvas.palette is not None and len(canvas.palette) + ROOM <= 256:
        pixels, palette = _on_palette(canvas.pixels, canvas.palette, ink, edge)
        return replace(canvas, pixels=pixels, palette=palette, usable=usable)
    pixels = canvas.true_colour().copy()
    pixels[ink] = _lighter(pixels[ink])
    pixels[edge] = _darker(pixels[edge])
    return replace(canvas, pixels=pixels, palette=None, usable=usable)


@lru_cache(maxsize=16)
def _stencil(height: int, width: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where the letters and their edge are: two `(height, width)`."""
    scale = max(1, min(height, width) // _TILE)
    dots = letters(WORDS, scale)[:, : -scale or None]
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
