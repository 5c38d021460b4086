"""Reading requests for windows: boxes, areas, previews."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import BadQuery
from landzicht.grid import Bounds
from landzicht.grid.crs import WGS84, transformer
from landzicht.grid.outline import read_outline
from landzicht.portal.maps.windows import WindowRequest, crs_named
from landzicht.text import Text
from landzicht.web.bodies import read_object
from landzicht.web.tiles import parse

if TYPE_CHECKING:
    from starlette.requests import Request

    from landzicht.grid.outline import Outline

MOST_BYTES = 1_000_000
"""Longest body with an area."""
_SIZE = re.compile(r"(\d{1,6})x(\d{1,6})")
_COUNT = re.compile(r"\d{1,6}")


async def read_area(request: Request) -> Outline:
    """Read the GeoJSON in the body of a request.

    Raises:
        RequestTooLarge: it is longer than we read; the rest is not waited for.
        UnreadableRequest: it is not a JSON object.
        BadOutline: it is not an area.
        OutlineTooLarge: the area has too many corners.
        BadQuery: `coord_crs` is not a system.
    """
    told = await read_object(request, MOST_BYTES)
    return read_outline(told, _crs(request, "coord_crs") or WGS84)


def window_request(request: Request, outline: Outline | None = None) -> WindowRequest:
    """Read a request for a window.

    Raises:
        BadQuery: a box, size or system that is not one.
        LandzichtError: those of `landzicht.web.tiles.parse`.
    """
    path, query = request.path_params, request.query_params
    height, width = _size(path.get("size"))
    return WindowRequest(
        collection=path["collection"],
        box=_box(path["box"]) if "box" in path else None,
        outline=outline,
        crs=_crs(request, "coord_crs") or WGS84,
        out_crs=_crs(request, "dst_crs"),
        height=_count(request, "height") if height is None else height,
        width=_count(request, "width") if width is None else width,
        max_size=_count(request, "max_size"),
        ending=parse.ending(request),
        view=parse.view(query),
        selection=parse.selection(query),
        resampling=query.get("resampling") or "nearest",
        raw=parse.stored(query),
        depth=parse.count(query, "depth", 8),
        mark=parse.mark(request),
    )


def place(request: Request) -> tuple[float, float]:
    """Read the place of a point as longitude and latitude.

    Raises:
        BadQuery: not two numbers, or no place in the system that `coord_crs` names.
    """
    x, y = parse.place(request.path_params["place"])
    crs = _crs(request, "coord_crs") or WGS84
    if crs == WGS84:
        return x, y
    lon, lat = transformer(crs, WGS84).transform(x, y)
    if not (math.isfinite(lon) and math.isfinite(lat)):
        reason = Text(nl=f"dit ligt niet in {crs[:40]}", en=f"this does not lie in {crs[:40]}")
        raise BadQuery(name="lon,lat", reason=reason)
    return float(lon), float(lat)


def _box(text: str) -> Bounds:
    parts: list[Any] = text[:200].split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError as error:
        reason = Text(
            nl="geef vier getallen: west,zuid,oost,noord",
            en="give four numbers: west,south,east,north",
        )
        raise BadQuery(name="bbox", reason=reason) from error
    return Bounds(west, south, east, north)


def _size(text: str | None) -> tuple[int | None, int | None]:
    """Read `WIDTHxHEIGHT` as `(height, width)`."""
    if text is None:
        return None, None
    match = _SIZE.fullmatch(text)
    if match is None:
        reason = Text(nl="schrijf bijvoorbeeld 512x512", en="write for example 512x512")
        raise BadQuery(name="size", reason=reason)
    return int(match[2]), int(match[1])


def _count(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise BadQuery(name=name, reason=Text(nl="geef een geheel getal", en="give a whole number"))
    return int(text)


def _crs(request: Request, name: str) -> str | None:
    text = request.query_params.get(name)
    return crs_named(text, name) if text else None
