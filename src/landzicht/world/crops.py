"""Crops of Zonderland, with the codes and names of the Dutch parcel register (BRP)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """One crop: when it grows and how it looks. Days are days of the year."""

    code: int
    """BRP crop code."""
    nl: str
    """Name in the BRP."""
    en: str
    """Name in English."""
    kind: str
    """`grass`, `cereal`, `root`, `flower`, `oil` or `fodder`."""
    share: tuple[float, float, float, float]
    """How common in each zone: new polder, drained lake, old land, forelands. Relative."""
    leaf_area: float
    """Largest leaf area index, m² leaf on m² ground."""
    green_up: float
    """Day on which half of that is there."""
    pace: float
    """Days from a tenth to half, about."""
    harvest: float
    """Day of harvest."""
    chlorophyll: float
    """µg/cm² of leaf."""
    leaf_angle: float
    """Mean leaf angle, degrees from horizontal: 35 flat, 70 upright."""
    ripening: float = 0.0
    """How yellow it is at harvest, 0 to 1."""
    winter_leaf_area: float = 0.0
    """Leaf area index of a winter crop before it grows."""
    bloom: float | None = None
    """Day of full bloom, when the flowers colour the field."""
    petals: tuple[float, float, float] | None = None
    """Reflectance of the flowers in B02, B03, B04; None with a bloom = a mix of tulips."""
    permanent: bool = False
    """Grown every year on the same parcel."""


_GRASS = {"green_up": 75.0, "pace": 22.0, "harvest": 400.0, "kind": "grass"}

CROPS: tuple[Crop, ...] = (
    Crop(code=265, nl="Grasland, blijvend", en="permanent grassland", share=(.05, .34, .80, .30),
         leaf_area=4.0, chlorophyll=42, leaf_angle=57, permanent=True, **_GRASS),  # type: ignore[arg-type]
    Crop(code=331, nl="Grasland, natuurlijk. Hoofdfunctie landbouw.", en="natural grassland",
         share=(0, 0, .05, .70), leaf_area=2.9, chlorophyll=35, leaf_angle=62, permanent=True,
         **_GRASS),  # type: ignore[arg-type]
    Crop(code=266, nl="Grasland, tijdelijk", en="temporary grassland", share=(.07, .10, .07, 0),
         leaf_area=4.3, chlorophyll=44, leaf_angle=60, **_GRASS),  # type: ignore[arg-type]
    Crop(code=259, nl="Mais, snij-", en="silage maize", kind="fodder", share=(.07, .13, .08, 0),
         leaf_area=4.6, green_up=163, pace=9, harvest=262, chlorophyll=52, leaf_angle=57,
         ripening=.25),
    Crop(code=233, nl="Tarwe, winter-", en="winter wheat", kind="cereal", share=(.19, .09, 0, 0),
         leaf_area=5.2, green_up=98, pace=16, harvest=216, chlorophyll=50, leaf_angle=70,
         ripening=.95, winter_leaf_area=.8),
    Crop(code=235, nl="Gerst, winter-", en="winter barley", kind="cereal", share=(.03, .02, 0, 0),
         leaf_area=4.7, green_up=92, pace=15, harvest=192, chlorophyll=46, leaf_angle=68,
         ripening=.95, winter_leaf_area=1.0),
    Crop(code=234, nl="Tarwe, zomer-", en="spring wheat", kind="cereal", share=(.04, .02, 0, 0),
         leaf_area=4.6, green_up=126, pace=11, harvest=224, chlorophyll=48, leaf_angle=70,
         ripening=.95),
    Crop(code=236, nl="Gerst, zomer-", en="spring barley", kind="cereal", share=(.05, .03, 0, 0),
         leaf_area=4.4, green_up=121, pace=11, harvest=210, chlorophyll=46, leaf_angle=70,
         ripening=.95),
    Crop(code=2014, nl="Aardappelen, consumptie", en="ware potatoes", kind="root",
         share=(.14, .05, 0, 0), leaf_area=5.0, green_up=158, pace=8, harvest=262,
         chlorophyll=46, leaf_angle=35, ripening=.6),
    Crop(code=2015, nl="Aardappelen, poot NAK", en="seed potatoes", kind="root",
         share=(.06, .02, 0, 0), leaf_area=4.6, green_up=153, pace=8, harvest=211,
         chlorophyll=47, leaf_angle=35, ripening=.35),
    Crop(code=256, nl="Bieten, suiker-", en="sugar beet", kind="root", share=(.13, .05, 0, 0),
         leaf_area=4.8, green_up=160, pace=10, harvest=298, chlorophyll=50, leaf_angle=57),
    Crop(code=511, nl="Cichorei", en="chicory", kind="root", share=(.03, .01, 0, 0),
         leaf_area=4.2, green_up=168, pace=11, harvest=301, chlorophyll=45, leaf_angle=55),
    Crop(code=262, nl="Uien, zaai-", en="onions", kind="root", share=(.09, .03, 0, 0),
         leaf_area=2.9, green_up=164, pace=12, harvest=246, chlorophyll=42, leaf_angle=70,
         ripening=.6),
    Crop(code=2785, nl="Winterpeen, productie", en="winter carrots", kind="root",
         share=(.04, .02, 0, 0), leaf_area=3.9, green_up=176, pace=12, harvest=305,
         chlorophyll=46, leaf_angle=55),
    Crop(code=1004, nl="Tulp, bloembollen en -knollen", en="tulips", kind="flower",
         share=(.09, .12, 0, 0), leaf_area=2.7, green_up=90, pace=9, harvest=172,
         chlorophyll=42, leaf_angle=57, ripening=.4, bloom=116),
    Crop(code=1922, nl="Koolzaad, winter (incl. boterzaad)", en="winter rapeseed", kind="oil",
         share=(.03, .02, 0, 0), leaf_area=4.6, green_up=90, pace=13, harvest=199,
         chlorophyll=48, leaf_angle=57, ripening=.8, winter_leaf_area=1.2, bloom=121,
         petals=(.055, .235, .255)),
    Crop(code=258, nl="Luzerne", en="lucerne", kind="fodder", share=(.03, .01, 0, 0),
         leaf_area=4.2, green_up=112, pace=14, harvest=292, chlorophyll=46, leaf_angle=45,
         winter_leaf_area=.5),
)  # fmt: skip
"""All crops. Their place in this tuple is the number used in arrays."""

TULIP = next(i for i, crop in enumerate(CROPS) if crop.code == 1004)
GRASSES = tuple(i for i, crop in enumerate(CROPS) if crop.kind == "grass")
MOWN = (*GRASSES, next(i for i, crop in enumerate(CROPS) if crop.code == 258))
"""Crops that are cut several times a year."""


@lru_cache(maxsize=32)
def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return one number of every crop, in the order of `CROPS`."""
    values = np.array([getattr(crop, name) for crop in CROPS], float)
    values.flags.writeable = False
    return values
