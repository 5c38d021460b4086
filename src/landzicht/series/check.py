"""Shapes that people send: repaired where that is safe, and said so; refused with a reason else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.grid.crs import WGS84, canonical_crs, is_geographic
from landzicht.series.shapes import parcels_of
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from landzicht.kinds.parcels import Parcels
    from landzicht.text import Language

MOST_CORNERS = 1_000_000
"""Most corners of one parcel."""
_MOST_ID = 200
_AREAS = ("Polygon", "MultiPolygon")
_KINDS = (*_AREAS, "Point")
_TYPES = (
    shapely.GeometryType.POLYGON,
    shapely.GeometryType.MULTIPOLYGON,
    shapely.GeometryType.POINT,
)
_AT_ONCE = 10_000
"""Shapes that are looked at together."""
_LIMITS = {True: (180.0, 90.0), False: (1e8, 1e8)}

NO_AREA = Text(nl="is geen vlak of punt", en="is neither an area nor a point")
EMPTY = Text(nl="is leeg", en="is empty")
NO_NUMBERS = Text(
    nl="heeft coördinaten die geen getallen zijn", en="has coordinates that are no numbers"
)
NOT_THERE = Text(
    nl="ligt niet op aarde in dit stelsel (staan de assen goed: eerst lengte, dan breedte?)",
    en="lies nowhere on Earth in this system (are the axes right: longitude, then latitude?)",
)
TOO_MANY = Text(
    nl=f"heeft meer dan {MOST_CORNERS} hoekpunten", en=f"has more than {MOST_CORNERS} corners"
)
WIDEST = 160.0
"""Degrees from west to east of one part: a wider one is torn where it is drawn on an image."""
TOO_WIDE = Text(
    nl="is breder dan 160 graden: deel het in stukken",
    en="is wider than 160 degrees: divide it into parts",
)
UNREADABLE = Text(nl="is onleesbaar", en="cannot be read")
NOTHING_LEFT = Text(
    nl="kruist zichzelf zo dat er geen vlak overblijft",
    en="crosses itself so that no area is left",
)
REPAIRED = Text(nl="kruiste zichzelf en is hersteld", en="crossed itself, and was repaired")
RENAMED = Text(nl="had dezelfde naam als een ander", en="had the same name as another one")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about one parcel."""

    parcel: str
    """Its name, or its row from 1 when it has none."""
    row: int
    """Place in what was sent, from 1."""
    reason: Text
    """What is the matter, as the end of a sentence that starts with the parcel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Parcels that can be measured, and what is to be said of the others."""

    parcels: Parcels
    """Those that can."""
    rows: tuple[int, ...]
    """Their places in what was sent, from 1."""
    refused: tuple[Remark, ...]
    """Those that cannot, with the reason."""
    repaired: tuple[Remark, ...]
    """Those that were changed so that they can."""
    shapes: NDArray[Any]
    """`(parcel,)`, the shapely shapes that they are made of."""
    names: tuple[str | None, ...] = ()
    """What people call them; empty when none has such a name."""

    def notes(self, language: Language) -> NDArray[Any] | None:
        """Return what was changed of each parcel `(parcel,)`, None for nothing; or None for all."""
        if not self.repaired:
            return None
        said: dict[int, str] = {}
        for remark in self.repaired:
            text = getattr(remark.reason, language)
            said[remark.row] = f"{said[remark.row]}; {text}" if remark.row in said else text
        notes = np.empty(len(self.rows), object)
        notes[:] = [said.get(row) for row in self.rows]
        return notes


