"""Handlers of `/tiles`: parse, call the portal, shape.

Parameters are read by our own functions, so that a wrong one is told in two languages with status
400; the OpenAPI text below says the same as they do.
"""

from __future__ import annotations

from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import QueryParams
from starlette.routing import Route

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.pixels import UnknownFormat
from landzicht.errors.web import AddressElsewhere
from landzicht.portal.maps.legends import TileSetRequest
from landzicht.portal.maps.points import PointRequest
from landzicht.portal.maps.tiles import TileRequest, Unchanged
from landzicht.text import Text, preferred_language
from landzicht.web.tiles import parse
from landzicht.web.tiles.describe import INDICES, LEGEND, POINT, SET, SETS, TILE, TILEJSON
from landzicht.web.tiles.describe_windows import BBOX, BBOX_OF_SIZE, FEATURE, PREVIEW
from landzicht.web.tiles.shapes import (
    index_shape,
    legend_shape,
    point_shape,
    set_shape,
    tilejson_shape,
)
from landzicht.web.tiles.titiler import ELSEWHERE
from landzicht.web.tiles.windows import place, read_area, window_request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from landzicht.portal import Portal
    from landzicht.portal.maps.legends import TileSet
    from landzicht.portal.maps.view import View
    from landzicht.portal.scenes import Selection
    from landzicht.render.picture import Picture

CACHE = "public, max-age=60, stale-while-revalidate=600"
"""Clients may use a tile for a minute, then ask whether it changed (which costs no pixels)."""
_KEPT = (
    *("layer", "assets", "expression", "index", "rescale", "colormap_name", "colormap", "gamma"),
    *("color_formula", "algorithm", "algorithm_params", "azimuth", "altitude", "z_factor"),
    *("datetime", "ids", "mosaic", "pixel_selection", "mask"),
)
_SEVERAL = frozenset({"assets", "rescale", "ids"})
_TILE_ONLY = ("resampling", "size", "tilesize", "raw", "unscale", "buffer", "mark")
_SPARE_THREADS = 4
_DEEPEST = 24
_MOST_KEPT = 2_048
"""Bytes of a query that is remembered once it was read."""
_TILE_PATH = "/{collection}/{matrix}/{z}/{x}/{y}.{ending}"


def router(portal: Portal) -> APIRouter:
    """Return the routes of map tiles over `portal`."""
    routes = APIRouter(prefix="/tiles", tags=["Tiles"])
    answer = _Answers(portal)
    for path, handler, described in (
        ("/tileMatrixSets", answer.sets, SETS),
        ("/tileMatrixSets/{matrix}", answer.set, SET),
        ("/{collection}/point/{place}", answer.point, POINT),
        ("/{collection}/bbox/{box}.{ending}", answer.window, BBOX),
        ("/{collection}/bbox/{box}/{size}.{ending}", answer.window, BBOX_OF_SIZE),
        ("/{collection}/preview.{ending}", answer.window, PREVIEW),
        ("/{collection}/indices", answer.indices, INDICES),
        ("/{collection}/legend.{ending}", answer.legend, LEGEND),
        ("/{collection}/{matrix}/tilejson.json", answer.tilejson, TILEJSON),
        (_TILE_PATH, answer.tile, TILE),
    ):
        routes.add_api_route(path, handler, methods=["GET"], **described)
    routes.add_api_route(
        "/{collection}/feature.{ending}", answer.feature, methods=["POST"], **FEATURE
    )
    for path, handler, methods in (  # other spellings of the same, for those who come from TiTiler
        (_TILE_PATH.removesuffix(".{ending}"), answer.tile, ["GET"]),
        ("/{collection}/preview", answer.window, ["GET"]),
        ("/{collection}/preview/{size}.{ending}", answer.window, ["GET"]),
        ("/{collection}/feature", answer.feature, ["POST"]),
        ("/{collection}/feature/{size}.{ending}", answer.feature, ["POST"]),
        *(("/{collection}/" + word, answer.elsewhere, ["GET", "POST"]) for word in ELSEWHERE),
    ):
        routes.add_api_route(path, handler, methods=methods, include_in_schema=False)
    return routes


