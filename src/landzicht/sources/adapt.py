"""An item of somebody else's API as we take it in: our bands, their true scale, and its version."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from landzicht.ingest.naming import band_name, scene_id
from landzicht.kinds import BandKind, format_instant, is_remote
from landzicht.stac.mark import WORLD
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from landzicht.kinds import Band
    from landzicht.sources.profile import Theme

BASELINES = ("s2:processing_baseline", "processing:version", "sentinel:processing_baseline")
_APPLIED = ("earthsearch:boa_offset_applied", "sentinel:boa_offset_applied")
_MADE = ("s2:generation_time", "processing:datetime", "s1:processing_datetime")
_UPDATED = ("updated", "published", "created")
_OFFSET_SINCE = 4.0
"""Processing baseline of Sentinel-2 since which 1000 was added to all numbers (25 January 2022)."""
_TOLD = (
    "proj:code", "proj:epsg", "proj:shape", "proj:transform", "data_type", "raster:data_type",
    "nodata", "unit", "title", "file:checksum", "file:size", "bands", "raster:bands", "eo:bands",
    "raster:scale", "raster:offset", "scale", "offset", "classification:classes",
)  # fmt: skip
_MEANING = frozenset(
    {"bands", "eo:bands", "raster:bands", "raster:scale", "raster:offset", "scale", "offset"}
)
_RASTER_TYPE = re.compile(r"^image/(tiff|jp2|geo\+?tiff|vnd\.stac\.geotiff)")
_RASTER_NAME = re.compile(r"\.(tiff?|jp2)$", re.IGNORECASE)
_NOT_DATA = frozenset({"thumbnail", "overview", "metadata", "visual"})
_LONGEST_ID = 300


class Unwanted(Exception):
    """An item that is not taken in, and why."""

    def __init__(self, code: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of the items of a source."""

    collection: str
    """Id of the collection there."""
    into: str
    """Id of the collection here."""
    theme: Theme | None = None
    """What the profile says; None = items are taken as they tell."""
    bands: tuple[str, ...] = ()
    """Our bands that are wanted; empty = all."""
    area: Any = None
    """Shapely geometry in degrees, prepared or not; None = everywhere."""
    cloud: float | None = None
    """Most cloud cover in percent."""
    since: datetime | None = None
    """First moment that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An item that is ready to be taken in."""

    key: str
    """What the source calls it."""
    id: str
    """What it is called here."""
    moment: datetime
    """When the image was taken."""
    version: str
    """Changes with its files and what their numbers mean."""
    order: tuple[float, str, str]
    """Of two versions of one image the greater one is the newer."""
    observation: str
    """Equal for all versions of one image; empty = not known."""
    fields: Mapping[str, Any]
    """STAC item, made of what we know; addresses of assets as the source has them."""

    @property
    def assets(self) -> Mapping[str, Mapping[str, Any]]:
        """The fields of each asset, by the name of our band."""
        found: Mapping[str, Mapping[str, Any]] = self.fields["assets"]
        return found


def adapt(item: object, wanted: Wanted) -> Ready:
    """Return an item of an API as we take it in.

    Args:
        item: decoded JSON, whatever it is.
        wanted: what is wanted.

    Raises:
        Unwanted: it is damaged, or not what is wanted.
    """
    if not isinstance(item, dict) or not isinstance(item.get("assets"), dict):
        raise Unwanted("not-an-item", _NO_ITEM)
    key, properties = item.get("id"), item.get("properties")
    if not isinstance(key, str) or not 0 < len(key) <= _LONGEST_ID or not key.isprintable():
        raise Unwanted("not-an-item", _NO_ID)
    if not isinstance(properties, dict):
        raise Unwanted("not-an-item", _NO_ITEM)
    if item.get("collection") not in (None, wanted.collection):
        raise Unwanted("other-collection", _OTHER.fill(collection=str(item["collection"])[:80]))
    moment = _moment(properties)
    if wanted.since is not None and moment < wanted.since:
        raise Unwanted("before-since", _BEFORE)
    _check_place(item.get("geometry"), wanted.area)
    cloud: Any = properties.get("eo:cloud_cover")
    if wanted.cloud is not None and _is_number(cloud) and cloud > wanted.cloud:
        raise Unwanted("too-cloudy", _CLOUDY.fill(cloud=round(cloud), most=round(wanted.cloud)))
    assets = dict(_assets(item, properties, wanted))
    if not assets:
        raise Unwanted("no-bands", _NO_BANDS)
    version = _version(properties, assets)
    fields = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": scene_id(key),
        "collection": wanted.into,
        "geometry": item["geometry"],
        "properties": _properties(properties),
        "assets": assets,
        "links": [],
    }
    return Ready(
        key=key,
        id=scene_id(key),
        moment=moment,
        version=version,
        order=_order(properties),
        observation=_observation(properties, moment, wanted.theme),
        fields=fields,
    )


