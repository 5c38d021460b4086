"""Sentinel-2-like images as products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from landzicht.grid import Grid
from landzicht.stac.mark import WORLD
from landzicht.world import truth
from landzicht.world.collection import COLLECTION_ID, bands
from landzicht.world.items import footprint
from landzicht.world.landscape import landscape
from landzicht.world.msi import FINE, observe
from landzicht.world.product import Plane, Product, truth_plane
from landzicht.world.sheets import in_the_east
from landzicht.world.swath import outline

if TYPE_CHECKING:
    from landzicht.world.schedule import Acquisition


def msi_product(acquisition: Acquisition) -> Product:
    """Return one Sentinel-2-like image with its truth."""
    spec = acquisition.spec
    year = acquisition.date.year
    scene = in_the_east(spec, year) if acquisition.east else landscape(spec, year)
    seen = observe(scene, acquisition)
    fine, coarse = scene.grid, _twice(scene.grid)
    flood = seen.flood_truth
    truths = [truth_plane("cloud", seen.cloud_truth, fine)]
    if flood is not None:
        truths.append(truth_plane("flood", flood.astype(np.uint8), fine))
    return Product(
        id=acquisition.id,
        collection=COLLECTION_ID,
        moment=acquisition.moment,
        planes=tuple(
            Plane(
                band=band,
                grid=fine if band.name in FINE else coarse,
                values=seen.scl if band.name == "SCL" else seen.bands[band.name],
            )
            for band in bands()
        ),
        footprint=outline(acquisition, scene.sheet)
        if scene.sheet
        else footprint(fine, acquisition.swath_edge),
        properties={
            "platform": acquisition.platform,
            "constellation": "simulated-2",
            "instruments": ["simulated-msi"],
            "gsd": 10,
            "eo:cloud_cover": round(100 * seen.cloud_share, 1),
            "sat:relative_orbit": acquisition.orbit,
            "sat:orbit_state": "descending",
            "view:off_nadir": acquisition.view_zenith,
            "view:azimuth": acquisition.view_azimuth,
            "view:sun_azimuth": round(acquisition.sun_azimuth, 2),
            "view:sun_elevation": round(90 - acquisition.sun_zenith, 2),
            "landzicht:seed": spec.seed,
            WORLD: spec.key,
        },
        truths=tuple(truths),
        shapes={"ships": truth.ships(seen.ships, seen.cloud_truth, scene.sheet)},
        facts={
            "cloud": round(seen.cloud_share, 4),
            "ships": len(seen.ships),
            "flooded_ha": round(float(flood.sum()) / 100, 1) if flood is not None else 0.0,
        },
    )


def _twice(grid: Grid) -> Grid:
    """Return the grid of the 20 m bands."""
    return Grid(
        crs=grid.crs,
        transform=grid.transform @ Affine.scale(2),
        height=grid.height // 2,
        width=grid.width // 2,
    )
