"""The operator's token: who shows it may change things over HTTP."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from landzicht.errors.web import NotKnown, WritingOff

if TYPE_CHECKING:
    from starlette.requests import Request


def require_token(request: Request, token: str) -> None:
    """Let only a request with the token through; looked at before anything else.

    Raises:
        WritingOff: there is no token, so nobody may.
        NotKnown: the request does not show it (401).
    """
    if not token:
        raise WritingOff
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(shown.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise NotKnown
