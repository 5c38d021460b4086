"""STAC items whose files lie beside them. Addresses and paths to elsewhere are never opened."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.disk import read_reason
from landzicht.errors.ingest import BadMetadata
from landzicht.ingest.bands import header_band
from landzicht.ingest.dates import when_given
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.link import look
from landzicht.ingest.naming import band_name, collection_id, scene_id
from landzicht.ingest.paths import obstacle, open_file
from landzicht.ingest.plain import plain_collection
from landzicht.kinds import BandKind, is_remote
from landzicht.stac import RESERVED, read_collection
from landzicht.stac.mark import WORLD
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from landzicht.ingest.dates import When
    from landzicht.kinds import Band, Collection, Finding, RasterInfo
    from landzicht.ports import Inspector, Linker

MAX_BYTES = 16 * 2**20
_RASTER_TYPE = re.compile(r"^image/(tiff|jp2|geo\+?tiff|vnd\.stac\.geotiff)|^application/x-netcdf")
_RASTER_NAME = re.compile(r"\.(tiff?|jp2|nc)$", re.IGNORECASE)
_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_PROPERTY = re.compile(r"^[a-z0-9_-]+(:[A-Za-z0-9_.-]+)?$")
_WORLD = re.compile(r"[\w.-]{1,80}")
_DROPPED = RESERVED | {"created", "updated", "proj:epsg", "proj:shape", "proj:transform"}


def read_items(path: Path) -> list[dict[str, Any]]:
    """Return the STAC items in a JSON file: one, or those of an ItemCollection.

    Raises:
        BadMetadata: not JSON, or not STAC items.
    """
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES + 1)
        told = orjson.loads(content) if len(content) <= MAX_BYTES else None
    except OSError as error:
        raise BadMetadata(path=path, reason=_UNREADABLE.fill(reason=read_reason(error))) from error
    except ValueError as error:
        raise BadMetadata(path=path, reason=str(error)[:200]) from error
    items = told.get("features") if isinstance(told, dict) else None
    found: list[Any] = items if isinstance(items, list) else [told]
    if not found or not all(_is_item(item) for item in found):
        raise BadMetadata(path=path, reason=_NOT_STAC)
    return found


def local_files(path: Path, item: Mapping[str, Any]) -> dict[str, Path | None]:
    """Return asset key → place in the item's own folder; None for an asset that lies elsewhere.

    Whether there is a file in that place is not looked at.
    """
    return {key: _local(path, asset.get("href")) for key, asset in _asset_tables(item)}


def draft_of_item(
    path: Path,
    item: Mapping[str, Any],
    inspector: Inspector,
    given: When | None,
    linker: Linker | None = None,
) -> Draft:
    """Return the draft of one STAC item.

    Args:
        path: file of the item.
        item: its content.
        inspector: reads headers of files beside it.
        given: date, when the user gave one.
        linker: looks at files on other computers; None = they are not used.
    """
    findings: list[Finding] = []
    assets: list[DraftAsset] = []
    files = local_files(path, item)
    for key, fields in _asset_tables(item):
        if not _is_raster(fields):
            continue
        file = files[key]
        if file is None:
            bands, problems = _far(path, key, fields, item, linker)
            assets += bands
            findings += problems
            continue
        blocked = obstacle(file)
        if blocked:
            missing = blocked.code == "no-such-file"
            href = str(fields["href"])[:120]
            findings.append(finding("asset-missing", path, href=href) if missing else blocked)
            continue
        try:
            assets += _bands_of(key, fields, inspector.inspect(file))
        except LandzichtError as error:
            findings.append(from_error(error, file))
    properties = item.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    if not assets and not findings:
        findings.append(finding("nothing-found", path))
    when, found = _when(path, properties, given)
    tagged = any(asset.info.tags.get("SIMULATED") == "YES" for asset in assets)
    return Draft(
        path=str(path),
        collection=_collection(path, item, assets),
        id=scene_id(str(item["id"])),
        moment=when[0] if when else None,
        end=when[1] if when else None,
        assets=tuple(assets),
        properties=_kept(properties),
        simulated=properties.get("landzicht:simulated") is True or tagged,
        findings=(*findings, *found),
    )


def _is_item(item: object) -> bool:
    return (
        isinstance(item, dict)
        and item.get("type") == "Feature"
        and isinstance(item.get("id"), str)
        and isinstance(item.get("assets"), dict)
        and "stac_version" in item
    )


def _asset_tables(item: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, fields in item["assets"].items():
        if isinstance(fields, dict):
            yield key, fields


def _is_raster(fields: Mapping[str, Any]) -> bool:
    roles = fields.get("roles") or []
    if isinstance(roles, list) and {"thumbnail", "overview", "metadata"} & set(map(str, roles)):
        return False
    kind, href = str(fields.get("type") or ""), str(fields.get("href") or "")
    return bool(_RASTER_TYPE.match(kind) or _RASTER_NAME.search(href.partition("?")[0]))


def _local(path: Path, href: object) -> Path | None:
    if not isinstance(href, str) or not href or _ADDRESS.match(href) or "\0" in href:
        return None
    name = unquote(href)
    if name.startswith(("/", "\\")) or "\\" in name or "\0" in name:
        return None
    try:
        folder = path.parent.resolve(strict=True)
        file = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):
        return None
    return file if file.is_relative_to(folder) else None


def _far(
    path: Path,
    key: str,
    fields: Mapping[str, Any],
    item: Mapping[str, Any],
    linker: Linker | None,
) -> tuple[list[DraftAsset], list[Finding]]:
    """Return the bands of an asset that does not lie beside the item, or why there are none."""
    href = fields.get("href")
    if linker is None or not isinstance(href, str) or not is_remote(href):
        return [], [finding("asset-outside", path, href=str(href)[:120])]
    told = item.get("properties")
    try:
        info, link = look(href, fields, told if isinstance(told, dict) else {}, linker)
    except LandzichtError as error:
        return [], [from_error(error, path)]
    return [replace(band, link=link) for band in _bands_of(key, fields, info)], []


def _bands_of(key: str, fields: Mapping[str, Any], info: RasterInfo) -> Iterator[DraftAsset]:
    planes = info.bands[:-1] if info.mask == "alpha" else info.bands
    told = [fields.get(name) for name in ("bands", "raster:bands", "eo:bands")]
    for place, plane in enumerate(planes):
        said: dict[str, Any] = {} if len(planes) > 1 else dict(fields)
        for bands in reversed(told):
            if isinstance(bands, list) and place < len(bands) and isinstance(bands[place], dict):
                said |= bands[place]
        name = key
        if len(planes) > 1:
            name = str(said.get("name") or plane.description or f"{key}_{plane.index}")
        name = band_name(name)
        band = _described(header_band(name, plane), said)
        yield DraftAsset(key=name, info=info, index=plane.index, band=band)


def _described(band: Band, said: Mapping[str, Any]) -> Band:
    """Put what the item says over what the header says."""
    fields: dict[str, Any] = {}
    for field, names in (
        ("scale", ("raster:scale", "scale")),
        ("offset", ("raster:offset", "offset")),
        ("nodata", ("nodata",)),
        ("wavelength_um", ("eo:center_wavelength", "center_wavelength")),
    ):
        for name in names:
            value = _number(said.get(name))
            if value is not None and (field != "scale" or value):
                fields[field] = value
                break
    if isinstance(said.get("nodata"), str) and said["nodata"].lower() == "nan":
        fields["nodata"] = math.nan
    for field, names in (
        ("common_name", ("eo:common_name", "common_name")),
        ("unit", ("unit",)),
        ("title", ("title",)),
    ):
        found = next((said[name] for name in names if isinstance(said.get(name), str)), None)
        if found:
            fields[field] = found
    if isinstance(said.get("classification:classes"), list):
        fields["kind"] = BandKind.CATEGORICAL
    return replace(band, **fields)


def _when(
    path: Path, properties: Mapping[str, Any], given: When | None
) -> tuple[When | None, list[Finding]]:
    if given:
        return given, []
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    text = properties.get("datetime")
    if isinstance(start, str) and isinstance(end, str):
        text = f"{start}/{end}"
    if not isinstance(text, str):
        return None, [finding("date-missing", path)]
    try:
        return when_given(text), []
    except LandzichtError as error:
        return None, [from_error(error, path)]


def _collection(path: Path, item: Mapping[str, Any], assets: list[DraftAsset]) -> Collection:
    """Return the item's collection: as described beside or above the item, else a plain one."""
    told = item.get("collection")
    name = told if isinstance(told, str) and told else path.parent.resolve().name
    for folder in (path.parent, path.parent.parent):
        for file in (folder / "collection.json", folder / f"{scene_id(name)}.json"):
            collection = _read_described(file)
            if collection and collection.id == name:
                return collection
    return replace(plain_collection(name, assets), id=collection_id_of(name))


def _read_described(file: Path) -> Collection | None:
    """Return the collection that a file describes, if it does."""
    try:
        with open_file(file) as opened:
            content = opened.read(MAX_BYTES + 1)
        return read_collection(content) if len(content) <= MAX_BYTES else None
    except (OSError, LandzichtError):
        return None


def collection_id_of(name: str) -> str:
    """Return the collection's own id when it can be one, else one made of it."""
    return name if scene_id(name) == name and len(name) <= 100 else collection_id(name)


def _kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in properties.items()
        if name not in _DROPPED and not name.startswith("landzicht:") and _PROPERTY.match(name)
    } | _world(properties)


def _world(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return which made-up land is shown, as a property, when the item says so."""
    told = properties.get(WORLD)
    is_name = isinstance(told, str) and _WORLD.fullmatch(told)
    return {WORLD: str(told)} if is_name else {}


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None


_UNREADABLE = Text(nl="Openen lukt niet: {reason}.", en="It cannot be opened: {reason}.")
_NOT_STAC = Text(nl="Het is geen STAC-item.", en="It is not a STAC item.")
