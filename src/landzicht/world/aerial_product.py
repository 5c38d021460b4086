"""Very-high-resolution images as products, and their collection."""

from __future__ import annotations

import numpy as np
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Band, Collection, Layer
from landzicht.stac.mark import WORLD
from landzicht.text import Text
from landzicht.world.aerial import NAMES, SCALE, Flight, observe_aerial
from landzicht.world.items import footprint
from landzicht.world.landscape import CORNER, CRS, landscape
from landzicht.world.product import Plane, Product, truth_plane

AERIAL_ID = "zonderland-vhr"


def aerial_bands() -> tuple[Band, ...]:
    """Return red, green, blue and near infrared."""
    return tuple(
        Band(name=name, dtype="uint8", nodata=0, scale=SCALE, unit="1", common_name=name)
        for name in NAMES
    )


def aerial_collection() -> Collection:
    """Return the collection of very-high-resolution images, marked as simulated."""
    return Collection(
        id=AERIAL_ID,
        title=Text(
            nl="Zonderland: de stad van dichtbij (GESIMULEERD)",
            en="Zonderland: the town close up (SIMULATED)",
        ),
        description=Text(
            nl="GESIMULEERD. Een vierkante kilometer van een verzonnen stad, in pixels van een "
            "halve meter: daken, tuinen, bomen, auto's en hun schaduw. Geen vliegtuig of "
            "satelliet heeft dit ooit gezien.",
            en="SIMULATED. A square kilometre of a town that does not exist, in pixels of half a "
            "metre: roofs, gardens, trees, cars and their shadows. No aeroplane or satellite "
            "ever saw this.",
        ),
        license="CC0-1.0",
        providers=(("Landzicht, simulated", ("producer", "processor")),),
        keywords=("simulated", "gesimuleerd", "Zonderland", "very high resolution"),
        bands=aerial_bands(),
        layers=(
            Layer(
                name="visual",
                title=Text("Gewone kleuren", "Natural colours"),
                assets=("red", "green", "blue"),
                rescale=((0.0, 0.24),),
            ),
            Layer(
                name="false-colour",
                title=Text("Planten in rood", "Plants in red"),
                assets=("nir", "red", "green"),
                rescale=((0.0, 0.45), (0.0, 0.24), (0.0, 0.24)),
            ),
        ),
        resolution_m=0.5,
        simulated=True,
        sources=("Zonderland: gesimuleerd / simulated (Landzicht)",),
    )


def aerial_product(flight: Flight) -> Product:
    """Return one very-high-resolution image with its truth."""
    image = observe_aerial(landscape(flight.spec, flight.date.year), flight)
    frame = image.frame
    x, y = CORNER[0] + frame.origin[0], CORNER[1] - frame.origin[1]
    grid = Grid(
        crs=CRS,
        transform=Affine(frame.pixel, 0, x, 0, -frame.pixel, y),
        height=frame.size[0],
        width=frame.size[1],
    )
    return Product(
        id=flight.id,
        collection=AERIAL_ID,
        moment=flight.moment,
        planes=tuple(
            Plane(band=band, grid=grid, values=image.bands[band.name]) for band in aerial_bands()
        ),
        footprint=footprint(grid),
        properties={
            "platform": "simulated-vhr",
            "instruments": ["simulated-camera"],
            "gsd": 0.5,
            "eo:cloud_cover": 0.0,
            "landzicht:seed": flight.spec.seed,
            WORLD: flight.spec.key,
        },
        truths=(
            truth_plane("trees", image.tree_truth.astype(np.uint8), grid),
            truth_plane("roofs", image.roof_truth.astype(np.uint8), grid),
        ),
        facts={"cloud": 0.0},
    )
