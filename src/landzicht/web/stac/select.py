"""Leaving fields of items out, as the fields extension of STAC wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.web.stac.extend import Fields

ALWAYS = ("type", "id", "collection", "links")
"""Fields that are in the answer unless they are excluded by name."""
DEFAULT = (
    *ALWAYS, "stac_version", "geometry", "bbox", "assets", "properties.datetime", "extent",
)  # fmt: skip
"""What is given when fields are excluded from “nothing in particular”."""
_OTHERS = ("stac_version", "stac_extensions", "geometry", "bbox", "assets", "properties")


def select(record: bytes, fields: Fields, *, is_item: bool = True) -> bytes:
    """Return an item or collection with only the wanted fields: included, and not excluded.

    A path names a field and all in it; of an item a name without a dot that is no field of it means
    the property of that name. The longer of two paths decides, and of equal ones `include`.
    """
    told: dict[str, Any] = orjson.loads(record)
    include, exclude = set(fields.include), set(fields.exclude)
    if is_item:
        include, exclude = set(map(_path, include)), set(map(_path, exclude))
    if include or fields.by_default:
        told = _kept(told, "", {*include, *ALWAYS} if include else {*DEFAULT})
    for path in exclude:
        if not any(each == path or each.startswith(f"{path}.") for each in include):
            _remove(told, path)
    return orjson.dumps(told)


def _path(name: str) -> str:
    known = name in {*ALWAYS, *_OTHERS} or "." in name
    return name if known else f"properties.{name}"


def _kept(told: dict[str, Any], place: str, wanted: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in told.items():
        path = f"{place}{name}"
        if path in wanted:
            found[name] = value
        elif isinstance(value, dict) and any(each.startswith(f"{path}.") for each in wanted):
            found[name] = _kept(value, f"{path}.", wanted)
    return found


def _remove(told: dict[str, Any], path: str) -> None:
    """Remove a field; a name may hold dots, so every way to cut the path is tried."""
    if path in told:
        del told[path]
        return
    for name, value in told.items():
        if path.startswith(f"{name}.") and isinstance(value, dict):
            _remove(value, path[len(name) + 1 :])
