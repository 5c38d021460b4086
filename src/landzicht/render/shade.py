"""Painting straight from stored whole numbers: the same picture as `paint`, in one pass.

For what most tiles show: true colour of three bands, and a normalised difference of two. The
shades come from the same kernel and the same float32 steps as in `paint`; a test holds both to
equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.kernels.warm import is_under_way
from landzicht.render.colormaps import colormap
from landzicht.render.formula import Name, Operation
from landzicht.render.paint import MOST_COLOURS, Canvas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from landzicht.render.style import Channel, Style

_RGB = 3
_EVERYWHERE = np.zeros(0, np.bool_)
_KINDS = frozenset({"uint8", "uint16"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A window of one file; those of a picture lie on one grid."""

    values: NDArray[Any]
    """`(m,)` uint8 or uint16, stored numbers."""
    valid: NDArray[np.bool_] | None
    """`(m,)`; True = usable; None = all are."""
    nodata: int | None = None
    """Pixels of this number are not usable either."""
    scale: float
    """Physical value = stored number times this …"""
    offset: float
    """… plus this."""


def can_shade(style: Style, dtypes: Mapping[str, str]) -> bool:
    """Whether `shade` knows this style over bands of these numpy dtypes, by key."""
    kinds = {dtypes[key] for key in style.keys}
    if style.classes or not kinds <= _KINDS or len(kinds) > 1:
        return False  # each mixture would be compiled apart
    if len(style.channels) == _RGB:
        return all(isinstance(channel.formula.tree, Name) for channel in style.channels)
    return len(style.channels) == 1 and _is_difference(style.channels[0])


def shade(
    sources: Mapping[str, Source],
    index: NDArray[np.int32],
    style: Style,
    colours: int = MOST_COLOURS,
) -> tuple[Canvas, int]:
    """Paint a picture that `can_shade` allows.

    Args:
        sources: by key, all of one length and dtype.
        index: `(y, x)` flat index in the sources of each pixel, or -1.
        style: how.
        colours: most palette entries to use, so that room is left for a mark.

    Returns:
        The picture, and how many of its pixels lie on usable ones of all bands.
    """
    usable = np.empty(index.shape, np.bool_)
    if len(style.channels) == _RGB:
        return _three(sources, index, style, usable)
    return _ratio(sources, index, style, usable, colours)


def _three(
    sources: Mapping[str, Source], index: NDArray[np.int32], style: Style, usable: NDArray[np.bool_]
) -> tuple[Canvas, int]:
    if is_under_way():
        from landzicht.kernels.plain import shade_three
    else:
        from landzicht.kernels.shade import shade_three

    bands = [sources[channel.formula.names[0]] for channel in style.channels]
    tables = _tables(
        tuple(
            (band.values.dtype.str, band.scale, band.offset, channel.low, channel.high)
            for band, channel in zip(bands, style.channels, strict=True)
        )
    )
    pixels = np.empty((*index.shape, _RGB), np.uint8)
    seen = shade_three(
        index.reshape(-1),
        bands[0].values,
        bands[1].values,
        bands[2].values,
        _valid_in_all(bands),
        (_hole(bands[0]), _hole(bands[1]), _hole(bands[2])),
        tables,
        pixels.reshape(-1, _RGB),
        usable.reshape(-1),
    )
    return Canvas(pixels=pixels, usable=usable), seen


def _ratio(
    sources: Mapping[str, Source],
    index: NDArray[np.int32],
    style: Style,
    usable: NDArray[np.bool_],
    colours: int,
) -> tuple[Canvas, int]:
    if is_under_way():
        from landzicht.kernels.plain import shade_ratio
    else:
        from landzicht.kernels.shade import shade_ratio

    channel = style.channels[0]
    keys = channel.formula.names  # in the order in which they occur
    plus, minus = sources[keys[0]], sources[keys[1]]
    pixels = np.empty(index.shape, np.uint8)
    inside = shade_ratio(
        index.reshape(-1),
        plus.values,
        minus.values,
        _valid_in_all([plus, minus]),
        (_hole(plus), _hole(minus)),
        *_steps(
            (plus.scale, plus.offset, minus.scale, minus.offset),
            (channel.low, channel.high),
            colours,
        ),
        pixels.reshape(-1),
        usable.reshape(-1),
    )
    palette = _palette(style.colormap, colours)
    return Canvas(pixels=pixels, usable=usable, palette=palette), inside


@lru_cache(maxsize=64)
def _steps(
    scales: tuple[float, float, float, float], ends: tuple[float, float], colours: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the arguments `scales` and `stretch` of `shade_ratio`."""
    gain = (colours - 1) / (ends[1] - ends[0])
    bias = 1 - ends[0] * gain
    stretch = np.array([gain, bias + 0.5, 1, colours], np.float32)
    return np.array(scales, np.float32).reshape(2, 2), stretch


def _valid_in_all(bands: Sequence[Source]) -> NDArray[np.bool_]:
    """Return where all bands are usable, `(m,)`; empty when that is everywhere, as it mostly is."""
    found = _EVERYWHERE
    for band in bands:
        if band.valid is not None:
            found = band.valid if found is _EVERYWHERE else found & band.valid
    return found


def _hole(band: Source) -> int:
    """Return nodata as the kernels want it."""
    return -1 if band.nodata is None else band.nodata


def _is_difference(channel: Channel) -> bool:
    """Whether the formula is `(a - b) / (a + b)`."""
    match channel.formula.tree:
        case Operation("/", Operation("-", Name(a), Name(b)), Operation("+", Name(c), Name(d))):
            return (a, b) == (c, d) and a != b
        case _:
            return False


@lru_cache(maxsize=64)
def _tables(channels: tuple[tuple[str, float, float, float, float], ...]) -> NDArray[np.uint8]:
    """Return the shade of every number that each channel can hold: `(3, 2 ** bits)`."""
    return np.stack([_table(*channel) for channel in channels])


def _table(dtype: str, scale: float, offset: float, low: float, high: float) -> NDArray[np.uint8]:
    """Return the shade of every number that `dtype` can hold, by the same kernel as elsewhere."""
    if is_under_way():
        from landzicht.kernels.plain import stretch
    else:
        from landzicht.kernels.stretch import stretch

    numbers = np.arange(np.iinfo(dtype).max + 1, dtype=np.float32)
    out = np.empty(numbers.size, np.uint8)
    gain = MOST_COLOURS / (high - low)
    bias = -low * gain
    everywhere = np.ones(numbers.size, np.bool_)
    stretch(numbers, everywhere, gain * scale, bias + gain * offset, 0, MOST_COLOURS, out)
    return out


@lru_cache(maxsize=64)
def _palette(name: str, colours: int) -> NDArray[np.uint8]:
    table = np.zeros((colours + 1, 3), np.uint8)
    table[1:] = colormap(name, colours)
    table.flags.writeable = False
    return table
