"""What really is there, as files: parcels, sick patches, the building site, ships, the flood."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.grid.crs import WGS84, transformer
from landzicht.world.crops import CROPS
from landzicht.world.fields import NEVER
from landzicht.world.ground import ROOFS_READY, SITE_CLEARED
from landzicht.world.landscape import CORNER, CRS
from landzicht.world.materials import NEW_ROOFS
from landzicht.world.parts import second_crops
from landzicht.world.sky import CLEAR, SHADOW, THICK, THIN, UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.fields import Fields
    from landzicht.world.landscape import Landscape
    from landzicht.world.sheets import Sheet
    from landzicht.world.ships import Ship

Collection = dict[str, Any]
NOTE = "SIMULATED / GESIMULEERD: Zonderland does not exist"
"""What every file of the truth says."""
_DECIMALS = 7
"""Of degrees: a centimetre."""
_BUILDING_DAYS = 40
"""From the first stone to the roof."""
PATCH_FACTS = ("parcel", "radius_m", "from_day", "simulated")
"""What is known of each patch where a crop is unwell."""
SHIP_FACTS = ("image", "length_m", "width_m", "heading_deg", "moving", "visible", "simulated")
"""What is known of each ship in the table of all images."""
CLOUD_CLASSES = {
    CLEAR: "clear",
    THIN: "thin cloud",
    THICK: "thick cloud",
    SHADOW: "cloud shadow",
    UNSEEN: "outside the swath",
}
"""Values of the cloud truth rasters."""


def on_earth(shapes: Iterable[Shape]) -> NDArray[Any]:
    """Return shapes of the map (metres, y south) in WGS84 longitude and latitude.

    They are rounded to a centimetre; where that makes one cross itself, it is cut to what lies
    between the rounded corners, so that all stay valid.
    """
    to_wgs84 = transformer(CRS, WGS84)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = to_wgs84.transform(CORNER[0] + points[:, 0], CORNER[1] - points[:, 1])
        return np.stack([lon, lat], -1)

    def rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(points, _DECIMALS)

    exact: NDArray[Any] = shapely.transform(np.array(list(shapes), object), move)
    moved: NDArray[Any] = shapely.transform(exact, rounded)
    crossing = ~shapely.is_valid(moved)
    valid = shapely.make_valid(exact[crossing], method="structure", keep_collapsed=False)
    mended = shapely.set_precision(valid, 10.0**-_DECIMALS)
    moved[crossing] = shapely.transform(mended, rounded)
    return moved


def features(
    name: str, shapes: Iterable[Shape], properties: Iterable[dict[str, Any]]
) -> Collection:
    """Return a GeoJSON feature collection that says it is simulated."""
    found = [
        {
            "type": "Feature",
            "id": number,
            "geometry": shapely.geometry.mapping(shapely.orient_polygons(shape))
            if shape.geom_type != "Point"
            else shapely.geometry.mapping(shape),
            "properties": {**facts, "simulated": True},
        }
        for number, (shape, facts) in enumerate(zip(on_earth(shapes), properties, strict=True))
    ]
    return {
        "type": "FeatureCollection",
        "name": name,
        "note": NOTE,
        "features": found,
    }


def parcels(scene: Landscape) -> Collection:
    """Return all parcels with what the register says and what really happened.

    `gewascode`, `gewas`, `category` and `jaar` are as in the Dutch parcel register and hold what
    the farmer declared; names that begin with `true_` hold the truth.
    """
    fields = scene.fields
    area = shapely.area(scene.geography.parcels) / 1e4

    def facts(index: int) -> dict[str, Any]:
        declared = CROPS[fields.declared[index]]
        other, share = second.get(index, (None, None))
        return {
            "category": "Grasland" if declared.kind == "grass" else "Bouwland",
            "gewas": declared.nl,
            "gewascode": declared.code,
            "jaar": fields.year,
            "status": "Gesimuleerd",
            "area_ha": round(float(area[index]), 3),
            **season_facts(fields, index),
            "true_second_gewascode": other,
            "true_second_share": None if share is None else round(share, 3),
            "zone": ("new polder", "drained lake", "old land", "foreland")[
                scene.geography.zone[index]
            ],
        }

    shapes = scene.geography.parcels
    second = second_crops(fields, len(shapes), scene.parts)
    return features("parcels", shapes, (facts(i) for i in range(len(shapes))))


def season_facts(fields: Fields, number: int) -> dict[str, Any]:
    """Return what really grew on a field and what was done there.

    Days are counted from 1 January as 1, so 0 and below are the year before; None = not this year.
    """
    grown, cuts = CROPS[fields.crop[number]], fields.mowing[number]
    stays = fields.grazing[number][fields.grazing[number, :, 0] < NEVER]
    facts: dict[str, Any] = {
        "true_gewascode": grown.code,
        "true_gewas": grown.nl,
        "true_crop": grown.en,
    }
    for name, day, last in (
        ("sowing", float(fields.sowing[number]), NEVER),
        ("harvest", float(fields.harvest[number]), 366),
        ("ploughing", float(fields.ploughing[number]), 366),
    ):
        facts[f"true_{name}_date"] = _date(fields.year, day) if day < last else None
        facts[f"true_{name}_day"] = round(day) if day < last else None
    return facts | {
        "true_mowing_days": [round(float(day)) for day in cuts[cuts < NEVER]],
        "true_grazing_days": [[round(float(day)) for day in stay] for stay in stays],
        "true_catch_crop": bool(fields.catch_crop[number]),
    }


def patches(scene: Landscape) -> Collection:
    """Return the patches where a crop is unwell: as far as they reach on their parcel."""
    parcels = scene.geography.parcels
    return features(
        "stress-patches",
        (shapely.Point(p.x, p.y).buffer(p.radius, 8) & parcels[p.parcel] for p in scene.patches),
        (
            {"parcel": p.parcel, "radius_m": round(p.radius, 1), "from_day": p.start}
            for p in scene.patches
        ),
    )


def site(scene: Landscape) -> Collection:
    """Return the building site and the days on which it changes."""
    days = {"sand_from_day": SITE_CLEARED, "roofs_from_day": ROOFS_READY[0]}
    return features("building-site", [scene.geography.site], [days | {"year": scene.fields.year}])


def buildings(scene: Landscape) -> Collection:
    """Return the houses that are built in the year of the landscape, with their dates.

    The ground is sand before `start_date` already; from `roof_date` on the roof is seen from above.
    """
    year = scene.fields.year
    shapes: list[Shape] = []
    facts: list[dict[str, Any]] = []
    drawn = {kind: found for kind, found in scene.geography.layers if kind in NEW_ROOFS}
    for number, (kind, ready) in enumerate(zip(NEW_ROOFS, ROOFS_READY, strict=True), 1):
        dates = {"start_date": _date(year, ready - _BUILDING_DAYS), "roof_date": _date(year, ready)}
        shapes += list(drawn[kind])
        facts += [{"phase": number, **dates}] * len(drawn[kind])
    return features("new-buildings", shapes, facts)


def all_ships(images: Iterable[tuple[str, Collection]]) -> Collection:
    """Return the ships of many images as one collection.

    Args:
        images: id of each image and its ships.
    """
    found = [
        {**each, "properties": {"image": image, **each["properties"]}}
        for image, ships in images
        for each in ships["features"]
    ]
    for number, each in enumerate(found):
        each["id"] = number
    return {"type": "FeatureCollection", "name": "ships", "note": NOTE, "features": found}


def _date(year: int, day: float) -> str:
    """Return the date of a day of the year, counted from 1; 0 and below are the year before."""
    return (dt.date(year, 1, 1) + dt.timedelta(round(day) - 1)).isoformat()


def ships(
    there: Sequence[Ship], cloud: NDArray[np.uint8] | None = None, sheet: Sheet | None = None
) -> Collection:
    """Return the ships in one image.

    Args:
        there: all ships.
        cloud: cloud truth of the image on 10 m pixels, or None when clouds do not matter; a ship
            under a cloud is listed with `visible` false.
        sheet: where these pixels lie when they are not those of the map.
    """

    def visible(ship: Ship) -> bool:
        if cloud is None:
            return True
        at = sheet.pixel(ship.x, ship.y) if sheet else _pixel(ship, len(cloud))
        return at is not None and bool(cloud[at] == CLEAR)

    return features(
        "ships",
        (shapely.Point(ship.x, ship.y) for ship in there),
        (
            {
                "length_m": round(ship.length, 1),
                "width_m": round(ship.width, 1),
                "heading_deg": round(ship.heading, 1),
                "moving": ship.moving,
                "visible": visible(ship),
            }
            for ship in there
        ),
    )


def _pixel(ship: Ship, count: int) -> tuple[int, int]:
    return min(int(ship.y / 10), count - 1), min(int(ship.x / 10), count - 1)
