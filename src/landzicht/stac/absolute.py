"""Relative addresses of a document made whole: they are told from where the document lies."""

from __future__ import annotations

import posixpath
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from landzicht.kinds import is_remote

_WHOLE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|/vsi|[\\#?]")
"""With a scheme (or `C:`), or the name of a file as GDAL spells it: it leads nowhere else."""


def published_at(told: object) -> str | None:
    """Return the address on the web where a document says that it lies, or None."""
    links = told.get("links") if isinstance(told, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == "self":
            href = link.get("href")
            if isinstance(href, str) and is_remote(href) and _can_be_read(href):
                return href
    return None


def _can_be_read(href: str) -> bool:
    try:
        urlsplit(href)
    except ValueError:  # brackets that are no IPv6
        return False
    return True


def with_whole_addresses(told: Any, place: str) -> Any:  # noqa: ANN401 - JSON
    """Return an item or collection whose assets and links are told from anywhere.

    Args:
        told: decoded JSON, which may be anything.
        place: where it lies: an address, or an absolute path with slashes.
    """
    if not isinstance(told, dict):
        return told
    whole, place = dict(told), published_at(told) or place
    assets, links = told.get("assets"), told.get("links")
    if isinstance(assets, dict):
        whole["assets"] = {key: _whole(each, place) for key, each in assets.items()}
    if isinstance(links, list):
        whole["links"] = [_whole(each, place) for each in links]
    return whole


def _whole(told: Any, place: str) -> Any:  # noqa: ANN401 - JSON
    href = told.get("href") if isinstance(told, dict) else None
    if not isinstance(href, str) or not href or _WHOLE.match(href):
        return told
    if is_remote(place):
        return {**told, "href": urljoin(place, href)} if _can_be_read(href) else told
    return {**told, "href": posixpath.normpath(posixpath.join(posixpath.dirname(place), href))}
