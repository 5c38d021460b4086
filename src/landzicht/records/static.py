"""A static STAC catalogue: a folder of JSON files that any web server can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import orjson

from landzicht.errors.records import BadExchange
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MOST_BYTES = 20_000_000
"""Of one JSON file."""
_DEEPEST = 20
"""Catalogues within catalogues."""
_OUTSIDE = Text(nl="“{href}” wijst buiten deze map", en="“{href}” points outside this folder")
_LARGE = Text(nl="een bestand is te groot", en="a file is too large")
_NOT_STAC = Text(nl="er is geen catalog.json", en="there is no catalog.json")


def write_static(
    folder: Path, collections: Iterable[tuple[dict[str, Any], Iterable[dict[str, Any]]]]
) -> int:
    """Write collections with their items; return how many items.

    `catalog.json`, `{collection}/collection.json`, `{collection}/items/{item}.json`; all links
    are relative, so the folder may lie anywhere.
    """
    number = 0
    children = []
    for collection, items in collections:
        name = collection["id"]
        place = folder / name
        (place / "items").mkdir(parents=True, exist_ok=True)
        links = [_link("root", "../catalog.json"), _link("parent", "../catalog.json")]
        for item in items:
            _write(place / "items" / f"{item['id']}.json", item, _item_links())
            links.append(_link("item", f"./items/{item['id']}.json", "application/geo+json"))
            number += 1
        _write(place / "collection.json", collection, links)
        children.append(_link("child", f"./{name}/collection.json"))
    about = {
        "type": "Catalog",
        "stac_version": "1.1.0",
        "id": "landzicht",
        "description": "Exported from Landzicht.",
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "catalog.json", about, [_link("root", "./catalog.json"), *children])
    return number


def read_static(folder: Path) -> tuple[list[dict[str, Any]], Iterator[tuple[Path, Any]]]:
    """Return the collections below a catalogue and its items, with the file of each.

    Only relative links within the folder are followed.

    Raises:
        BadExchange: there is no catalogue, or a link leads out of the folder.
    """
    start = next((folder / name for name in _STARTS if (folder / name).is_file()), None)
    if start is None:
        raise BadExchange(path=folder, reason=_NOT_STAC)
    root = folder.resolve()
    collections: list[dict[str, Any]] = []
    items: list[Path] = []
    pending, seen = [(start, 0)], {start.resolve()}
    while pending:
        path, depth = pending.pop()
        told = _read(path)
        if not isinstance(told, dict):
            continue
        if told.get("type") == "Collection":
            collections.append(told)
        for rel, target in _targets(path, told, root):
            if target in seen or not target.is_file():
                continue
            seen.add(target)
            if rel == "item":
                items.append(target)
            elif depth < _DEEPEST:
                pending.append((target, depth + 1))
    return collections, ((path, _read(path)) for path in sorted(items))


_STARTS = ("catalog.json", "collection.json")


def _targets(path: Path, told: dict[str, Any], root: Path) -> Iterator[tuple[str, Path]]:
    links = told.get("links")
    for link in links if isinstance(links, list) else ():
        if not isinstance(link, dict) or link.get("rel") not in {"child", "item"}:
            continue
        href = str(link.get("href", ""))
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)).resolve()
        if not target.is_relative_to(root):
            raise BadExchange(path=path, reason=_OUTSIDE.fill(href=href[:200]))
        yield link["rel"], target


def _read(path: Path) -> Any:  # noqa: ANN401 - JSON
    if path.stat().st_size > MOST_BYTES:
        raise BadExchange(path=path, reason=_LARGE)
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return None  # told as a bad item by whoever asked


def _write(path: Path, told: dict[str, Any], links: list[dict[str, str]]) -> None:
    kept = [link for link in told.get("links", []) if link.get("rel") not in _STRUCTURE]
    path.write_bytes(orjson.dumps({**told, "links": [*links, *kept]}, option=orjson.OPT_INDENT_2))


_STRUCTURE = {"self", "root", "parent", "collection", "item", "items", "child"}


def _item_links() -> list[dict[str, str]]:
    return [
        _link("root", "../../catalog.json"),
        _link("parent", "../collection.json"),
        _link("collection", "../collection.json"),
    ]


def _link(rel: str, href: str, kind: str = "application/json") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": kind}
