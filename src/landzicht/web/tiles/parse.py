"""From the text of an address to the values that the portal understands."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.pixels import BadTileAddress, MarkNeeded
from landzicht.kinds import Span
from landzicht.portal.maps.view import View
from landzicht.portal.scenes import Selection
from landzicht.text import LANGUAGES, Text, preferred_language
from landzicht.web.tiles import styles
from landzicht.web.tiles.titiler import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from landzicht.text import Language

_ETAG = re.compile(r'"([^"]*)"')
_NONE: frozenset[str] = frozenset()
_WHOLE = re.compile(r"-?\d{1,12}")
_BRACKETS = re.compile(r"\[\[?([^][]*)\]\]?")
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost", "testserver"})
_LOCAL_CLIENTS = frozenset({"127.0.0.1", "::1", "testclient"})
_FORWARDED = re.compile(r"forwarded|via|x-forwarded-.*|x-real-ip|cf-.*|true-client-ip")
_MOST_IDS = 100
_MOST_RANGES = 16
_MOST_TEXT = 4_096


def address(z: str, x: str, y: str) -> tuple[int, int, int]:
    """Read a tile address.

    Raises:
        BadTileAddress: not three whole numbers.
    """
    parts = (z, x, y)
    if not all(_WHOLE.fullmatch(part) for part in parts):
        raise BadTileAddress(value="/".join(parts)[:80])
    return int(z), int(x), int(y)


def ending(request: Request) -> str:
    """Read the form of the answer: how the address ends, else `format`; `png` when neither."""
    told = request.path_params.get("ending") or request.query_params.get("format") or "png"
    return {"jpeg": "jpg", "tiff": "tif"}.get(told, str(told))


def place(text: str) -> tuple[float, float]:
    """Read `lon,lat`.

    Raises:
        BadQuery: not two numbers.
    """
    parts = text[:100].split(",")
    try:
        lon, lat = (float(part) for part in parts)
    except ValueError:
        lon = lat = math.nan
    if not (math.isfinite(lon) and math.isfinite(lat)):
        reason = Text(nl="geef twee getallen, zoals 5.12,52.09", en="give two numbers: 5.12,52.09")
        raise BadQuery(name="lon,lat", reason=reason)
    return lon, lat


def view(query: Mapping[str, str]) -> View:
    """Read what to show and how: `layer`, `assets`, …, `rescale`, `colormap_name`, `algorithm`.

    Raises:
        BadQuery: a range that is not two different numbers, text that is too long, or a parameter
            that this portal does not have.
    """
    check(query)
    return View(
        layer=_text(query, "layer"),
        assets=_list(query, "assets", _MOST_IDS),
        expression=_text(query, "expression"),
        index=_text(query, "index"),
        rescale=_ranges(joined(query, "rescale")),
        colormap=_text(query, "colormap_name"),
        colours=styles.colours(query),
        tone=styles.tone(query),
        relief=styles.relief(query),
    )


def has_view(query: Mapping[str, str]) -> bool:
    """Whether the caller says what to show."""
    return any(query.get(name) for name in ("layer", "assets", "expression", "index"))


def selection(query: Mapping[str, str]) -> Selection:
    """Read `datetime`, `ids`, `mosaic`, `pixel_selection` and `mask`.

    Raises:
        BadDatetime: not a moment or period.
        BadQuery: too many ids, or a mask that is neither wanted nor not.
    """
    moment = _text(query, "datetime")
    order, rule = styles.rule(query)
    return Selection(
        span=Span.parse(moment) if moment else None,
        ids=_list(query, "ids", _MOST_IDS),
        order=order[:_MOST_TEXT],
        rule=rule[:_MOST_TEXT],
        clear=flag(query, "mask", default=False),
    )


def size(query: Mapping[str, str], scale: str | None = None) -> int:
    """Read `size` (TiTiler: `tilesize`), 256 when absent; or `@2x` at the end of the address.

    Raises:
        BadQuery: not a whole number, or two sizes at once.
    """
    text = query.get("size") or query.get("tilesize")
    if scale is not None and text:
        reason = Text(nl="kies @2x of size", en="choose @2x or size")
        raise BadQuery(name="size", reason=reason)
    if scale is not None:
        text = {"1": "256", "2": "512"}.get(scale, scale)
    text = text or "256"
    if not _WHOLE.fullmatch(text):
        raise BadQuery(name="size", reason=Text(nl="kies uit 256, 512", en="choose 256 or 512"))
    return int(text)


def scaled(y: str) -> tuple[str, str | None]:
    """Split `1350@2x` into row and scale."""
    row, mark, scale = y.partition("@")
    times = scale.removesuffix("x")
    return (row, times) if mark and times and times != scale else (y, None)


def count(query: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number.

    Raises:
        BadQuery: it is not one.
    """
    text = query.get(name) or str(default)
    if not _WHOLE.fullmatch(text):
        raise BadQuery(name=name, reason=Text(nl="geef een geheel getal", en="give a whole number"))
    return int(text)


