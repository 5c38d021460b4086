from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from landzicht.web.head import HeadAsGet

LARGE = 3_000_000_000


@pytest.fixture
def app(tmp_path: Path) -> HeadAsGet:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(LARGE)  # takes no room on the disk

    def text(request: Request) -> Response:
        return PlainTextResponse("hello", headers={"x-method": request.method})

    def send_file(_: Request) -> Response:
        return FileResponse(large)

    routes = [Route("/text", text, methods=["GET"]), Route("/file", send_file, methods=["GET"])]
    return HeadAsGet(Starlette(routes=routes))


def ask(app: HeadAsGet, method: str, path: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "headers": [],
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "server": ("testserver", 80), "client": ("127.0.0.1", 1), "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await app(scope, receive, send)

    anyio.run(run)
    return sent


def headers(sent: list[dict[str, Any]]) -> dict[bytes, bytes]:
    return dict(sent[0]["headers"])


def test_the_headers_are_those_of_get_and_the_body_is_empty(app: HeadAsGet) -> None:
    head, get = ask(app, "HEAD", "/text"), ask(app, "GET", "/text")
    assert headers(head) == headers(get)
    assert head[0]["status"] == 200
    assert b"".join(m["body"] for m in head[1:]) == b""
    assert b"".join(m["body"] for m in get[1:]) == b"hello"


def test_a_large_file_is_not_read(app: HeadAsGet) -> None:
    sent = ask(app, "HEAD", "/file")
    assert headers(sent)[b"content-length"] == str(LARGE).encode()
    assert len(sent) == 2
    assert sent[1]["body"] == b""
