"""What farmers do on each parcel in a year: crop, sowing, mowing, harvest, and the soil."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.crops import CROPS, MOWN, column
from landzicht.world.husbandry import (
    NEVER,
    Timing,
    make_grazing,
    make_ploughing,
    make_sowing,
    mown_meadows,
    standing_leaf,
    winter_leaf,
)
from landzicht.world.weather import make_weather

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.spec import WorldSpec

__all__ = ["NEVER", "ROTATION_YEARS", "WRONGLY_DECLARED", "Fields", "make_fields"]

ROTATION_YEARS = 4
"""An arable crop returns on the same parcel after so many years."""
_PEAT = 2
"""Zone of the old land."""
WRONGLY_DECLARED = 0.05
"""Share of arable parcels on which another crop grows than the farmer told the register."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fields:
    """One season on all fields: first one for each parcel, then the second of mixed parcels.

    Every array has one entry for each field, where nothing else is said.
    """

    year: int
    """Calendar year."""
    crop: NDArray[np.int16]
    """What grows there: number in `crops.CROPS`."""
    declared: NDArray[np.int16]
    """What the register says grows there; for some parcels another crop."""
    shift: NDArray[np.float32]
    """Days by which the crop is later than usual."""
    sowing: NDArray[np.float32]
    """Day of sowing or planting, below 1 in the autumn before; `NEVER` on permanent grass."""
    harvest: NDArray[np.float32]
    """Day of harvest; above 366 when there is none this year."""
    vigour: NDArray[np.float32]
    """Leaf area relative to what is usual."""
    green: NDArray[np.float32]
    """Chlorophyll relative to what is usual: varieties and manure differ."""
    upright: NDArray[np.float32]
    """Degrees by which leaves stand more upright than usual."""
    pace: NDArray[np.float32]
    """How slowly the crop closes relative to what is usual."""
    mowing: NDArray[np.float32]
    """(field, 6) Days of mowing in order, `NEVER` where there are fewer."""
    grazing: NDArray[np.float32]
    """(field, 6, 2) First and last day of each time that animals graze; `NEVER` where none."""
    ploughing: NDArray[np.float32]
    """Day in autumn on which what is left is ploughed under; `NEVER` where it stays."""
    standing: NDArray[np.float32]
    """Leaf area of last year's grass that stands until it is ploughed in spring; 0 = none."""
    follower: NDArray[np.float32]
    """Leaf area which the winter crop of next year has at the end of this year; 0 = bare."""
    thirst: NDArray[np.float32]
    """How much drought hurts here, 0 (wet peat) to 1 (dry sand)."""
    drought: NDArray[np.float32]
    """(days,) How dry the last weeks were, 0 not to 1 very; index 0 is 1 January."""
    pulse: NDArray[np.float32]
    """(days,) Days by which the warmth until then puts crops ahead of what `shift` says."""
    catch_crop: NDArray[np.bool_]
    """True where something green is sown after harvest."""
    parcel: NDArray[np.int32]
    """Parcel on which the field lies: its own number, for the second field of a mixed parcel
    another."""


