"""Sowing, grazing, ploughing and mixed parcels: in the truth, in order, and seen in the series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from landzicht.testing.worlds import polder
from landzicht.world import WorldSpec, acquisition, landscape, observe
from landzicht.world.crops import CROPS
from landzicht.world.fields import NEVER, WRONGLY_DECLARED, make_fields
from landzicht.world.growth import canopy
from landzicht.world.husbandry import LONG_STAY, grazed
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.parts import second_crops
from landzicht.world.sky import CLEAR

SPEC = WorldSpec(size=512)
KIND = np.array([crop.kind for crop in CROPS])


@pytest.fixture(scope="module")
def scene():
    return landscape(SPEC)


def ndvi(image) -> np.ndarray:
    red, near = (image.bands[band] * SCALE + OFFSET for band in ("B04", "B08"))
    return (near - red) / (near + red)


def test_a_field_is_sown_before_it_grows_and_after_the_last_harvest(scene) -> None:
    fields = scene.fields
    sown = fields.sowing < NEVER
    permanent = np.array([crop.permanent for crop in CROPS])[fields.crop]
    np.testing.assert_array_equal(sown, ~permanent)
    assert (fields.sowing < fields.harvest)[sown].all()
    half_grown = np.array([crop.green_up for crop in CROPS])[fields.crop] + fields.shift
    assert np.mean((fields.sowing + 10 < half_grown)[sown]) > 0.99
    # Late sowing and late growth go together.
    potatoes = np.array([crop.code == 2014 for crop in CROPS])[fields.crop]
    assert np.corrcoef(fields.sowing[potatoes], half_grown[potatoes])[0, 1] > 0.6
    before = landscape(SPEC, 2024).fields
    count = len(scene.geography.parcels)
    harvested = before.harvest[:count]
    cleared = sown[:count] & (harvested < 366)
    assert (fields.sowing[:count] + 365 > harvested)[cleared].all()


def test_land_is_ploughed_after_harvest_and_bare_then(scene) -> None:
    fields = scene.fields
    ploughed = fields.ploughing < NEVER
    assert 0.3 < ploughed.mean() < 0.9
    assert (fields.ploughing > fields.harvest)[ploughed & (fields.harvest < 366)].all()
    day = int(np.median(fields.ploughing[ploughed]))
    leaf = canopy(fields, day).leaf_area
    fresh = ploughed & (fields.ploughing <= day) & (fields.ploughing > day - 17)
    assert fresh.sum() > 20
    assert (leaf[fresh] < 0.01).all()
    catch = fields.catch_crop & (fields.ploughing > day + 1) & (fields.harvest < day - 50)
    assert catch.sum() > 3
    assert (leaf[catch] > 0.5).all(), "a catch crop stands until it is ploughed under"


def test_one_year_goes_over_into_the_next(scene) -> None:
    """A field that is green on 31 December is green on 1 January, and a bare one bare."""
    count = len(scene.geography.parcels)
    last = canopy(landscape(SPEC, 2024).fields, 366).leaf_area[:count]
    first = canopy(scene.fields, 1).leaf_area[:count]
    assert np.mean(np.abs(first - last) < 0.75) > 0.93
    assert np.corrcoef(last, first)[0, 1] > 0.8


def test_meadows_are_used_in_three_ways(scene) -> None:
    fields = scene.fields
    start, stop = fields.grazing[..., 0], fields.grazing[..., 1]
    grass = KIND[fields.crop] == "grass"
    visited = (start < NEVER).any(1)
    stay = visited & ((stop - start) > LONG_STAY).any(1)
    assert (visited[~grass] == 0).all()
    for share in ((visited & ~stay)[grass], stay[grass], ~visited[grass]):
        assert 0.08 < share.mean() < 0.75
    assert (stop >= start)[start < NEVER].all()
    assert (fields.mowing[stay] == NEVER).all(), "where animals stay nobody mows"
    cut = fields.mowing[:, :1]
    there = (cut < NEVER) & (start < NEVER)
    assert ((start > cut) | (stop < cut))[there].all(), "no cows on a meadow that is cut"


def test_grazing_shows_in_the_series(scene) -> None:
    """Cows take leaf away in days, it grows back in weeks, and the image shows both."""
    fields = scene.fields
    start, stop = fields.grazing[..., 0], fields.grazing[..., 1]
    day = 161
    turn = (start < NEVER) & (stop - start < LONG_STAY)
    eaten = (turn & (stop <= day) & (stop > day - 4)).any(1)
    rested = turn.any(1) & ~(turn & (stop > day - 22) & (start <= day)).any(1)
    fresh_cut = ((fields.mowing <= day) & (fields.mowing > day - 25)).any(1)
    eaten, rested = eaten & ~fresh_cut, rested & ~fresh_cut
    assert eaten.sum() >= 4
    assert rested.sum() >= 4
    image = observe(scene, replace(acquisition(SPEC, day), cloud=0.0))
    index = ndvi(image)

    def mean(which: np.ndarray) -> float:
        inside = np.append(which[: len(scene.geography.parcels)], False)[scene.parcel]
        return float(index[inside & (image.cloud_truth == CLEAR)].mean())

    assert mean(eaten) < mean(rested) - 0.04
    left = [grazed(fields, when)[eaten].mean() for when in (day, day + 25)]
    assert left[0] < 0.55
    assert left[1] > left[0]


def test_grazed_meadows_are_patchy(scene) -> None:
    """Inside a meadow where animals walk NDVI varies more than inside one that is only mown."""
    fields = scene.fields
    image = observe(scene, replace(acquisition(SPEC, 240), cloud=0.0))
    index = ndvi(image)
    grass = KIND[fields.crop] == "grass"
    stay = ((fields.grazing[..., 1] - fields.grazing[..., 0]) > LONG_STAY).any(1) & grass
    never = grass & (fields.grazing[:, 0, 0] == NEVER)
    spread = []
    for which in (stay, never):
        found = [
            index[scene.parcel == parcel].std()
            for parcel in np.flatnonzero(which[: len(scene.geography.parcels)])
            if (scene.parcel == parcel).sum() > 60
        ]
        spread.append(np.median(found))
    assert spread[0] > 1.15 * spread[1]


def test_mixed_parcels_have_two_crops(scene) -> None:
    fields, parcels = scene.fields, scene.geography.parcels
    count = len(parcels)
    extra = np.arange(count, len(fields.crop))
    assert len(extra) >= 3
    np.testing.assert_array_equal(fields.parcel[:count], np.arange(count))
    assert (fields.crop[extra] != fields.crop[fields.parcel[extra]]).all()
    np.testing.assert_array_equal(fields.declared[extra], fields.declared[fields.parcel[extra]])
    found = second_crops(fields, count, scene.parts)
    for parcel, (code, share) in found.items():
        mine = np.flatnonzero(fields.parcel[scene.parts.field] == parcel)
        pieces = scene.parts.shapes[mine]
        assert shapely.area(pieces).sum() == pytest.approx(shapely.area(parcels[parcel]), rel=1e-6)
        assert shapely.area(shapely.intersection(*pieces[:2])) < 1e-3
        assert 0.1 < share < 0.6
        assert code in {crop.code for crop in CROPS}


def test_the_image_shows_both_crops_of_a_mixed_parcel(scene) -> None:
    """The two pieces differ in the image as much as their leaf area does in the truth."""
    fields, count = scene.fields, len(scene.geography.parcels)
    steps, shown = [], []
    for day in (130, 161, 191, 221):
        image = observe(scene, replace(acquisition(SPEC, day), cloud=0.0))
        index, state = ndvi(image), canopy(fields, day)
        green = 1 - np.exp(-0.6 * state.leaf_area * (1 - 0.7 * state.brown))
        for field in range(count, len(fields.crop)):
            which = (fields.parcel[field], field)
            pieces = [
                scene.parts.shapes[scene.parts.field == part][0].buffer(-15) for part in which
            ]
            if any(piece.is_empty for piece in pieces):
                continue
            values = []
            for piece in pieces:
                west, north, east, south = (int(v / 10) for v in piece.bounds)
                window = np.s_[north : south + 1, west : east + 1]
                down, across = np.mgrid[window]
                inside = shapely.contains_xy(piece, across * 10 + 5, down * 10 + 5)
                values.append(index[window][inside].mean() if inside.any() else np.nan)
            if np.isfinite(values).all():
                shown.append(values[1] - values[0])
                steps.append(green[which[1]] - green[which[0]])
    assert len(shown) >= 8
    assert np.corrcoef(steps, shown)[0, 1] > 0.85


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_five_percent_is_wrongly_declared(seed: int) -> None:
    scene = landscape(WorldSpec(size=256, seed=seed))
    fields = make_fields(scene.spec, scene.geography.zone, 2025)
    arable = ~np.array([crop.permanent for crop in CROPS])[fields.crop]
    wrong = fields.crop != fields.declared
    assert wrong[arable].sum() == round(WRONGLY_DECLARED * arable.sum())
    assert not wrong[~arable].any()


def test_flowers_winter_crops_and_catch_crops_are_there(scene) -> None:
    fields = scene.fields
    kinds = set(KIND[fields.crop])
    assert {"grass", "cereal", "root", "flower", "oil", "fodder"} <= kinds
    winter = np.array([crop.winter_leaf_area > 0.4 for crop in CROPS])[fields.crop]
    leaf = canopy(fields, 20).leaf_area
    assert winter.sum() > 10
    assert (leaf[winter] > 0.4).all()
    assert 0.05 < fields.catch_crop.mean() < 0.5
    assert polder().scene.fields.year == 2025
