"""The addresses of the page: `/`, `/assets`, and plain pages that need no JavaScript."""

from __future__ import annotations

from functools import partial
from importlib import resources
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from landzicht.errors.catalogue import UnknownCollection
from landzicht.errors.web import NoSuchAddress
from landzicht.grid.boxes import parse_bbox
from landzicht.portal.settings import BASE_MAPS
from landzicht.text import Text
from landzicht.web.pages.built import Built, built_folder, read_built
from landzicht.web.pages.data import TITLE as DATA_TITLE
from landzicht.web.pages.data import data_page
from landzicht.web.pages.freshness import TITLE as FRESHNESS_TITLE
from landzicht.web.pages.freshness import freshness_page
from landzicht.web.pages.record import record_page
from landzicht.web.pages.shell import chosen_language, page, read_text
from landzicht.web.pages.sources import sources_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request

    from landzicht.portal import Portal
    from landzicht.portal.settings import Settings
    from landzicht.text import Language

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
STATIC = {"plain.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}
TEXTS = {
    "/uitleg": ("help", Text(nl="Uitleg", en="Help")),
    "/toegankelijkheid": ("access", Text(nl="Toegankelijkheid", en="Accessibility")),
    "/privacy": ("privacy", Text(nl="Privacy", en="Privacy")),
    "/algoritmes": (
        "algorithms",
        Text(nl="Welke rekenregels gebruiken wij?", en="Which computations do we use?"),
    ),
}
"""Address → file in `texts/`, and title."""
_MISSING = Text(nl="De kaart is nog niet gebouwd", en="The map has not been built yet")
_NO_RECORD = Text(nl="Deze gegevens zijn er niet", en="These data are not here")


def mount(app: FastAPI, portal: Portal) -> None:
    """Add the page to `app`; the theme of the organisation is read here, once."""
    folder = built_folder()
    file = partial(_file, folder)
    plain: dict[str, Callable[[Request], Response]] = {
        "/": partial(_home, folder, portal),
        "/assets/{name}": partial(file, FOR_EVER, ("assets",)),
        "/icons/{name}": partial(file, A_WHILE, ("icons",)),
        "/THIRD_PARTY_LICENSES.txt": partial(file, ASK_FIRST, ("THIRD_PARTY_LICENSES.txt",)),
        "/manifest.webmanifest": partial(file, ASK_FIRST, ("manifest.webmanifest",)),
        "/sw.js": partial(file, ASK_FIRST, ("sw.js",)),
        "/theme.css": partial(_theme, portal.theme()),
        "/static/{name}": _static,
        "/favicon.ico": _favicon,
        "/data": partial(_data, portal),
        "/data/{collection}": partial(_record, portal),
        "/actualiteit": partial(_fresh, portal),
        **{path: partial(_text, path) for path in TEXTS},
    }
    for path, handler in plain.items():
        app.add_route(path, _in_thread(handler), methods=["GET"], include_in_schema=False)


def _in_thread(handler: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Return a plain function: Starlette runs those in a thread, and a `partial` is none."""

    def answer(request: Request) -> Response:
        return handler(request)

    return answer


def _data(portal: Portal, request: Request) -> Response:
    language = _language(request)
    body = data_page(portal.collections(), language)
    return _html(page(language, "/data", DATA_TITLE, body))


def _record(portal: Portal, request: Request) -> Response:
    language = _language(request)
    try:
        collection = portal.collection(request.path_params["collection"])
    except UnknownCollection as error:
        body = f'<p>{error.say(language)}</p><p><a href="/data?lang={language}">'
        body += f"{DATA_TITLE.say(language)}</a></p>"
        return _html(page(language, "/data", _NO_RECORD, body), 404)
    dates = portal.dates(collection.id)
    return _html(
        page(
            language,
            f"/data/{collection.id}",
            collection.title,
            record_page(collection, dates, language),
        )
    )


def _fresh(portal: Portal, request: Request) -> Response:
    language = _language(request)
    bounds = parse_bbox(request.query_params.get("bbox"))
    body = freshness_page(portal.freshness(bounds=bounds), language, here=bounds is not None)
    body += sources_part(portal.sources(), language)
    return _html(page(language, "/actualiteit", FRESHNESS_TITLE, body))


def _text(path: str, request: Request) -> Response:
    language = _language(request)
    name, title = TEXTS[path]
    return _html(page(language, path, title, read_text(name, language)))


def _language(request: Request) -> Language:
    return chosen_language(request.query_params, request.headers.get("accept-language"))


def page_policy(settings: Settings) -> str:
    """Return the policy of the map page: pictures also from base maps that the operator allows."""
    hosts = "".join(f" {BASE_MAPS[name]}" for name in settings.allowed_base_maps)
    return CSP.replace("img-src 'self'", f"img-src 'self'{hosts}")


def _home(folder: Path, portal: Portal, request: Request) -> Response:
    found = _find(folder, request, "index.html")
    if found:
        answer = _built(found, request, ASK_FIRST)
        answer.headers["content-security-policy"] = page_policy(portal.services.settings)
        return answer
    language = _language(request)
    return _html(page(language, "/", _MISSING, read_text("missing", language)), status=503)


def _file(folder: Path, cache: str, names: tuple[str, ...], request: Request) -> Response:
    """Give a file of the built page."""
    last = request.path_params.get("name")
    found = _find(folder, request, *names, *([last] if last else []))
    if found is None:
        raise NoSuchAddress(path=request.url.path)
    return _built(found, request, cache)


def _theme(theme: bytes, _: Request) -> Response:
    return Response(theme, headers={**HEADERS, "cache-control": A_WHILE}, media_type="text/css")


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