def check_shapes(shapes: Iterable[tuple[Any, ...]], crs: str = WGS84) -> Checked:
    """Sort out shapes: valid areas and points stay as they are.

    A shape that crosses itself is repaired by the even-odd rule (GEOS `make_valid`); heights are
    dropped; a name that comes twice gets its row behind it.

    Args:
        shapes: `(id or None, shapely geometry, or a Text that tells why there is none)`, and what
            people call it, if anything.
        crs: system of the coordinates, x first.
    """
    ids: list[str] = []
    rows: list[int] = []
    kept: list[Any] = []
    refused: list[Remark] = []
    repaired: list[Remark] = []
    seen: Counter[str] = Counter()
    limits = _LIMITS[is_geographic(crs)]
    spoken: list[str | None] = []
    for row, ((name, told, *more), is_fine) in enumerate(_looked_at(shapes, limits), 1):
        label = str(name)[:_MOST_ID] if name not in (None, "") else str(row)
        shape, reason, is_new = (told, None, False) if is_fine else _mended(told, limits)
        if is_new:
            repaired.append(Remark(label, row, REPAIRED))
        if reason is not None:
            refused.append(Remark(label, row, reason))
            continue
        seen[label] += 1
        if seen[label] > 1:
            repaired.append(Remark(label, row, RENAMED))
            label = f"{label}#{row}"
            while label in seen:  # somebody may have called another one so
                label += "#"
            seen[label] += 1
        ids.append(label)
        rows.append(row)
        kept.append(shape)
        spoken.append(str(more[0])[:_MOST_ID] if more and more[0] is not None else None)
    flat = np.empty(len(kept), object)
    flat[:] = kept
    flat = shapely.force_2d(flat)
    return Checked(
        parcels=parcels_of(ids, flat, crs),
        rows=tuple(rows),
        refused=tuple(refused),
        repaired=tuple(repaired),
        shapes=flat,
        names=tuple(spoken) if any(name is not None for name in spoken) else (),
    )


def _looked_at(
    shapes: Iterable[tuple[Any, ...]], limits: tuple[float, float]
) -> Iterator[tuple[tuple[Any, ...], bool]]:
    """Yield what was sent, and whether its shape needs no second look; many at once are quick."""
    rest = iter(shapes)
    while some := list(islice(rest, _AT_ONCE)):
        flat = np.empty(len(some), object)
        flat[:] = [None if isinstance(each[1], Text) else each[1] for each in some]
        yield from zip(some, _fine(flat, limits).tolist(), strict=True)


