"""STAC items that somebody else wrote, made ready for our catalogue."""

from __future__ import annotations

import hashlib
from itertools import chain
from typing import TYPE_CHECKING, Any

from landzicht.grid import Bounds
from landzicht.kinds import Item
from landzicht.stac.checking import check_item, read_moment
from landzicht.stac.collection import EXTRA
from landzicht.stac.json import dump
from landzicht.stac.mark import ORIGINAL, WORLD
from landzicht.stac.names import STAC_VERSION

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

_HEAD = frozenset(
    {
        "type", "stac_version", "stac_extensions", "id", "collection", "geometry", "bbox",
        "properties", "assets", "links",
    }
)  # fmt: skip
_OURS = frozenset({"self", "root", "parent", "collection"})
"""Links that every answer gets anew."""
LINKS = "landzicht:links"
"""Where the other links of the item are kept."""
_MARKS = frozenset({"landzicht:simulated", "landzicht:original", WORLD})
"""That data are simulated stays said, whoever says it."""


def read_foreign(item: object, collection: str | None = None, text: bytes | None = None) -> Item:
    """Return an item in the form that a catalogue takes.

    What only our own scenes may say (which file an asset is, what it was made of) is left out, so
    that no item can point into the data folder.

    Args:
        item: decoded JSON.
        collection: where it must belong, or None for what the item says.
        text: what it was decoded from, where that is known: it is read sooner then.

    Raises:
        BadItem: with every reason at once.
        BadRecord: a value has no JSON form.
    """
    given = check_item(item, collection, text)
    properties = _without_ours(given["properties"], _MARKS)
    if properties.get("landzicht:simulated") is not True:
        properties.pop("landzicht:simulated", None)
    if not _are_words(properties.get(ORIGINAL)):
        properties.pop(ORIGINAL, None)
    bounds = _bounds(given)
    links = other_links(given)
    kept: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": given.get("stac_extensions") or [],
        "id": given["id"],
        "collection": collection or given["collection"],
        "geometry": given["geometry"],
        "bbox": bounds.as_list(),
        "properties": {"datetime": None, **properties},
        "assets": _assets_without_ours(given["assets"]),
        **_rest(given),
        **({LINKS: links} if links else {}),
    }
    body = dump(kept, given["id"], "item", is_finite=True)
    start, end = (read_moment(properties.get(f"{name}_datetime")) for name in ("start", "end"))
    moment = start if start is not None and end is not None else None
    moment = moment or read_moment(properties.get("datetime"))
    assert moment is not None
    return Item(
        id=kept["id"],
        collection=kept["collection"],
        moment=moment,
        end=end if start is not None else None,
        bounds=bounds,
        footprint=kept["geometry"],
        source=hashlib.sha256(body).hexdigest(),
        properties=kept["properties"],
        body=body,
    )


def _are_words(told: object) -> bool:
    """Whether what somebody tells of an author's own words can be read as such."""
    return isinstance(told, dict) and all(isinstance(each, str) for each in told.values())


def with_links(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored item or collection, decoded, with the links that its writer gave it."""
    links = told.get(LINKS) or told.get(EXTRA, {}).get("links", ())
    rest = {name: value for name, value in told.items() if name != LINKS}
    return {**rest, "links": [*links]}


def other_links(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the links of an item that was checked which no answer gets by itself."""
    return [link for link in item.get("links") or [] if link["rel"] not in _OURS]


def _without_ours(fields: Mapping[str, Any], kept: Container[str] = ()) -> dict[str, Any]:
    """Return the fields whose names are not ours, but for those in `kept`."""
    if "landzicht:" not in "\n".join(fields):  # ten times quicker than looking at each
        return dict(fields)
    return {
        name: value
        for name, value in fields.items()
        if not name.startswith("landzicht:") or name in kept
    }


def _assets_without_ours(assets: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    if "landzicht:" not in "\n".join(chain.from_iterable(assets.values())):
        return assets
    return {key: _without_ours(asset) for key, asset in assets.items()}


def _rest(item: Mapping[str, Any]) -> dict[str, Any]:
    if item.keys() <= _HEAD:
        return {}
    return _without_ours({name: value for name, value in item.items() if name not in _HEAD})


def _bounds(item: Mapping[str, Any]) -> Bounds:
    """Return the box that the item tells, or the one around its corners."""
    box = item.get("bbox")
    if box is not None:
        half = len(box) // 2
        return Bounds(*(float(edge) for edge in (*box[:2], *box[half : half + 2])))
    xs, ys = zip(*((point[0], point[1]) for point in _corners(item["geometry"])), strict=True)
    return Bounds(float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys)))


def _corners(geometry: Mapping[str, Any]) -> Iterator[list[float]]:
    rings = geometry["coordinates"]
    if geometry["type"] == "MultiPolygon":
        rings = [ring for part in rings for ring in part]
    for ring in rings:
        yield from ring
