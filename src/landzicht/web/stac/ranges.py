"""Parts of a file: the header `Range` by RFC 9110, section 14."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapi.responses import FileResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

MOST_PARTS = 100
"""Of a request for more parts the whole file is given."""
_PART = re.compile(r"(\d{0,30})-(\d{0,30})")
Part = tuple[int, int]
"""First and last byte, both inside the part."""


def read_range(request: Request, size: int, etag: str) -> list[Part] | None:
    """Return the parts that a request wants, each inside the file.

    None means the whole file: no part was asked for, the header cannot be read (then the standard
    wants it ignored), or `If-Range` names another version than this one. An empty list means that
    every part lies beyond the end.

    Args:
        request: with its headers.
        size: bytes in the file.
        etag: tag of this version, with quotes.
    """
    header = request.headers.get("range")
    if header is None or request.headers.get("if-range", etag) != etag:
        return None
    unit, _, told = header.partition("=")
    wanted = [text.strip() for text in told.split(",", MOST_PARTS) if text.strip()]
    if unit.strip().lower() != "bytes" or not 0 < len(wanted) <= MOST_PARTS:
        return None
    parts = [_read_part(text, size) for text in wanted]
    if None in parts:
        return None
    return [part for part in parts if part is not None and part[0] <= part[1]]


def _read_part(text: str, size: int) -> Part | None:
    """Return a part, one that is empty when it lies beyond the end, or None when it is nonsense."""
    found = _PART.fullmatch(text)
    if found is None or found[0] == "-":
        return None
    if not found[1]:  # the last bytes
        return max(0, size - int(found[2])), size - 1
    first, last = int(found[1]), int(found[2] or size)
    if found[2] and last < first:
        return None
    return first, min(last, size - 1)


class PartsResponse(FileResponse):
    """A file, or those parts of it that were asked for and understood."""

    parts: list[Part] | None = None
    """What to send; None = all."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; the request's own header is replaced by what `read_range` made of it."""
        ours = (b"range", b"if-range")
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in ours]
        if self.parts:
            told = ",".join(f"{first}-{last}" for first, last in self.parts)
            headers.append((b"range", f"bytes={told}".encode()))
        await super().__call__({**scope, "headers": headers}, receive, send)
