"""Handlers of maps on paper and of films: parse, call the portal, shape."""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from landzicht.errors.catalogue import BadQuery
from landzicht.grid.boxes import parse_bbox
from landzicht.kinds import Span
from landzicht.portal.catalogue.place import USABLE_CLOUD
from landzicht.portal.maps.films import FRAME_MS, SIDE, Film, FilmRequest
from landzicht.portal.maps.sheets import SheetRequest
from landzicht.portal.maps.tiles import Unchanged
from landzicht.portal.scenes import Selection
from landzicht.text import Text
from landzicht.web.tiles import parse
from landzicht.web.tiles.describe_sheets import FILM, SHEET, SHEET_OF_AREA
from landzicht.web.tiles.film_lines import MEDIA_TYPE, film_lines, wants_lines
from landzicht.web.tiles.windows import read_area

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.grid.outline import Outline
    from landzicht.portal import Portal
    from landzicht.render.picture import Picture

CACHE = "no-cache"
"""A page or film is kept by the client, and asked for again before it is used."""
_AT_ONCE = 2
"""Pages and films that are made at the same time; tiles have threads of their own."""
_STATE = re.compile(r"[A-Za-z0-9_.~!$&'()*+,;=:@/?%-]*")
_MOST_STATE = 2_000
"""Longer addresses are not printed: nobody types them over, and they push the rest off the page."""
_TURNED = {"landscape": False, "portrait": True}


def router(portal: Portal) -> APIRouter:
    """Return the routes of pages and films over `portal`."""
    routes = APIRouter(prefix="/tiles", tags=["Tiles"])
    answer = _Answers(portal)
    sheet, film = "/{collection}/sheet.{ending}", "/{collection}/film.{ending}"
    routes.add_api_route(sheet, answer.sheet, methods=["GET"], **SHEET)
    routes.add_api_route(sheet, answer.sheet_of_area, methods=["POST"], **SHEET_OF_AREA)
    routes.add_api_route(film, answer.film, methods=["GET"], **FILM)
    return routes


class _Answers:
    """The handlers; they work in threads."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._limiter: CapacityLimiter | None = None

    async def sheet(self, request: Request) -> Response:
        """Give a page."""
        known = parse.known_etags(request)
        found = await self._work(self._portal.sheet, _sheet_request(request), known)
        return _answer(found, _file_name(request))

    async def sheet_of_area(self, request: Request) -> Response:
        """Give a page with an area on it."""
        wanted = _sheet_request(request, await read_area(request))
        return _answer(await self._work(self._portal.sheet, wanted), _file_name(request))

    async def film(self, request: Request) -> Response:
        """Give a film, or lines that tell how far it is with the film in the last."""
        wanted = _film_request(request)
        if wants_lines(request.headers.get("accept", "")):
            lines = await film_lines(lambda tell: self._work(self._portal.film, wanted, (), tell))
            headers = {"cache-control": "no-store", "vary": "accept, accept-language"}
            return StreamingResponse(lines, 200, headers, MEDIA_TYPE)
        known = parse.known_etags(request)
        found: Film | Unchanged = await self._work(self._portal.film, wanted, known)
        if isinstance(found, Unchanged):
            return _answer(found, "")
        answer = _answer(found.picture, _file_name(request))
        answer.headers["vary"] = "accept, accept-language"
        answer.headers["x-landzicht-dates"] = ",".join(found.dates)
        return answer

    async def _work(self, job: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401
        if self._limiter is None:  # can be made inside a running loop only
            self._limiter = CapacityLimiter(_AT_ONCE)
        return await to_thread.run_sync(partial(job, *args), limiter=self._limiter)


def _sheet_request(request: Request, outline: Outline | None = None) -> SheetRequest:
    path, query = request.path_params, request.query_params
    turned = query.get("orientation") or "landscape"
    if turned not in _TURNED:
        reason = Text(nl="kies landscape of portrait", en="choose landscape or portrait")
        raise BadQuery(name="orientation", reason=reason)
    state = query.get("state") or ""
    if not _STATE.fullmatch(state):
        reason = Text(nl="dit staat niet achter # in een adres", en="no address has this after #")
        raise BadQuery(name="state", reason=reason)
    title = " ".join((query.get("title") or "").split())
    compared = query.get("compare")
    is_long = len(state) > _MOST_STATE
    return SheetRequest(
        collection=path["collection"],
        box=parse_bbox(query.get("bbox")),
        outline=outline,
        view=parse.view(query),
        selection=parse.selection(query),
        compared=Selection(span=Span.parse(compared[:200])) if compared else None,
        ending=path["ending"],
        paper=(query.get("paper") or "a4").lower(),
        upright=_TURNED[turned],
        dpi=parse.count(query, "dpi", 0) or None,
        title=title,
        link=f"{str(request.base_url).rstrip('/')}/#{state}" if state and not is_long else "",
        is_link_long=is_long,
        language=parse.language(request),
        mark=parse.mark(request),
    )


def _film_request(request: Request) -> FilmRequest:
    path, query = request.path_params, request.query_params
    moment = query.get("datetime")
    return FilmRequest(
        collection=path["collection"],
        box=parse_bbox(query.get("bbox")),
        view=parse.view(query),
        span=Span.parse(moment[:200]) if moment else None,
        ending=path["ending"],
        side=parse.count(query, "max_size", SIDE),
        frame_ms=parse.count(query, "frame_ms", FRAME_MS),
        cloud=_percent(query.get("cloud")),
        language=parse.language(request),
        mark=parse.mark(request),
    )


def _percent(text: str | None) -> float:
    if not text:
        return USABLE_CLOUD
    try:
        value = float(text[:20])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        reason = Text(nl="geef een getal van 0 tot 100", en="give a number from 0 to 100")
        raise BadQuery(name="cloud", reason=reason)
    return value


def _file_name(request: Request) -> str:
    """Return a name for keeping the file: letters, digits and `-` only."""
    path, query = request.path_params, request.query_params
    parts = (path["collection"], query.get("layer") or "", query.get("datetime") or "")
    told = "-".join(part for part in parts if part)[:100]
    plain = re.sub(r"[^A-Za-z0-9]+", "-", told).strip("-") or "landzicht"
    return f"{plain}.{path['ending']}"


def _answer(found: Picture | Unchanged, name: str) -> Response:
    headers = {"etag": f'"{found.etag}"', "cache-control": CACHE, "vary": "accept-language"}
    if isinstance(found, Unchanged):
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = f'inline; filename="{name}"'
    headers["x-content-type-options"] = "nosniff"
    headers["x-landzicht-scenes"] = ",".join(found.scenes)
    headers["x-landzicht-simulated"] = "true" if found.simulated else "false"
    return Response(found.content, 200, headers, found.media_type)
