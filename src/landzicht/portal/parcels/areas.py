"""Use case: areas that are registered once, and measured, searched and picked many times."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.series import NoParcels, UnknownArea, UnknownAreas
from landzicht.formats.areas import find_area, find_areas, load_areas, write_areas
from landzicht.grid.bounds import Bounds
from landzicht.grid.crs import WGS84, transform_bounds, transformer
from landzicht.series.check import Checked, check_shapes, name_column, shapes_of_wkb
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from landzicht.portal.settings import Settings

MOST_ITEMS = 1_000
"""Most areas in one answer."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ID_RULE = Text(
    nl="1 tot 64 kleine letters, cijfers, - en _, met een letter of cijfer voorop",
    en="1 to 64 small letters, digits, - and _, a letter or digit first",
)
_PLACE_RULE = Text(nl="lengtegraad,breedtegraad", en="longitude,latitude")
_DAMAGED = Text(nl="het bestand is weg of beschadigd", en="the file is gone or damaged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """A set of registered areas."""

    id: str
    """Its name in addresses and questions."""
    title: str
    """What people call it."""
    source: str
    """Where it comes from: name of a file, or address of a server."""
    rows: int
    """Areas in it."""
    refused: int
    """Shapes that are left out because they cannot be measured."""
    repaired: int
    """Shapes that were changed so that they can."""
    crs: str
    """System in which it came, and is measured."""
    bbox: tuple[float, float, float, float]
    """West, south, east, north in degrees (WGS84)."""
    columns: tuple[str, ...]
    """What else is known of each."""
    created: str
    """When it came in (RFC 3339)."""
    simulated: bool
    """Whether it is made up."""
    file: str
    """Name of its file."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        told = asdict(self)
        del told["file"]
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Registering:
    """How areas are registered."""

    id: str
    """Its name."""
    title: str
    """What people call it."""
    source: str
    """Where it comes from."""
    simulated: bool = False
    """Whether it is made up."""


def check_id(id: str) -> str:
    """Return an id that may be used in addresses and file names.

    Raises:
        BadQuery: it may not.
    """
    if not _ID.fullmatch(id):
        raise BadQuery(name="id", reason=_ID_RULE)
    return id


def id_of(text: str) -> str:
    """Return a usable id made of a name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:64].strip("-") or "areas"


def list_areas(settings: Settings) -> tuple[Areas, ...]:
    """Return all registered areas by id; a description that cannot be read is left out."""
    found = []
    for path in sorted(settings.areas.glob("*.json")):
        told = _read(path)
        if told is not None:
            found.append(told)
    return tuple(found)


def one_of(settings: Settings, id: str) -> Areas:
    """Return one set of areas.

    Raises:
        UnknownAreas: there is none with this id.
    """
    found = _read(settings.areas / f"{id}.json") if _ID.fullmatch(id) else None
    if found is None:
        raise UnknownAreas(areas=id[:80])
    return found


def register(settings: Settings, order: Registering, checked: Checked, others: pa.Table) -> Areas:
    """Keep checked areas; areas of the same id are replaced, as a whole.

    Args:
        settings: of the portal.
        order: what it is called.
        checked: the areas.
        others: further columns, a row for each row that was sent.

    Raises:
        NoParcels: there is nothing to keep.
        DiskFailed: the disk is full or read-only.
    """
    import shapely

    check_id(order.id)
    parcels = checked.parcels
    if not len(parcels):
        first = checked.refused[0] if checked.refused else None
        reason = first.reason if first else Text(nl="er staat niets in", en="it is empty")
        raise NoParcels(count=len(checked.refused), row=first.row if first else 0, reason=reason)
    boxes = parcels.boxes()
    wkb = shapely.to_wkb(checked.shapes)
    digest = hashlib.sha256(f"{time.time_ns()}".encode()).hexdigest()[:12]
    names = checked.names or (None,) * len(parcels)
    around = Bounds(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    seen = transform_bounds(around, parcels.crs, WGS84)
    found = Areas(
        id=order.id,
        title=order.title[:200],
        source=order.source[:500],
        rows=len(parcels),
        refused=len(checked.refused),
        repaired=len(checked.repaired),
        crs=parcels.crs,
        bbox=(seen.west, seen.south, seen.east, seen.north),
        columns=tuple(others.column_names),
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        simulated=order.simulated,
        file=f"{order.id}-{digest}.parquet",
    )
    before = _read(settings.areas / f"{order.id}.json")
    try:
        settings.areas.mkdir(parents=True, exist_ok=True)
        rows = np.array(checked.rows, np.int64) - 1
        own = {"id": parcels.ids, "name": names, "geometry": wkb}
        write_areas(settings.areas / found.file, own, boxes, others.take(rows), parcels.crs)
        told = settings.areas / f"{order.id}.json"
        part = told.with_suffix(f".{digest}.part")
        part.write_bytes(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2))
        part.replace(told)
        if before:
            (settings.areas / before.file).unlink(missing_ok=True)
    except OSError as error:
        raise DiskFailed(path=settings.areas, reason=disk_reason(error)) from error
    return found


def remove_areas(settings: Settings, id: str) -> Areas:
    """Remove registered areas.

    Raises:
        UnknownAreas: there are none with this id.
        DiskFailed: the disk is read-only.
    """
    found = one_of(settings, id)
    try:
        (settings.areas / f"{id}.json").unlink(missing_ok=True)
        (settings.areas / found.file).unlink(missing_ok=True)
    except OSError as error:
        raise DiskFailed(path=settings.areas, reason=disk_reason(error)) from error
    return found


def read_areas(settings: Settings, id: str) -> Checked:
    """Return registered areas as parcels to measure.

    Raises:
        UnknownAreas: there are none with this id.
        DiskFailed: their file is gone or damaged.
    """
    import shapely

    found = one_of(settings, id)
    try:
        table = load_areas(settings.areas / found.file, ("id", "name", "geometry"))
    except OSError as error:
        raise DiskFailed(path=settings.areas / found.file, reason=_DAMAGED) from error
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    ids, names = table["id"].to_pylist(), table["name"].to_pylist()
    return check_shapes(zip(ids, shapes, names, strict=True), found.crs)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreasQuery:
    """Which of the registered areas."""

    id: str
    """Of the set."""
    box: Bounds | None = None
    """Degrees (WGS84); only areas that meet it."""
    point: tuple[float, float] | None = None
    """Longitude, latitude; only areas that hold it."""
    text: str | None = None
    """Part of a name or id."""
    most: int = 100
    """Most areas in the answer."""
    boxes: bool = False
    """Whether boxes around the areas will do, as for a list of names."""


def parse_place(text: str) -> tuple[float, float]:
    """Read `longitude,latitude`.

    Raises:
        BadQuery: it is not a place on Earth.
    """
    parts = text.split(",")
    try:
        east, north = (float(part) for part in parts)
    except ValueError as error:
        raise BadQuery(name="point", reason=_PLACE_RULE) from error
    if not (-180 <= east <= 180 and -90 <= north <= 90):
        raise BadQuery(name="point", reason=_PLACE_RULE)
    return east, north


def area_items(settings: Settings, query: AreasQuery) -> dict[str, Any]:
    """Return areas as a GeoJSON FeatureCollection in degrees (WGS84).

    Raises:
        UnknownAreas: there are none with this id.
        DiskFailed: their file is gone or damaged.
    """
    import shapely

    found = one_of(settings, query.id)
    box = _box_in(query, found.crs)
    most = max(1, min(query.most, MOST_ITEMS))
    try:
        # Boxes meet more often than shapes do, so more are looked at than are given out.
        table = find_areas(settings.areas / found.file, box, query.text, MOST_ITEMS * 10)
    except OSError as error:
        raise DiskFailed(path=settings.areas / found.file, reason=_DAMAGED) from error
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    hits = np.arange(len(shapes))
    if box is not None and len(shapes):
        west, south = box[:2]
        asked: Any = shapely.Point(west, south) if query.point else shapely.box(*box)
        hits = np.flatnonzero(shapely.intersects(shapes, asked))
    chosen = hits[:most]
    table = table.drop_columns(["geometry", "bbox"]).take(chosen)
    given = _to_degrees(shapes[chosen], found.crs)
    return {
        "type": "FeatureCollection",
        "numberReturned": int(chosen.size),
        "more": bool(hits.size > most),
        "landzicht:simulated": found.simulated,
        "features": _features(table.to_pylist(), shapely.envelope(given) if query.boxes else given),
    }


def area_item(settings: Settings, id: str, item: str) -> dict[str, Any]:
    """Return one area as a GeoJSON Feature in degrees (WGS84).

    Args:
        settings: of the portal.
        id: of the set.
        item: of the area in it.

    Raises:
        UnknownAreas: there is no such set.
        UnknownArea: it has no such area.
        DiskFailed: the file is gone or damaged.
    """
    import shapely

    found = one_of(settings, id)
    try:
        table = find_area(settings.areas / found.file, item)
    except OSError as error:
        raise DiskFailed(path=settings.areas / found.file, reason=_DAMAGED) from error
    if not table.num_rows:
        raise UnknownArea(areas=id, area=item[:100])
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    rows = table.drop_columns(["geometry", "bbox"]).to_pylist()
    return _features(rows, _to_degrees(shapes, found.crs))[0] | {
        "landzicht:simulated": found.simulated
    }


def _features(rows: Iterable[dict[str, Any]], shapes: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    import shapely

    return [
        {
            "type": "Feature",
            "id": row.pop("id"),
            "geometry": shapely.geometry.mapping(shape),
            "properties": {
                key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
                for key, value in row.items()
            },
        }
        for row, shape in zip(rows, shapes, strict=True)
    ]


def _to_degrees(shapes: Any, crs: str) -> Any:  # noqa: ANN401 - shapely geometries
    import shapely

    if crs == WGS84 or not len(shapes):
        return shapes
    forth = transformer(crs, WGS84)
    return shapely.transform(
        shapes, lambda xy: np.round(np.column_stack(forth.transform(xy[:, 0], xy[:, 1])), 8)
    )


def _box_in(query: AreasQuery, crs: str) -> tuple[float, float, float, float] | None:
    """Return the box or point that is asked for in a system."""
    if query.point is not None:
        x, y = query.point
        if crs != WGS84:
            x, y = transformer(WGS84, crs).transform(x, y)
        return float(x), float(y), float(x), float(y)
    if query.box is None:
        return None
    box = query.box if crs == WGS84 else transform_bounds(query.box, WGS84, crs)
    return box.west, box.south, box.east, box.north


def check_table(table: pa.Table, ids: Iterable[str | None], crs: str) -> tuple[Checked, pa.Table]:
    """Check the areas in a table with a column `geometry` (WKB).

    Returns:
        The areas, and the other columns.
    """
    others = table.drop_columns(["geometry"])
    column = name_column(others.column_names)
    names = others[column].to_pylist() if column else [None] * table.num_rows
    shapes = shapes_of_wkb(table["geometry"])
    return check_shapes(zip(ids, shapes, names, strict=True), crs), others


def _read(path: Path) -> Areas | None:
    try:
        told = orjson.loads(path.read_bytes())
        told["bbox"], told["columns"] = tuple(told["bbox"]), tuple(told["columns"])
        return Areas(**told)
    except (OSError, ValueError, KeyError, TypeError):
        return None
