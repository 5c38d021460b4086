"""What a farmer does on a field besides growing a crop: sowing, grazing, ploughing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.crops import CROPS, GRASSES, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.fields import Fields

NEVER = 999.0
"""A day that does not come this year."""
TURNS = 6
"""Most times that cows come back to one meadow in a year."""
LONG_STAY = 30.0
"""Days; animals that stay longer graze a meadow the whole season."""
_SOWN: dict[int, float] = {
    266: -112, 259: 118, 233: -70, 235: -88, 234: 74, 236: 76, 2014: 105, 2015: 100, 256: 92,
    511: 105, 262: 90, 2785: 132, 1004: -45, 1922: -118, 258: -130,
}  # fmt: skip
"""Usual day of sowing or planting by crop code; below 0 in the autumn before."""
_BEFORE_SOWING = 14
"""Days between a spring ploughing and the sowing."""
_USE: dict[int, tuple[float, float]] = {265: (0.34, 0.18), 331: (0.10, 0.65), 266: (0.22, 0.03)}
"""Share of meadows that cows visit in turns, and where animals stay; the others are only mown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timing:
    """What is known of a season before anything is done; one entry for each field."""

    crop: NDArray[np.int16]
    """Number in `CROPS`."""
    late: NDArray[np.float64]
    """Days by which the farmer is later than others, without the weather of the year."""
    harvest: NDArray[np.float64]
    """Day of harvest; above 366 when there is none."""


def make_sowing(rng: np.random.Generator, now: Timing, before: Timing) -> NDArray[np.float32]:
    """Return the day of sowing or planting, `NEVER` on permanent grassland.

    Args:
        rng: random numbers of this season.
        now: the season.
        before: the season before it; the land must be free first.
    """
    usual = np.array([_SOWN.get(crop.code, NEVER) for crop in CROPS])[now.crop]
    day = usual + 0.6 * now.late + rng.normal(0, 2.5, len(usual))
    free = before.harvest - 365 + 6
    # Grass and lucerne that go on growing leave the land only when they are ploughed under.
    free = np.where(before.harvest > 366, -135.0, free)
    return np.where(usual < NEVER, np.maximum(day, free), NEVER).astype(np.float32)


