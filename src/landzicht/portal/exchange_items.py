"""The items of a file or folder, one by one: each made ready for the catalogue, or refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from landzicht.errors import Invalid, LandzichtError
from landzicht.errors.records import BadExchange
from landzicht.kinds import is_remote
from landzicht.stac import read_foreign, read_item
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from landzicht.kinds import Item, Scene

    Place = str
    """File, and line or number within it."""

_MOST_BYTES = 500_000_000
"""Of a file that is read as a whole."""
_LONGEST_LINE = 20_000_000
_LINES = frozenset({".ndjson", ".jsonl"})
_OWN_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{64}\.tif")
_NOT_JSON = Text(nl="geen geldige JSON", en="no valid JSON")
_LONG = Text(nl="de regel is te lang", en="the line is too long")
_UNKNOWN = Text(nl="de soort bestand is onbekend", en="the kind of file is unknown")


class Looked(NamedTuple):
    """What became of one item: exactly one of scene and error is there."""

    place: Place
    scene: Scene | Item | None
    error: LandzichtError | None


def open_items(source: Path, data: Path) -> tuple[list[dict[str, Any]], Iterator[Looked]]:
    """Return the collections, as JSON, and the items of a file or folder.

    Args:
        source: `.parquet`, `.ndjson`, `.json` or a folder with a static catalogue.
        data: the data folder: an item of ours whose files lie there becomes the same scene again.

    Raises:
        BadExchange: the file cannot be read at all.
        OSError: nor can it be opened, or not to its end.
    """
    collections, items = _open(source)
    return collections, (_look_at(data, place, told) for place, told in items)


def _look_at(data: Path, place: Place, told: Any) -> Looked:  # noqa: ANN401 - JSON
    try:
        told = _decode(told) if isinstance(told, bytes) else told
        return Looked(place, _own_scene(told, data) or read_foreign(told), None)
    except Invalid as error:
        return Looked(place, None, error)


def _open(source: Path) -> tuple[list[dict[str, Any]], Iterable[tuple[Place, Any]]]:
    """Return the collections and items of a file or folder."""
    if source.is_dir():
        from landzicht.records.static import read_static

        collections, found = read_static(source)
        return collections, ((str(path.relative_to(source)), item) for path, item in found)
    if source.suffix == ".parquet":
        from landzicht.records.geoparquet import read_geoparquet

        collections, rows = read_geoparquet(source)
        return collections, ((f"{source.name}:{n}", row) for n, row in enumerate(rows, 1))
    if source.suffix in _LINES:
        return [], _lines(source)
    if source.suffix in {".json", ".geojson"}:
        return _whole(source)
    raise BadExchange(path=source, reason=_UNKNOWN)


def _lines(source: Path) -> Iterator[tuple[Place, Any]]:
    with source.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            place = f"{source.name}:{number}"
            if not line.endswith(b"\n") and len(line) == _LONGEST_LINE:
                raise BadExchange(path=place, reason=_LONG)
            if line.strip():
                yield place, line


def _whole(source: Path) -> tuple[list[dict[str, Any]], Iterable[tuple[Place, Any]]]:
    if source.stat().st_size > _MOST_BYTES:
        raise BadExchange(path=source, reason=_LONG)
    told = _decode(source.read_bytes())
    if not isinstance(told, dict):
        raise BadExchange(path=source, reason=_NOT_JSON)
    if told.get("type") == "Collection":
        return [told], []
    features = told.get("features") if told.get("type") == "FeatureCollection" else [told]
    if not isinstance(features, list):
        raise BadExchange(path=source, reason=_NOT_JSON)
    return [], ((f"{source.name}:{n}", each) for n, each in enumerate(features, 1))


def _decode(text: bytes) -> Any:  # noqa: ANN401 - JSON, or None when it is not
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _own_scene(told: object, data: Path) -> Scene | None:
    """Return the scene that an item of ours was made from, when its files are here."""
    if not isinstance(told, dict) or not isinstance(told.get("properties"), dict):
        return None
    assets = told.get("assets")
    if "landzicht:source" not in told["properties"] or not isinstance(assets, dict) or not assets:
        return None
    if not all(isinstance(one, dict) and _is_here(one, data) for one in assets.values()):
        return None
    try:
        return read_item(orjson.dumps({n: v for n, v in told.items() if n != "links"}))
    except (LandzichtError, TypeError):
        return None


def _is_here(asset: dict[str, Any], data: Path) -> bool:
    """Return whether an asset is a file of ours, or lies at an address on the web."""
    href = asset.get("landzicht:file")
    if not isinstance(href, str):
        return False
    if is_remote(href):
        return True
    if not _OWN_FILE.fullmatch(href):
        return False
    try:
        return (data / href).stat().st_size == asset.get("file:size")
    except (OSError, ValueError):
        return False
