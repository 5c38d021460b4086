"""What is always true of Landsat Collection 2 (USGS LSDS-1388, LSDS-1619, LSDS-1618)."""

from __future__ import annotations

from itertools import product

from landzicht.kinds import Band, BandKind, Collection, Layer, Mask
from landzicht.text import Text

OLI = {
    "1": ("coastal", 0.443), "2": ("blue", 0.482), "3": ("green", 0.561), "4": ("red", 0.655),
    "5": ("nir08", 0.865), "6": ("swir16", 1.609), "7": ("swir22", 2.201), "8": ("pan", 0.590),
    "9": ("cirrus", 1.373), "10": ("lwir11", 10.9), "11": ("lwir12", 12.0),
    "ST_B10": ("lwir11", 10.9),
}  # fmt: skip
"""Landsat 8 and 9: number in the metadata → key (as in USGS’s own STAC) and wavelength in µm."""

TM = {
    "1": ("blue", 0.485), "2": ("green", 0.560), "3": ("red", 0.660), "4": ("nir08", 0.835),
    "5": ("swir16", 1.650), "7": ("swir22", 2.220), "8": ("pan", 0.710),
    "6": ("lwir", 11.45), "6_VCID_1": ("lwir", 11.45), "6_VCID_2": ("lwir_high_gain", 11.45),
    "ST_B6": ("lwir11", 11.45),
}  # fmt: skip
"""Landsat 4, 5 and 7."""

_FIRST_CONFIDENCE_BIT = 8


def usable_qa_values() -> tuple[int, ...]:
    """Return the QA_PIXEL values without fill, cloud, dilated cloud, cirrus or cloud shadow.

    Bits 0-4 are those; 5 snow, 6 clear, 7 water; then two bits of confidence each for cloud,
    shadow, snow and cirrus (LSDS-1619, table 6-3). Only the confidences that occur with bits 0-4
    zero are listed: cloud low or medium, shadow low, snow low or high, cirrus none or low.
    """
    values = set()
    for state, cloud, snow, cirrus in product(range(8), (1, 2), (1, 3), (0, 1)):
        confidences = cloud | 1 << 2 | snow << 4 | cirrus << 6
        values.add(state << 5 | confidences << _FIRST_CONFIDENCE_BIT)
    return tuple(sorted(values))


def qa_band() -> Band:
    """Return the quality band of every Collection 2 product."""
    return Band(
        name="qa_pixel", dtype="uint16", kind=BandKind.CATEGORICAL, nodata=1, title="QA_PIXEL"
    )


def landsat_collection(level: str) -> Collection:
    """Return the collection of level 1 (`L1`) or level 2 (`L2`)."""
    surface = level == "L2"
    top = 0.3 if surface else 0.35
    kind = Text(
        nl="weerkaatsing en temperatuur aan de grond"
        if surface
        else "weerkaatsing boven de dampkring",
        en="surface reflectance and temperature" if surface else "top-of-atmosphere reflectance",
    )
    return Collection(
        id=f"landsat-c2-{level.lower()}",
        title=Text(nl=f"Landsat {level} ({kind.nl})", en=f"Landsat {level} ({kind.en})"),
        description=Text(
            nl=f"Beelden van de Amerikaanse Landsat-satellieten, Collection 2: {kind.nl}, "
            "30 meter. Wolken zijn niet weggehaald.",
            en=f"Images of the American Landsat satellites, Collection 2: {kind.en}, "
            "30 metres. Clouds are not removed.",
        ),
        license="PDDL-1.0",
        providers=(("USGS / NASA", ("producer", "licensor", "processor")),),
        keywords=("Landsat", "USGS", level),
        layers=(*_layers(top), *((_temperature(),) if surface else ())),
        mask=Mask(asset="qa_pixel", valid=usable_qa_values()),
        resolution_m=30.0,
        sources=("Landsat images courtesy of the U.S. Geological Survey",),
    )


def _layers(top: float) -> tuple[Layer, ...]:
    return (
        Layer(
            name="visual",
            title=Text(nl="Ware kleuren", en="True colour"),
            description=Text(
                nl="Zoals het oog het ziet. Wat er precies groeit, ziet u niet.",
                en="As the eye sees it. What grows there exactly, you cannot see.",
            ),
            assets=("red", "green", "blue"),
            rescale=((0.0, top),),
        ),
        Layer(
            name="ndvi",
            title=Text(nl="Groen (NDVI)", en="Greenness (NDVI)"),
            description=Text(
                nl="Hoe groen de begroeiing is. Het zegt niet of een plant gezond is, en niets bij "
                "wolken en water.",
                en="How green the vegetation is. It does not tell whether a plant is healthy, and "
                "nothing over cloud and water.",
            ),
            expression="(nir08-red)/(nir08+red)",
            rescale=((-0.2, 1.0),),
            colormap="ylgn",
            low=Text(nl="kaal", en="bare"),
            high=Text(nl="dicht groen", en="dense green"),
        ),
        Layer(
            name="false-colour",
            title=Text(nl="Valse kleuren (nabij-infrarood)", en="False colour (near infrared)"),
            description=Text(
                nl="Begroeiing is rood, water donker. Rood is hier dus geen alarm.",
                en="Vegetation is red, water dark. So red is no alarm here.",
            ),
            assets=("nir08", "red", "green"),
            rescale=((0.0, 0.5), (0.0, top), (0.0, top)),
        ),
    )


def _temperature() -> Layer:
    return Layer(
        name="temperature",
        title=Text(nl="Temperatuur van de grond", en="Surface temperature"),
        description=Text(
            nl="Warmte van het oppervlak op het moment van de opname, niet van de lucht.",
            en="Heat of the surface at the time of the image, not of the air.",
        ),
        expression="lwir11-273.15",
        rescale=((0.0, 45.0),),
        colormap="inferno",
        unit="Cel",
        low=Text(nl="koel", en="cool"),
        high=Text(nl="warm", en="warm"),
    )