def stored(query: Mapping[str, str]) -> bool:
    """Read `raw`, or its opposite `unscale` as TiTiler has it: whether to leave numbers as stored.

    Raises:
        BadQuery: neither `true` nor `false`, or both at once.
    """
    if query.get("raw") and query.get("unscale"):
        raise BadQuery(
            name="unscale", reason=Text(nl="kies raw of unscale", en="choose raw or unscale")
        )
    if query.get("unscale"):
        return not flag(query, "unscale", default=True)
    return flag(query, "raw", default=False)


def joined(query: Mapping[str, str], name: str) -> str | None:
    """Return a parameter that may stand in an address several times, with commas between."""
    several = getattr(query, "getlist", None)
    parts = several(name) if several else [query[name]] if name in query else []
    return ",".join(part for part in parts if part) or None


def flag(query: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read a parameter that is `true` or `false`.

    Raises:
        BadQuery: it is neither.
    """
    text = query.get(name)
    if not text:
        return default
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in known:
        raise BadQuery(name=name, reason=Text(nl="kies true of false", en="choose true or false"))
    return known[text.lower()]


def mark(request: Request) -> bool:
    """Read `mark`, which only a test on this very computer may switch off.

    Raises:
        MarkNeeded: somebody else asks for it; behind a proxy everybody is somebody else.
        BadQuery: neither `true` nor `false`.
    """
    if flag(request.query_params, "mark", default=True):
        return True
    here = request.client is not None and request.client.host in _LOCAL_CLIENTS
    direct = not any(_FORWARDED.fullmatch(name) for name in request.headers)
    # Proxies that add no header at all still speak HTTP/1.0 to the server behind them.
    direct = direct and request.scope.get("http_version") != "1.0"
    if here and direct and request.url.hostname in _LOCAL_HOSTS:
        return False
    raise MarkNeeded


def language(request: Request) -> Language:
    """Return the language that the address asks for with `lang`, or else the browser."""
    asked = request.query_params.get("lang")
    accepted = preferred_language(request.headers.get("accept-language"))
    return next((one for one in LANGUAGES if one == asked), accepted)


def known_etags(request: Request) -> frozenset[str]:
    """Return the etags of `If-None-Match` (RFC 9110, 13.1.2), without quotes and `W/`."""
    header = request.headers.get("if-none-match", "")[:_MOST_TEXT]
    return frozenset(_ETAG.findall(header)) if header else _NONE


def _text(query: Mapping[str, str], name: str) -> str | None:
    text = query.get(name)
    if text and len(text) > _MOST_TEXT:
        raise BadQuery(name=name, reason=Text(nl="te lang", en="too long"))
    return text or None


def _list(query: Mapping[str, str], name: str, most: int) -> tuple[str, ...]:
    text = joined(query, name)
    if not text:
        return ()
    parts = tuple(part.strip() for part in text.split(","))
    if len(parts) > most or not all(parts):
        reason = Text(
            nl=f"geef hoogstens {most} namen, met komma's ertussen",
            en=f"give at most {most} names with commas between",
        )
        raise BadQuery(name=name, reason=reason)
    return parts


def _ranges(text: str | None) -> tuple[tuple[float, float], ...]:
    """Read `low,high`, or one such pair for each channel: `0,1,0,2,0,3`, or `[[0,1],[0,2]]`."""
    if not text:
        return ()
    reason = Text(
        nl="geef twee verschillende getallen: laag,hoog", en="give two different numbers: low,high"
    )
    try:
        plain = _BRACKETS.sub(r"\1", text[:_MOST_TEXT])
        numbers = [float(part) for part in re.split("[,;]", plain)]
    except ValueError as error:
        raise BadQuery(name="rescale", reason=reason) from error
    pairs = tuple(zip(numbers[::2], numbers[1::2], strict=False))
    finite = all(math.isfinite(number) for number in numbers)
    if len(numbers) % 2 or len(pairs) > _MOST_RANGES or not finite:
        raise BadQuery(name="rescale", reason=reason)
    if any(low == high for low, high in pairs):
        raise BadQuery(name="rescale", reason=reason)
    return pairs