def tile_handler(portal: Portal) -> Callable[[Request], Awaitable[Response]]:
    """Return the handler of tiles, for those who know the way to it already."""
    return _Answers(portal).tile


def tile_route(tile: Callable[[Request], Awaitable[Response]]) -> Route:
    """Return the route of tiles alone, to be looked at before all others.

    The same handler as in `router`, which describes it in `/docs`; without FastAPI's matching of
    forty routes and its dependencies a tile costs 0.4 ms less, as much as it takes to paint it.
    """
    return Route(f"/tiles{_TILE_PATH}", tile, methods=["GET"])


class _Answers:
    """The handlers that need pixels; no more run at once than the machine has use for."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        threads = portal.services.settings.worker_threads + _SPARE_THREADS
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pixels")

    async def sets(self, request: Request) -> Response:
        """List the grids."""
        base = str(request.base_url).rstrip("/")
        return _json({"tileMatrixSets": [set_shape(e, base) for e in self._portal.matrix_sets()]})

    async def set(self, request: Request) -> Response:
        """Give one grid."""
        return _json(self._portal.matrix_set(request.path_params["matrix"]).as_dict())

    async def tile(self, request: Request) -> Response:
        """Give a tile."""
        known = parse.known_etags(request)
        return _picture(await self._work(self._portal.tile, _tile_request(request), known))

    async def point(self, request: Request) -> Response:
        """Give values."""
        lon, lat = place(request)
        query = request.query_params
        wanted = PointRequest(
            collection=request.path_params["collection"],
            lon=lon,
            lat=lat,
            view=parse.view(query) if parse.has_view(query) else None,
            selection=parse.selection(query),
            raw=parse.stored(query),
        )
        told = await self._work(self._portal.point, wanted)
        return _json(point_shape(told), simulated=told.simulated)

    async def window(self, request: Request) -> Response:
        """Give a box or a whole scene."""
        known = parse.known_etags(request)
        return _picture(await self._work(self._portal.window, window_request(request), known))

    async def feature(self, request: Request) -> Response:
        """Give an area."""
        wanted = window_request(request, await read_area(request))
        return _picture(await self._work(self._portal.window, wanted))

    async def elsewhere(self, request: Request) -> Response:
        """Tell where that is here which TiTiler has at this address."""
        collection = request.path_params["collection"]
        word = request.url.path.rpartition(f"/{collection}/")[2]
        instead = ELSEWHERE[word].fill(collection=collection)
        raise AddressElsewhere(path=request.url.path, instead=instead)

    async def indices(self, request: Request) -> Response:
        """List spectral indices."""
        found = await self._work(self._portal.indices, request.path_params["collection"])
        return _json({"indices": [index_shape(*each) for each in found]})

    async def legend(self, request: Request) -> Response:
        """Give a legend."""
        wanted = _set_request(request)
        ending = request.path_params["ending"]
        if ending == "json":
            told = await self._work(self._portal.legend, wanted)
            return _json(legend_shape(told), simulated=told.simulated)
        if ending != "png":
            raise UnknownFormat(format=ending[:20], known="png, json")
        answer = _picture(
            await self._work(self._portal.legend_picture, wanted, parse.known_etags(request))
        )
        answer.headers["vary"] = "accept-language"  # it has words in it
        return answer

    async def tilejson(self, request: Request) -> Response:
        """Give a TileJSON document."""
        wanted = _set_request(request)
        parse.size(request.query_params)
        told = _zoomed(await self._work(self._portal.tile_set, wanted), request)
        address = _tile_address(request, told.version)
        language = preferred_language(request.headers.get("accept-language"))
        document = tilejson_shape(told, address, language)
        return _json(document, simulated=told.simulated, vary="accept-language")

    async def _work(self, job: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401
        return await get_running_loop().run_in_executor(self._threads, job, *args)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the query of a tile's address says; the same for all tiles of a map."""

    size: int
    view: View
    selection: Selection
    resampling: str
    raw: bool
    buffer: int
    depth: int
    has_mark: bool


