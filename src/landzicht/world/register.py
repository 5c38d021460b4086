"""What the registers of Zonderland say: parcels with their declared crop, and municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from landzicht.world.truth import features, parcels

if TYPE_CHECKING:
    from landzicht.world.landscape import Landscape
    from landzicht.world.spec import WorldSpec

_TRUTH = "true_"
NAMES = ("Nergenshuizen", "Verzonnum", "Zonderdijk", "Schijnrode", "Dromenwaard", "Nietland")
"""Municipalities that do not exist, one for each town."""


def registered_parcels(scene: Landscape) -> dict[str, Any]:
    """Return the parcels as GeoJSON, with what the register says and nothing of the truth."""
    told = parcels(scene)
    for feature in told["features"]:
        facts = feature["properties"]
        feature["properties"] = {
            name: value for name, value in facts.items() if not name.startswith(_TRUTH)
        }
    return told


def municipalities(scene: Landscape, spec: WorldSpec) -> dict[str, Any]:
    """Return municipalities as GeoJSON: all land and water that lies nearest to one town.

    Together they cover the whole map, and no place is in two.
    """
    square = shapely.box(0, 0, spec.extent_m, spec.extent_m)
    middles = [town.outline.centroid for town in scene.geography.towns]
    cells = [square]
    if len(middles) > 1:
        told = shapely.voronoi_polygons(shapely.MultiPoint(middles), extend_to=square, ordered=True)
        cells = [cell.intersection(square) for cell in told.geoms]
    facts = [
        {"name": NAMES[number % len(NAMES)], "code": f"ZM{number + 1:04d}"}
        for number in range(len(cells))
    ]
    return features("municipalities", cells, facts)