def _fine(shapes: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which shapes can be measured as they are; `_mended` tells of the others."""
    fine: NDArray[np.bool_] = np.isin(shapely.get_type_id(shapes), _TYPES)
    fine &= ~shapely.is_empty(shapes) & (shapely.get_num_coordinates(shapes) <= MOST_CORNERS)
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    there = (np.abs(corners) <= limits).all(axis=1)  # so is no NaN
    fine[owner[~there]] = False
    fine &= ~_too_wide(shapes, limits)
    fine[fine] = shapely.is_valid(shapes[fine])
    return fine


def _mended(told: Any, limits: tuple[float, float]) -> tuple[Any, Text | None, bool]:  # noqa: ANN401 - shapely
    """Return a shape that can be measured, or why there is none; and whether it was repaired."""
    if isinstance(told, Text):
        return None, told, False
    reason = _wrong(told, limits)
    if reason is not None or told.is_valid:
        return told, reason, False
    shape = _repaired(told)
    return shape, NOTHING_LEFT if shape is None else None, shape is not None


def shapes_of_wkb(column: pa.ChunkedArray) -> Iterator[Any]:
    """Yield the shape of each row: None where there is none, a `Text` where it cannot be read."""
    told = column.to_numpy()
    with np.errstate(invalid="ignore"):  # numbers that are none are told of each shape
        try:
            shapes = shapely.from_wkb(told, on_invalid="ignore")
        except NotImplementedError:  # arcs
            shapes = np.array([_straight(row) for row in told], object)
    for row, shape in zip(told, shapes, strict=True):
        yield UNREADABLE if shape is None and row is not None else shape


def read_features(
    told: Mapping[str, Any], name: str | None = None
) -> Iterable[tuple[str | None, Any, str | None]]:
    """Yield id, shape and name of each feature of a GeoJSON object (RFC 7946), for `check_shapes`.

    Args:
        told: FeatureCollection, Feature or geometry.
        name: property to take as name; None = the `id` of the feature, else its property `id`.
    """
    features = told.get("features") if told.get("type") == "FeatureCollection" else [told]
    for feature in features if isinstance(features, list) else []:
        if not isinstance(feature, dict):
            yield None, UNREADABLE, None
            continue
        geometry = feature.get("geometry") if feature.get("type") == "Feature" else feature
        yield _id(feature, name), _shape(geometry), called(feature.get("properties"))


def system_of(told: Mapping[str, Any]) -> str:
    """Return the system of the coordinates of a GeoJSON object, x first.

    RFC 7946 knows one; what older programs wrote (`crs`, GeoJSON 2008, section 3) counts when it
    gives a name.

    Raises:
        UnknownCrs: we do not know that system.
    """
    crs = told.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        return WGS84
    found = canonical_crs(name)
    return WGS84 if found == "OGC:CRS84" else found


def _straight(wkb: bytes | None) -> Any:  # noqa: ANN401 - a shapely geometry or None
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None


NAMES = ("name", "naam", "statnaam", "title", "titel")
"""Properties, in any case, that hold what people call an area; the first counts."""


def name_column(columns: Iterable[str]) -> str | None:
    """Return the column that holds what people call an area, or None."""
    known = {column.lower(): column for column in reversed(list(columns))}
    return next((known[name] for name in NAMES if name in known), None)


def called(properties: object) -> str | None:
    """Return what people call an area with these properties, or None."""
    if not isinstance(properties, dict):
        return None
    found = name_column(key for key in properties if isinstance(key, str))
    value = properties.get(found) if found else None
    return str(value) if isinstance(value, (str, int)) and value != "" else None


def _id(feature: Mapping[str, Any], name: str | None) -> str | None:
    properties = feature.get("properties")
    known = properties if isinstance(properties, dict) else {}
    found = known.get(name) if name else feature.get("id", known.get("id"))
    return str(found) if isinstance(found, (str, int, float)) else None


def _shape(geometry: object) -> Any:  # noqa: ANN401 - a shapely geometry, or why there is none
    if not isinstance(geometry, dict):
        return EMPTY
    if geometry.get("type") not in _KINDS:
        return NO_AREA
    try:
        return shapely.geometry.shape(geometry)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.GEOSException):
        return UNREADABLE


def _wrong(shape: Any, limits: tuple[float, float]) -> Text | None:  # noqa: ANN401 - shapely
    """Return why a shape cannot be measured, or None."""
    if shape is None or shape.is_empty:
        return EMPTY
    if shape.geom_type not in _KINDS:
        return NO_AREA
    if shapely.get_num_coordinates(shape) > MOST_CORNERS:
        return TOO_MANY
    corners = shapely.get_coordinates(shape)
    if not np.isfinite(corners).all():
        return NO_NUMBERS
    if (np.abs(corners) > limits).any():
        return NOT_THERE
    return TOO_WIDE if _too_wide(np.array([shape], object), limits).any() else None


def _too_wide(shapes: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which shapes have a part that goes around too much of the Earth."""
    if limits != _LIMITS[True]:
        return np.zeros(shapes.size, np.bool_)

    def wide(some: NDArray[Any]) -> NDArray[np.bool_]:
        edges = shapely.bounds(some)
        found: NDArray[np.bool_] = edges[:, 2] - edges[:, 0] > WIDEST
        return found

    parts, whole = shapely.get_parts(shapes[wide(shapes)], return_index=True)
    found = wide(shapes)
    found[found] = np.isin(np.arange(found.sum()), whole[wide(parts)])
    return found


def _repaired(shape: Any) -> Any:  # noqa: ANN401 - a shapely geometry or None
    """Return the area of an invalid shape, or None when nothing is left of it."""
    try:
        parts = shapely.get_parts(shapely.make_valid(shape))
    except shapely.GEOSException:
        return None
    flat = [
        each for part in parts for each in shapely.get_parts(part) if each.geom_type == "Polygon"
    ]
    found = shapely.union_all(flat)
    return found if not found.is_empty and found.geom_type in _AREAS else None
