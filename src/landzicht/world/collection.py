"""The collection of Sentinel-2-like images: bands, layers, and words that say what it is not."""

from __future__ import annotations

from landzicht.kinds import Band, BandKind, Collection, Layer, Mask
from landzicht.text import Text
from landzicht.world.classify import USABLE
from landzicht.world.materials import BANDS
from landzicht.world.msi import OFFSET, SCALE

COLLECTION_ID = "zonderland-s2"

_COMMON = ("blue", "green", "red", "rededge071", "rededge075", "rededge078", "nir", "nir08",
           "swir16", "swir22")  # fmt: skip
_CENTRE_UM = (0.492, 0.560, 0.665, 0.704, 0.741, 0.783, 0.833, 0.865, 1.614, 2.202)
_TITLES = ("Blue", "Green", "Red", "Red edge 1", "Red edge 2", "Red edge 3", "Near infrared",
           "Near infrared, narrow", "Short-wave infrared 1", "Short-wave infrared 2")  # fmt: skip

_CLASSES: tuple[tuple[int, str, Text], ...] = (
    (2, "#404040", Text("Donker", "Dark")),
    (3, "#833c0c", Text("Schaduw van een wolk", "Cloud shadow")),
    (4, "#3a9a3a", Text("Begroeid", "Vegetation")),
    (5, "#d9c35a", Text("Onbegroeid", "Not vegetated")),
    (6, "#2a5fd0", Text("Water", "Water")),
    (7, "#757575", Text("Niet ingedeeld", "Unclassified")),
    (8, "#bfbfbf", Text("Misschien een wolk", "Perhaps cloud")),
    (9, "#ffffff", Text("Wolk", "Cloud")),
    (10, "#7fd4e8", Text("Dunne hoge wolk", "Thin high cloud")),
)


LAYERS: tuple[Layer, ...] = (
    Layer(
        name="visual",
        title=Text("Gewone kleuren", "Natural colours"),
        description=Text(
            "Zoals u het uit een vliegtuig zou zien. Wat er precies groeit, ziet u niet.",
            "As you would see it from an aeroplane. What grows there exactly, you cannot see.",
        ),
        assets=("B04", "B03", "B02"),
        rescale=((0.0, 0.17),),
    ),
    Layer(
        name="ndvi",
        title=Text("Hoe groen is het?", "How green is it?"),
        description=Text(
            "Hoeveel blad er staat (NDVI). Kale grond en water zijn laag, een dicht gewas "
            "is hoog. Het zegt niet of een plant gezond is.",
            "How much leaf there is (NDVI). Bare soil and water are low, a dense crop is "
            "high. It does not tell whether a plant is healthy.",
        ),
        expression="(B08-B04)/(B08+B04)",
        rescale=((0.0, 0.95),),
        colormap="ylgn",
        low=Text("kaal", "bare"),
        high=Text("dicht blad", "dense leaves"),
        unit="1",
    ),
    Layer(
        name="false-colour",
        title=Text("Planten in rood", "Plants in red"),
        description=Text(
            "Nabij-infrarood als rood: planten springen eruit, ook tussen huizen. Rood is hier "
            "dus geen alarm.",
            "Near infrared as red: plants stand out, also between houses. So red is no alarm here.",
        ),
        assets=("B08", "B04", "B03"),
        rescale=((0.0, 0.50), (0.0, 0.20), (0.0, 0.20)),
    ),
    Layer(
        name="moisture",
        title=Text("Hoe vochtig is het gewas?", "How moist is the crop?"),
        description=Text(
            "Water in het blad (NDMI): laag is droog of kaal, hoog is vochtig. Het zegt niet hoe "
            "nat de grond is.",
            "Water in the leaves (NDMI): low is dry or bare, high is moist. It does not tell how "
            "wet the soil is.",
        ),
        expression="(B8A-B11)/(B8A+B11)",
        rescale=((-0.3, 0.6),),
        colormap="brbg",
        low=Text("droog of kaal", "dry or bare"),
        high=Text("vochtig", "moist"),
        unit="1",
    ),
    Layer(
        name="water",
        title=Text("Waar staat water?", "Where is water?"),
        description=Text(
            "Open water (MNDWI) is hoog; land is laag. Daken en schaduw kunnen misleiden.",
            "Open water (MNDWI) is high; land is low. Roofs and shade can mislead.",
        ),
        expression="(B03-B11)/(B03+B11)",
        rescale=((-0.6, 0.8),),
        colormap="blues",
        low=Text("land", "land"),
        high=Text("water", "water"),
        unit="1",
    ),
    Layer(
        name="scl",
        title=Text("Wat denkt de computer te zien?", "What does the computer think it sees?"),
        description=Text(
            "Automatisch ingedeeld: wolk, schaduw, water, begroeiing. Vaak goed, soms fout.",
            "Automatic classes: cloud, shadow, water, vegetation. Often right, sometimes not.",
        ),
        assets=("SCL",),
        classes=_CLASSES,
    ),
)
"""Ways of looking at an image; the first is shown first."""


def bands() -> tuple[Band, ...]:
    """Return the ten bands and the scene classification."""
    measured = tuple(
        Band(
            name=name,
            dtype="uint16",
            nodata=0,
            scale=SCALE,
            offset=OFFSET,
            unit="1",
            common_name=common,
            title=title,
            wavelength_um=centre,
        )
        for name, common, title, centre in zip(BANDS, _COMMON, _TITLES, _CENTRE_UM, strict=True)
    )
    scl = Band(
        name="SCL",
        dtype="uint8",
        kind=BandKind.CATEGORICAL,
        nodata=0,
        title="Scene classification",
    )
    return (*measured, scl)


def collection() -> Collection:
    """Return the collection `zonderland-s2`, marked as simulated."""
    return Collection(
        id=COLLECTION_ID,
        title=Text(
            nl="Zonderland: een verzonnen polder (GESIMULEERD)",
            en="Zonderland: a polder that does not exist (SIMULATED)",
        ),
        description=Text(
            nl="GESIMULEERD. Zonderland is door een computer bedacht: geen satelliet heeft het "
            "ooit gezien. De beelden lijken op die van Sentinel-2: tien kleuren licht, wolken, "
            "schaduwen, ruis. Alles is bekend: welk gewas waar staat, wanneer is gemaaid, waar "
            "een wolk hangt. Zo kunt u oefenen, en kan iedereen narekenen of onze kaarten "
            "kloppen. Gebruik het nooit voor een uitspraak over een echte plek.",
            en="SIMULATED. Zonderland was made up by a computer: no satellite ever saw it. The "
            "images look like those of Sentinel-2: ten colours of light, clouds, shadows, noise. "
            "Everything is known: which crop grows where, when was mown, where a cloud hangs. So "
            "you can practise, and anybody can check whether our maps are right. Never use it "
            "for a statement about a real place.",
        ),
        license="CC0-1.0",
        providers=(("Landzicht, simulated", ("producer", "processor")),),
        keywords=("simulated", "gesimuleerd", "Zonderland", "polder", "Sentinel-2-like"),
        bands=bands(),
        layers=LAYERS,
        mask=Mask(asset="SCL", valid=USABLE),
        resolution_m=10.0,
        simulated=True,
        sources=("Zonderland: gesimuleerd / simulated (Landzicht)",),
    )
