"""Tone: gamma, contrast and saturation on finished colours, with the words of rio-color.

A recipe such as `gamma RGB 1.5, sigmoidal RGB 10 0.35, saturation 1.2` is what TiTiler calls a
`color_formula`. Every step gives 8 bits again and cuts off what is left, as rio-color and its
successor color-operations do, so that both give the same picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from landzicht.render.paint import Canvas

    Values = NDArray[np.float64]

_ARGUMENTS = {"gamma": 1, "sigmoidal": 2, "saturation": 1}
_MOST_STEPS = 8
_MOST_LETTERS = 400
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_LIMITS = {"gamma": (0.01, 100.0), "sigmoidal": (-100.0, 100.0), "saturation": (0.0, 10.0)}
_SPREAD = np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on colours."""

    name: str
    """`gamma`, `sigmoidal` or `saturation`."""
    channels: tuple[int, ...]
    """Of red (0), green and blue (2); all three for saturation."""
    numbers: tuple[float, ...]
    """Gamma; contrast and its middle (0 to 1); or the factor of saturation."""


def read_tone(text: str) -> tuple[Step, ...]:
    """Read a recipe.

    Raises:
        BadQuery: it cannot be read, or a number makes no sense.
    """
    words = re.split(r"[,\s]+", text.strip()) if len(text) <= _MOST_LETTERS else []
    steps: list[Step] = []
    at = 0
    while at < len(words):
        name = words[at].lower()
        if name not in _ARGUMENTS or len(steps) == _MOST_STEPS:
            _wrong()
        at += 1
        channels: tuple[int, ...] = (0, 1, 2)
        if name != "saturation":
            channels = _channels(words[at] if at < len(words) else "")
            at += 1
        numbers = tuple(_number(word) for word in words[at : at + _ARGUMENTS[name]])
        at += _ARGUMENTS[name]
        steps.append(_checked(Step(name, channels, numbers)))
    if not steps:
        _wrong()
    return tuple(steps)


def tone(pixels: NDArray[np.uint8], steps: Sequence[Step]) -> NDArray[np.uint8]:
    """Return colours `(…, 3)` after all steps; the input is not changed."""
    for step in steps:
        if step.name == "saturation":
            pixels = _saturated(pixels, step.numbers[0])
            continue
        pixels = pixels.copy()
        for channel in step.channels:
            pixels[..., channel] = _table(step)[pixels[..., channel]]
    return pixels


def tone_canvas(canvas: Canvas, steps: Sequence[Step]) -> Canvas:
    """Return a picture in true colour after all steps."""
    return replace(canvas, pixels=tone(canvas.true_colour(), steps), palette=None)


def tone_scale(colours: NDArray[np.uint8], steps: Sequence[Step]) -> NDArray[np.uint8]:
    """Return a scale `(256, 3)` that has the tone in it: for one channel, which has no hue.

    As TiTiler does it: the steps change the value, and the colour map comes after.

    Raises:
        BadQuery: saturation of a single channel.
    """
    shades = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    if any(step.name == "saturation" for step in steps):
        reason = Text(
            nl="verzadiging bestaat alleen voor drie kanalen",
            en="saturation exists for three channels only",
        )
        raise BadQuery(name="color_formula", reason=reason)
    found: NDArray[np.uint8] = colours[tone(shades, steps)[:, 0]]
    return found


def _checked(step: Step) -> Step:
    low, high = _LIMITS[step.name]
    if len(step.numbers) != _ARGUMENTS[step.name] or not low <= step.numbers[0] <= high:
        _wrong()
    if step.name == "sigmoidal" and not 0 <= step.numbers[1] <= 1:
        _wrong()
    return step


def _channels(word: str) -> tuple[int, ...]:
    found = tuple("rgb".find(letter) for letter in word.lower())
    if not found or -1 in found:
        _wrong()
    return tuple(dict.fromkeys(found))


def _number(word: str) -> float:
    return float(word) if _NUMBER.fullmatch(word) else _wrong()


def _wrong() -> NoReturn:
    reason = Text(
        nl="schrijf bijvoorbeeld “gamma RGB 1.5, sigmoidal RGB 10 0.35, saturation 1.2”",
        en="write for example “gamma RGB 1.5, sigmoidal RGB 10 0.35, saturation 1.2”",
    )
    raise BadQuery(name="color_formula", reason=reason)


@lru_cache(maxsize=128)
def _table(step: Step) -> NDArray[np.uint8]:
    """Return what becomes of each of the 256 shades."""
    shades = np.arange(256) / 255
    if step.name == "gamma":
        return _stored(shades ** (1.0 / step.numbers[0]))
    return _stored(_sigmoidal(shades, *step.numbers))


def _sigmoidal(shades: Values, contrast: float, middle: float) -> Values:
    """Return an S-curve through (0, 0) and (1, 1); the inverse one for contrast below 0."""
    if contrast == 0:
        return shades
    middle = middle or _SPREAD
    low = 1 / (1 + np.exp(contrast * middle))
    if contrast > 0:
        high = 1 / (1 + np.exp(contrast * (middle - 1)))
        curve: Values = (1 / (1 + np.exp(contrast * (middle - shades))) - low) / (high - low)
        return curve
    high = 1 / (1 + np.exp(contrast * middle - contrast))
    with np.errstate(divide="ignore", invalid="ignore"):
        bent: Values = np.log(1 / (shades * high - shades * low + low) - 1)
    back: Values = (contrast * middle - bent) / contrast
    return back


def _stored(shades: Values) -> NDArray[np.uint8]:
    return (np.clip(np.nan_to_num(shades), 0, 1) * 255).astype(np.uint8)


_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_BEND = 6 / 29


def _saturated(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """Move colours from or to grey of the same lightness, in CIE L*a*b* (D65, sRGB)."""
    shades = pixels / 255
    linear = np.where(shades <= 0.04045, shades / 12.92, ((shades + 0.055) / 1.055) ** 2.4)
    white = linear @ _TO_XYZ.T / _WHITE
    bent = np.where(white > _BEND**3, np.cbrt(white), white / (3 * _BEND**2) + 4 / 29)
    middle = bent[..., 1:2]
    bent = middle + (bent - middle) * factor  # a* and b* are differences from the middle one
    white = np.where(bent > _BEND, bent**3, 3 * _BEND**2 * (bent - 4 / 29))
    linear = (white * _WHITE) @ _TO_RGB.T
    with np.errstate(invalid="ignore"):
        shades = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return _stored(shades)
