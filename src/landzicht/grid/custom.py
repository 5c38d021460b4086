"""Tile matrix sets that an operator describes in the JSON form of OGC 17-083r4."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from landzicht.errors.files import UnknownCrs
from landzicht.errors.pixels import BadMatrixSet
from landzicht.grid.crs import axes_of, canonical_crs, is_geographic, metres_in_unit
from landzicht.grid.matrix import METRES_IN_DEGREE, TileMatrixSet, is_north_first

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
_CRS = re.compile(r"https?://www\.opengis\.net/def/crs/(?P<who>[A-Z]+)/[0-9.]+/(?P<code>\w+)")
_DEEPEST = 30
_TILE_PX = 256
_CLOSE = 1e-6


def read_matrix_set(told: Mapping[str, Any], name: str) -> TileMatrixSet:
    """Read a definition.

    Only quad trees of square tiles from the upper left are taken: each zoom has the same corner,
    tiles of 256 px, and cells half as large as the zoom before.

    Args:
        told: the JSON document.
        name: of the file, for the error.

    Raises:
        BadMatrixSet: not such a definition, or not a quad tree.
    """
    try:
        return _read(told)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadMatrixSet(name=name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    except (_NotQuadError, UnknownCrs) as error:
        raise BadMatrixSet(name=name, reason=str(error)) from error


class _NotQuadError(Exception):
    """A definition that has a form which we do not serve."""


def _read(told: Mapping[str, Any]) -> TileMatrixSet:
    if not _NAME.fullmatch(told["id"]):
        raise _NotQuadError("id")
    crs = _crs(told["crs"])
    axes = _axes(told, crs)
    matrices = sorted(told["tileMatrices"], key=lambda matrix: int(matrix["id"]))
    start = matrices[0]
    zoom, cell = int(start["id"]), float(start["cellSize"])
    corner = [float(number) for number in start["pointOfOrigin"]]
    if is_north_first(axes):
        corner.reverse()
    left, top = corner
    found = TileMatrixSet(
        id=told["id"],
        title=str(told.get("title") or told["id"])[:200],
        crs=crs,
        left=left,
        top=top,
        side=cell * _TILE_PX,
        columns=int(start["matrixWidth"]),
        rows=int(start["matrixHeight"]),
        min_zoom=zoom,
        max_zoom=zoom + len(matrices) - 1,
        metres_per_unit=METRES_IN_DEGREE if is_geographic(crs) else metres_in_unit(crs),
        uri=told.get("uri"),
        crs_uri=told["crs"] if isinstance(told["crs"], str) else None,
        axes=axes,
    )
    _check(found, matrices)
    return found


def _axes(told: Mapping[str, Any], crs: str) -> tuple[str, str]:
    """Return the order of the numbers of a point: as told, else that of the system itself."""
    if told.get("orderedAxes"):
        first, second = told["orderedAxes"]
        return str(first), str(second)
    return ("Lon", "Lat") if "CRS84" in str(told["crs"]) else axes_of(crs)


def _crs(told: object) -> str:
    text = told.get("uri") if isinstance(told, dict) else told
    match = _CRS.fullmatch(str(text))
    if match is None:
        raise _NotQuadError("crs")
    if match["code"] == "CRS84":
        return "EPSG:4326"
    return canonical_crs(f"{match['who']}:{match['code']}")


def _check(found: TileMatrixSet, matrices: list[Mapping[str, Any]]) -> None:
    numbers = (found.left, found.top, found.side)
    if not all(math.isfinite(number) for number in numbers) or found.side <= 0:
        raise _NotQuadError("cellSize, pointOfOrigin")
    if found.min_zoom < 0 or found.max_zoom > _DEEPEST or min(found.columns, found.rows) < 1:
        raise _NotQuadError("tileMatrices")
    for z, (matrix, mine) in enumerate(
        zip(matrices, found.as_dict()["tileMatrices"], strict=True), found.min_zoom
    ):
        if int(matrix["id"]) != z:
            raise _NotQuadError(f"tileMatrices: {z}?")
        if matrix.get("cornerOfOrigin", "topLeft") != "topLeft":
            raise _NotQuadError(f"{z}: cornerOfOrigin")
        if matrix.get("variableMatrixWidths"):
            raise _NotQuadError(f"{z}: variableMatrixWidths")
        for key in ("tileWidth", "tileHeight", "matrixWidth", "matrixHeight"):
            if int(matrix[key]) != mine[key]:
                raise _NotQuadError(f"{z}: {key} {matrix[key]} ≠ {mine[key]}")
        same = zip(matrix["pointOfOrigin"], mine["pointOfOrigin"], strict=True)
        if not math.isclose(matrix["cellSize"], mine["cellSize"], rel_tol=_CLOSE) or not all(
            math.isclose(a, b, abs_tol=mine["cellSize"] * 1e-3) for a, b in same
        ):
            raise _NotQuadError(f"{z}: cellSize, pointOfOrigin")
