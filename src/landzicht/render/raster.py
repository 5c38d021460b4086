"""A drawing as pixels: the same page as the PDF, for pictures and films."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from landzicht.render.drawing import Drawing, Photo, Shape, Words
from landzicht.render.metrics import width_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.render.drawing import Colour

_LEVELS = 15
_FINE = 4
"""Points looked at along each side of a pixel, for smooth edges."""


def rasterize(drawing: Drawing, per_mm: float) -> NDArray[np.uint8]:
    """Return a drawing as `(y, x, 3)` red, green, blue on white.

    Args:
        drawing: what to draw.
        per_mm: pixels in a millimetre.
    """
    shape = (round(drawing.height * per_mm), round(drawing.width * per_mm), 3)
    paper = np.full(shape, 255, np.uint8)
    for mark in drawing.marks:
        if isinstance(mark, Words):
            _write(paper, mark, per_mm)
        elif isinstance(mark, Photo):
            _paste(paper, mark, per_mm)
        else:
            _draw(paper, mark, per_mm)
    return paper


def _paste(paper: NDArray[np.uint8], mark: Photo, per_mm: float) -> None:
    """Put a picture down; its pixels are the nearest ones."""
    left, top = (round(side * per_mm) for side in mark.at)
    width, height = (max(1, round(side * per_mm)) for side in mark.size)
    rows = np.arange(height) * mark.pixels.shape[0] // height
    columns = np.arange(width) * mark.pixels.shape[1] // width
    part = paper[max(0, top) : top + height, max(0, left) : left + width]
    part[:] = mark.pixels[rows[: part.shape[0], None], columns[: part.shape[1]]]


def _draw(paper: NDArray[np.uint8], mark: Shape, per_mm: float) -> None:
    points = np.asarray(mark.points, np.float64) * per_mm
    if mark.fill is not None:
        _fill(paper, points, mark.fill)
    if mark.edge is None:
        return
    ends = zip(points, np.roll(points, -1, 0), strict=True)
    pairs = list(ends) if mark.closed else list(ends)[:-1]
    thick = max(1.0, mark.width * per_mm)
    for start, end in pairs:
        _line(paper, (start, end), thick, mark.edge)


def _fill(paper: NDArray[np.uint8], points: NDArray[np.float64], colour: Colour) -> None:
    """Colour the inside of a shape: a point is in when a line from it crosses an odd number."""
    top, left, high, wide = _around(paper, points, 0)
    if not (high and wide):
        return
    if len(points) == 4 and all(len(np.unique(side)) == 2 for side in points.T):
        low, far = points.min(0), points.max(0)
        down = _overlap(top, high, low[1], far[1])
        across = _overlap(left, wide, low[0], far[0])
        _blend(paper, (top, left), down[:, None] * across, colour)
        return
    ys = top + (np.arange(high * _FINE) + 0.5) / _FINE
    xs = left + (np.arange(wide * _FINE) + 0.5) / _FINE
    inside = np.zeros((ys.size, xs.size), np.bool_)
    for (x0, y0), (x1, y1) in zip(points, np.roll(points, -1, 0), strict=True):
        if abs(y1 - y0) < 1e-6:
            continue
        crossed = (ys >= min(y0, y1)) & (ys < max(y0, y1))
        at = x0 + (ys - y0) * (x1 - x0) / (y1 - y0)
        inside ^= crossed[:, None] & (xs[None, :] >= at[:, None])
    share = inside.reshape(high, _FINE, wide, _FINE).mean((1, 3))
    _blend(paper, (top, left), share, colour)


def _overlap(first: int, count: int, low: float, high: float) -> NDArray[np.float64]:
    """Return which share of each of `count` pixels from `first` lies between two places."""
    edges = first + np.arange(count)
    share: NDArray[np.float64] = np.minimum(edges + 1, high) - np.maximum(edges, low)
    return np.clip(share, 0.0, 1.0)


def _line(
    paper: NDArray[np.uint8],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    thick: float,
    colour: Colour,
) -> None:
    """Draw one straight piece with round ends and smooth edges."""
    start, end = ends
    top, left, high, wide = _around(paper, np.stack(ends), thick / 2 + 1)
    ys = (top + np.arange(high) + 0.5)[:, None] - start[1]
    xs = (left + np.arange(wide) + 0.5)[None, :] - start[0]
    dx, dy = end - start
    along = np.clip((xs * dx + ys * dy) / max(dx * dx + dy * dy, 1e-9), 0.0, 1.0)
    away = np.hypot(xs - along * dx, ys - along * dy)
    _blend(paper, (top, left), np.clip(thick / 2 + 0.5 - away, 0.0, 1.0), colour)


def _around(
    paper: NDArray[np.uint8], points: NDArray[np.float64], margin: float
) -> tuple[int, int, int, int]:
    """Return top, left, height and width of the pixels around points, within the paper."""
    low = np.floor(points.min(0) - margin).astype(int)
    high = np.ceil(points.max(0) + margin).astype(int)
    left, top = (max(0, int(value)) for value in low)
    right, bottom = min(int(high[0]), paper.shape[1]), min(int(high[1]), paper.shape[0])
    return top, left, max(0, bottom - top), max(0, right - left)


def _blend(
    paper: NDArray[np.uint8], at: tuple[int, int], share: NDArray[np.float64], colour: Colour
) -> None:
    """Lay a colour over pixels, as thick as `share` `(y, x)` says."""
    top, left = max(0, at[0]), max(0, at[1])
    part = paper[top : top + share.shape[0], left : left + share.shape[1]]
    cover = share[: part.shape[0], : part.shape[1], None].astype(np.float32)
    part[:] = np.rint(part * (1 - cover) + np.asarray(colour, np.float32) * cover)


def _write(paper: NDArray[np.uint8], mark: Words, per_mm: float) -> None:
    if not mark.text.strip():
        return
    wide = width_of(mark.text, mark.size, bold=mark.bold)
    left = mark.at[0] - {"left": 0.0, "middle": wide / 2, "right": wide}[mark.align]
    size = round(mark.size * per_mm, 2)
    ink, above = _line_of(mark.text, size, round(wide * per_mm, 2), mark.bold)
    top = round(mark.at[1] * per_mm) - above
    begin = round(left * per_mm)
    cut_top, cut_left = max(0, -top), max(0, -begin)
    _blend(paper, (top + cut_top, begin + cut_left), ink[cut_top:, cut_left:], mark.colour)


@lru_cache(maxsize=512)
def _line_of(text: str, size: float, width: float, bold: bool) -> tuple[NDArray[np.float64], int]:
    """Return a line of text: how much ink is where `(y, x)`, and rows above the base line.

    The line is squeezed to `width`, which is how wide it is in Helvetica.
    """
    cells, advances, letters, em, base, margin = _letters()
    weight = int(bold)
    known = [letters.get(letter, letters["?"]) for letter in text]
    starts = np.concatenate([[0.0], np.cumsum(advances[weight, known])])
    tall = cells.shape[2]
    strip = np.zeros((tall, math.ceil(starts[-1]) + cells.shape[3] + margin), np.float64)
    for number, start in zip(known, starts, strict=False):
        at = round(float(start))
        part = strip[:, at : at + cells.shape[3]]
        np.maximum(part, cells[weight, number], out=part)
    natural = max(float(starts[-1]), 1.0)
    scale = size / em
    high = max(1, math.ceil(tall * scale))
    across = width / natural if natural else scale
    wide = max(1, math.ceil(strip.shape[1] * across))
    inked = _shrunk(_shrunk(strip, high, 1 / scale).T, wide, 1 / across).T
    shift = round(margin * across)
    return inked[:, shift:] / _LEVELS, round(base * scale)


def _shrunk(values: NDArray[np.float64], count: int, step: float) -> NDArray[np.float64]:
    """Return `count` rows, each the mean of `step` rows of `values`; smaller ones are spread."""
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, 0)])
    edges = np.clip(np.arange(count + 1) * step, 0, values.shape[0])
    low = np.floor(edges).astype(int)
    next_ = np.minimum(low + 1, values.shape[0])
    sums = total[low] + (edges - low)[:, None] * (total[next_] - total[low])
    found: NDArray[np.float64] = np.diff(sums, axis=0) / step
    return found


@lru_cache(maxsize=1)
def _letters() -> tuple[NDArray[np.uint8], NDArray[np.float32], dict[str, int], int, int, int]:
    """Return dots and widths of all letters; `scripts/make_letters.py` drew them."""
    path = resources.files("landzicht.render").joinpath("letters.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as told:
        about = json.loads(str(told["about"]))
        cells, advances = told["cells"], told["advances"]
    index = {letter: number for number, letter in enumerate(about["letters"])}
    return cells, advances, index, about["em"], about["base"], about["left"]