def make_ploughing(
    rng: np.random.Generator,
    now: Timing,
    sown_next: NDArray[np.float32],
    following: NDArray[np.int16],
    catch_crop: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the day in autumn on which what is left is ploughed under, or `NEVER`.

    Clay is ploughed before winter: early where a winter crop follows, late under a catch crop.
    Temporary grass before a spring crop stays until spring, as the rules on manure want it.

    Args:
        rng: random numbers of this season.
        now: the season.
        sown_next: day of sowing of the next season's crop, counted from its own 1 January.
        following: the crop of the next season.
        catch_crop: where something green is sown after harvest.
    """
    count = len(now.crop)
    late = np.where(catch_crop, rng.normal(326, 9, count), rng.normal(300, 16, count))
    day = np.where(sown_next < 0, sown_next + 365 - 2, late)
    free = np.where(now.harvest > 366, 240.0, now.harvest)
    day = np.minimum(np.maximum(day, free + 4), 362)
    stays = column("permanent").astype(bool)[now.crop] | (following == now.crop)
    stays |= np.isin(now.crop, GRASSES) & (sown_next > 0)
    return np.where(stays, NEVER, day).astype(np.float32)


def make_grazing(
    rng: np.random.Generator, crop: NDArray[np.int16], lead: float
) -> NDArray[np.float32]:
    """Return `(field, TURNS, 2)` first and last day on which animals graze, or `NEVER`.

    Args:
        rng: random numbers of this season.
        crop: what grows on each field.
        lead: days by which spring is early.
    """
    count = len(crop)
    turns, stays = np.array([_USE.get(c.code, (0.0, 0.0)) for c in CROPS])[crop].T
    dice = rng.random(count)
    first = rng.normal(112, 8, count) - lead
    later = np.maximum(rng.normal(29, 4, (count, TURNS - 1)), 20)
    start = np.concatenate([first[:, None], first[:, None] + np.cumsum(later, 1)], 1)
    out = np.stack([start, start + rng.uniform(3, 6, start.shape)], -1)
    out[out[..., 1] > 300] = NEVER
    whole = np.stack([first + 6, rng.normal(290, 10, count)], -1)
    out[dice >= turns] = NEVER
    stay = (dice >= turns) & (dice < turns + stays)
    out[stay, 0] = whole[stay]
    return out.astype(np.float32)


def mown_meadows(
    rng: np.random.Generator,
    grazing: NDArray[np.float32],
    mowing: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mowing and grazing that go together.

    A meadow that is grazed is cut once for the winter, or not at all; cows stay away around it.
    """
    start, stop = grazing[..., 0], grazing[..., 1]
    grazed = start[:, 0] < NEVER
    stay = grazed & (stop[:, 0] - start[:, 0] > LONG_STAY)
    cut = mowing.copy()
    cut[grazed, 1:] = NEVER
    cut[stay | (grazed & (rng.random(len(grazed)) < 0.4)), 0] = NEVER
    near = (start > cut[:, :1] - 24) & (start < cut[:, :1] + 16) & grazed[:, None]
    return cut, np.where(near[..., None], np.float32(NEVER), grazing)


def grazed(fields: Fields, day: int) -> NDArray[np.float64]:
    """Return what grazing leaves of the leaf area of each field, above 0 to 1.

    Cows eat a meadow down in days and it grows back in weeks; animals that stay keep it short.
    """
    start, stop = fields.grazing[..., 0].astype(float), fields.grazing[..., 1].astype(float)
    stay = stop - start > LONG_STAY
    most, pace = np.where(stay, 0.46, 0.64), np.where(stay, 18.0, 2.0)
    there = np.clip(np.minimum(day, stop) - start, 0, None)
    eaten = most * (1 - np.exp(-there / pace))
    eaten = eaten * np.exp(-((np.clip(day - stop, 0, None) / 14.0) ** 1.3))
    left: NDArray[np.float64] = 1 - eaten.max(1)
    return left


def trodden(fields: Fields, day: int) -> NDArray[np.float32]:
    """Return how patchy a field is because animals walk and eat on it: 1 = not at all."""
    start, stop = fields.grazing[..., 0], fields.grazing[..., 1]
    there = ((start + 2 <= day) & (day <= stop + 20)).any(1)
    return np.where(there, np.float32(1.7), np.float32(1))


def worked(
    fields: Fields, day: int, leaf: NDArray[np.float64], brown: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return leaf area and brown matter around ploughing.

    Before a spring ploughing the grass of last year still stands; after an autumn ploughing there
    is bare soil, and later the winter crop of next year.
    """
    stands = (fields.standing > 0) & (day < fields.sowing - _BEFORE_SOWING)
    leaf, brown = np.where(stands, fields.standing, leaf), np.where(stands, 0.18, brown)
    since = day - fields.ploughing
    next_crop = fields.follower * np.clip((since - 18) / 40, 0, 1)
    done = since >= 0
    return np.where(done, next_crop, leaf), np.where(done, 0.13, brown)


def standing_leaf(now: Timing, before: Timing, sowing: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the leaf area of last year's temporary grass that was not ploughed in autumn."""
    stands = np.isin(before.crop, GRASSES) & (before.crop != now.crop)
    stands &= (sowing > 0) & (sowing < NEVER)
    return np.where(stands, 1.2, 0.0).astype(np.float32)


def winter_leaf(following: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the leaf area that next year's crop has at the end of this year."""
    leaf = column("winter_leaf_area")[following]
    return np.where(np.isin(following, GRASSES), 1.2, leaf).astype(np.float32)
