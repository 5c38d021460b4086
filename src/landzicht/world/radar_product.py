"""Sentinel-1-like images as products, and their collection."""

from __future__ import annotations

import numpy as np

from landzicht.kinds import Band, Collection, Layer
from landzicht.stac.mark import WORLD
from landzicht.text import Text
from landzicht.world import truth
from landzicht.world.items import footprint
from landzicht.world.landscape import landscape, world_grid
from landzicht.world.product import Plane, Product, truth_plane
from landzicht.world.radar import VH, VV, RadarPass, observe_radar

RADAR_ID = "zonderland-s1"
NODATA = -32768
SCALE = 0.01
"""dB = stored number times scale."""


def radar_bands() -> tuple[Band, Band]:
    """Return VV and VH."""
    vv, vh = (
        Band(name=name, dtype="int16", nodata=NODATA, scale=SCALE, unit="dB", title=title)
        for name, title in (("VV", "Backscatter VV"), ("VH", "Backscatter VH"))
    )
    return vv, vh


def radar_collection() -> Collection:
    """Return the collection of Sentinel-1-like images, marked as simulated."""
    return Collection(
        id=RADAR_ID,
        title=Text(nl="Zonderland: radar (GESIMULEERD)", en="Zonderland: radar (SIMULATED)"),
        description=Text(
            nl="GESIMULEERD. Radarbeelden van een verzonnen polder, zoals Sentinel-1 ze maakt: dag "
            "en nacht, door wolken heen. Water is donker, gebouwen en schepen zijn licht. De "
            "korrel (speckle) hoort bij radar. Geen satelliet heeft dit ooit gezien.",
            en="SIMULATED. Radar images of a polder that does not exist, as Sentinel-1 makes them: "
            "day and night, through clouds. Water is dark, buildings and ships are bright. The "
            "grain (speckle) belongs to radar. No satellite ever saw this.",
        ),
        license="CC0-1.0",
        providers=(("Landzicht, simulated", ("producer", "processor")),),
        keywords=("simulated", "gesimuleerd", "Zonderland", "radar", "Sentinel-1-like"),
        bands=radar_bands(),
        layers=(
            Layer(
                name="radar",
                title=Text("Radar in kleur", "Radar in colour"),
                description=Text(
                    "Groen is bladerrijk of bos, paars is kaal en ruw, donkerblauw is water. Het "
                    "zijn echo's van radar, geen kleuren die u zou zien.",
                    "Green is leafy or wood, purple is bare and rough, dark blue is water. These "
                    "are echoes of radar, no colours that you would see.",
                ),
                assets=("VV", "VH", "VV"),
                rescale=((-20.0, -2.0), (-27.0, -9.0), (-22.0, 0.0)),
            ),
            Layer(
                name="vv",
                title=Text("Radar, één richting (VV)", "Radar, one direction (VV)"),
                assets=("VV",),
                rescale=((-22.0, 0.0),),
                colormap="gray",
                low=Text("glad of water", "smooth or water"),
                high=Text("ruw of gebouw", "rough or building"),
                unit="dB",
            ),
        ),
        resolution_m=10.0,
        simulated=True,
        sources=("Zonderland: gesimuleerd / simulated (Landzicht)",),
    )


def radar_product(taken: RadarPass) -> Product:
    """Return one radar image with its truth."""
    image = observe_radar(landscape(taken.spec, taken.date.year), taken)
    grid = world_grid(taken.spec, 10.0)
    stored = np.round(image.decibel() / np.float32(SCALE)).astype(np.int16)
    flood = image.flood_truth
    wet = () if flood is None else (truth_plane("flood", flood.astype(np.uint8), grid),)
    return Product(
        id=taken.id,
        collection=RADAR_ID,
        moment=taken.moment,
        planes=tuple(
            Plane(band=band, grid=grid, values=stored[index])
            for band, index in zip(radar_bands(), (VV, VH), strict=True)
        ),
        footprint=footprint(grid),
        properties={
            "platform": "simulated-1",
            "instruments": ["simulated-sar"],
            "gsd": 10,
            "sat:orbit_state": taken.direction,
            "sar:polarizations": ["VV", "VH"],
            "sar:instrument_mode": "IW",
            "sar:frequency_band": "C",
            "sar:product_type": "GRD",
            "landzicht:seed": taken.spec.seed,
            WORLD: taken.spec.key,
        },
        truths=wet,
        shapes={"ships": truth.ships(image.ships)},
        facts={
            "ships": len(image.ships),
            "flooded_ha": round(float(flood.sum()) / 100, 1) if flood is not None else 0.0,
        },
    )
