"""What `/docs` says about maps on paper and films."""

from __future__ import annotations

from typing import Any

from landzicht.portal.maps.films import FRAME_MS, LEAST_MS, MOST_FRAMES, MOST_MS, MOST_SIDE, SIDE
from landzicht.portal.maps.sheets import DPI, LEAST_DPI, MOST_DPI, MOST_TITLE
from landzicht.render.animate import FILMS
from landzicht.render.paper import PAPERS
from landzicht.web.tiles.describe import BINARY, COLLECTION, HOW, VIEW, path, query, route

_TEXT = {"type": "string"}
_BBOX = query(
    "bbox", "`west,south,east,north` in degrees (WGS84); absent = all of the collection.", _TEXT
)
_LANG = query(
    "lang", "Language of the words; `Accept-Language` when absent.", {"enum": ["nl", "en"], **_TEXT}
)
_MARK = [each for each in HOW if each["name"] == "mark"]
_SHOWN = [each for each in VIEW if each["name"] not in {"datetime", "ids", "mosaic"}]
_HEADERS = {
    "ETag": {"schema": _TEXT},
    "X-Landzicht-Scenes": {"schema": _TEXT},
    "X-Landzicht-Simulated": {"schema": {"type": "string", "enum": ["true", "false"]}},
}
_PAGE = [
    _BBOX,
    query("paper", "Size of the paper.", {**_TEXT, "enum": list(PAPERS), "default": "a4"}),
    query(
        "orientation",
        "Words beside the map, or below it.",
        {**_TEXT, "enum": ["landscape", "portrait"], "default": "landscape"},
    ),
    query(
        "dpi",
        f"Dots per inch of the map; {DPI['pdf']} (PDF) or {DPI['png']} (PNG) when absent. Fewer "
        "when it would be more pixels than the operator allows.",
        {"type": "integer", "minimum": LEAST_DPI, "maximum": MOST_DPI},
    ),
    query("title", "Title; the name of the layer when absent.", {**_TEXT, "maxLength": MOST_TITLE}),
    query(
        "state",
        "What follows `#` in the address of the same map on the page of this portal; it is printed "
        "as a link. One of more than 2,000 signs is not printed, and the page says so.",
        _TEXT,
    ),
    query(
        "compare",
        "Another day, month or period `A/B`: the page gets two maps of the same place beside each "
        "other, with their dates above them. This one is the left.",
        _TEXT,
    ),
    _LANG,
]
_SHEET_ENDING = path("ending", "File type.", {"type": "string", "enum": ["pdf", "png"]}, "pdf")
_SHEET_FOUND = {
    "description": "The page.",
    "headers": _HEADERS,
    "content": {"application/pdf": BINARY, "image/png": BINARY},
}
_SHEET = (
    "One page with the map, title, date, legend, scale bar, arrow to the north, source, licence "
    "and what is uncertain. True to scale: RD New in the Netherlands, elsewhere the UTM zone (very "
    "large places: Web Mercator, with the scale of the middle). The box is made wider or higher to "
    "fill the paper. Letters in the PDF are text, with tags for reading aloud. Pages of simulated "
    "data say so in words and in the map."
)


def _with_limits(described: dict[str, Any]) -> dict[str, Any]:
    described["openapi_extra"]["responses"]["413"] = {"description": "Too large."}
    described["openapi_extra"]["responses"]["304"] = {"description": "Not changed."}
    return described


SHEET = _with_limits(
    route(
        "A map on paper", _SHEET, [COLLECTION, _SHEET_ENDING, *VIEW, *_PAGE, *_MARK], _SHEET_FOUND
    )
)
SHEET_OF_AREA = _with_limits(
    route(
        "A map on paper, of your own area",
        f"{_SHEET} Send a GeoJSON Feature, Polygon or MultiPolygon (WGS84, at most 10,000 corners "
        "and 1 MB): its edge is drawn, and without `bbox` the map is of what lies around it.",
        [COLLECTION, _SHEET_ENDING, *VIEW, *_PAGE, *_MARK],
        _SHEET_FOUND,
    )
)
del SHEET_OF_AREA["openapi_extra"]["responses"]["304"]
SHEET_OF_AREA["openapi_extra"]["requestBody"] = {
    "required": True,
    "content": {"application/geo+json": {"schema": {"type": "object"}}},
}
FILM = _with_limits(
    route(
        "A film of a place",
        "One frame for each date on which the place can be seen (at most so many percent `cloud`, "
        "by the mask of the collection; without a mask every date), the oldest first, with legend, "
        f"date and source below the map. At most {MOST_FRAMES} frames: of more dates some are left "
        "out, evenly; `X-Landzicht-Dates` names those that are in it. Films of simulated data say "
        "so in every frame. Who accepts `application/x-ndjson` gets a line with `done` and `total` "
        "after each frame, and a last line with `media_type`, `dates` and the film as base64 in "
        "`content`, or with `error` (`code`, `nl`, `en`).",
        [
            COLLECTION,
            path("ending", "File type.", {"type": "string", "enum": list(FILMS)}, "webp"),
            *_SHOWN,
            _BBOX,
            query("datetime", "Only dates of this day, month or period `A/B`.", _TEXT),
            query(
                "max_size",
                "Pixels of the longer side of the map; fewer when there are many frames.",
                {"type": "integer", "minimum": 160, "maximum": MOST_SIDE, "default": SIDE},
            ),
            query(
                "frame_ms",
                "How long a frame stays, in milliseconds.",
                {"type": "integer", "minimum": LEAST_MS, "maximum": MOST_MS, "default": FRAME_MS},
            ),
            query(
                "cloud",
                "Most cloud in the place, in percent.",
                {"type": "number", "minimum": 0, "maximum": 100, "default": 20},
            ),
            _LANG,
            *_MARK,
        ],
        {
            "description": "The film.",
            "headers": {**_HEADERS, "X-Landzicht-Dates": {"schema": _TEXT}},
            "content": {
                **{kind: BINARY for kind, _ in FILMS.values()},
                "application/x-ndjson": {"schema": {"type": "object"}},
            },
        },
    )
)
