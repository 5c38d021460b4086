"""Reading how to paint: colours, tone, relief, and how many observations become one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.mosaic.combine import RULES
from landzicht.portal.maps.colours import MOST_LETTERS, Colours, read_colours
from landzicht.render.relief import RELIEFS, Relief
from landzicht.render.tone import Step, read_tone
from landzicht.text import Text
from landzicht.web.tiles.titiler import ALGORITHMS_ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_PARAMETERS = 1_000
_NAMES = {
    "azimuth": "azimuth",
    "altitude": "altitude",
    "angle_altitude": "altitude",
    "z_factor": "z_factor",
    "z_exaggeration": "z_factor",
}
_LIMITS = {"azimuth": (-360.0, 360.0), "altitude": (0.0, 90.0), "z_factor": (1e-6, 1e6)}
_PASSED_OVER = frozenset({"buffer"})


def colours(query: Mapping[str, str]) -> Colours | None:
    """Read `colormap`.

    Raises:
        BadQuery: it cannot be read.
    """
    text = query.get("colormap")
    return read_colours(text[: MOST_LETTERS + 1]) if text else None


def tone(query: Mapping[str, str]) -> tuple[Step, ...]:
    """Read `gamma` and `color_formula`, in this order.

    Raises:
        BadQuery: one cannot be read.
    """
    steps: tuple[Step, ...] = ()
    if query.get("gamma"):
        steps = (Step("gamma", (0, 1, 2), (_number(query["gamma"], "gamma", (0.01, 100.0)),)),)
    formula = query.get("color_formula")
    return steps + read_tone(formula) if formula else steps


def relief(query: Mapping[str, str]) -> Relief | None:
    """Read `algorithm` and `algorithm_params`, or `azimuth`, `altitude` and `z_factor`.

    Raises:
        BadQuery: there is no such algorithm, or a number makes no sense.
    """
    name = query.get("algorithm")
    if not name:
        return None
    if name.lower() not in RELIEFS:
        raise BadQuery(name="algorithm", reason=ALGORITHMS_ELSEWHERE)
    told: dict[str, Any] = _parameters(query.get("algorithm_params"))
    told |= {name: query[name] for name in _LIMITS if query.get(name)}
    numbers: dict[str, float] = {}
    for key, value in told.items():
        if key in _PASSED_OVER:
            continue
        if key not in _NAMES:
            _wrong_parameters()
        numbers[_NAMES[key]] = _number(value, key, _LIMITS[_NAMES[key]])
    return Relief(name=name.lower(), **numbers)


def rule(query: Mapping[str, str]) -> tuple[str, str]:
    """Read `mosaic` and `pixel_selection` as which scenes lie on top, and what counts of them."""
    order = query.get("mosaic") or "newest"
    kind = query.get("pixel_selection") or "first"
    if order in RULES:  # `mosaic=median` says it in one word
        order, kind = "newest", order
    return order, kind


def _parameters(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        told = orjson.loads(text) if len(text) <= _MOST_PARAMETERS else None
    except orjson.JSONDecodeError:
        told = None
    return told if isinstance(told, dict) else _wrong_parameters()


def _wrong_parameters() -> dict[str, Any]:
    reason = Text(
        nl='schrijf JSON zoals {"azimuth": 315, "altitude": 45, "z_factor": 1}',
        en='write JSON such as {"azimuth": 315, "altitude": 45, "z_factor": 1}',
    )
    raise BadQuery(name="algorithm_params", reason=reason)


def _number(told: Any, name: str, limits: tuple[float, float]) -> float:  # noqa: ANN401 - JSON
    low, high = limits
    try:
        found = float(told) if not isinstance(told, bool | list | dict) else math.nan
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not low <= found <= high:
        reason = Text(nl=f"kies {low:g} tot en met {high:g}", en=f"choose {low:g} to {high:g}")
        raise BadQuery(name=name, reason=reason)
    return found
