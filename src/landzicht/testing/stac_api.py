"""A small STAC API on this computer that misbehaves where asked to; for tests of following.

It lives on a `RangeServer`, which serves the files of its items and knows all faults of the way.
Faults of the API itself are set by name in `lies`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.testing.ranges import RangeServer

LIES = (
    "count",  # numberMatched is wrong
    "repeat",  # the second page leads to itself
    "same-page",  # another token, but the items of the page before
    "elsewhere",  # the next page is on another computer
    "html",  # a page for people instead of JSON
    "half-json",  # JSON that is cut short
    "list",  # JSON that is no object
    "no-features",
    "ignores-datetime",
    "ignores-bbox",
    "doubles",  # each item twice
)


@dataclass(eq=False)
class StacApi:
    """A STAC API; `server.api` is its `answer`."""

    server: RangeServer
    collection: str = "sentinel-2-l2a"
    """The one collection that it has."""
    items: list[Any] = field(default_factory=list)
    """What is searched: items, or whatever a test wants to send."""
    methods: tuple[str, ...] = ("GET", "POST")
    """How it can be searched."""
    paging: str = "body"
    """How the next page is asked: `body` (all in it), `merge`, or `token` (GET)."""
    query: bool = True
    """Whether it knows the query extension."""
    page: int = 0
    """Most items on a page; 0 = as asked."""
    lies: set[str] = field(default_factory=set)
    """Names of `LIES`."""
    wants: str = ""
    """`Authorization` that it asks for; empty = none."""
    elsewhere: str = ""
    """Where the lie of that name leads."""
    questions: list[dict[str, Any]] = field(default_factory=list)
    """What was searched for so far."""
    description: dict[str, Any] = field(default_factory=dict)
    """Further fields of the collection."""

    @property
    def address(self) -> str:
        """Address of the landing page."""
        return f"{self.server.base}/stac"

    def answer(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer a request below `/stac`."""
        if self.wants and headers.get("authorization") != self.wants:
            return 401, {"content-type": "application/json"}, b'{"code": "Unauthorized"}'
        parts = urlsplit(path)
        steps = parts.path.strip("/").split("/")[1:]
        if not steps:
            return _json(self._landing())
        if steps == ["search"]:
            flat = {name: values[0] for name, values in parse_qs(parts.query).items()}
            return self._search(json.loads(body) if method == "POST" else _unflat(flat))
        if steps == ["collections", self.collection]:
            told = {
                "type": "Collection",
                "id": self.collection,
                "description": "Test.",
                "links": [],
            }
            return _json({**told, **self.description})
        if steps[:1] == ["collections"] and steps[2:3] == ["items"] and len(steps) == 4:
            for item in self.items:
                if isinstance(item, dict) and item.get("id") == steps[3]:
                    return _json(item)
        return 404, {"content-type": "application/json"}, b'{"code": "NotFound"}'

    def _landing(self) -> dict[str, Any]:
        links = [
            {"rel": "search", "href": f"{self.address}/search", "method": one}
            for one in self.methods
        ]
        conforms = ["https://api.stacspec.org/v1.0.0/item-search"]
        if self.query:
            conforms.append("https://api.stacspec.org/v1.0.0/item-search#query")
        return {"type": "Catalog", "id": "test", "links": links, "conformsTo": conforms}

    def _search(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        self.questions.append(asked)
        if "html" in self.lies:
            return 200, {"content-type": "text/html"}, b"<html>Maintenance</html>"
        if "list" in self.lies:
            return 200, {"content-type": "application/json"}, b"[]"
        if "no-features" in self.lies:
            return _json({"type": "FeatureCollection"})
        found = [item for item in self.items if self._fits(item, asked)]
        if "doubles" in self.lies:
            found = [one for item in found for one in (item, item)]
        size = self.page or int(asked.get("limit", 10))
        begin = int(asked.get("token", 0))
        shown = found[begin : begin + size]
        if "same-page" in self.lies and begin:
            shown = found[:size]
        told: dict[str, Any] = {"type": "FeatureCollection", "features": shown, "links": []}
        told["numberMatched"] = 10**6 if "count" in self.lies else len(found)
        token = str(begin if "repeat" in self.lies and begin else begin + size)
        if begin + size < len(found) or ("same-page" in self.lies and begin < 100 * size):
            told["links"].append(self._next(asked, token))
        status, headers, content = _json(told)
        return (
            status,
            headers,
            content[: len(content) // 2] if "half-json" in self.lies else content,
        )

    def _next(self, asked: dict[str, Any], token: str) -> dict[str, Any]:
        href = f"{self.elsewhere or self.address}/search"
        link: dict[str, Any] = {"rel": "next", "type": "application/geo+json"}
        if self.paging == "token" or "POST" not in self.methods:
            flat = "&".join(
                f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}"
                for name, value in {**asked, "token": token}.items()
                if not isinstance(value, dict)
            )
            return {**link, "href": f"{href}?{flat}", "method": "GET"}
        link |= {"href": href, "method": "POST"}
        if self.paging == "merge":
            return {**link, "merge": True, "body": {"token": token}}
        return {**link, "merge": False, "body": {**asked, "token": token}}

    def _fits(self, item: Any, asked: dict[str, Any]) -> bool:
        if not isinstance(item, dict) or not isinstance(item.get("properties"), dict):
            return True
        properties = item["properties"]
        when = str(asked.get("datetime", ""))
        if when and "ignores-datetime" not in self.lies and properties.get("datetime"):
            start, _, end = when.partition("/")
            day = str(properties["datetime"])[:19]
            if (start not in ("", "..") and day < start[:19]) or (
                end not in ("", "..") and day > end[:19]
            ):
                return False
        box = asked.get("bbox")
        own = item.get("bbox")
        if box and own and "ignores-bbox" not in self.lies:
            meets = own[0] <= box[2] and own[2] >= box[0] and own[1] <= box[3] and own[3] >= box[1]
            if not meets:
                return False
        changed = (asked.get("query") or {}).get("updated", {}).get("gte")
        return not changed or str(properties.get("updated", ""))[:19] >= changed[:19]


def _json(told: object) -> tuple[int, dict[str, str], bytes]:
    return 200, {"content-type": "application/geo+json"}, json.dumps(told).encode()


def _unflat(flat: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = dict(flat)
    if "bbox" in flat:
        told["bbox"] = [float(part) for part in flat["bbox"].split(",")]
    return told
