"""What really is there, as files: parcels, sick patches, the building site, ships, the flood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.grid.crs import WGS84, transformer
from landzicht.world.crops import CROPS
from landzicht.world.fields import NEVER
from landzicht.world.ground import HOUSES_READY, SITE_CLEARED
from landzicht.world.landscape import CORNER, CRS
from landzicht.world.sky import CLEAR, SHADOW, THICK, THIN, UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.landscape import Landscape
    from landzicht.world.ships import Ship

Collection = dict[str, Any]
CLOUD_CLASSES = {
    CLEAR: "clear",
    THIN: "thin cloud",
    THICK: "thick cloud",
    SHADOW: "cloud shadow",
    UNSEEN: "outside the swath",
}
"""Values of the cloud truth rasters."""


def on_earth(shapes: Iterable[Shape]) -> NDArray[Any]:
    """Return shapes of the map (metres, y south) in WGS84 longitude and latitude."""
    to_wgs84 = transformer(CRS, WGS84)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = to_wgs84.transform(CORNER[0] + points[:, 0], CORNER[1] - points[:, 1])
        return np.round(np.stack([lon, lat], -1), 7)

    moved: NDArray[Any] = shapely.transform(np.array(list(shapes), object), move)
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
        "note": "SIMULATED / GESIMULEERD: Zonderland does not exist",
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
        declared, grown = CROPS[fields.declared[index]], CROPS[fields.crop[index]]
        cuts = fields.mowing[index]
        harvest = float(fields.harvest[index])
        return {
            "category": "Grasland" if declared.kind == "grass" else "Bouwland",
            "gewas": declared.nl,
            "gewascode": declared.code,
            "jaar": fields.year,
            "area_ha": round(float(area[index]), 3),
            "true_gewascode": grown.code,
            "true_gewas": grown.nl,
            "true_crop": grown.en,
            "true_mowing_days": [round(float(day)) for day in cuts[cuts < NEVER]],
            "true_harvest_day": round(harvest) if harvest < 366 else None,
            "true_catch_crop": bool(fields.catch_crop[index]) and harvest < 366,
            "zone": ("new polder", "drained lake", "old land", "foreland")[
                scene.geography.zone[index]
            ],
        }

    shapes = scene.geography.parcels
    return features("parcels", shapes, (facts(i) for i in range(len(shapes))))


def patches(scene: Landscape) -> Collection:
    """Return the patches where a crop is unwell."""
    return features(
        "stress-patches",
        (shapely.Point(p.x, p.y).buffer(p.radius, 8) for p in scene.patches),
        (
            {"parcel": p.parcel, "radius_m": round(p.radius, 1), "from_day": p.start}
            for p in scene.patches
        ),
    )


def site(scene: Landscape) -> Collection:
    """Return the building site and the days on which it changes."""
    days = {"sand_from_day": SITE_CLEARED, "roofs_from_day": HOUSES_READY}
    return features("building-site", [scene.geography.site], [days | {"year": scene.fields.year}])


def ships(there: Sequence[Ship], cloud: NDArray[np.uint8] | None = None) -> Collection:
    """Return the ships in one image.

    Args:
        there: all ships.
        cloud: cloud truth of the image on 10 m pixels, or None when clouds do not matter; a ship
            under a cloud is listed with `visible` false.
    """

    def visible(ship: Ship) -> bool:
        if cloud is None:
            return True
        row, column = (min(int(v / 10), len(cloud) - 1) for v in (ship.y, ship.x))
        return bool(cloud[row, column] == CLEAR)

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
