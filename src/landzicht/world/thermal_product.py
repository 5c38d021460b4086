"""Landsat-like images as products, and their collection."""

from __future__ import annotations

import numpy as np

from landzicht.grid import Window
from landzicht.kinds import Band, BandKind, Collection, Layer, Mask
from landzicht.stac.mark import WORLD
from landzicht.text import Text
from landzicht.world.items import footprint
from landzicht.world.landscape import landscape, world_grid
from landzicht.world.product import Plane, Product, truth_plane
from landzicht.world.sky import THICK
from landzicht.world.thermal import (
    KELVIN_OFFSET,
    KELVIN_SCALE,
    NAMES,
    OFFSET,
    PIXEL_M,
    QA_CLEAR,
    QA_WATER,
    SCALE,
    ThermalPass,
    observe_thermal,
)

THERMAL_ID = "zonderland-landsat"
_CENTRE_UM = (0.482, 0.561, 0.655, 0.865, 1.609, 2.201)


def thermal_bands() -> tuple[Band, ...]:
    """Return six bands of reflectance, the temperature of the surface, and the quality codes."""
    reflectance = tuple(
        Band(
            name=name,
            dtype="uint16",
            nodata=0,
            scale=SCALE,
            offset=OFFSET,
            unit="1",
            common_name=name,
            wavelength_um=centre,
        )
        for name, centre in zip(NAMES, _CENTRE_UM, strict=True)
    )
    warmth = Band(
        name="lwir11",
        dtype="uint16",
        nodata=0,
        scale=KELVIN_SCALE,
        offset=KELVIN_OFFSET,
        unit="K",
        common_name="lwir11",
        title="Surface temperature",
        wavelength_um=10.895,
    )
    quality = Band(
        name="qa_pixel",
        dtype="uint16",
        kind=BandKind.CATEGORICAL,
        nodata=1,
        title="Pixel quality",
    )
    return (*reflectance, warmth, quality)


def thermal_collection() -> Collection:
    """Return the collection of Landsat-like images, marked as simulated."""
    return Collection(
        id=THERMAL_ID,
        title=Text(nl="Zonderland: warmte (GESIMULEERD)", en="Zonderland: heat (SIMULATED)"),
        description=Text(
            nl="GESIMULEERD. Beelden van een verzonnen polder zoals Landsat ze maakt, met pixels "
            "van 30 meter en de temperatuur van het oppervlak. Dat is niet de temperatuur van de "
            "lucht: een dak in de zon is veel warmer. Geen satelliet heeft dit ooit gezien.",
            en="SIMULATED. Images of a polder that does not exist as Landsat makes them, with "
            "pixels of 30 metres and the temperature of the surface. That is not the temperature "
            "of the air: a roof in the sun is much warmer. No satellite ever saw this.",
        ),
        license="CC0-1.0",
        providers=(("Landzicht, simulated", ("producer", "processor")),),
        keywords=("simulated", "gesimuleerd", "Zonderland", "temperature", "Landsat-like"),
        bands=thermal_bands(),
        layers=(
            Layer(
                name="temperature",
                title=Text("Hoe warm is de grond?", "How warm is the ground?"),
                description=Text(
                    "Temperatuur van het oppervlak in kelvin (0 °C = 273), niet van de lucht. "
                    "Wolken zijn koud.",
                    "Temperature of the surface in kelvin (0 °C = 273), not of the air. "
                    "Clouds are cold.",
                ),
                assets=("lwir11",),
                rescale=((278.0, 313.0),),
                colormap="inferno",
                low=Text("5 °C", "5 °C"),
                high=Text("40 °C", "40 °C"),
                unit="K",
            ),
            Layer(
                name="visual",
                title=Text("Gewone kleuren", "Natural colours"),
                assets=("red", "green", "blue"),
                rescale=((0.0, 0.20),),
            ),
        ),
        mask=Mask(asset="qa_pixel", valid=(QA_CLEAR, QA_WATER)),
        resolution_m=PIXEL_M,
        simulated=True,
        sources=("Zonderland: gesimuleerd / simulated (Landzicht)",),
    )


def thermal_product(taken: ThermalPass) -> Product:
    """Return one Landsat-like image with its truth."""
    image = observe_thermal(landscape(taken.spec, taken.date.year), taken)
    count = image.quality.shape[0]
    grid = world_grid(taken.spec, PIXEL_M).crop(Window(0, 0, count, count))
    bands = image.bands | {"qa_pixel": image.quality}
    cloud = float((image.cloud_truth == THICK).mean())
    flood = image.flood_truth
    wet = () if flood is None else (truth_plane("flood", flood.astype(np.uint8), grid),)
    return Product(
        id=taken.id,
        collection=THERMAL_ID,
        moment=taken.moment,
        planes=tuple(
            Plane(band=band, grid=grid, values=bands[band.name]) for band in thermal_bands()
        ),
        footprint=footprint(grid),
        properties={
            "platform": taken.platform,
            "instruments": ["simulated-oli", "simulated-tirs"],
            "gsd": 30,
            "eo:cloud_cover": round(100 * cloud, 1),
            "view:sun_azimuth": round(taken.sun_azimuth, 2),
            "view:sun_elevation": round(90 - taken.sun_zenith, 2),
            "landzicht:seed": taken.spec.seed,
            WORLD: taken.spec.key,
        },
        truths=(
            truth_plane("cloud", image.cloud_truth, grid),
            truth_plane(
                "temperature", image.temperature_truth.astype(np.float32), grid, codes=False
            ),
            *wet,
        ),
        facts={
            "cloud": round(cloud, 4),
            "flooded_ha": round(float(flood.sum()) * 0.09, 1) if flood is not None else 0.0,
        },
    )
