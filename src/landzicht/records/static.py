"""A static STAC catalogue: a folder of JSON files that any web server can serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import orjson

from landzicht.errors.records import BadExchange
from landzicht.stac.absolute import published_at, with_whole_addresses
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MOST_BYTES = 20_000_000
"""Of one JSON file."""
AS_TOLD = "landzicht:addresses_as_told"
"""In the first file: addresses in items were relative before they came here, and stay so."""
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
        AS_TOLD: True,
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "catalog.json", about, [_link("root", "./catalog.json"), *children])
    return number


def read_static(folder: Path) -> tuple[list[dict[str, Any]], Iterator[tuple[Path, Any]]]:
    """Return the collections below a catalogue and its items, with the file of each.

    Only links within the folder are followed, or within the address where it was published. Assets
    and other links that are told from where an item lies are made whole: from where the item or
    the first file says that it was published, else from this folder.

    Raises:
        BadExchange: there is no catalogue, or a link leads out of the folder.
    """
    start = next((folder / name for name in _STARTS if (folder / name).is_file()), None)
    if start is None:
        raise BadExchange(path=folder, reason=_NOT_STAC)
    root = folder.resolve()
    first = _read(start)
    base = _published_below(first)
    place = _places(root, base, kept=isinstance(first, dict) and first.get(AS_TOLD) is True)
    collections: list[dict[str, Any]] = []
    items: list[Path] = []
    pending, seen = [(start, 0)], {start.resolve()}
    while pending:
        path, depth = pending.pop()
        told = _read(path)
        if not isinstance(told, dict):
            continue
        if told.get("type") == "Collection":
            collections.append(place(path.resolve(), told))
        for rel, target in _targets(path, told, root, base):
            if target in seen or not target.is_file():
                continue
            seen.add(target)
            if rel == "item":
                items.append(target)
            elif depth < _DEEPEST:
                pending.append((target, depth + 1))
    return collections, ((path, place(path, _read(path))) for path in sorted(items))


_STARTS = ("catalog.json", "collection.json")


def _published_below(first: object) -> str | None:
    published = published_at(first)
    return urljoin(published, ".") if published else None


def _places(root: Path, base: str | None, *, kept: bool) -> Callable[[Path, Any], Any]:
    """Return what makes the addresses in a file whole, or leaves them as they are."""

    def place(path: Path, told: Any) -> Any:  # noqa: ANN401 - JSON
        if kept:
            return told
        if base is None:
            return with_whole_addresses(told, path.as_posix())
        within = quote(path.relative_to(root).as_posix())
        return with_whole_addresses(told, urljoin(base, within))

    return place


def _targets(
    path: Path, told: dict[str, Any], root: Path, base: str | None
) -> Iterator[tuple[str, Path]]:
    """Yield what a file links to within the folder; `base` is where that was published."""
    links = told.get("links")
    for link in links if isinstance(links, list) else ():
        if not isinstance(link, dict) or link.get("rel") not in {"child", "item"}:
            continue
        href = str(link.get("href", ""))
        target = _target(href, path.parent, root, base)
        if target is None:
            continue
        if not target.is_relative_to(root):
            raise BadExchange(path=path, reason=_OUTSIDE.fill(href=href[:200]))
        yield link["rel"], target


def _target(href: str, folder: Path, root: Path, base: str | None) -> Path | None:
    """Return the file that a link names, or None when that is not a file of this computer."""
    try:
        if base is not None and href.startswith(base):
            return (root / unquote(href.removeprefix(base))).resolve()
        parts = urlsplit(href)
        if parts.scheme or parts.netloc:
            return None
        return (folder / unquote(parts.path)).resolve()
    except ValueError:  # no address, or no name of a file
        return None


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
