"""Where the pixels of a Zarr array lie: conventions of CF, GeoZarr, GDAL and xarray."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine

from landzicht.formats.tags import DamagedTiff
from landzicht.formats.zarr.array import read_array
from landzicht.formats.zarr.chunks import read_line
from landzicht.formats.zarr.store import DamagedZarr, checked_name
from landzicht.grid import can_lie_on_earth

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from landzicht.formats.zarr.array import ZarrArray
    from landzicht.formats.zarr.store import Store

_DOWN = frozenset({"y", "lat", "latitude", "northing", "row", "rows"})
_ACROSS = frozenset({"x", "lon", "longitude", "easting", "col", "column", "columns"})
_DEGREES = frozenset({"lat", "latitude", "lon", "longitude"})
_UNEVEN = 0.01
"""Largest deviation of a coordinate from an even step, in pixels."""
_MOST_TEXT = 65_536
_CODE = re.compile(r"(EPSG|ESRI|OGC|IGNF):[A-Za-z0-9]{1,20}")
_WKT = re.compile(r"\s*(PROJ|GEOG|GEOD|BOUND|COMPD|COMPOUND|VERT|LOCAL|ENG)[A-Z_]{0,20}\s*\[")


def axes_of(array: ZarrArray) -> tuple[int, int]:
    """Return which dimensions run from north to south and from west to east.

    By their names, when they have such; else the last two.
    """
    names = [name.lower() for name in array.dimensions]
    down = [place for place, name in enumerate(names) if name in _DOWN]
    across = [place for place, name in enumerate(names) if name in _ACROSS]
    if len(down) == len(across) == 1:
        return down[0], across[0]
    return len(array.shape) - 2, len(array.shape) - 1


def attributes_of(store: Store, name: str) -> dict[str, Any]:
    """Return the attributes of an array or group, or an empty table."""
    folder = f"{checked_name(name)}/" if name else ""
    told = store.json(f"{folder}zarr.json")
    found = told.get("attributes") if told is not None else store.json(f"{folder}.zattrs")
    return found if isinstance(found, dict) else {}


def coordinates(store: Store, array: ZarrArray, axis: int) -> NDArray[np.float64] | None:
    """Return the numbers along a dimension, when the store has them for all of its length."""
    if not array.dimensions or not array.dimensions[axis]:
        return None
    group = array.name.rpartition("/")[0]
    name = f"{group}/{array.dimensions[axis]}".lstrip("/")
    try:
        found = read_array(store, name)
        line = read_line(store, found)
    except (DamagedZarr, DamagedTiff):
        return None
    return line if line.size == array.shape[axis] else None


def transform_of(store: Store, array: ZarrArray) -> tuple[Affine | None, bool]:
    """Return from pixels to coordinates, and whether rows run from south to north.

    Rows that do are turned when they are read, so that the transform is that of turned rows. None
    when nothing tells, or the coordinates are uneven.
    """
    down, across = axes_of(array)
    y, x = coordinates(store, array, down), coordinates(store, array, across)
    if y is not None and x is not None:
        first_x, step_x = _even(x)
        first_y, step_y = _even(y)
        if not step_x or not step_y or step_x < 0:
            return None, False
        turned = step_y > 0
        top = first_y + step_y * (y.size - 1) if turned else first_y
        tall = -abs(step_y)
        found = Affine(step_x, 0, first_x - step_x / 2, 0, tall, top - tall / 2)
        return (found, turned) if can_lie_on_earth(found) else (None, False)
    for told in _places(store, array):
        numbers = told.get("GeoTransform")
        if isinstance(numbers, str):
            numbers = numbers.split()
        other = _affine(numbers, from_gdal=True)
        other = other or _affine(told.get("spatial:transform"), from_gdal=False)
        other = other or _affine(told.get("proj:transform"), from_gdal=False)
        if other is not None:
            return other, False
    return None, False


def crs_of(store: Store, array: ZarrArray) -> str | None:
    """Return the coordinate system as a code or as WKT, not yet understood; None when untold."""
    for told in _places(store, array):
        for name in ("proj:code", "crs_wkt", "proj:wkt2", "spatial_ref", "crs"):
            text = told.get(name)
            if isinstance(text, str) and _is_crs(text):
                return text
        if isinstance(told.get("proj:epsg"), int):
            return f"EPSG:{told['proj:epsg']}"
        if isinstance(told.get("_CRS"), dict):
            text = told["_CRS"].get("wkt")
            if isinstance(text, str) and _is_crs(text):
                return text
    names = {name.lower() for name in array.dimensions}
    return "EPSG:4326" if len(names & _DEGREES) == 2 else None


def _is_crs(text: str) -> bool:
    """Whether a text is a code or WKT: nothing else is given to PROJ, whose texts name files."""
    return len(text) <= _MOST_TEXT and bool(_CODE.fullmatch(text) or _WKT.match(text))


def _places(store: Store, array: ZarrArray) -> Iterator[Mapping[str, Any]]:
    """Yield attributes that may tell where: of the grid mapping, the array and its groups."""
    group = array.name.rpartition("/")[0]
    told = array.attributes.get("grid_mapping")
    for mapping in (told, "spatial_ref"):
        if not isinstance(mapping, str) or not mapping:
            continue
        try:
            yield attributes_of(store, f"{group}/{mapping.split(':')[0]}".lstrip("/"))
        except DamagedZarr:
            continue
    yield array.attributes
    while True:
        yield attributes_of(store, group)
        if not group:
            return
        group = group.rpartition("/")[0]


def _even(line: NDArray[np.float64]) -> tuple[float, float]:
    """Return the first number and the step of evenly spaced ones; a step of 0 when they are not."""
    if line.size < 2 or not np.isfinite(line).all():
        return 0.0, 0.0
    step = float(line[-1] - line[0]) / (line.size - 1)
    ideal = line[0] + step * np.arange(line.size)
    if step == 0 or not math.isfinite(step) or np.abs(line - ideal).max() > _UNEVEN * abs(step):
        return 0.0, 0.0
    return float(line[0]), step


def _affine(told: Any, *, from_gdal: bool) -> Affine | None:  # noqa: ANN401 - whatever stood there
    if not isinstance(told, list) or len(told) not in (6, 9):
        return None
    try:
        numbers = [float(each) for each in told[:6]]
    except (TypeError, ValueError, OverflowError):
        return None
    found = Affine.from_gdal(*numbers) if from_gdal else Affine(*numbers)
    return found if can_lie_on_earth(found) else None
