"""Scenes as STAC items."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from landzicht.errors.records import DamagedRecord
from landzicht.grid import Bounds
from landzicht.kinds import Scene, format_instant
from landzicht.stac.asset import read_asset, write_assets
from landzicht.stac.checking import read_moment
from landzicht.stac.fields import crs_fields
from landzicht.stac.json import dump, load, mark_of
from landzicht.stac.mark import ORIGINAL, mark_properties, unmark_properties
from landzicht.stac.names import (
    STAC_VERSION,
    check_collection_id,
    check_scene_id,
    extensions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

RESERVED = frozenset(
    {
        "datetime",
        "start_datetime",
        "end_datetime",
        "proj:code",
        "proj:wkt2",
        "landzicht:source",
        "landzicht:simulated",
        ORIGINAL,
    }
)
"""Properties that follow from other fields of a scene; in `Scene.properties` they are ignored."""
SOURCE = "landzicht:source"
"""Property that only scenes of ours have."""
_NAME = re.compile(rb'"id":"([A-Za-z0-9._-]+)","collection":"([A-Za-z0-9._-]+)"')


def write_item(scene: Scene) -> bytes:
    """Return a scene as a STAC 1.1.0 item, without `links`; the same bytes each time.

    The `href` of each asset is `lz-asset:/{collection}/{item}/{key}.tif`, to be replaced by
    `splice`; the path below the data folder is in the asset's `landzicht:file`. An asset that lies
    on another computer has its own address, so that clients read it there. Statistics that
    are not finite are left out, as are the `RESERVED` properties.

    Raises:
        BadRecord: an id, a key or a value that cannot be kept.
    """
    return write_parts(scene)[0]


def write_parts(scene: Scene) -> tuple[bytes, bytes]:
    """Return what `write_item` does, and the properties of the item alone; raises `BadRecord`."""
    properties = _write_properties(scene)
    assets = write_assets(scene)
    head = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions(properties, assets.fields),
        "id": check_scene_id(scene.id),
        "collection": check_collection_id(scene.collection),
        "geometry": scene.footprint,
        "bbox": scene.bounds.as_list(),
    }
    told = dump(properties, scene.id, "properties")
    start = dump(head, scene.id, "geometry")[:-1]
    return start + b',"properties":' + told + b',"assets":' + assets.text + b"}", told


def read_item(body: bytes) -> Scene:
    """Return the scene that `write_item` wrote; the exact inverse.

    Of an item of somebody else (`read_foreign`) all but its files, which are not ours to open.

    Raises:
        DamagedRecord: the bytes are not an item of ours.
    """
    item = load(body, "item")
    try:
        own = SOURCE in item["properties"]
        return _read_scene(item) if own else _read_foreign(item, mark_of(body))
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DamagedRecord(record=str(item.get("id", "item"))[:80]) from error


def item_name(body: bytes) -> tuple[str, str]:
    """Return `(collection, id)` of a stored item, without parsing it.

    Before the id an item holds only constants of ours, so the first match is the right one.

    Raises:
        DamagedRecord: the bytes are not an item of ours.
    """
    found = _NAME.search(body)
    if found is None:
        raise DamagedRecord(record="item")
    return found[2].decode(), found[1].decode()


def _write_properties(scene: Scene) -> dict[str, Any]:
    given = {name: value for name, value in scene.properties.items() if name not in RESERVED}
    times = {"datetime": format_instant(scene.moment)}
    if scene.end is not None:
        times["start_datetime"] = times["datetime"]
        times["end_datetime"] = format_instant(scene.end)
    properties = {**times, **(mark_properties(given) if scene.simulated else given)}
    systems = {asset.grid.crs for asset in scene.assets.values()}
    if len(systems) == 1:
        properties |= crs_fields(systems.pop())
    properties["landzicht:source"] = scene.source
    if scene.simulated:
        properties["landzicht:simulated"] = True
    return properties


def _read_scene(item: Mapping[str, Any]) -> Scene:
    properties = item["properties"]
    simulated = bool(properties.get("landzicht:simulated"))
    plain = unmark_properties(properties) if simulated else properties
    end = properties.get("end_datetime")
    return Scene(
        id=item["id"],
        collection=item["collection"],
        moment=datetime.fromisoformat(properties["datetime"]),
        end=datetime.fromisoformat(end) if end else None,
        bounds=Bounds(*item["bbox"]),
        footprint=item["geometry"],
        assets={key: read_asset(key, fields) for key, fields in item["assets"].items()},
        source=properties["landzicht:source"],
        properties={name: value for name, value in plain.items() if name not in RESERVED},
        simulated=simulated,
    )


def _read_foreign(item: Mapping[str, Any], source: str) -> Scene:
    """Return what can be said of an item of somebody else: a scene without files of ours."""
    properties = item["properties"]
    start, end = (read_moment(properties.get(f"{name}_datetime")) for name in ("start", "end"))
    is_period = start is not None and end is not None
    moment = start if is_period else read_moment(properties["datetime"])
    if moment is None:
        raise ValueError
    simulated = bool(properties.get("landzicht:simulated"))
    known = simulated and ORIGINAL in properties
    plain = unmark_properties(properties) if known else properties
    return Scene(
        id=item["id"],
        collection=item["collection"],
        moment=moment,
        end=end if is_period else None,
        bounds=Bounds(*item["bbox"]),
        footprint=item["geometry"],
        assets={},
        source=source,
        properties={name: value for name, value in plain.items() if name not in RESERVED},
        simulated=simulated,
    )
