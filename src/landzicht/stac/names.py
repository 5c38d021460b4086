"""Versions, extension schemas and the names that may stand in an address."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from landzicht.errors.records import BadRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STAC_VERSION = "1.1.0"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
"""Media type of every file that we wrote."""
GEOTIFF = "image/tiff; application=geotiff"
MEDIA_TYPES = (
    ((".jp2", ".j2k"), "image/jp2"),
    ((".nc", ".nc4", ".h5"), "application/x-netcdf"),
    ((".zarr",), "application/vnd.zarr"),
)
"""Of files that are used where they lie, by the end of their name; all others are GeoTIFFs."""

EXTENSIONS = {
    "eo": "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "file": "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "proj": "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "raster": "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "view": "https://stac-extensions.github.io/view/v1.0.0/schema.json",
}
"""By the prefix of their fields."""
RENDER = "https://stac-extensions.github.io/render/v2.0.0/schema.json"

_ID = re.compile(r"[A-Za-z0-9._-]+")
_KEY = re.compile(r"[^/\\\x00-\x1f\x7f]+")
_COLLECTION_ID_LENGTH = 100
_SCENE_ID_LENGTH = 200
_KEY_LENGTH = 100


def check_collection_id(id: str) -> str:
    """Return `id` when it can be the id of a collection, else raise `BadRecord`."""
    return _check(id, _ID, _COLLECTION_ID_LENGTH, "collection")


def check_scene_id(id: str) -> str:
    """Return `id` when it can be the id of a scene, else raise `BadRecord`."""
    return _check(id, _ID, _SCENE_ID_LENGTH, "id")


@lru_cache(maxsize=4096)
def check_key(key: str) -> str:
    """Return `key` when it can be the key of an asset, else raise `BadRecord`.

    A catalogue has few keys, many times; only those that can be are remembered.
    """
    return _check(key, _KEY, _KEY_LENGTH, "assets")


def _check(name: str, pattern: re.Pattern[str], longest: int, field: str) -> str:
    usable = len(name) <= longest and pattern.fullmatch(name) and name.strip(". ")
    if not usable:
        raise BadRecord(record=name[:80], field=field, value=name[:80])
    return name


def extensions(*parts: Iterable[str] | Mapping[str, Any]) -> list[str]:
    """Return the schema addresses of the extensions whose fields occur in `parts`."""
    prefixes = {field.partition(":")[0] for part in parts for field in part if ":" in field}
    return [EXTENSIONS[prefix] for prefix in sorted(prefixes & EXTENSIONS.keys())]
