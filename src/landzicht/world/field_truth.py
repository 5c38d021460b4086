"""What grows where, field by field: a parcel with two crops is two fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.cover import cover
from landzicht.world.crops import CROPS
from landzicht.world.landscape import world_grid
from landzicht.world.product import Plane, truth_plane
from landzicht.world.spec import PIXEL_M
from landzicht.world.truth import Collection, features, season_facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.landscape import Landscape

_CRUMB_M2 = 1.0
"""Cutting a parcel leaves crumbs along the cut that are no piece of it."""
NO_CROP = 0
"""Value of the crop raster where no field covers more than half of the pixel."""


def outlines(scene: Landscape) -> NDArray[Any]:
    """Return `(fields,)` the shape of each field: its parcel, or its piece of a mixed parcel."""
    parcels, fields, parts = scene.geography.parcels, scene.fields, scene.parts
    count = len(parcels)
    found = np.empty(len(fields.crop), object)
    found[:count] = parcels
    for number in (*fields.parcel[count:], *range(count, len(found))):
        pieces = shapely.get_parts(parts.shapes[parts.field == number])
        found[number] = shapely.union_all(pieces[shapely.area(pieces) > _CRUMB_M2])
    return found


def field_shapes(scene: Landscape) -> Collection:
    """Return all fields with their crop and what was done there, in the order of their numbers.

    The first fields have the numbers of their parcels; those after them are the second fields of
    mixed parcels.
    """
    fields, shapes = scene.fields, outlines(scene)
    area = shapely.area(shapes) / 1e4

    def facts(number: int) -> dict[str, Any]:
        return {
            "field": number,
            "parcel": int(fields.parcel[number]),
            "jaar": fields.year,
            "area_ha": round(float(area[number]), 3),
            "gewascode": CROPS[fields.declared[number]].code,
            **season_facts(fields, number),
        }

    return features("fields", shapes, (facts(number) for number in range(len(shapes))))


def crop_plane(scene: Landscape) -> Plane:
    """Return the code of the crop that covers more than half of each 10 m pixel, or `NO_CROP`."""
    size = scene.spec.size
    found = cover(outlines(scene), (size, size), PIXEL_M)
    codes = np.array([crop.code for crop in CROPS], np.uint16)[scene.fields.crop]
    out = np.full(size * size, NO_CROP, np.uint16)
    most = found.share > 0.5
    out[found.pixel[most]] = codes[found.shape[most]]
    return truth_plane("crop", out.reshape(size, size), world_grid(scene.spec, PIXEL_M))
