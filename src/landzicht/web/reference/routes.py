"""The addresses `/docs` and `/docs/errors`."""

from __future__ import annotations

from importlib import resources

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from landzicht.text import preferred_language
from landzicht.web.reference.addresses import addresses_page
from landzicht.web.reference.errors import errors_page

CSP = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "cache-control": "no-cache",
    "vary": "accept-language",
    "x-content-type-options": "nosniff",
}


def mount(app: FastAPI) -> None:
    """Add the reference pages to `app`; they describe whatever routes it has."""

    @app.get("/docs", include_in_schema=False)
    def addresses(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        return HTMLResponse(addresses_page(app.openapi(), language), headers=HEADERS)

    @app.get("/docs/errors", include_in_schema=False)
    def errors(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language"))
        return HTMLResponse(errors_page(language), headers=HEADERS)

    @app.get("/docs/style.css", include_in_schema=False)
    def style() -> Response:
        sheet = resources.files("landzicht.web.reference").joinpath("style.css").read_text()
        return Response(sheet, headers={"cache-control": "max-age=3600"}, media_type="text/css")
