"""Assets of a scene as JSON text, quickly: what many assets have in common is written once."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from landzicht.errors.records import BadRecord
from landzicht.kinds import Asset, is_linked, is_remote
from landzicht.stac.fields import band_fields, grid_fields, read_band, read_grid
from landzicht.stac.json import SCHEME, dump
from landzicht.stac.names import COG, GEOTIFF, MEDIA_TYPES, check_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.kinds import Band, Scene

SHA2_256 = "1220"
"""Multihash prefix: function sha2-256, 32 bytes."""


_OURS = b'","type":"' + COG.encode() + b'","roles":["data"],'
"""Between address and band of a file that we wrote."""
_MOST = 4096
_BANDS: dict[tuple[str | None, ...], Written] = {}
"""What was written of bands before: a sensor has a dozen, a catalogue a million scenes of it."""


class Written(NamedTuple):
    """A part of an item."""

    text: bytes
    """JSON."""
    fields: frozenset[str]
    """Names of the fields in it that extensions define: `eo:common_name`."""


def write_assets(scene: Scene) -> Written:
    """Return the assets of a scene: a JSON object with an entry for each.

    Raises:
        BadRecord: a key or a value that cannot be kept.
    """
    grids: dict[int, Written] = {}
    fields: set[str] = set()
    entries = []
    base = f"{SCHEME}/{scene.collection}/{scene.id}/"
    for key, asset in scene.assets.items():
        name, file = _key(key)
        number = id(asset.grid)  # equal grids may be written differently: 0.0 is equal to -0.0
        try:
            grid = grids.get(number) or _written(grid_fields(asset.grid))
            band = _write_band(asset.band)
        except BadRecord:
            dump({**band_fields(asset.band), **grid_fields(asset.grid)}, scene.id, key)
            raise
        grids[number] = grid
        rest = _rest(key, asset)
        fields.update(band.fields, grid.fields, rest)
        told = dump(rest, scene.id, key)
        if is_linked(asset.href):
            head = _linked_head(scene, key, asset.href, base + file)
        else:
            head = b'{"href":"' + (base + file).encode() + _OURS
        entries.append(name + head + band.text + b"," + grid.text + b"," + told[1:])
    return Written(b"{" + b",".join(entries) + b"}", frozenset(fields))


def read_asset(key: str, fields: dict[str, Any]) -> Asset:
    """Return the asset that an entry of `write_assets` describes."""
    return Asset(
        key=fields.get("landzicht:key", key),
        href=fields["landzicht:file"],
        band=read_band(fields),
        grid=read_grid(fields),
        size=fields.get("file:size", 0),
        sha256=fields.get("file:checksum", "").removeprefix(SHA2_256),
        statistics=fields.get("statistics", {}),
        index=fields.get("landzicht:index", 1),
        array=fields.get("landzicht:array"),
        has_mask=fields.get("landzicht:has_mask", False),
        etag=fields.get("landzicht:etag", ""),
    )


@lru_cache(maxsize=4096)
def _key(key: str) -> tuple[bytes, str]:
    """Return `"key":` and the name of the asset's file in an address; raises `BadRecord`."""
    name = dump({check_key(key): None}, "", "assets")[1 : -len(b"null}")]
    return name, quote(key, safe="") + ".tif"


def _linked_head(scene: Scene, key: str, href: str, ours: str) -> bytes:
    """Write address and type of a file that is used where it is; only its name tells its type."""
    name = href.lower()
    kind = next((kind for endings, kind in MEDIA_TYPES if name.endswith(endings)), GEOTIFF)
    rest = dump({"type": kind, "roles": ["data"]}, scene.id, key)[1:-1] + b","
    if is_remote(href):
        return dump({"href": href}, scene.id, key)[:-1] + b"," + rest
    return b'{"href":"' + ours.encode() + b'",' + rest


def _rest(key: str, asset: Asset) -> dict[str, Any]:
    """Return the fields that differ from asset to asset."""
    fields: dict[str, Any] = {}
    if asset.size:
        fields["file:size"] = asset.size
    if asset.sha256:
        fields["file:checksum"] = SHA2_256 + asset.sha256
    fields["landzicht:file"] = asset.href
    if asset.etag:
        fields["landzicht:etag"] = asset.etag
    if asset.statistics and (finite := _finite(asset.statistics)):
        fields["statistics"] = finite
    if asset.index != 1:
        fields["landzicht:index"] = asset.index
    if asset.array is not None:
        fields["landzicht:array"] = asset.array
    if asset.has_mask:
        fields["landzicht:has_mask"] = True
    if asset.key != key:
        fields["landzicht:key"] = asset.key
    return fields


def _finite(statistics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in statistics.items() if math.isfinite(value)}


def _write_band(band: Band) -> Written:
    """Write what is said of a band, or tell what was written of one that is exactly the same."""
    if band.colours:
        return _written(band_fields(band))
    # Bands can be equal and yet be written differently (1, 1.0 and True; 0.0 and -0.0).
    numbers = repr((band.nodata, band.scale, band.offset, band.wavelength_um))
    texts = (band.name, band.dtype, band.kind, band.unit, band.common_name, band.title)
    known = _BANDS.get((numbers, *texts))
    if known is None:
        if len(_BANDS) >= _MOST:
            _BANDS.clear()
        known = _BANDS[numbers, *texts] = _written(band_fields(band))
    return known


def _written(fields: dict[str, Any]) -> Written:
    names = {*fields, *(name for band in fields.get("bands", ()) for name in band)}
    text = dump(fields, "", "assets")[1:-1]
    return Written(text, frozenset(name for name in names if ":" in name))
