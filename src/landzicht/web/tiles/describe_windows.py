"""What `/docs` says about windows: boxes, areas, previews."""

from __future__ import annotations

from typing import Any

from landzicht.web.tiles.describe import (
    COLLECTION,
    DEPTH,
    HOW,
    PICTURES,
    VALUES,
    VIEW,
    path,
    query,
    route,
)

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 1, "maximum": 16_000}
_ENDING = path(
    "ending",
    "File type; `npy`, `tif` and `bands` hold values.",
    {"type": "string", "enum": ["png", "webp", "jpg", "npy", "tif", "bands"]},
    "png",
)
_SIZES = [
    query("width", "Pixels from west to east.", _COUNT),
    query("height", "Pixels from north to south.", _COUNT),
    query(
        "max_size",
        "Longest side in pixels. Without any size the picture is as fine as the data.",
        _COUNT,
    ),
]
_CRS = [
    query("coord_crs", "System of the coordinates you give, such as `EPSG:28992`.", _TEXT),
    query("dst_crs", "System of the answer; that of your coordinates when absent.", _TEXT),
]
_LIMITS = (
    " At most 16,000,000 values (width × height × bands; the operator may choose otherwise): more "
    "is refused with 413 `window-too-large` before anything is read. Where no scene lies the "
    "answer is 404 `nothing-here`. Values are physical; `raw=true` gives stored numbers. Files "
    "carry the scenes and, for simulated data, the tag SIMULATED=YES; pictures carry the words."
)
_FOUND = {
    "description": "The picture or file. `X-Landzicht-Scenes` names the scenes in it.",
    "headers": {
        "ETag": {"schema": _TEXT},
        "X-Landzicht-Scenes": {"schema": _TEXT},
        "X-Landzicht-Simulated": {"schema": {"type": "string", "enum": ["true", "false"]}},
    },
    "content": {**PICTURES, **VALUES},
}
_BOX = path(
    "box",
    "`minx,miny,maxx,maxy`, in degrees (WGS84) unless `coord_crs` says otherwise.",
    _TEXT,
    "5.10,52.05,5.12,52.06",
)
_SIZE = path("size", "`WIDTHxHEIGHT`.", _TEXT, "512x512")


def _window(summary: str, about: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    found = route(summary, about + _LIMITS, parameters, _FOUND)
    found["openapi_extra"]["responses"]["413"] = {"description": "Too large."}
    return found


BBOX = _window(
    "A box",
    "Any box in any system as a picture, `.npy` or GeoTIFF.",
    [COLLECTION, _BOX, _ENDING, *VIEW, *HOW, DEPTH, *_CRS, *_SIZES],
)
BBOX_OF_SIZE = _window(
    "A box of a given size",
    "As the box, with its size in the address, as in TiTiler.",
    [COLLECTION, _BOX, _SIZE, _ENDING, *VIEW, *HOW, DEPTH, *_CRS],
)
PREVIEW = _window(
    "A whole scene",
    "The newest scene of the selection (choose one with `ids`), whole, in its own system, with a "
    "longest side of 1,024 pixels unless you say otherwise.",
    [COLLECTION, _ENDING, *VIEW, *HOW, DEPTH, _CRS[1], *_SIZES],
)
FEATURE = _window(
    "An area",
    "Send a GeoJSON Feature, Polygon or MultiPolygon (WGS84, at most 10,000 corners and 1 MB); "
    "pixels whose centre lies outside are empty.",
    [COLLECTION, _ENDING, *VIEW, *HOW, DEPTH, *_CRS, *_SIZES],
)
FEATURE["openapi_extra"]["requestBody"] = {
    "required": True,
    "content": {"application/geo+json": {"schema": {"type": "object"}}},
}
