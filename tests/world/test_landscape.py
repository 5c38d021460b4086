"""The ground: shapes, parcels, and what pixels are made of."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import shapely

from landzicht.testing.worlds import polder
from landzicht.world import WorldSpec, landscape
from landzicht.world.crops import CROPS, TULIP
from landzicht.world.fields import NEVER, make_fields
from landzicht.world.growth import canopy
from landzicht.world.landscape import _landscape
from landzicht.world.materials import Material


@pytest.fixture(scope="module")
def scene():
    return polder().scene


@pytest.fixture(scope="module", params=[1, 2, 11])
def other(request: pytest.FixtureRequest):
    return landscape(WorldSpec(seed=request.param, size=256))


def test_equal_wishes_give_equal_landscapes(scene) -> None:
    again = _landscape.__wrapped__(scene.spec)
    np.testing.assert_array_equal(again.texture, scene.texture)
    np.testing.assert_array_equal(again.mixture.share, scene.mixture.share)
    np.testing.assert_array_equal(again.parcel, scene.parcel)
    assert shapely.equals_exact(again.geography.parcels, scene.geography.parcels).all()


def test_another_seed_is_another_landscape(scene, other) -> None:
    assert scene.parcel.shape == other.parcel.shape
    assert (scene.parcel != other.parcel).mean() > 0.5


def test_number_of_dates_does_not_matter() -> None:
    assert landscape(WorldSpec(size=256, dates=2)) is landscape(WorldSpec(size=256, dates=60))


def test_travels(scene) -> None:
    copy = pickle.loads(pickle.dumps(scene))
    np.testing.assert_array_equal(
        copy.mixture.paint(np.arange(9999)), scene.mixture.paint(np.arange(9999))
    )


def test_parcels_are_valid_and_do_not_overlap(other) -> None:
    shapes = other.geography.parcels
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) >= 450).all()
    assert len(shapes) > 100
    total = shapely.area(shapely.union_all(shapes))
    assert total == pytest.approx(shapely.area(shapes).sum(), rel=0.004)


def test_parcels_come_in_all_sorts() -> None:
    shapes = landscape(WorldSpec(size=512)).geography.parcels
    hectares = shapely.area(shapes) / 1e4
    assert hectares.min() < 0.2
    assert hectares.max() > 12
    simple = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    assert (~simple).any(), "multipolygons"
    assert (shapely.get_num_interior_rings(shapes[simple]) > 0).any(), "holes"
    box = shapely.minimum_rotated_rectangle(shapes)
    slender = shapely.length(box) ** 2 / 16 / shapely.area(box)
    assert (slender > 4).mean() > 0.1, "strips"


def test_every_pixel_is_made_of_something(scene) -> None:
    mixture = scene.mixture
    ones = mixture.paint(np.ones(mixture.part.max() + 9999))
    np.testing.assert_allclose(ones, 1, atol=1e-5)
    assert (mixture.share > 0).all()
    assert 0.1 < len(mixture.mixed) / scene.parcel.size < 0.7


def test_a_parcel_has_its_area_in_pixels(other) -> None:
    """Shares of a parcel, or of its strips and pieces, add up to its area."""
    first, count = len(Material), len(other.geography.parcels)
    area = shapely.area(other.geography.parcels)
    for parcel in range(0, count, 9):
        mine = np.zeros(first + len(other.parent))
        mine[first:][other.fields.parcel[other.parent] == parcel] = 1
        seen = other.mixture.paint(mine).sum() * 100
        assert seen == pytest.approx(area[parcel], rel=0.02, abs=15)


def test_majority_raster_agrees_with_the_shapes(scene) -> None:
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 256, (2, 400))
    centres = shapely.points(columns * 10 + 5.0, rows * 10 + 5.0)
    for row, column, point in zip(rows, columns, centres, strict=True):
        parcel = scene.parcel[row, column]
        if parcel >= 0:
            assert scene.geography.parcels[parcel].distance(point) < 7.1


def test_rotation(scene) -> None:
    zone = scene.geography.zone
    years = [make_fields(scene.spec, zone, year) for year in range(2024, 2029)]
    permanent = np.array([crop.permanent for crop in CROPS])[years[0].crop]
    assert (years[0].crop[permanent] == years[1].crop[permanent]).all()
    new = ~permanent & (zone == 0)
    assert (years[0].crop[new] != years[1].crop[new]).all()
    np.testing.assert_array_equal(years[0].crop, years[4].crop)


def test_some_parcels_are_wrongly_declared() -> None:
    fields = landscape(WorldSpec(size=512)).fields
    arable = ~np.array([crop.permanent for crop in CROPS])[fields.crop]
    wrong = (fields.crop != fields.declared)[arable].mean()
    assert 0.01 < wrong < 0.08
    assert (fields.crop == fields.declared)[~arable].all()


def test_mowing_days_are_ordered_and_apart(scene) -> None:
    mowing = scene.fields.mowing
    assert ((np.diff(mowing, axis=1) >= 14) | (mowing[:, 1:] == NEVER)).all()
    grass = np.array([crop.kind == "grass" for crop in CROPS])[scene.fields.crop]
    grazed = scene.fields.grazing[:, 0, 0] < NEVER
    assert (mowing[grass & ~grazed, 0] < NEVER).all()


def test_drought_thins_the_grass(scene) -> None:
    fields = scene.fields
    parched = replace(fields, drought=np.ones_like(fields.drought))
    moist = replace(fields, drought=np.zeros_like(fields.drought))
    grass = np.array([crop.kind == "grass" for crop in CROPS])[fields.crop]
    before, after = canopy(moist, 200), canopy(parched, 200)
    assert (after.leaf_area[grass] < before.leaf_area[grass]).all()
    assert (after.brown[grass] >= before.brown[grass]).all()
    assert ((fields.drought >= 0) & (fields.drought <= 1)).all()
    assert fields.drought[20] == 0, "no drought in January"


def test_tulips_grow_in_strips_of_several_colours() -> None:
    scene = landscape(WorldSpec(size=512))
    count = len(scene.geography.parcels)
    owners = scene.parent[count:]
    owners = owners[scene.fields.crop[owners] == TULIP]
    assert len(owners) > 20
    assert np.bincount(owners).max() >= 4
    assert len(np.unique(scene.hue[count:])) >= 5
