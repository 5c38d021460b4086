"""Bodies of requests, read up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import orjson

from landzicht.errors.web import RequestTooLarge, UnreadableRequest
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

_NOT_JSON = Text(nl="dit is geen JSON-object", en="this is not a JSON object")


async def read_bytes(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Raises:
        RequestTooLarge: it is longer than `most`; the rest is not waited for.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise RequestTooLarge(most=most)
    return bytes(body)


async def save_body(request: Request, path: Path, most: int) -> None:
    """Write the body of a request to a file, as it comes in.

    Raises:
        RequestTooLarge: it is longer than `most`; the rest is not waited for.
    """
    size = 0
    async with await anyio.open_file(path, "wb") as file:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise RequestTooLarge(most=most)
            await file.write(part)


async def read_object(request: Request, most: int) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    Raises:
        RequestTooLarge: it is longer than `most`; the rest is not waited for.
        UnreadableRequest: it is not a JSON object.
    """
    try:
        told = orjson.loads(await read_bytes(request, most))
    except orjson.JSONDecodeError as error:
        raise UnreadableRequest(reason=_NOT_JSON) from error
    if not isinstance(told, dict):
        raise UnreadableRequest(reason=_NOT_JSON)
    return told