def _moment(properties: Mapping[str, Any]) -> datetime:
    for name in ("datetime", "start_datetime"):
        text = properties.get(name)
        if isinstance(text, str):
            try:
                found = datetime.fromisoformat(text)
                return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
    raise Unwanted("date-missing", _NO_DATE)


def _check_place(told: object, area: Any) -> None:  # noqa: ANN401 - a shapely geometry
    """Make sure that an item tells a place that can be, and that lies in the area."""
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    if not isinstance(told, dict):
        raise Unwanted("broken-geometry", _NO_PLACE)
    try:
        found = shape(told)
        bounds = found.bounds
        good = not found.is_empty and all(math.isfinite(edge) for edge in bounds)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Unwanted("broken-geometry", _NO_PLACE) from error
    if not good or bounds[0] < -360 or bounds[2] > 360 or bounds[1] < -91 or bounds[3] > 91:
        raise Unwanted("broken-geometry", _NO_PLACE)
    if area is None:
        return
    try:
        meets = area.intersects(found)
    except ShapelyError:  # a ring that crosses itself: its box tells enough
        from shapely.geometry import box

        meets = area.intersects(box(*bounds))
    if not meets:
        raise Unwanted("outside-area", _OUTSIDE)


def _assets(
    item: Mapping[str, Any], properties: Mapping[str, Any], wanted: Wanted
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield our name and the fields of each asset that is wanted."""
    tables: Mapping[str, Any] = item["assets"]
    theme = wanted.theme
    if theme is None or not theme.assets:
        for key, table in tables.items():
            if _is_data(table) and (not wanted.bands or key in wanted.bands):
                yield band_name(key), _taken(table)
        return
    bands = {band.name: band for band in theme.collection.bands}
    for ours, theirs in theme.assets.items():
        if wanted.bands and ours not in wanted.bands:
            continue
        table = next((tables[name] for name in theirs if _has_href(tables.get(name))), None)
        if table is not None:
            fields = _taken(table, theme.alternate)
            yield ours, _meant(fields, bands[ours], properties, theme.offset)


def _is_data(table: object) -> bool:
    if not _has_href(table):
        return False
    assert isinstance(table, dict)
    roles = table.get("roles") or []
    if isinstance(roles, list) and _NOT_DATA & set(map(str, roles)):
        return False
    kind, href = str(table.get("type") or ""), str(table["href"])
    return bool(_RASTER_TYPE.match(kind) or _RASTER_NAME.search(href.partition("?")[0]))


def _has_href(table: object) -> bool:
    return isinstance(table, dict) and isinstance(table.get("href"), str)


def _taken(table: Mapping[str, Any], alternate: str = "") -> dict[str, Any]:
    """Return what we take over of an asset; of its address only what names a computer."""
    href, others = str(table["href"]), table.get("alternate")
    if alternate and isinstance(others, dict) and _has_href(others.get(alternate)):
        href = str(others[alternate]["href"])
    if not is_remote(href):
        raise Unwanted("asset-outside", _NOT_REMOTE.fill(href=href[:80]))
    fields = {name: table[name] for name in _TOLD if name in table}
    return {"href": href, "type": str(table.get("type") or "image/tiff"), **fields}


def _meant(
    fields: dict[str, Any], band: Band, properties: Mapping[str, Any], rule: str
) -> dict[str, Any]:
    """Say what the numbers of an asset mean: as the profile knows, not as the item tells."""
    types = [
        told.get("data_type")
        for name in ("bands", "raster:bands")
        for told in _list(fields.get(name))
        if isinstance(told, dict)
    ]
    made = {name: value for name, value in fields.items() if name not in _MEANING}
    data_type = fields.get("data_type") or next((one for one in types if one), None)
    if isinstance(data_type, str):
        made["data_type"] = data_type
    offset = band.offset
    if rule == "sentinel-2" and band.kind is BandKind.CONTINUOUS:
        offset = sentinel2_offset(properties) * band.scale
    made |= {"raster:scale": band.scale, "raster:offset": offset}
    for name, value in (
        ("nodata", band.nodata),
        ("unit", band.unit),
        ("title", band.title),
        ("eo:common_name", band.common_name),
        ("eo:center_wavelength", band.wavelength_um),
    ):
        if value is not None:
            made[name] = "nan" if isinstance(value, float) and math.isnan(value) else value
    if band.kind is BandKind.CATEGORICAL:
        made["classification:classes"] = []
    return made


def _list(told: object) -> list[Any]:
    return told if isinstance(told, list) else []


def sentinel2_offset(properties: Mapping[str, Any]) -> float:
    """Return what must be added to the stored numbers of a Sentinel-2 level 2A image.

    -1000 since processing baseline 04.00, unless whoever copied the image did that already and
    says so. What the assets say is not believed: Earth Search says -0.1 for both.
    """
    if any(properties.get(name) is True for name in _APPLIED):
        return 0.0
    baseline = _baseline(properties)
    return -1000.0 if baseline is not None and baseline >= _OFFSET_SINCE else 0.0


def _baseline(properties: Mapping[str, Any]) -> float | None:
    for name in BASELINES:
        found = re.fullmatch(r"N?(\d{1,2})[.]?(\d{2})", str(properties.get(name) or ""))
        if found:
            return int(found[1]) + int(found[2]) / 100
    return None


def _properties(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that are kept: the grid goes along for assets that tell none."""
    made = {name: value for name, value in told.items() if not name.startswith("landzicht:")}
    if told.get("landzicht:simulated") is True:
        made["landzicht:simulated"] = True
        if isinstance(told.get(WORLD), str):
            made[WORLD] = told[WORLD]
    for name in ("start_datetime", "end_datetime"):
        # Some APIs write “2022-04-28 03:44:42+00:00”, which other programs refuse.
        if isinstance(made.get(name), str):
            try:
                found = datetime.fromisoformat(made[name])
                made[name] = format_instant(found.replace(tzinfo=found.tzinfo or UTC))
            except (ValueError, OverflowError):
                del made[name]
    if not {"start_datetime", "end_datetime"} <= made.keys():
        made.pop("start_datetime", None)
        made.pop("end_datetime", None)
    elif made.get("datetime"):
        # The moment is the better name of an image than the seconds that it took.
        made.pop("start_datetime")
        made.pop("end_datetime")
    return made


def _version(properties: Mapping[str, Any], assets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text that changes with the files or what their numbers mean.

    When each file has a checksum these tell all; `updated` alone, which many APIs touch without
    any change, then counts for nothing.
    """
    files = {
        key: [
            str(table["href"]).partition("?")[0],
            str(table.get("file:checksum") or ""),
            table.get("raster:scale"),
            table.get("raster:offset"),
        ]
        for key, table in assets.items()
    }
    told: list[Any] = [sorted(files.items()), properties.get("version")]
    told += [properties.get(name) for name in BASELINES]
    if not all(table.get("file:checksum") for table in assets.values()):
        told += [properties.get("updated"), [one.get("file:size") for one in assets.values()]]
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _order(properties: Mapping[str, Any]) -> tuple[float, str, str]:
    made = next((str(properties[name]) for name in _MADE if properties.get(name)), "")
    updated = next((str(properties[name]) for name in _UPDATED if properties.get(name)), "")
    return (_baseline(properties) or 0.0, made[:40], updated[:40])


def _observation(properties: Mapping[str, Any], moment: datetime, theme: Theme | None) -> str:
    if theme is None or not theme.observation:
        return ""
    parts = []
    for name in theme.observation:
        value = moment.date().isoformat() if name == "day" else properties.get(name)
        if value in (None, ""):
            return ""
        text = str(value).lower()
        parts.append(theme.without.sub("", str(value)).lower() if theme.without else text)
    return "|".join(parts)[:300]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_NO_ITEM = Text(nl="het is geen STAC-item", en="it is no STAC item")
_NO_ID = Text(nl="het item heeft geen bruikbaar id", en="the item has no usable id")
_OTHER = Text(
    nl="het item hoort bij een andere verzameling ({collection})",
    en="the item belongs to another collection ({collection})",
)
_NO_DATE = Text(nl="het item heeft geen bruikbare datum", en="the item has no usable date")
_BEFORE = Text(nl="het beeld is van vóór --since", en="the image is from before --since")
_NO_PLACE = Text(
    nl="de plaats van het item (geometry) klopt niet",
    en="the place of the item (geometry) is wrong",
)
_OUTSIDE = Text(nl="het beeld ligt buiten het gebied", en="the image lies outside the area")
_CLOUDY = Text(
    nl="{cloud} % bewolkt, en meer dan {most} % wilt u niet",
    en="{cloud} % cloudy, and you want no more than {most} %",
)
_NO_BANDS = Text(
    nl="het item heeft geen bestanden met de gewenste banden",
    en="the item has no files with the bands that are wanted",
)
_NOT_REMOTE = Text(
    nl="een bestand heeft een adres dat wij niet openen: {href}",
    en="a file has an address that we do not open: {href}",
)
