"""Stored bodies become answers: addresses and links are added to the bytes, nothing is parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from landzicht.stac.json import SCHEME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLACEHOLDER = f'"{SCHEME}/'.encode()


def splice(body: bytes, asset_base: str, links: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a stored item or collection with addresses and links, ready to send.

    Args:
        body: as `write_item` or `write_collection` made it; a JSON object without `links`.
        asset_base: address below which files are served, without a slash at its end:
            `https://example.nl/assets` gives `https://example.nl/assets/{collection}/{item}/…`.
        links: STAC links, in order.
    """
    base = orjson.dumps(asset_base)[:-1] + b"/"
    return body.replace(_PLACEHOLDER, base)[:-1] + b',"links":' + orjson.dumps(list(links)) + b"}"
