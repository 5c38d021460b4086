"""The items of a file or folder, one by one: read, and understood or refused."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.records import BadExchange
from landzicht.kinds import is_remote
from landzicht.stac import read_foreign, read_item
from landzicht.stac.absolute import with_whole_addresses
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
_PART = 2_000_000
"""Bytes, about, of a part of a file of lines."""
_LINES = frozenset({".ndjson", ".jsonl"})
_OWN_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{64}\.tif")
_NOT_JSON = Text(
    nl="geen JSON van een Item of ItemCollection", en="no JSON of an Item or ItemCollection"
)
_LONG = Text(nl="de regel is te lang", en="the line is too long")
_UNKNOWN = Text(nl="de soort bestand is onbekend", en="the kind of file is unknown")


class Part(NamedTuple):
    """Some whole lines of a file."""

    source: Path
    start: int
    """Byte at which it starts."""
    size: int
    """Bytes."""
    number: int
    """Lines before it."""
    lines: int
    """Lines in it."""

    def texts(self) -> Iterator[tuple[Place, bytes]]:
        """Return its lines, but for empty ones; raises as `open_items`."""
        return _lines(self.source, self.start, self.size, self.number)


def open_items(source: Path) -> tuple[list[dict[str, Any]], Iterable[tuple[Place, Any]]]:
    """Return the collections, as JSON, and the items of a file or folder, decoded or as text.

    Raises:
        BadExchange: the file cannot be read at all.
        OSError: nor can it be opened, or not to its end.
    """
    if source.is_dir():
        from landzicht.records.static import read_static

        root = source.resolve()  # as the paths are that are found
        collections, found = read_static(root)
        return collections, ((str(path.relative_to(root)), item) for path, item in found)
    if source.suffix == ".parquet":
        from landzicht.records.geoparquet import read_geoparquet

        collections, rows = read_geoparquet(source)
        return collections, ((f"{source.name}:{n}", row) for n, row in enumerate(rows, 1))
    if source.suffix in _LINES:
        return [], _lines(source)
    if source.suffix in {".json", ".geojson"}:
        return _whole(source)
    raise BadExchange(path=source, reason=_UNKNOWN)


def is_lines(source: Path) -> bool:
    """Whether a file holds an item in each line, so that its parts can be read apart."""
    return source.suffix in _LINES and source.is_file()


def parts_of(source: Path, start: int = 0, number: int = 0) -> Iterator[Part]:
    """Return a file of lines in parts, from a byte on before which there are `number` lines.

    Raises:
        OSError: the file cannot be read.
    """
    with source.open("rb") as file:
        file.seek(start)
        while block := file.read(_PART):
            block += file.readline(_LONGEST_LINE)
            part = Part(source, start, len(block), number, block.count(b"\n"))
            yield part
            start, number = start + part.size, number + part.lines


def scene_of(told: Any, data: Path) -> Scene | Item:  # noqa: ANN401 - JSON
    """Return the scene that an item tells of, decoded or as text.

    Args:
        told: the item.
        data: the data folder: an item of ours whose files lie there becomes the same scene again.

    Raises:
        BadItem: with every reason at once.
        BadRecord: a value has no JSON form.
    """
    text = told if isinstance(told, bytes) else None
    decoded = told if text is None else _decode(text)
    return _own_scene(decoded, data) or read_foreign(decoded, text=text)


def _lines(
    source: Path, start: int = 0, size: int | None = None, number: int = 0
) -> Iterator[tuple[Place, bytes]]:
    with source.open("rb") as file:
        if start:
            file.seek(start)
        read = 0
        while (size is None or read < size) and (line := file.readline(_LONGEST_LINE)):
            read += len(line)
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
    place = source.resolve().as_posix()
    if told.get("type") == "Collection":
        return [with_whole_addresses(told, place)], []
    features = told.get("features") if told.get("type") == "FeatureCollection" else [told]
    if not isinstance(features, list):
        raise BadExchange(path=source, reason=_NOT_JSON)
    whole = (with_whole_addresses(each, place) for each in features)
    return [], ((f"{source.name}:{n}", each) for n, each in enumerate(whole, 1))


def _decode(text: bytes) -> Any:  # noqa: ANN401 - JSON, or None when it is not
    try:
        return orjson.loads(text.removeprefix(BOM_UTF8))  # Windows programs write one
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