def make_fields(spec: WorldSpec, zone: NDArray[np.int8], year: int) -> Fields:
    """Return what happens on all parcels in a year.

    Args:
        spec: the world; its difficulty sets how much fields of one crop differ.
        zone: zone of each parcel, 0 to 3.
        year: which season.
    """
    count = len(zone)
    now, before, after = (_timing(spec, zone, each) for each in (year, year - 1, year + 1))
    crop = now.crop
    rng, worker = spec.rng(3, year, 1), spec.rng(50, year)
    weather = make_weather(spec, year)
    vigour = np.clip(rng.normal(1, 0.085 * spec.spread, count), 0.45, 1.4)
    mowing = _mowing(rng, count, weather.lead)
    mowing[~np.isin(crop, MOWN)] = NEVER
    mowing, grazing = mown_meadows(worker, make_grazing(worker, crop, weather.lead), mowing)
    declared = crop.copy()
    arable = np.flatnonzero(~column("permanent").astype(bool)[crop])
    wrong = rng.permutation(arable)[: round(WRONGLY_DECLARED * len(arable))]
    # Of some crops of neighbours the first that is another one.
    told = crop[rng.choice(arable, (16, len(wrong)))] if len(wrong) else crop[:0][None]
    differs = (told != crop[wrong]).argmax(0)
    declared[wrong] = told[differs, np.arange(len(wrong))]
    catch_crop = rng.random(count) < 0.55
    sown, sown_next = (
        make_sowing(spec.rng(51, when), one, earlier)
        for when, one, earlier in ((year, now, before), (year + 1, after, now))
    )
    ploughing = make_ploughing(worker, now, sown_next, after.crop, catch_crop)
    # No time for it where the land is ploughed soon after the harvest.
    catch_crop &= (ploughing > now.harvest + 50) & (now.harvest < 366)
    return Fields(
        year=year,
        crop=crop,
        declared=declared,
        shift=(now.late - weather.lead).astype(np.float32),
        sowing=sown,
        harvest=now.harvest.astype(np.float32),
        vigour=vigour.astype(np.float32),
        green=np.clip(rng.normal(1, 0.055 * spec.spread, count), 0.6, 1.4).astype(np.float32),
        upright=np.clip(rng.normal(0, 2.6 * spec.spread, count), -18, 12).astype(np.float32),
        pace=np.clip(rng.normal(1, 0.10 * spec.spread, count), 0.5, 1.8).astype(np.float32),
        mowing=mowing,
        grazing=grazing,
        ploughing=ploughing,
        standing=standing_leaf(now, before, sown),
        follower=winter_leaf(after.crop),
        thirst=(rng.uniform(0.2, 1, count) * np.where(zone == _PEAT, 0.6, 1)).astype(np.float32),
        drought=_drought(weather.wetness),
        pulse=(weather.ahead - weather.lead).astype(np.float32),
        catch_crop=catch_crop,
        parcel=np.arange(count, dtype=np.int32),
    )


def _timing(spec: WorldSpec, zone: NDArray[np.int8], year: int) -> Timing:
    """Return what grows in a year, how late each farmer is, and when the harvest is."""
    crop = _rotation(spec, zone, year)
    rng = spec.rng(3, year)
    late = rng.normal(0, 4.0 * spec.spread, len(zone))
    usual = column("harvest")[crop]
    harvest = usual + rng.normal(0, 5.0 * spec.spread, len(zone))
    harvest -= 0.5 * make_weather(spec, year).lead
    return Timing(crop=crop, late=late, harvest=np.where(usual > 366, usual, harvest))


def _drought(wetness: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how dry the four weeks before each day were."""
    weeks = 28
    padded = np.concatenate([np.full(weeks, wetness[0]), wetness])
    sums = np.cumsum(padded)
    mean = (sums[weeks:] - sums[:-weeks]) / weeks
    out: NDArray[np.float32] = np.clip((0.14 - mean) / 0.14, 0, 1).astype(np.float32)
    return out


def _rotation(spec: WorldSpec, zone: NDArray[np.int8], year: int) -> NDArray[np.int16]:
    """Return the crop of each parcel; the same parcels give the same rotation in every year."""
    rng = spec.rng(3)
    shares = np.array([crop.share for crop in CROPS]).T[zone]
    always = column("permanent").astype(bool)
    # Gumbel's trick: the largest of log(share) + noise is a draw according to the shares, and
    # the following ones are draws without replacement.
    with np.errstate(divide="ignore"):
        worth = np.log(shares) + rng.gumbel(size=shares.shape)
    first = worth.argmax(1)
    arable = np.where(always, -np.inf, worth)
    order = np.argsort(-arable, 1)[:, :ROTATION_YEARS]
    phase = rng.integers(0, ROTATION_YEARS, len(zone))
    turn = (year + phase) % ROTATION_YEARS
    known = np.isfinite(np.take_along_axis(arable, order, 1)).sum(1)
    crop = np.take_along_axis(order, (turn % np.maximum(known, 1))[:, None], 1)[:, 0]
    return np.where(always[first], first, crop).astype(np.int16)


def _mowing(rng: np.random.Generator, count: int, lead: float) -> NDArray[np.float32]:
    first = rng.normal(128, 9, count) - lead
    later = np.maximum(rng.normal(40, 7, (count, 5)), 18)
    days = np.concatenate([first[:, None], first[:, None] + np.cumsum(later, 1)], 1)
    number = rng.integers(1, 6, count)
    over = (np.arange(6) >= number[:, None]) | (days > 300)
    return np.where(over, NEVER, days).astype(np.float32)
