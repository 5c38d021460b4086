"""Images against the truth they were made from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from landzicht.testing.worlds import cloudy, polder
from landzicht.world import WorldSpec, acquisition, acquisitions, landscape, observe
from landzicht.world.crops import CROPS, TULIP
from landzicht.world.growth import canopy
from landzicht.world.materials import BANDS, Material
from landzicht.world.msi import FINE, OFFSET, SCALE
from landzicht.world.schedule import sun
from landzicht.world.sky import CLEAR, SHADOW, THICK, UNSEEN, shadow_shift


def physical(image, band: str) -> np.ndarray:
    return image.bands[band] * SCALE + OFFSET


def ndvi(image) -> np.ndarray:
    red, near = physical(image, "B04"), physical(image, "B08")
    return (near - red) / (near + red)


def kind(scene, *names: str) -> np.ndarray:
    """Return where parcels of these kinds of crop are."""
    wanted = np.array([crop.kind in names for crop in CROPS])[scene.fields.crop]
    return np.append(wanted, False)[scene.parcel]


def test_bands_have_their_own_pixels() -> None:
    image = polder().images[0]
    assert tuple(image.bands) == BANDS
    for band, values in image.bands.items():
        assert values.dtype == np.uint16
        assert values.shape == ((256, 256) if band in FINE else (128, 128))
        assert values.min() >= 1
    assert image.scl.shape == (128, 128)
    assert image.cloud_truth.shape == (256, 256)


def test_order_does_not_change_a_bit() -> None:
    world = polder()
    plan = acquisitions(WorldSpec(size=256, dates=2))
    again = [observe(world.scene, one) for one in reversed(plan)][::-1]
    for before, after in zip(world.images, again, strict=True):
        for band in BANDS:
            np.testing.assert_array_equal(before.bands[band], after.bands[band])
        np.testing.assert_array_equal(before.scl, after.scl)
        assert before.ships == after.ships


def test_reflectance_is_plausible_in_july() -> None:
    """Ranges around published July values of Dutch grass, wheat and water."""
    world = polder()
    scene = world.scene
    image = observe(scene, acquisition(WorldSpec(size=256, dates=2), 171))
    grass = kind(scene, "grass") & (image.cloud_truth == CLEAR)
    medians = {
        band: np.median(physical(image, band)[grass]) for band in ("B02", "B03", "B04", "B08")
    }
    assert 0.015 < medians["B02"] < 0.06
    assert medians["B02"] < medians["B03"] > medians["B04"]
    assert 0.25 < medians["B08"] < 0.55
    river = scene.mixture.paint(np.arange(99999) == Material.RIVER) > 0.99
    clear = river & (image.cloud_truth == CLEAR)
    assert physical(image, "B08")[clear].mean() < 0.05
    assert (ndvi(image)[clear] < 0).mean() > 0.9


def test_tulips_are_colourful_on_26_april() -> None:
    scene = landscape(WorldSpec(size=512))
    image = observe(scene, acquisitions(scene.spec)[0])
    assert image.acquisition.date.isoformat() == "2025-04-26"
    field = np.append(scene.fields.crop == TULIP, False)[scene.parcel]
    red = physical(image, "B04")
    assert (red[field] > 0.2).mean() > 0.25
    assert (red[kind(scene, "grass")] > 0.2).mean() < 0.01


def test_mowing_shows() -> None:
    """Where grass was cut in the last five days NDVI is lower than where it was cut long ago."""
    scene = landscape(WorldSpec(size=512))
    image = observe(scene, acquisition(WorldSpec(size=512), 161))
    fields = scene.fields
    grass = np.array([crop.kind == "grass" for crop in CROPS])[fields.crop]
    last = np.where(fields.mowing <= 161, fields.mowing, -1).max(1)
    fresh, old = grass & (last >= 156), grass & (last < 136)
    assert fresh.sum() >= 3
    greenness = ndvi(image)
    means = [greenness[np.append(which, False)[scene.parcel]].mean() for which in (fresh, old)]
    assert means[0] < means[1] - 0.2


def test_greenness_follows_leaf_area() -> None:
    scene = landscape(WorldSpec(size=512))
    image = observe(scene, acquisition(WorldSpec(size=512), 161))
    leaf = canopy(scene.fields, 161).leaf_area
    inside = scene.parcel >= 0
    ids = scene.parcel[inside]
    count = np.bincount(ids, minlength=len(leaf))
    mean = np.bincount(ids, ndvi(image)[inside], len(leaf)) / np.maximum(count, 1)
    large = count > 60
    ranks = [np.argsort(np.argsort(values[large])) for values in (leaf, mean)]
    assert np.corrcoef(*ranks)[0, 1] > 0.9


def test_winter_is_barer_than_summer() -> None:
    scene = polder().scene
    winter, summer = (observe(scene, acquisition(WorldSpec(size=256), day)) for day in (336, 161))
    arable = kind(scene, "root")
    both = arable & (winter.cloud_truth == CLEAR) & (summer.cloud_truth == CLEAR)
    assert np.median(ndvi(summer)[both]) > np.median(ndvi(winter)[both]) + 0.2


def test_shadow_lies_away_from_the_sun() -> None:
    """The shift that lays clouds best on shadows points away from the sun."""
    image = cloudy()["07-10"]
    clouds, shade = image.cloud_truth == THICK, image.cloud_truth == SHADOW
    assert clouds.mean() > 0.03
    assert shade.mean() > 0.01
    match = np.fft.irfft2(
        np.conj(np.fft.rfft2(clouds.astype(float))) * np.fft.rfft2(shade.astype(float))
    )
    down, across = np.unravel_index(match.argmax(), match.shape)
    down, across = (int(v) - 256 if v > 128 else int(v) for v in (down, across))
    towards = np.degrees(np.arctan2(across, -down)) % 360
    apart = (towards - image.acquisition.sun_azimuth - 180 + 180) % 360 - 180
    assert abs(apart) < 25
    assert np.hypot(down, across) > 15


@pytest.mark.parametrize("azimuth", [90.0, 150.0, 180.0, 210.0])
def test_shadow_length(azimuth: float) -> None:
    down, right = shadow_shift(1000.0, 45.0, azimuth)
    assert np.hypot(down, right) == pytest.approx(100, abs=1)
    assert (right < 0) == (azimuth < 180) or azimuth == 180.0
    assert down < 0 or azimuth == 90.0


def test_light_and_shade() -> None:
    image = cloudy()["07-10"]
    for band, most in (("B02", 0.95), ("B08", 0.65)):
        values = physical(image, band)
        clear, clouds, shade = (values[image.cloud_truth == w] for w in (CLEAR, THICK, SHADOW))
        assert clouds.mean() > 0.3
        assert shade.mean() < most * clear.mean()


def test_classification_is_useful_but_not_the_truth() -> None:
    image = cloudy()["07-10"]
    truth = image.cloud_truth[::2, ::2] == THICK
    told = np.isin(image.scl, (8, 9, 10))
    assert (told & truth).sum() > 0.7 * truth.sum()
    assert (told != truth).any()


def test_unwell_patches_are_less_green_than_the_rest_of_their_field() -> None:
    scene = landscape(WorldSpec(size=512))
    image = observe(scene, replace(acquisition(WorldSpec(size=512), 191), cloud=0.0))
    assert len(scene.patches) >= 2
    drops = []
    for patch in scene.patches:
        field = (scene.parcel == patch.parcel) & (image.cloud_truth == CLEAR)
        sick, well = field & (scene.stress > 0.6), field & (scene.stress < 0.05)
        if sick.sum() > 3 and well.sum() > 20:
            drops.append(np.median(ndvi(image)[well]) - np.median(ndvi(image)[sick]))
    assert len(drops) >= 2
    assert np.median(drops) > 0.02


def test_the_river_floods_its_forelands_in_winter_and_nothing_else() -> None:
    spec = WorldSpec(size=256)
    scene = landscape(spec)
    high = [one for one in (acquisition(spec, day) for day in range(1, 62, 5)) if one.river > 1.5]
    assert high
    largest = observe(scene, replace(max(high, key=lambda one: one.river), cloud=0.0))
    assert largest.flood_truth is not None
    assert largest.flood_truth.mean() > 0.01
    assert not (largest.flood_truth & ~np.isfinite(scene.lowland)).any()
    seen = largest.flood_truth & (largest.cloud_truth == CLEAR)
    assert np.median(physical(largest, "B08")[seen]) < 0.06
    assert observe(scene, acquisition(spec, 161)).flood_truth is None


def test_ships_lie_on_water_and_are_seen() -> None:
    scene = landscape(WorldSpec(size=512))
    image = observe(scene, acquisitions(scene.spec)[0])
    assert len(image.ships) >= 3
    water = scene.mixture.paint(np.isin(np.arange(99999), (Material.RIVER, Material.SEA)))
    brighter = []
    for ship in image.ships:
        row, column = int(ship.y / 10), int(ship.x / 10)
        near = np.s_[max(row - 8, 0) : row + 9, max(column - 8, 0) : column + 9]
        around = physical(image, "B08")[near][water[near] > 0.99]
        brighter.append(physical(image, "B08")[row, column] - np.median(around))
        assert water[row, column] > 0.5
    assert np.median(brighter) > 0.05


def test_the_building_site_turns_from_field_to_sand() -> None:
    scene = landscape(WorldSpec(size=512))
    site = scene.mixture.paint(np.isin(np.arange(99999), (Material.HEAP, Material.NEW_ROOF))) > 0.9
    assert site.sum() > 100
    before, after = (observe(scene, acquisition(WorldSpec(size=512), d)) for d in (116, 221))
    assert np.median(ndvi(before)[site]) > 0.5
    assert np.median(ndvi(after)[site]) < 0.25


def test_last_year_is_another_season_on_the_same_land() -> None:
    spec = WorldSpec(size=256, dates=1, years=2)
    now, then = (landscape(spec, year) for year in (2025, 2024))
    assert now.geography is then.geography
    np.testing.assert_array_equal(now.parcel, then.parcel)
    plan = acquisitions(spec)
    images = [observe(now, plan[0]), observe(then, plan[1])]
    arable = kind(now, "cereal", "root") & (images[1].cloud_truth == CLEAR)
    grass = kind(now, "grass") & (images[1].cloud_truth == CLEAR)
    change = np.abs(ndvi(images[0]) - ndvi(images[1]))
    assert np.median(change[arable]) > 3 * np.median(change[grass])
    with pytest.raises(ValueError, match="2024"):
        observe(then, plan[0])


def test_beyond_the_swath_there_is_nothing() -> None:
    spec = WorldSpec(size=256)
    scene = landscape(spec)
    image = observe(scene, replace(acquisition(spec, 164), cloud=0.0))
    outside = image.cloud_truth == UNSEEN
    assert 0.2 < outside.mean() < 0.5
    assert not outside[:, 0].any()
    assert outside[-1].sum() > outside[0].sum(), "the satellite flies to the south-south-west"
    for band, values in image.bands.items():
        gone = outside if band in FINE else outside[::2, ::2]
        assert (values[gone] == 0).all()
        assert (values[~gone] > 0).all()
    assert (image.scl[outside[::2, ::2]] == 0).all()
    assert all(not outside[int(s.y / 10), int(s.x / 10)] for s in image.ships)
    assert image.cloud_share == 0


def test_images_from_the_side_differ_a_little() -> None:
    spec = WorldSpec(size=256)
    scene = landscape(spec)
    above = replace(acquisition(spec, 161), cloud=0.0)
    aside = replace(above, view_zenith=9.6, view_azimuth=286.0)
    ratio = (
        physical(observe(scene, aside), "B04").mean()
        / physical(observe(scene, above), "B04").mean()
    )
    assert 0.9 < ratio < 0.99


def test_noise_is_as_large_as_specified() -> None:
    """Neighbouring pixels inside large fields differ by noise (0.1 / SNR at 0.1) and by texture."""
    world = polder()
    image = observe(world.scene, acquisition(world.scene.spec, 161))
    lake = world.scene.mixture.paint(np.arange(99999) == Material.RIVER) > 0.999
    values = physical(image, "B08")
    step = (values[:, 1:] - values[:, :-1])[lake[:, 1:] & lake[:, :-1]]
    expected = np.sqrt(0.016 * 0.1) / 174
    assert 0.8 * expected < np.median(np.abs(step)) / 0.6745 / np.sqrt(2) < 6 * expected


def test_no_gdal_and_no_scipy_here() -> None:
    code = (
        "import sys; from landzicht.testing.worlds import polder; polder();"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'rasterio', 'scipy', 'numba'}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_sun_follows_the_seasons() -> None:
    zeniths = [sun(day)[0] for day in (172, 265, 355)]
    assert zeniths == sorted(zeniths)
