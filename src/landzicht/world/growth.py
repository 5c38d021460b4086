"""How crops stand on one day: the truth behind the pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.crops import CROPS, GRASSES, MOWN, column
from landzicht.world.husbandry import grazed, worked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canopy:
    """State of the crop on each parcel."""

    leaf_area: NDArray[np.float32]
    """m² leaf on m² ground."""
    chlorophyll: NDArray[np.float32]
    """µg/cm² of leaf."""
    brown: NDArray[np.float32]
    """Brown matter in the leaves, 0 to 1."""
    leaf_angle: NDArray[np.float32]
    """Mean angle, degrees from horizontal."""
    bloom: NDArray[np.float32]
    """How much of the field flowers, 0 to 1."""


def canopy(fields: Fields, day: int) -> Canopy:
    """Return the state of every parcel on a day of the year (from 1)."""
    crop = fields.crop
    # In a cold spell crops stand still, in a warm one they catch up.
    late = day + float(fields.pulse[day - 1]) - column("green_up")[crop] - fields.shift
    leaf = column("leaf_area")[crop] * fields.vigour
    leaf = leaf / (1 + np.exp(-np.clip(late / (column("pace")[crop] * fields.pace) * 2.2, -30, 30)))
    ripe = 1 / (1 + np.exp(-np.clip((day - (fields.harvest - 16)) / 5.0, -30, 30)))
    ripe = ripe * column("ripening")[crop]
    leaf = np.maximum(leaf * (1 - 0.55 * ripe), column("winter_leaf_area")[crop])
    green = column("chlorophyll")[crop] * fields.green * (1 - 0.60 * ripe)
    brown = 0.13 + 0.87 * ripe
    gone = day > fields.harvest
    since = day - fields.harvest
    after = np.clip((since - 22) / 30, 0, 1) * np.where(fields.catch_crop, 1.9, 0.12)
    # Stubble lies on the land for some weeks before it is worked in.
    stubble = 0.25 * np.clip(1 - since / 25, 0, 1)
    leaf = np.where(gone, np.maximum(after, stubble), leaf)
    brown = np.where(gone, np.where(after > stubble, 0.13, 0.85), brown)
    green = np.where(gone, 40.0, green)
    leaf, brown = _mown(fields, day, leaf, brown)
    leaf, brown = worked(fields, day, leaf, brown)
    dry = float(fields.drought[day - 1]) * fields.thirst
    shallow = np.isin(crop, GRASSES)
    leaf = leaf * (1 - np.where(shallow, 0.45, 0.20) * dry)
    brown = brown + np.where(shallow, 0.22, 0.06) * dry
    return Canopy(
        leaf_area=leaf.astype(np.float32),
        chlorophyll=green.astype(np.float32),
        brown=np.clip(brown, 0, 1).astype(np.float32),
        leaf_angle=(column("leaf_angle")[crop] + fields.upright).astype(np.float32),
        bloom=_bloom(fields, day),
    )


def _mown(
    fields: Fields, day: int, leaf: NDArray[np.float64], brown: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return leaf area and brown matter after the last cut; grass never stops growing."""
    grass, mown = np.isin(fields.crop, GRASSES), np.isin(fields.crop, MOWN)
    cut = np.where(fields.mowing <= day, fields.mowing, -np.inf).max(1)
    since = np.where(np.isfinite(cut), day - cut, 99.0)
    season = 1.2 + (column("leaf_area")[fields.crop] - 1.2) * np.exp(-(((day - 175) / 95) ** 2))
    full = np.where(grass, season * fields.vigour, leaf)
    regrown = 0.16 + 0.84 * (1 - np.exp(-((since / 17.0) ** 1.6)))
    leaf = np.where(mown, full * regrown * grazed(fields, day), leaf)
    dry = np.where(np.isfinite(cut), 0.13 + 0.25 * np.exp(-since / 6.0), 0.18)
    return leaf, np.where(grass, dry, brown)


def _bloom(fields: Fields, day: int) -> NDArray[np.float32]:
    out = np.zeros(len(fields.crop), np.float32)
    for number, crop in enumerate(CROPS):
        if crop.bloom is not None:
            here = fields.crop == number
            apart = (day - crop.bloom - 0.6 * fields.shift[here]) / 9.0
            out[here] = np.exp(-(apart**2))
    return out
