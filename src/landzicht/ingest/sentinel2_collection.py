"""What is always true of Sentinel-2: bands, layers, classes (ESA, S2-PDGS-TAS-DI-PSD)."""

from __future__ import annotations

from landzicht.kinds import Band, BandKind, Collection, Layer, Mask
from landzicht.text import Text

BAND_IDS = (
    "B01",
    "B02",
    "B03",
    "B04",
    "B05",
    "B06",
    "B07",
    "B08",
    "B8A",
    "B09",
    "B10",
    "B11",
    "B12",
)
"""In the order of `band_id` in the metadata, from 0."""

NATIVE_M = {
    **dict.fromkeys(("B02", "B03", "B04", "B08"), 10),
    **dict.fromkeys(("B05", "B06", "B07", "B8A", "B11", "B12", "SCL"), 20),
    **dict.fromkeys(("B01", "B09", "B10"), 60),
}
"""Ground size in metres at which each band is measured."""

_COMMON = {
    "B01": ("coastal", 0.443), "B02": ("blue", 0.492), "B03": ("green", 0.560),
    "B04": ("red", 0.665), "B05": ("rededge071", 0.704), "B06": ("rededge075", 0.741),
    "B07": ("rededge078", 0.783), "B08": ("nir", 0.833), "B8A": ("nir08", 0.865),
    "B09": ("nir09", 0.945), "B10": ("cirrus", 1.374), "B11": ("swir16", 1.614),
    "B12": ("swir22", 2.202),
}  # fmt: skip

SCL_CLASSES = (
    (0, "#000000", Text(nl="Geen gegevens", en="No data")),
    (1, "#ff0000", Text(nl="Verzadigd of kapot", en="Saturated or defective")),
    (2, "#2f2f2f", Text(nl="Donker of schaduw van reliëf", en="Dark area or cast shadow")),
    (3, "#643200", Text(nl="Wolkenschaduw", en="Cloud shadow")),
    (4, "#00a000", Text(nl="Begroeid", en="Vegetation")),
    (5, "#ffe65a", Text(nl="Niet begroeid", en="Not vegetated")),
    (6, "#0000ff", Text(nl="Water", en="Water")),
    (7, "#808080", Text(nl="Niet ingedeeld", en="Unclassified")),
    (8, "#c0c0c0", Text(nl="Misschien wolk", en="Cloud, medium probability")),
    (9, "#ffffff", Text(nl="Wolk", en="Cloud, high probability")),
    (10, "#64c8ff", Text(nl="Sluierbewolking", en="Thin cirrus")),
    (11, "#ff96ff", Text(nl="Sneeuw of ijs", en="Snow or ice")),
)
"""Scene classification of Sen2Cor, colours as ESA shows them."""

_MASK = Mask(asset="SCL", valid=(2, 4, 5, 6, 7, 11))
"""Neither cloud, nor its shadow, nor broken. 7 is kept: it is mostly land that Sen2Cor doubts."""


def reflectance_band(name: str, *, quantification: float = 10_000.0, added: float = 0.0) -> Band:
    """Return a band of reflectances.

    Since processing baseline 04.00 (25 January 2022) reflectance is `(number + added) /
    quantification` with `added` -1000, so that dark pixels keep negative noise.
    """
    common, centre = _COMMON[name]
    return Band(
        name=name,
        dtype="uint16",
        nodata=0,
        scale=1 / quantification,
        offset=added / quantification,
        unit="1",
        common_name=common,
        wavelength_um=centre,
        title=f"{name} ({NATIVE_M[name]} m)",
    )


def scl_band() -> Band:
    """Return the scene classification of level 2A."""
    return Band(
        name="SCL",
        dtype="uint8",
        kind=BandKind.CATEGORICAL,
        nodata=0,
        title="SCL (20 m)",
        colours=tuple((value, _rgba(colour)) for value, colour, _ in SCL_CLASSES),
    )


def sentinel2_collection(level: str) -> Collection:
    """Return the collection of level `L1C` or `L2A`."""
    bands = [name for name in BAND_IDS if level == "L1C" or name != "B10"]
    surface = level == "L2A"
    layers = [*_layers(top=0.3 if surface else 0.35)]
    if surface:
        layers.append(_scl_layer())
    kind = Text(
        nl="weerkaatsing aan de grond" if surface else "weerkaatsing boven de dampkring",
        en="surface reflectance" if surface else "top-of-atmosphere reflectance",
    )
    return Collection(
        id=f"sentinel-2-{level.lower()}",
        title=Text(nl=f"Sentinel-2 {level} ({kind.nl})", en=f"Sentinel-2 {level} ({kind.en})"),
        description=Text(
            nl=f"Beelden van de Europese satellieten Sentinel-2: {kind.nl}, 13 banden van 10 tot "
            "60 meter, ongeveer elke 5 dagen. Wolken zijn niet weggehaald.",
            en=f"Images of the European Sentinel-2 satellites: {kind.en}, 13 bands of 10 to "
            "60 metres, about every 5 days. Clouds are not removed.",
        ),
        license="other",
        providers=(("ESA / Copernicus", ("producer", "licensor", "processor")),),
        keywords=("Sentinel-2", "Copernicus", level),
        bands=(*(reflectance_band(name) for name in bands), *((scl_band(),) if surface else ())),
        layers=tuple(layers),
        mask=_MASK if surface else None,
        resolution_m=10.0,
        sources=("Contains modified Copernicus Sentinel data",),
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
            assets=("B04", "B03", "B02"),
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
            expression="(B08-B04)/(B08+B04)",
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
            assets=("B08", "B04", "B03"),
            rescale=((0.0, 0.5), (0.0, top), (0.0, top)),
        ),
    )


def _scl_layer() -> Layer:
    return Layer(
        name="scl",
        title=Text(nl="Indeling (wolk, water, groen)", en="Classes (cloud, water, green)"),
        description=Text(
            nl="Automatische indeling van ESA; vergist zich bij witte daken en dunne wolken.",
            en="ESA’s automatic classes; errs over white roofs and thin cloud.",
        ),
        assets=("SCL",),
        classes=SCL_CLASSES,
    )


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255)