@lru_cache(maxsize=512)
def _asked(query: bytes, scale: str | None) -> _Asked:
    """Read a query, once for all tiles of a map; raises what `parse` raises."""
    told = QueryParams(query)
    return _Asked(
        size=parse.size(told, scale),
        view=parse.view(told),
        selection=parse.selection(told),
        resampling=told.get("resampling") or "nearest",
        raw=parse.stored(told),
        buffer=parse.count(told, "buffer", 0),
        depth=parse.count(told, "depth", 8),
        has_mark="mark" in told,
    )


def _tile_request(request: Request) -> TileRequest:
    path = request.path_params
    row, scale = parse.scaled(path["y"])
    z, x, y = parse.address(path["z"], path["x"], row)
    query: bytes = request.scope["query_string"]
    read = _asked if len(query) <= _MOST_KEPT else _asked.__wrapped__
    asked = read(query, scale)
    return TileRequest(
        collection=path["collection"],
        matrix=path["matrix"],
        z=z,
        x=x,
        y=y,
        ending=parse.ending(request),
        size=asked.size,
        view=asked.view,
        selection=asked.selection,
        resampling=asked.resampling,
        raw=asked.raw,
        buffer=asked.buffer,
        depth=asked.depth,
        mark=parse.mark(request) if asked.has_mark else True,
    )


def _set_request(request: Request) -> TileSetRequest:
    path, query = request.path_params, request.query_params
    return TileSetRequest(
        collection=path["collection"],
        matrix=path.get("matrix", "WebMercatorQuad"),
        view=parse.view(query),
        selection=parse.selection(query),
        raw=parse.stored(query),
        language=parse.language(request),
    )


def _zoomed(told: TileSet, request: Request) -> TileSet:
    """Return the set with the zooms that the caller wants instead of those that fit the data."""
    query = request.query_params
    low = parse.count(query, "minzoom", told.min_zoom)
    high = parse.count(query, "maxzoom", told.max_zoom)
    if not 0 <= low <= high <= _DEEPEST:
        reason = Text(
            nl=f"kies 0 tot en met {_DEEPEST}, minzoom niet boven maxzoom",
            en=f"choose 0 to {_DEEPEST}, minzoom not above maxzoom",
        )
        raise BadQuery(name="minzoom, maxzoom", reason=reason)
    return replace(told, min_zoom=low, max_zoom=high)


def _tile_address(request: Request, version: str) -> str:
    """Return the template of a tile's address, with the same view as the request."""
    path, query = request.path_params, request.query_params
    ending = query.get("format") or query.get("tile_format") or "png"
    if ending not in ("png", "webp", "jpg"):
        raise UnknownFormat(format=ending[:20], known="png, webp, jpg")
    base = str(request.base_url).rstrip("/")
    kept = {
        name: parse.joined(query, name) if name in _SEVERAL else query[name]
        for name in (*_KEPT, *_TILE_ONLY)
        if query.get(name)
    }
    told = urlencode({**kept, "v": version[:8]})
    collection, matrix = path["collection"], path["matrix"]
    return f"{base}/tiles/{collection}/{matrix}/{{z}}/{{x}}/{{y}}.{ending}?{told}"


def _picture(found: Picture | Unchanged) -> Response:
    headers = {"etag": f'"{found.etag}"', "cache-control": CACHE}
    if isinstance(found, Unchanged):
        return Response(status_code=304, headers=headers)
    headers["x-landzicht-scenes"] = ",".join(found.scenes)
    headers["x-landzicht-simulated"] = _word(simulated=found.simulated)
    return Response(found.content, 200, headers, found.media_type)


def _json(
    body: dict[str, Any], *, simulated: bool | None = None, vary: str | None = None
) -> Response:
    headers = {"cache-control": "no-cache"}
    if vary:
        headers["vary"] = vary
    if simulated is not None:
        headers["x-landzicht-simulated"] = _word(simulated=simulated)
    return Response(orjson.dumps(body), 200, headers, "application/json")


def _word(*, simulated: bool) -> str:
    return "true" if simulated else "false"
