"""Asking a STAC API for items, page by page, without believing that it behaves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urljoin, urlsplit

import orjson

from landzicht.errors.remote import BadAddress
from landzicht.formats.remote import read_api_address
from landzicht.formats.remote.parts import Lasting
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PAGE = 100
"""Items on a page."""
MOST_PAGES = 2_000
"""Pages of one question; who has more is asked for a shorter time."""
_MOST_STALE = 3
"""Pages in a row without anything new after which an API counts as going round."""
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_FORBIDDEN = frozenset(
    {"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"}
    | {"proxy-authorization", "content-type", "range", "expect", "te", "upgrade"}
)


class Asks(Protocol):
    """Whoever asks an API for JSON; `Fetcher` does."""

    def json(
        self,
        url: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """See `Fetcher.json`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which items are asked for."""

    collection: str
    """Id of the collection."""
    when: str
    """`datetime` as STAC has it; empty = any."""
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north in degrees."""
    updated: str = ""
    """Only items that were changed since; for an API that can tell."""
    limit: int = PAGE
    """Items on a page."""


@dataclass(slots=True, kw_only=True)
class Answer:
    """How the answer to a question went, filled in while it is read."""

    items: int = 0
    """Items so far, each id once."""
    repeated: int = 0
    """Items that came more than once."""
    matched: int | None = None
    """Items that the API says there are."""
    remarks: list[tuple[str, Text]] = field(default_factory=list)
    """What was odd: code and text."""

    def remark(self, code: str, text: Text) -> None:
        """Note something odd, once."""
        if all(code != known for known, _ in self.remarks):
            self.remarks.append((code, text))


