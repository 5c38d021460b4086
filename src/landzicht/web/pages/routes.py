"""The addresses of the page: `/`, `/assets`, `/data`, `/uitleg`, `/toegankelijkheid`."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from landzicht.errors.web import NoSuchAddress
from landzicht.portal.settings import BASE_MAPS
from landzicht.text import Text
from landzicht.web.pages.built import Built, built_folder, read_built
from landzicht.web.pages.data import TITLE as DATA_TITLE
from landzicht.web.pages.data import data_page
from landzicht.web.pages.freshness import TITLE as FRESHNESS_TITLE
from landzicht.web.pages.freshness import freshness_page
from landzicht.web.pages.shell import chosen_language, page, read_text
from landzicht.web.pages.sources import sources_part

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

    from landzicht.portal import Portal
    from landzicht.portal.settings import Settings

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
FOR_EVER = "public, max-age=31536000, immutable"
"""Names in `/assets` hold a hash of the content."""
ASK_FIRST = "no-cache"
A_WHILE = "public, max-age=3600"
LONGEST_THEME = 1_000_000
STATIC = {"plain.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}
_HELP = Text(nl="Uitleg", en="Help")
_ACCESS = Text(nl="Toegankelijkheid", en="Accessibility")
_MISSING = Text(nl="De kaart is nog niet gebouwd", en="The map has not been built yet")


def mount(app: FastAPI, portal: Portal) -> None:
    """Add the page to `app`.

    The file named by `LANDZICHT_THEME` becomes `/theme.css`; it is read here, once.
    """
    folder = built_folder()
    theme = _read_theme(os.environ.get("LANDZICHT_THEME"))

    def data(request: Request) -> Response:
        language = chosen_language(request.query_params, request.headers.get("accept-language"))
        body = data_page(portal.collections(), language)
        return _html(page(language, "/data", DATA_TITLE, body))

    def fresh(request: Request) -> Response:
        language = chosen_language(request.query_params, request.headers.get("accept-language"))
        body = freshness_page(portal.freshness(), language)
        body += sources_part(portal.sources(), language)
        return _html(page(language, "/actualiteit", FRESHNESS_TITLE, body))

    def home(request: Request) -> Response:
        return _home(folder, request, page_policy(portal.services.settings))

    def asset(request: Request) -> Response:
        found = _find(folder, request, "assets", request.path_params["name"])
        if found is None:
            raise NoSuchAddress(path=request.url.path)
        return _built(found, request, FOR_EVER)

    def licences(request: Request) -> Response:
        found = _find(folder, request, "THIRD_PARTY_LICENSES.txt")
        if found is None:
            raise NoSuchAddress(path=request.url.path)
        return _built(found, request, ASK_FIRST)

    def themed(_: Request) -> Response:
        return Response(theme, headers={**HEADERS, "cache-control": A_WHILE}, media_type="text/css")

    for path, handler in (
        ("/", home),
        ("/assets/{name}", asset),
        ("/THIRD_PARTY_LICENSES.txt", licences),
        ("/theme.css", themed),
        ("/static/{name}", _static),
        ("/favicon.ico", _favicon),
        ("/data", data),
        ("/actualiteit", fresh),
        ("/uitleg", _help),
        ("/toegankelijkheid", _access),
    ):
        app.add_route(path, handler, methods=["GET"], include_in_schema=False)


def _home(folder: Path, request: Request, policy: str) -> Response:
    found = _find(folder, request, "index.html")
    if found is None:
        return _not_built(request)
    answer = _built(found, request, ASK_FIRST)
    answer.headers["content-security-policy"] = policy
    return answer


def page_policy(settings: Settings) -> str:
    """Return the policy of the map page: pictures also from base maps that the operator allows."""
    hosts = "".join(f" {BASE_MAPS[name]}" for name in settings.allowed_base_maps)
    return CSP.replace("img-src 'self'", f"img-src 'self'{hosts}")


def _help(request: Request) -> Response:
    language = chosen_language(request.query_params, request.headers.get("accept-language"))
    return _html(page(language, "/uitleg", _HELP, read_text("help", language)))


def _access(request: Request) -> Response:
    language = chosen_language(request.query_params, request.headers.get("accept-language"))
    return _html(page(language, "/toegankelijkheid", _ACCESS, read_text("access", language)))


def _not_built(request: Request) -> Response:
    language = chosen_language(request.query_params, request.headers.get("accept-language"))
    return _html(page(language, "/", _MISSING, read_text("missing", language)), status=503)


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise NoSuchAddress(path=request.url.path)
    body = resources.files("landzicht.web.pages").joinpath(name).read_bytes()
    return Response(body, 200, {**HEADERS, "cache-control": A_WHILE}, STATIC[name])


def _favicon(_: Request) -> Response:
    return RedirectResponse("/static/mark.svg", 308)


def _find(folder: Path, request: Request, *names: str) -> Built | None:
    return read_built(folder, *names, accept_encoding=request.headers.get("accept-encoding", ""))


def _built(found: Built, request: Request, cache: str) -> Response:
    headers = {
        **HEADERS,
        "cache-control": cache,
        "etag": found.etag,
        "vary": "accept-encoding",
    }
    known = {tag.strip().removeprefix("W/") for tag in _known(request)}
    if found.etag in known:
        return Response(status_code=304, headers=headers)
    if found.coding:
        headers["content-encoding"] = found.coding
    return Response(found.body, 200, headers, found.media_type)


def _known(request: Request) -> list[str]:
    return request.headers.get("if-none-match", "")[:1000].split(",")


def _html(body: str, status: int = 200) -> Response:
    headers = {**HEADERS, "cache-control": ASK_FIRST, "vary": "accept-language"}
    return HTMLResponse(body, status, headers)


def _read_theme(path: str | None) -> bytes:
    """Return the CSS of an organisation, or nothing: a theme must never stop the portal."""
    if not path:
        return b""
    try:
        file = Path(path)
        return file.read_bytes() if file.stat().st_size <= LONGEST_THEME else b""
    except OSError:
        return b""
