"""HEAD for every address that answers GET (RFC 9110, 9.3.2): the same headers, no body."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHSEND = "http.response.pathsend"
"""ASGI extension by which an application leaves the reading of a file to the server."""


class HeadAsGet:
    """ASGI middleware: asks the application with GET and leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a HEAD as GET."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_headers(message: Message) -> None:
            if message["type"] == PATHSEND:
                message = {"type": "http.response.body", "body": b""}
            elif message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # We take files as paths, so that gigabytes are not read for a few headers.
        extensions = {**scope.get("extensions", {}), PATHSEND: {}}
        asked = {**scope, "method": "GET", "extensions": extensions}
        await self._app(asked, receive, send_headers)
