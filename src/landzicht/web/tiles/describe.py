"""What `/docs` says about the routes of tiles: parameters, answers and their limits."""

from __future__ import annotations

from typing import Any

from landzicht.mosaic.combine import RULES

_PROBLEM = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            }
        }
    }
}


def path(name: str, about: str, schema: dict[str, Any], example: object) -> dict[str, Any]:
    """Describe a part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": schema,
        "example": example,
    }


def query(name: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe a parameter of the query."""
    return {"name": name, "in": "query", "description": about, "schema": schema}


_TEXT = {"type": "string"}
_ZOOM = {"type": "integer", "minimum": 0, "maximum": 24}
_WHOLE = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number"}
COLLECTION = path("collection", "Id of a collection.", _TEXT, "zonderland")
_MATRIX = path(
    "matrix",
    "Name of a tile matrix set; see `/tiles/tileMatrixSets`.",
    {
        "type": "string",
        "examples": ["WebMercatorQuad", "WorldCRS84Quad", "NetherlandsRDNewQuad", "UTM31WGS84Quad"],
    },
    "WebMercatorQuad",
)
VIEW = [
    query("layer", "A layer of the collection, such as `visual` or `ndvi`.", _TEXT),
    query(
        "assets",
        "One band, or three for red, green and blue: `B08,B04,B03`, or `assets=` once for each. "
        "Up to 16 in files of values (`npy`, `tif`, `bands`).",
        _TEXT,
    ),
    query(
        "expression",
        "A formula over bands in physical values: `(B08-B04)/(B08+B04)`; or three, separated by "
        "`;`. Operators `+ - * / **`, comparisons, `& | !` (also `and or not`), functions "
        "`where if min max clip abs sqrt exp log log10 sin cos tanh`, and `nan` and `pi`.",
        {"type": "string", "maxLength": 2048},
    ),
    query(
        "index",
        "A spectral index by name, such as `NDVI`, `NDWI` or `NBR`; `/tiles/{collection}/indices` "
        "lists those that the bands allow. A name may also stand in `expression`.",
        _TEXT,
    ),
    query(
        "rescale",
        "Values shown darkest and lightest: `low,high`, or a pair for each of three channels; "
        "the parameter may also come several times.",
        {"type": "string", "example": "-1,1"},
    ),
    query("colormap_name", "Colours of a single channel; `_r` turns them round.", _TEXT),
    query(
        "colormap",
        'Your own colours of a single channel, as JSON: `{"1": "#ff0000"}` for codes, all of 0 to '
        "255 for a scale over `rescale`, or `[[[0, 10], [255, 0, 0, 255]]]` for intervals. At most "
        "256, opaque or see-through.",
        {"type": "string", "maxLength": 20_000},
    ),
    query(
        "gamma",
        "Lighter (above 1) or darker (below 1) middle tones; before `color_formula`.",
        {"type": "number", "minimum": 0.01, "maximum": 100},
    ),
    query(
        "color_formula",
        "Tone after the stretch, in the words of rio-color: "
        "`gamma RGB 1.5, sigmoidal RGB 10 0.35, saturation 1.2`.",
        {"type": "string", "maxLength": 400},
    ),
    query(
        "algorithm",
        "Show one band of heights as relief: `hillshade` (1 to 255) or `slope` (degrees), by the "
        "method of Horn, without seams between tiles. Best with `resampling=bilinear`.",
        {"type": "string", "enum": ["hillshade", "slope"]},
    ),
    query("azimuth", "Of the light, degrees from north, clockwise; 315 when absent.", _NUMBER),
    query("altitude", "Of the light, degrees above the horizon; 45 when absent.", _NUMBER),
    query("z_factor", "Multiplies heights; 1 when absent.", _NUMBER),
    query(
        "algorithm_params",
        'The same three as JSON: `{"azimuth": 315, "altitude": 45, "z_factor": 1}`; the names '
        "`angle_altitude` and `z_exaggeration` of TiTiler do too.",
        {"type": "string", "maxLength": 1_000},
    ),
    query("datetime", "A moment, day, month or period, as in STAC: `2025-06-08`.", _TEXT),
    query("ids", "Only these scenes, with commas between.", _TEXT),
    query(
        "mosaic",
        "Which scenes lie on top: the newest, the oldest, those with the least cloud (by their "
        "`eo:cloud_cover`), the best for this place (by the pixels of their classification here), "
        "or the first of `ids`. A rule of `pixel_selection` may stand here too. "
        "`X-Landzicht-Scenes` names the scenes used.",
        {
            "type": "string",
            "enum": ["newest", "oldest", "least-cloud", "best", "first", *RULES],
            "default": "newest",
        },
    ),
    query(
        "pixel_selection",
        "What counts of all scenes (at most 32, in the order of `mosaic`): the `first` usable "
        "one, or a number made of all usable ones, for each channel apart; with `lastband…` all "
        "channels of the scene in which the last one is highest or lowest. Best with `mask=true`.",
        {"type": "string", "enum": ["first", *RULES], "default": "first"},
    ),
    query(
        "mask",
        "`true` leaves out what the collection's classification does not call usable (clouds, "
        "shadows), before anything is resampled; older scenes then fill the holes.",
        {"type": "boolean", "default": False},
    ),
    query("raw", "Stored numbers instead of physical values.", {"type": "boolean"}),
    query("unscale", "The opposite of `raw`, as TiTiler has it.", {"type": "boolean"}),
]
HOW = [
    query(
        "resampling",
        "How to find a value between pixels. All but `nearest` look at everything under a pixel "
        "when the picture is coarser than the data. Codes (land cover) are never averaged: they "
        "get the most frequent code.",
        {
            "type": "string",
            "enum": ["nearest", "bilinear", "cubic", "average", "mode"],
            "default": "nearest",
        },
    ),
    query(
        "mark",
        "`false` leaves out the words on simulated data; for tests on the same computer only.",
        {"type": "boolean", "default": True},
    ),
]
_FAILURES = {
    "400": {"description": "A parameter is wrong; the answer says which and why.", **_PROBLEM},
    "404": {"description": "No such collection, layer, band or tile.", **_PROBLEM},
}
BINARY = {"schema": {"type": "string", "format": "binary"}}
_JSON = {"content": {"application/json": {"schema": {"type": "object"}}}}