class Api:
    """A STAC API that can be searched."""

    def __init__(self, asks: Asks, address: str) -> None:
        """Read what the API says of itself.

        Args:
            asks: asks for JSON.
            address: of its landing page.

        Raises:
            as `Fetcher.json`; Lasting: it is no STAC API with item search.
        """
        self._asks, self.address = asks, address.rstrip("/")
        landing = asks.json(address)
        links = landing.get("links")
        found = [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []
        searches = [one for one in found if one.get("rel") == "search" and _href(one)]
        if not searches:
            raise Lasting(_NO_SEARCH)
        methods = {str(one.get("method") or "GET").upper() for one in searches}
        self.uses_post = "POST" in methods
        best = next(
            (one for one in searches if str(one.get("method") or "GET").upper() == "POST"),
            searches[0],
        )
        self._search = self._inside(str(best["href"]))
        conforms = landing.get("conformsTo")
        told = [str(one) for one in conforms] if isinstance(conforms, list) else []
        self._query = any(one.endswith("item-search#query") for one in told)
        self._filter = any(one.endswith("item-search#filter") for one in told)

    @property
    def knows_updated(self) -> bool:
        """Whether it can be asked for items that changed since a moment."""
        return self.uses_post and (self._query or self._filter)

    def collection(self, id: str) -> dict[str, Any]:
        """Return what it says of a collection; raises as `Fetcher.json`."""
        return self._asks.json(f"{self.address}/collections/{id}")

    def item(self, collection: str, id: str) -> dict[str, Any]:
        """Return one item; raises as `Fetcher.json`."""
        name = quote(id, safe="")
        return self._asks.json(f"{self.address}/collections/{collection}/items/{name}")

    def search(
        self, question: Question, answer: Answer, ask_again: Callable[[Callable[[], Any]], Any]
    ) -> Iterator[Any]:
        """Yield the items of all pages, each id once.

        An API that repeats a page, or leads elsewhere, or never ends, is left there: what it gave
        is used, and `answer` tells what was odd.

        Args:
            question: which items.
            answer: is filled in.
            ask_again: calls a function, and again when the failure may pass.
        """
        url, body = self._first(question)
        headers: Mapping[str, str] = {}
        asked: set[str] = set()
        seen: set[str] = set()
        stale = 0
        for _ in range(MOST_PAGES):
            asked.add(_mark(url, body))
            page = ask_again(partial(self._asks.json, url, body, headers))
            items = page.get("features")
            if not isinstance(items, list):
                raise Lasting(_NO_FEATURES)
            answer.matched = _matched(page) if answer.matched is None else answer.matched
            fresh = [one for one in items if _is_new(one, seen)]
            answer.items += len(fresh)
            answer.repeated += len(items) - len(fresh)
            yield from fresh
            following = self._next(page, body, answer)
            if following is None:
                break
            url, body, headers = following
            stale = 0 if fresh or not items else stale + 1
            if _mark(url, body) in asked or stale >= _MOST_STALE:
                answer.remark("pages-repeat", _REPEATS)
                break
        else:
            answer.remark("pages-without-end", _ENDLESS)
        if answer.repeated:
            answer.remark("ids-repeat", _DOUBLE.fill(count=answer.repeated))
        if answer.matched is not None and answer.matched != answer.items:
            answer.remark("wrong-count", _COUNT.fill(told=answer.matched, found=answer.items))

    def _first(self, question: Question) -> tuple[str, dict[str, Any] | None]:
        told: dict[str, Any] = {"collections": [question.collection], "limit": question.limit}
        if question.when:
            told["datetime"] = question.when
        if question.box is not None:
            told["bbox"] = list(question.box)
        if self.uses_post:
            if question.updated and self._query:
                told["query"] = {"updated": {"gte": question.updated}}
            elif question.updated and self._filter:
                told["filter-lang"] = "cql2-json"
                moment = {"timestamp": question.updated}
                told["filter"] = {"op": ">=", "args": [{"property": "updated"}, moment]}
            return self._search, told
        flat = {
            name: ",".join(map(str, value)) if isinstance(value, list) else value
            for name, value in told.items()
        }
        sign = "&" if "?" in self._search else "?"
        return f"{self._search}{sign}{urlencode(flat, safe=',:/')}", None

    def _next(
        self, page: Mapping[str, Any], body: dict[str, Any] | None, answer: Answer
    ) -> tuple[str, dict[str, Any] | None, Mapping[str, str]] | None:
        links = page.get("links")
        if not isinstance(links, list):
            return None
        link = next(
            (one for one in links if isinstance(one, dict) and one.get("rel") == "next"), None
        )
        if link is None or not _href(link):
            return None
        try:
            url = self._inside(str(link["href"]))
        except Lasting as error:
            answer.remark("next-leads-elsewhere", error.reason)
            return None
        told = link.get("headers")
        headers = dict(_harmless(told)) if isinstance(told, dict) else {}
        if str(link.get("method") or "GET").upper() != "POST":
            return url, None, headers
        further = link.get("body")
        further = further if isinstance(further, dict) else {}
        return url, {**(body or {}), **further} if link.get("merge") is True else further, headers

    def _inside(self, href: str) -> str:
        """Return an address of this API; it may not lead to another computer."""
        url = urljoin(self.address + "/", href)
        try:
            ours, theirs = urlsplit(self.address), urlsplit(url)
            same = (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)
        except ValueError:
            same = False
        if not same:
            raise Lasting(_ELSEWHERE.fill(href=re.sub(r"//[^/@]*@", "//…@", url)[:120]))
        url = url.partition("#")[0]
        try:
            read_api_address(url)
        except BadAddress as error:
            raise Lasting(Text(nl=error.say("nl"), en=error.say("en"))) from error
        return url


def _href(link: Mapping[str, Any]) -> bool:
    return isinstance(link.get("href"), str) and bool(link["href"])


def _harmless(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in list(told.items())[:20]:
        plain = isinstance(name, str) and isinstance(value, str) and value.isascii()
        good = plain and value.isprintable() and len(value) < 2_000 and _HEADER.fullmatch(name)
        if good and name.lower() not in _FORBIDDEN:
            yield name, value


def _is_new(item: object, seen: set[str]) -> bool:
    """Whether an item did not come before; one without an id is passed on to be reported."""
    key = item.get("id") if isinstance(item, dict) else None
    if not isinstance(key, str):
        return True
    if key in seen:
        return False
    seen.add(key)
    return True


def _matched(page: Mapping[str, Any]) -> int | None:
    context = page.get("context")
    told = page.get("numberMatched")
    if told is None and isinstance(context, dict):
        told = context.get("matched")
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _mark(url: str, body: Mapping[str, Any] | None) -> str:
    told = orjson.dumps(body, option=orjson.OPT_SORT_KEYS) if body is not None else b""
    return hashlib.sha256(url.encode() + b"\n" + told).hexdigest()


_NO_SEARCH = Text(
    nl="de API noemt geen adres om te zoeken (item search)",
    en="the API names no address to search (item search)",
)
_NO_FEATURES = Text(
    nl="een bladzijde heeft geen lijst van items (features)",
    en="a page has no list of items (features)",
)
_ELSEWHERE = Text(
    nl="het volgende adres is van een andere computer ({href}); dat volgen wij niet",
    en="the next address is of another computer ({href}), which we do not follow",
)
_REPEATS = Text(
    nl="de API geeft dezelfde bladzijde nog eens; daar stoppen wij",
    en="the API gives the same page again; we stop there",
)
_ENDLESS = Text(
    nl="de API geeft geen einde aan bladzijden; daar stoppen wij",
    en="the API gives pages without end; we stop there",
)
_DOUBLE = Text(nl="{count} items kwamen meer dan eens", en="{count} items came more than once")
_COUNT = Text(
    nl="de API zegt {told} items te hebben en geeft er {found}",
    en="the API says that it has {told} items and gives {found}",
)
