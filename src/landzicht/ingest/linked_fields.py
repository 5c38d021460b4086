"""The grid of a file, as STAC's projection extension tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from affine import Affine

from landzicht.errors.files import UnknownCrs
from landzicht.grid import Grid, can_lie_on_earth
from landzicht.grid.crs import canonical_crs

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_SIDE = 150_000
_FAR = 1e100
_CODE = re.compile(r"^[A-Z][A-Z_0-9]{1,20}:[0-9A-Za-z_]{1,20}\Z")


def grid_of_fields(fields: Mapping[str, Any]) -> Grid | None:
    """Return the grid that `proj:code` (or `proj:epsg`), `proj:shape` and `proj:transform` tell.

    Returns:
        None when one is missing or makes no sense; the header of the file then has to tell.
    """
    crs, shape = _crs(fields), fields.get("proj:shape")
    transform = fields.get("proj:transform")
    if crs is None or not isinstance(shape, list) or not isinstance(transform, list):
        return None
    if not _numbers(shape, 2):
        return None
    if len(transform) not in (6, 9) or not _numbers(transform, len(transform)):
        return None
    height, width = shape
    whole = all(isinstance(side, int) and 0 < side <= _MOST_SIDE for side in (height, width))
    affine = Affine(*(float(number) for number in transform[:6]))
    if not whole or not can_lie_on_earth(affine) or transform[6:] not in ([], [0, 0, 1]):
        return None
    return Grid(crs=crs, transform=affine, height=height, width=width)


def _crs(fields: Mapping[str, Any]) -> str | None:
    code, number = fields.get("proj:code"), fields.get("proj:epsg")
    if not isinstance(code, str) and isinstance(number, int) and not isinstance(number, bool):
        code = f"EPSG:{number}"
    if not isinstance(code, str) or not _CODE.match(code):
        return None
    try:
        return canonical_crs(code)
    except UnknownCrs:
        return None


def _numbers(value: object, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < _FAR
            for one in value
        )
    )