def route(
    summary: str, about: str, parameters: list[dict[str, Any]], found: dict[str, Any]
) -> dict[str, Any]:
    """Describe a route."""
    extra = {"parameters": parameters, "responses": {"200": found, **_FAILURES}}
    return {"summary": summary, "description": about, "openapi_extra": extra}


DEPTH = query(
    "depth",
    "Bits of a number in `bands`: 8, rounded, for looking; or 16.",
    {"type": "integer", "enum": [8, 16], "default": 8},
)
VALUES = {
    "application/octet-stream": BINARY,
    "image/tiff": BINARY,
    "application/vnd.landzicht.bands": BINARY,
}
PICTURES = {"image/png": BINARY, "image/webp": BINARY, "image/jpeg": BINARY}
TILE = route(
    "A map tile",
    "The newest scenes lie on top; older ones fill what is empty. A tile without data is a "
    "see-through picture (white for JPEG) with an empty `X-Landzicht-Scenes`. Without `layer`, "
    "`assets` or `expression` the first layer of the collection is shown. Pictures of simulated "
    "data carry the words GESIMULEERD / SIMULATED. `npy` holds the values: `(channel + 1, y, x)`, "
    "the last plane being the mask (255 = a value). `tif` is a GeoTIFF of the values, with nodata, "
    "units, scenes and, for simulated data, the tag SIMULATED=YES. `bands` is a raw band tile for "
    "colouring on the device; its form is described in the documentation. `@2x` after `y` gives "
    "512 pixels.",
    [
        COLLECTION,
        _MATRIX,
        path("z", "Zoom.", {**_WHOLE, "maximum": 24}, 12),
        path("x", "Column, from the west.", _WHOLE, 2107),
        path("y", "Row, from the north.", _WHOLE, 1350),
        path(
            "ending",
            "File type.",
            {"type": "string", "enum": ["png", "webp", "jpg", "npy", "tif", "bands"]},
            "png",
        ),
        *VIEW,
        HOW[0],
        DEPTH,
        query(
            "buffer",
            "Pixels to add at each edge.",
            {"type": "integer", "minimum": 0, "maximum": 64, "default": 0},
        ),
        query(
            "size",
            "Width and height in pixels.",
            {"type": "integer", "enum": [256, 512], "default": 256},
        ),
        query("tilesize", "The same as `size`.", {"type": "integer", "enum": [256, 512]}),
        HOW[1],
    ],
    {
        "description": "The tile. `X-Landzicht-Scenes` names the scenes in it.",
        "headers": {
            "ETag": {"schema": _TEXT},
            "X-Landzicht-Scenes": {"schema": _TEXT},
            "X-Landzicht-Simulated": {"schema": {"type": "string", "enum": ["true", "false"]}},
        },
        "content": {**PICTURES, **VALUES},
    },
)
TILE["openapi_extra"]["responses"]["304"] = {
    "description": "You have this tile already (`If-None-Match`)."
}
POINT = route(
    "The values at a place",
    "Read from full-size pixels, without resampling, in physical values. The newest scene with a "
    "value is taken, as on the map. Without `layer`, `assets` or `expression` every band and every "
    "formula layer is given.",
    [
        COLLECTION,
        path(
            "place",
            "`lon,lat` in degrees (WGS84), or `x,y` in the system of `coord_crs`.",
            _TEXT,
            "5.12,52.09",
        ),
        query("coord_crs", "System of the place, such as `EPSG:28992`.", _TEXT),
        *VIEW,
    ],
    {"description": "Values with the scene and its date.", **_JSON},
)
INDICES = route(
    "Spectral indices that are possible here",
    "Names for `index=`, with their formula over the bands of this collection and their source.",
    [COLLECTION],
    {"description": "Names, titles, formulas and sources.", **_JSON},
)
LEGEND = route(
    "What the colours mean",
    "As JSON for drawing it yourself, or as a picture.",
    [
        COLLECTION,
        path("ending", "File type.", {"type": "string", "enum": ["png", "json"]}, "json"),
        *VIEW,
        query("lang", "Language of the words; `Accept-Language` when absent.", _TEXT),
    ],
    {
        "description": "The legend.",
        "content": {"image/png": BINARY, "application/json": {"schema": {"type": "object"}}},
    },
)
TILEJSON = route(
    "A set of tiles as TileJSON 3.0",
    "For map clients: the address of the tiles, bounds and zooms. Takes the parameters of a tile. "
    "TileJSON knows Web Mercator only; other grids are answered with 400 `only-web-mercator`.",
    [
        COLLECTION,
        _MATRIX,
        *VIEW,
        query(
            "format",
            "File type of the tiles.",
            {"type": "string", "enum": ["png", "webp", "jpg"], "default": "png"},
        ),
        query("minzoom", "Instead of the zoom that suits the data.", _ZOOM),
        query("maxzoom", "Instead of the zoom that suits the data.", _ZOOM),
    ],
    {"description": "A TileJSON document.", **_JSON},
)
SETS = route(
    "The grids that tiles come in",
    "Tile matrix sets as OGC 17-083r4: the usual web map, longitude and latitude, the Dutch RD "
    "grid (as PDOK uses it), Europe's equal-area grid, the 60 UTM zones, and those that the "
    "operator added as `tile-matrix-sets/NAME.json` in the data folder.",
    [],
    {"description": "Names and titles.", **_JSON},
)
SETS["openapi_extra"]["responses"] = {"200": {"description": "Names and titles.", **_JSON}}
SET = route(
    "One grid of tiles",
    "A tile matrix set as OGC 17-083r4.",
    [_MATRIX],
    {"description": "The definition.", **_JSON},
)
