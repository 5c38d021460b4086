"""From values to colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.render.colormaps import colormap
from landzicht.render.evaluate import evaluate_stored, physical, shade_stored
from landzicht.render.formula import Name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.render.style import Channel, Style

MOST_COLOURS = 255
"""Colours in a palette beside “nothing”, which has index 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """The values of one band for a picture."""

    values: NDArray[Any]
    """`(y, x)` float32 or float64, stored numbers; 0 where not usable."""
    scale: float
    """Physical value = stored number times this …"""
    offset: float
    """… plus this."""

    def physical(self) -> NDArray[Any]:
        """Return physical values."""
        return physical(self.values, self.scale, self.offset)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """Colours, ready to be encoded."""

    pixels: NDArray[np.uint8]
    """`(y, x, 3)` red, green, blue; or `(y, x)` palette index, 0 = nothing."""
    usable: NDArray[np.bool_]
    """`(y, x)`; False = see-through."""
    palette: NDArray[np.uint8] | None = None
    """`(n, 3)` red, green, blue of index 0 … n - 1; None for true colour."""

    def true_colour(self) -> NDArray[np.uint8]:
        """Return `(y, x, 3)` whatever the form."""
        return self.pixels if self.palette is None else self.palette[self.pixels]


def paint(
    bands: Mapping[str, Plane],
    usable: NDArray[np.bool_],
    style: Style,
    colours: int = MOST_COLOURS,
) -> Canvas:
    """Paint a picture.

    Args:
        bands: by key, all of one shape.
        usable: `(y, x)`; True = show.
        style: how.
        colours: most palette entries to use, so that room is left for a mark.
    """
    if style.classes:
        return _codes(bands, usable, style)
    if len(style.channels) == 1:
        table = np.zeros((colours + 1, 3), np.uint8)
        table[1:] = colormap(style.colormap, colours)
        index, shown = _shades(bands, usable, style.channels[0], 1, colours)
        return Canvas(pixels=index, usable=shown, palette=table)
    pixels = np.empty((*usable.shape, len(style.channels)), np.uint8)
    shown = usable
    for number, channel in enumerate(style.channels):
        plane, seen = _shades(bands, usable, channel, 0, MOST_COLOURS)
        pixels[..., number] = plane
        if seen is not usable:
            shown = shown & seen
    if shown is not usable:
        pixels[~shown] = 0
    return Canvas(pixels=pixels, usable=shown)


def paint_intervals(bands: Mapping[str, Plane], usable: NDArray[np.bool_], style: Style) -> Canvas:
    """Paint the colours of intervals: the first that holds a value counts."""
    values, shown = channel_values(bands, usable, style.channels[0])
    table = np.zeros((len(style.intervals) + 1, 3), np.uint8)
    index = np.zeros(usable.shape, np.int16)
    for number, (low, high, colour) in reversed(list(enumerate(style.intervals, 1))):
        table[number] = colour
        index[(values >= low) & (values < high)] = number
    shown = shown & (index > 0)
    index[~shown] = 0
    if len(style.intervals) <= MOST_COLOURS:
        return Canvas(pixels=index.astype(np.uint8), usable=shown, palette=table)
    return Canvas(pixels=table[index], usable=shown)


def channel_values(
    bands: Mapping[str, Plane], usable: NDArray[np.bool_], channel: Channel
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the physical values `(y, x)` of a channel, and where they exist."""
    tree = channel.formula.tree
    if isinstance(tree, Name):
        return bands[tree.key].physical(), usable
    return evaluate_stored(channel.formula, _stored(bands, channel), usable)


def _stored(
    bands: Mapping[str, Plane], channel: Channel
) -> dict[str, tuple[NDArray[Any], float, float]]:
    planes = {key: bands[key] for key in channel.formula.names}
    return {key: (each.values, each.scale, each.offset) for key, each in planes.items()}


def values_of(
    bands: Mapping[str, Plane], usable: NDArray[np.bool_], channels: Sequence[Channel]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the physical values `(channel, y, x)` of channels, and where all of them exist."""
    found = []
    for channel in channels:
        values, shown = channel_values(bands, usable, channel)
        usable = usable & shown
        found.append(values)
    return np.stack(found), usable


def _shades(
    bands: Mapping[str, Plane],
    usable: NDArray[np.bool_],
    channel: Channel,
    first: int,
    last: int,
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return values stretched to `first` … `last`, and where they exist."""
    from landzicht.kernels.stretch import stretch

    gain = (last - first) / (channel.high - channel.low)
    bias = first - channel.low * gain
    if isinstance(channel.formula.tree, Name):
        layer = bands[channel.formula.tree.key]
        values, shown = layer.values, usable
        gain, bias = gain * layer.scale, bias + gain * layer.offset
    else:
        stored, stretched = _stored(bands, channel), (gain, bias, first, last)
        if found := shade_stored(channel.formula, stored, usable, stretched):
            return found
        values, shown = channel_values(bands, usable, channel)
    out = np.empty(usable.shape, np.uint8)
    flat = np.ascontiguousarray(values, np.float32).reshape(-1)
    stretch(flat, shown.reshape(-1), gain, bias, first, last, out.reshape(-1))
    return out, shown


def _codes(bands: Mapping[str, Plane], usable: NDArray[np.bool_], style: Style) -> Canvas:
    """Paint codes: each has its own colour, and what has no code stays empty."""
    values, shown = channel_values(bands, usable, style.channels[0])
    known = np.array([value for value, _ in style.classes], np.float64)
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    between = (ordered[1:] + ordered[:-1]) / 2  # scaling may leave a value just beside its code
    at = order[np.searchsorted(between, values.astype(np.float64))]
    shown = shown & np.isclose(known[at], values, rtol=1e-6, atol=1e-9)
    table = np.zeros((known.size + 1, 3), np.uint8)
    table[1:] = [colour for _, colour in style.classes]
    if known.size <= MOST_COLOURS:
        index = np.where(shown, at + 1, 0).astype(np.uint8)
        return Canvas(pixels=index, usable=shown, palette=table)
    return Canvas(pixels=table[np.where(shown, at + 1, 0)], usable=shown)
