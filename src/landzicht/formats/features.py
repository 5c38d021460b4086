"""Areas from servers of OGC API Features: page by page, from the hosts that we know."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

import orjson

from landzicht.errors.series import AreasFailed
from landzicht.grid.crs import WGS84
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from landzicht.grid import Bounds

MOST_BYTES = 100_000_000
"""Longest page."""
MOST_PAGES = 5_000
"""Most pages."""
_PAGE = 1_000
_SECONDS = 60.0
_PIECE = 2**20
_TOO_LONG = Text(nl="het antwoord is te lang", en="the answer is too long")
_NO_FEATURES = Text(nl="het antwoord is geen GeoJSON", en="the answer is no GeoJSON")
_ELSEWHERE = Text(
    nl="het antwoord verwijst naar een andere computer", en="the answer leads to another computer"
)
_NO_END = Text(nl="er komt geen eind aan", en="it does not end")
_SYSTEM = Text(
    nl="het antwoord is in een stelsel waar niet om gevraagd is: {system}",
    en="the answer is in a system that was not asked for: {system}",
)
_CRS84 = "OGC:CRS84"
_NAMES = re.compile(r"<?https?://www\.opengis\.net/def/crs/(OGC|EPSG)/[^/<>]{1,9}/(\w{1,10})>?")
"""Systems as servers tell them in the header `Content-Crs` (OGC API Features, part 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSource:
    """A collection of a server."""

    base: str
    """Address of the collection, without `/items`."""
    crs: str = ""
    """System to ask for, as `EPSG:28992`; empty = longitude and latitude."""

    @property
    def host(self) -> str:
        """Name of the computer."""
        return urlsplit(self.base).netloc


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: an answer from elsewhere is not the official one."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - urllib's signature
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def read_pages(
    source: FeatureSource,
    most: int,
    progress: Callable[[str, int, int], None] | None = None,
    box: Bounds | None = None,
) -> Iterator[tuple[list[dict[str, Any]], str]]:
    """Yield the features of each page, and the system of their coordinates (`EPSG:…`), x first.

    Args:
        source: the collection.
        most: stop after so many features.
        progress: is told `(what, features, all)`; `all` is 0 when the server does not say.
        box: only features that meet it, in degrees (WGS84); None = all.

    Raises:
        AreasFailed: the server does not answer, or not as it should.
    """
    asked = {"f": "json", "limit": str(_PAGE)}
    if source.crs:
        asked["crs"] = f"http://www.opengis.net/def/crs/EPSG/0/{source.crs.partition(':')[2]}"
    if box is not None:
        asked["bbox"] = ",".join(f"{side:.7f}" for side in box.as_list())
    address: str | None = f"{source.base}/items?{urlencode(asked)}"
    count = 0
    for _ in range(MOST_PAGES):
        if address is None:
            return
        told, system = _page(source, address)
        features = told["features"]
        count += len(features)
        yield features, system
        if progress:
            total = told.get("numberMatched")
            progress("areas", count, total if isinstance(total, int) else 0)
        if count >= most:
            return
        following = _next(source, told, address)
        if following == address:
            raise AreasFailed(host=source.host, reason=_NO_END)
        address = following
    raise AreasFailed(host=source.host, reason=_NO_END)


def _page(source: FeatureSource, address: str) -> tuple[dict[str, Any], str]:
    """Return a page, and the system that it is in."""
    request = urllib.request.Request(  # noqa: S310 - an address of ours, or on the same host
        address, headers={"Accept": "application/geo+json", "User-Agent": "landzicht"}
    )
    try:
        with _OPENER.open(request, timeout=_SECONDS) as answer:
            body = bytearray()
            while piece := answer.read(_PIECE):
                body += piece
                if len(body) > MOST_BYTES:
                    raise AreasFailed(host=source.host, reason=_TOO_LONG)
            system = str(answer.headers.get("Content-Crs", ""))
        told = orjson.loads(bytes(body))
    except urllib.error.HTTPError as error:
        error.close()
        raise AreasFailed(host=source.host, reason=f"HTTP {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise AreasFailed(host=source.host, reason=str(reason)[:200]) from error
    except orjson.JSONDecodeError as error:
        raise AreasFailed(host=source.host, reason=_NO_FEATURES) from error
    if not isinstance(told, dict) or not isinstance(told.get("features"), list):
        raise AreasFailed(host=source.host, reason=_NO_FEATURES)
    return told, _system(source, system)


def _system(source: FeatureSource, told: str) -> str:
    """Return the system of a page; without a word it is longitude and latitude.

    Raises:
        AreasFailed: it is neither that nor what was asked for, so nobody knows which axis is first.
    """
    found = _NAMES.fullmatch(told.strip())
    system = f"{found[1]}:{found[2]}" if found else told.strip()
    if system in ("", _CRS84):
        return WGS84
    if system != source.crs:
        raise AreasFailed(host=source.host, reason=_SYSTEM.fill(system=system[:60]))
    return source.crs


def _next(source: FeatureSource, told: dict[str, Any], address: str) -> str | None:
    """Return the address of the next page, which must be on the same computer."""
    links = told.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") == "next":
            found = urljoin(address, str(link.get("href")))
            here, there = urlsplit(source.base), urlsplit(found)
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                raise AreasFailed(host=source.host, reason=_ELSEWHERE)
            return found
    return None
