"""Scenes as STAC items."""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from landzicht.errors.records import DamagedRecord
from landzicht.grid import Bounds
from landzicht.kinds import Asset, Scene, format_instant, is_linked, is_remote
from landzicht.stac.fields import band_fields, crs_fields, grid_fields, read_band, read_grid
from landzicht.stac.json import SCHEME, dump, load, mark_of
from landzicht.stac.mark import ORIGINAL, mark_properties, unmark_properties
from landzicht.stac.names import (
    COG,
    GEOTIFF,
    MEDIA_TYPES,
    STAC_VERSION,
    check_collection_id,
    check_key,
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
_SHA2_256 = "1220"
"""Multihash prefix: function sha2-256, 32 bytes."""


def write_item(scene: Scene) -> bytes:
    """Return a scene as a STAC 1.1.0 item, without `links`; the same bytes each time.

    The `href` of each asset is `lz-asset:/{collection}/{item}/{key}.tif`, to be replaced by
    `splice`; the path below the data folder is in the asset's `landzicht:file`. An asset that lies
    on another computer has its own address, so that clients read it there. Statistics that
    are not finite are left out, as are the `RESERVED` properties.

    Raises:
        BadRecord: an id, a key or a value that cannot be kept.
    """
    properties = _write_properties(scene)
    assets = {check_key(key): _write_asset(key, asset) for key, asset in scene.assets.items()}
    described = [band for asset in assets.values() for band in asset["bands"]]
    head = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions(properties, *assets.values(), *described),
        "id": check_scene_id(scene.id),
        "collection": check_collection_id(scene.collection),
        "geometry": scene.footprint,
        "bbox": scene.bounds.as_list(),
        "properties": properties,
    }
    entries = b",".join(_entry(scene, key, fields) for key, fields in assets.items())
    return dump(head, scene.id, "properties")[:-1] + b',"assets":{' + entries + b"}}"


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


def _entry(scene: Scene, key: str, fields: dict[str, Any]) -> bytes:
    """Write `"key":{"href":"lz-asset:/…",…}`: the only place where our scheme may stand."""
    name = dump({key: None}, scene.id, "assets")[1 : -len(b"null}")]
    href = fields["landzicht:file"]
    if is_remote(href):
        return name + dump({"href": href, **fields}, scene.id, key)
    path = f"{scene.collection}/{scene.id}/{quote(key, safe='')}.tif"
    rest = dump(fields, scene.id, key)
    return name + b'{"href":"' + f"{SCHEME}/{path}".encode() + b'",' + rest[1:]


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


def _write_asset(key: str, asset: Asset) -> dict[str, Any]:
    statistics = {name: v for name, v in asset.statistics.items() if math.isfinite(v)}
    fields = {
        "type": _media_type(asset),
        "roles": ["data"],
        **band_fields(asset.band),
        **grid_fields(asset.grid),
    }
    if asset.size:
        fields["file:size"] = asset.size
    if asset.sha256:
        fields["file:checksum"] = _SHA2_256 + asset.sha256
    fields["landzicht:file"] = asset.href
    if asset.etag:
        fields["landzicht:etag"] = asset.etag
    if statistics:
        fields["statistics"] = statistics
    if asset.index != 1:
        fields["landzicht:index"] = asset.index
    if asset.array is not None:
        fields["landzicht:array"] = asset.array
    if asset.has_mask:
        fields["landzicht:has_mask"] = True
    if asset.key != key:
        fields["landzicht:key"] = asset.key
    return fields


def _media_type(asset: Asset) -> str:
    """Return what kind of file it is; of one that we did not write only its name tells."""
    if not is_linked(asset.href):
        return COG
    name = asset.href.lower()
    return next((kind for endings, kind in MEDIA_TYPES if name.endswith(endings)), GEOTIFF)


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
        assets={key: _read_asset(key, fields) for key, fields in item["assets"].items()},
        source=properties["landzicht:source"],
        properties={name: value for name, value in plain.items() if name not in RESERVED},
        simulated=simulated,
    )


def _read_foreign(item: Mapping[str, Any], source: str) -> Scene:
    """Return what can be said of an item of somebody else: a scene without files of ours."""
    properties = item["properties"]
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    simulated = bool(properties.get("landzicht:simulated"))
    known = simulated and ORIGINAL in properties
    plain = unmark_properties(properties) if known else properties
    return Scene(
        id=item["id"],
        collection=item["collection"],
        moment=datetime.fromisoformat(start if start and end else properties["datetime"]),
        end=datetime.fromisoformat(end) if start and end else None,
        bounds=Bounds(*item["bbox"]),
        footprint=item["geometry"],
        assets={},
        source=source,
        properties={name: value for name, value in plain.items() if name not in RESERVED},
        simulated=simulated,
    )


def _read_asset(key: str, fields: dict[str, Any]) -> Asset:
    return Asset(
        key=fields.get("landzicht:key", key),
        href=fields["landzicht:file"],
        band=read_band(fields),
        grid=read_grid(fields),
        size=fields.get("file:size", 0),
        sha256=fields.get("file:checksum", "").removeprefix(_SHA2_256),
        statistics=fields.get("statistics", {}),
        index=fields.get("landzicht:index", 1),
        array=fields.get("landzicht:array"),
        has_mask=fields.get("landzicht:has_mask", False),
        etag=fields.get("landzicht:etag", ""),
    )
