"""Colours that a caller brings: codes, intervals, or a scale of 256."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text

Rgb: TypeAlias = tuple[int, int, int]
MOST_LETTERS = 20_000
"""Longest text with colours."""
SCALE = 256
"""Colours in a full scale."""
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_OPAQUE, _CLEAR = 255, 0
_RGB, _RGBA = 3, 4
_KEY = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One of three ways to say which colours; the other two are empty."""

    scale: tuple[Rgb, ...] = ()
    """256 colours from the lowest value shown to the highest."""
    codes: tuple[tuple[float, Rgb], ...] = ()
    """Colours of single values; what has none is see-through."""
    intervals: tuple[tuple[float, float, Rgb], ...] = ()
    """`(from, up to but not including, colour)`; the first that fits counts."""


def read_colours(text: str) -> Colours:
    """Read TiTiler's `colormap`: `{"1": "#ff0000"}` or `[[[0, 10], [255, 0, 0, 255]], …]`.

    Keys 0 to 255 that are all there make a scale over `rescale`; other keys are values.

    Raises:
        BadQuery: it cannot be read, or asks for colours that shine through.
    """
    if len(text) > MOST_LETTERS:
        _wrong()
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        _wrong()
    if not isinstance(told, dict | list) or not 1 <= len(told) <= SCALE:
        _wrong()
    if isinstance(told, list):
        return Colours(intervals=tuple(each for part in told for each in _interval(part)))
    found = {_value(key): _colour(colour) for key, colour in told.items()}
    if set(found) == set(range(SCALE)):
        colours = [found[number] for number in range(SCALE)]
        if None in colours:
            _wrong()
        return Colours(scale=tuple(colour for colour in colours if colour))
    return Colours(codes=tuple((value, colour) for value, colour in found.items() if colour))


def scale_name(colours: tuple[Rgb, ...]) -> str:
    """Return what `landzicht.render.colormaps.colormap` takes for a scale that has no name."""
    return "#" + b"".join(bytes(colour) for colour in colours).hex()


def _interval(part: Any) -> list[tuple[float, float, Rgb]]:  # noqa: ANN401 - JSON
    if not isinstance(part, list) or len(part) != 2 or not isinstance(part[0], list):
        _wrong()
    ends, colour = part[0], _colour(part[1])
    if len(ends) != 2 or not all(_is_number(end) for end in ends) or not ends[0] < ends[1]:
        _wrong()
    return [(float(ends[0]), float(ends[1]), colour)] if colour else []


def _is_number(told: Any) -> bool:  # noqa: ANN401 - JSON
    return type(told) in (int, float) and math.isfinite(told)


def _value(key: str) -> float:
    return float(key) if _KEY.fullmatch(key) else _wrong()


def _colour(told: Any) -> Rgb | None:  # noqa: ANN401 - JSON
    """Return red, green and blue, or None for one that is see-through."""
    if isinstance(told, str) and _HEX.fullmatch(told):
        told = list(bytes.fromhex(told[1:]))
    if not isinstance(told, list) or len(told) not in (_RGB, _RGBA):
        _wrong()
    if not all(type(each) is int and 0 <= each <= _OPAQUE for each in told):
        _wrong()
    alpha = told[_RGB] if len(told) == _RGBA else _OPAQUE
    if alpha not in (_CLEAR, _OPAQUE):
        _wrong()
    return (told[0], told[1], told[2]) if alpha else None


def _wrong() -> NoReturn:
    reason = Text(
        nl='geef JSON met hoogstens 256 kleuren: {"1": "#ff0000"} voor codes, 0 tot en met 255 '
        "voor een schaal, of [[[0, 10], [255, 0, 0, 255]]] voor intervallen; een kleur is dekkend "
        "of doorzichtig, niets ertussen",
        en='give JSON of at most 256 colours: {"1": "#ff0000"} for codes, 0 to 255 for a scale, or '
        "[[[0, 10], [255, 0, 0, 255]]] for intervals; a colour is opaque or see-through, nothing "
        "in between",
    )
    raise BadQuery(name="colormap", reason=reason)
