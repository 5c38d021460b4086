"""Why a geometry is not valid, in words and with the place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import shapely

from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOLD = re.compile(r"([A-Za-z -]+)\[(\S+) (\S+)\]")
"""What GEOS says: a reason and a place, such as `Self-intersection[5.5 52.7]`."""
_CROSSES = Text(
    nl="randen kruisen of overlappen elkaar bij {x}, {y}", en="edges cross or overlap at {x}, {y}"
)
_TOUCHES = Text(nl="een ring raakt zichzelf bij {x}, {y}", en="a ring touches itself at {x}, {y}")
_OVERLAP = Text(
    nl="delen van de geometrie overlappen bij {x}, {y}",
    en="parts of the geometry overlap at {x}, {y}",
)
_HOLE = Text(
    nl="een gat ligt niet binnen de rand, bij {x}, {y}",
    en="a hole does not lie inside the edge, at {x}, {y}",
)
_CUT = Text(
    nl="gaten delen het vlak in stukken, bij {x}, {y}",
    en="holes cut the area into pieces, at {x}, {y}",
)
_FEW = Text(
    nl="een ring heeft te weinig hoekpunten, bij {x}, {y}",
    en="a ring has too few vertices, at {x}, {y}",
)
_OTHER = Text(nl="de geometrie is niet geldig", en="the geometry is not valid")
_REASONS: Mapping[str, Text] = {
    "Self-intersection": _CROSSES,
    "Ring Self-intersection": _TOUCHES,
    "Nested shells": _OVERLAP,
    "Holes are nested": _OVERLAP,
    "Duplicate Rings": _OVERLAP,
    "Hole lies outside shell": _HOLE,
    "Interior is disconnected": _CUT,
    "Too few points in geometry component": _FEW,
}


def reason_invalid(geometry: shapely.Geometry) -> Text:
    """Return why a geometry is not valid; the place has six decimals (0.1 m)."""
    told = _TOLD.match(shapely.is_valid_reason(geometry))
    if told is None or told[1] not in _REASONS:
        return _OTHER
    return _REASONS[told[1]].fill(x=_short(told[2]), y=_short(told[3]))


def _short(number: str) -> str:
    return f"{round(float(number), 6) + 0.0:.6f}".rstrip("0").rstrip(".")  # + 0.0: no "-0"
