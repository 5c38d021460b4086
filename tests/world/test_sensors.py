"""Radar, heat and the view from close by, against the truth they were made from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pystac
import pytest

from landzicht.errors.world import BadWorld
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.writer import CogWriter
from landzicht.runners import Inline, Processes
from landzicht.world import SENSORS, WorldSpec, landscape, make_world
from landzicht.world.aerial import flights, observe_aerial
from landzicht.world.crops import CROPS
from landzicht.world.materials import Material
from landzicht.world.radar import VH, VV, observe_radar, radar_pass, radar_passes
from landzicht.world.sky import CLEAR, THICK
from landzicht.world.thermal import (
    KELVIN_OFFSET,
    KELVIN_SCALE,
    QA_CLOUD,
    QA_WATER,
    observe_thermal,
    thermal_pass,
    thermal_passes,
)

SPEC = WorldSpec(size=256)


@pytest.fixture(scope="module")
def scene():
    return landscape(SPEC)


@pytest.fixture(scope="module")
def town(scene):
    return observe_aerial(scene, flights(SPEC)[0])


def covered(scene, *materials: Material) -> np.ndarray:
    return scene.mixture.paint(np.isin(np.arange(99999), materials)) > 0.95


def test_radar_levels_are_plausible() -> None:
    """Ranges of published C-band backscatter: water, wood, town."""
    spec = WorldSpec(size=512)
    scene = landscape(spec)
    power = observe_radar(scene, replace(radar_pass(spec, 171), wind=4.0)).backscatter
    levels = {}
    for name, materials in {
        "water": (Material.RIVER, Material.SEA),
        "wood": (Material.TREE,),
        "roof": (Material.TILE, Material.SLATE),
    }.items():
        where = covered(scene, *materials)
        assert where.sum() > 50, name
        levels[name] = [10 * np.log10(np.median(power[band][where])) for band in (VV, VH)]
    assert -24 < levels["water"][VV] < -16
    assert -11 < levels["wood"][VV] < -6
    assert -7 < levels["roof"][VV] < 3
    assert all(vh < vv - 3 for vv, vh in levels.values())


def test_speckle_has_the_looks_it_should_have() -> None:
    scene = landscape(WorldSpec(size=512))
    image = observe_radar(scene, replace(radar_pass(WorldSpec(size=512), 171), wind=8.0))
    water = covered(scene, Material.SEA) & ~covered(scene, Material.STONE)
    hulls = np.zeros_like(water)
    for ship in image.ships:
        row, column = int(ship.y / 10), int(ship.x / 10)
        hulls[max(row - 12, 0) : row + 13, max(column - 12, 0) : column + 13] = True
    values = image.backscatter[VV][water & ~hulls]
    assert len(values) > 300
    looks = values.mean() ** 2 / values.var()
    assert 3.4 < looks < 5.6


def test_wet_soil_and_wind_are_brighter(scene) -> None:
    taken = radar_pass(SPEC, 81)
    dry, wet = (observe_radar(scene, replace(taken, wetness=w)).backscatter[VV] for w in (0.1, 0.9))
    arable = np.append(np.array([crop.kind == "root" for crop in CROPS])[scene.fields.crop], False)[
        scene.parcel
    ]
    assert wet[arable].mean() > 1.5 * dry[arable].mean()
    calm, rough = (
        observe_radar(scene, replace(taken, wind=w)).backscatter[VV] for w in (1.0, 12.0)
    )
    water = covered(scene, Material.RIVER, Material.SEA)
    assert np.median(rough[water]) > 3 * np.median(calm[water])


def test_radar_sees_ships_and_the_flood(scene) -> None:
    first = radar_passes(SPEC)[0]
    image = observe_radar(scene, replace(first, wind=4.0))
    assert image.flood_truth is not None
    assert image.flood_truth.any()
    flooded = image.backscatter[VV][image.flood_truth]
    assert 10 * np.log10(np.median(flooded)) < -15
    peaks = []
    for ship in image.ships:
        row, column = int(ship.y / 10), int(ship.x / 10)
        part = image.backscatter[VV][max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3]
        peaks.append(10 * np.log10(part.max()))
    assert np.median(peaks) > -5


def test_the_two_directions_differ_in_town_only(scene) -> None:
    taken = radar_pass(SPEC, 171)
    one, other = (
        observe_radar(scene, replace(taken, direction=d)) for d in ("ascending", "descending")
    )
    ratio = np.abs(np.log(one.backscatter[VV] / other.backscatter[VV]))
    town = scene.mixture.paint(np.isin(np.arange(99999), (Material.TILE, Material.SLATE))) > 0.5
    assert ratio[town].mean() > ratio[~town].mean() + 0.1


def test_radar_passes() -> None:
    plan = radar_passes(WorldSpec(dates=20, years=2))
    assert len({one.id for one in plan}) == 40
    assert {one.direction for one in plan} == {"ascending", "descending"}
    assert plan[0].river == max(one.river for one in plan[:20])
    assert radar_passes(WorldSpec(dates=73))[-1].date.year == 2025


def test_temperature_follows_water_and_leaves(scene) -> None:
    image = observe_thermal(scene, replace(thermal_pass(SPEC, 189), cloud=0.0, wetness=0.2))
    kelvin = image.bands["lwir11"] * KELVIN_SCALE + KELVIN_OFFSET
    assert kelvin.shape == (85, 85)
    assert np.abs(kelvin - image.temperature_truth).mean() < 1.5
    assert 283 < np.median(kelvin) < 320
    near, red = (image.bands[name] * 2.75e-5 - 0.2 for name in ("nir08", "red"))
    index = (near - red) / (near + red)
    leafy, bare = kelvin[index > 0.8], kelvin[(index < 0.35) & (index > 0.05)]
    assert leafy.mean() < bare.mean() - 2
    water = kelvin[(index < 0) & (image.bands["swir16"] * 2.75e-5 - 0.2 < 0.03)]
    assert water.mean() < leafy.mean()


def test_clouds_are_cold_and_named(scene) -> None:
    image = observe_thermal(scene, replace(thermal_pass(SPEC, 189), cloud=0.3))
    kelvin = image.bands["lwir11"] * KELVIN_SCALE + KELVIN_OFFSET
    clouds, clear = image.cloud_truth == THICK, image.cloud_truth == CLEAR
    assert clouds.mean() > 0.05
    assert kelvin[clouds].mean() < kelvin[clear].mean() - 12
    told = image.quality == QA_CLOUD
    assert (told & clouds).sum() > 0.6 * clouds.sum()
    assert (told & clear).sum() < 0.1 * clear.sum()


def test_landsat_shows_the_flood_that_radar_shows(scene) -> None:
    """On one day both are drawn from the same water; a pixel of Landsat is nine of radar."""
    day = radar_passes(SPEC)[0].day
    radar = observe_radar(scene, radar_pass(SPEC, day)).flood_truth
    assert radar is not None
    taken = replace(thermal_pass(SPEC, day), cloud=0.0)
    image = observe_thermal(scene, taken)
    share = radar[:255, :255].reshape(85, 3, 85, 3).mean((1, 3))
    assert image.flood_truth is not None
    np.testing.assert_array_equal(image.flood_truth, share > 0.5)
    under = share == 1
    assert under.sum() > 20
    np.testing.assert_allclose(image.temperature_truth[under], taken.water + 273.15, atol=0.01)
    dry = observe_thermal(scene, replace(taken, river=0.0))
    assert dry.flood_truth is None
    wet_now, wet_then = (each.bands["nir08"][under] * 2.75e-5 - 0.2 for each in (image, dry))
    assert np.median(wet_now) < 0.06 < np.median(wet_then)
    assert (image.quality[under] == QA_WATER).mean() > 0.8
    assert (dry.quality[under] == QA_WATER).mean() < 0.2
    beyond = share == 0
    np.testing.assert_array_equal(image.temperature_truth[beyond], dry.temperature_truth[beyond])


def test_a_crop_that_is_unwell_is_warm_and_pale(scene) -> None:
    patch = scene.patches[0]
    taken = replace(thermal_pass(SPEC, patch.start + 14), cloud=0.0, wetness=0.3)
    image = observe_thermal(scene, taken)
    well = observe_thermal(replace(scene, stress=np.zeros_like(scene.stress)), taken)
    warmer = image.temperature_truth - well.temperature_truth
    touched = scene.stress[:255, :255].reshape(85, 3, 85, 3).max((1, 3)) > 0.01
    assert (warmer[~touched] == 0).all()
    assert warmer.max() > 1
    assert warmer[touched].mean() > 0
    row, column = int(patch.y / 30), int(patch.x / 30)
    near, red = ("nir08", "red")
    assert image.bands[near][row, column] < well.bands[near][row, column]
    assert image.bands[red][row, column] > well.bands[red][row, column]
    before = replace(taken, date=taken.date.replace(month=4, day=1))
    early = observe_thermal(scene, before).temperature_truth
    none = observe_thermal(replace(scene, stress=np.zeros_like(scene.stress)), before)
    assert np.abs(early - none.temperature_truth).max() < 0.01


def test_thermal_passes_are_the_clear_ones() -> None:
    plan = thermal_passes(WorldSpec(dates=10))
    assert len(plan) == 10
    assert np.mean([one.cloud for one in plan]) < 0.25
    assert 150 < plan[0].day < 250


def test_from_close_by_roofs_and_trees_are_where_they_are(town) -> None:
    image = town
    near, red = (image.bands[name].astype(float) for name in ("nir", "red"))
    index = (near - red) / (near + red)
    assert image.roof_truth.mean() > 0.01
    assert image.tree_truth.mean() > 0.005
    assert np.median(index[image.tree_truth]) > 0.6
    assert np.median(index[image.roof_truth]) < 0.35
    assert not (image.roof_truth & image.tree_truth).any()
    assert {values.dtype.name for values in image.bands.values()} == {"uint8"}


def test_houses_throw_their_shadow_away_from_the_sun(town) -> None:
    """Just north of a roof it is darker than just south of it."""
    image = town
    roof = image.roof_truth
    green = image.bands["green"].astype(float)
    north = np.zeros_like(roof)
    south = np.zeros_like(roof)
    north[:-6] = roof[6:]
    south[6:] = roof[:-6]
    free = ~roof & ~image.tree_truth
    north, south = north & free & ~south, south & free & ~north
    assert green[north].mean() < 0.8 * green[south].mean()


def test_all_sensors_as_files(tmp_path: Path) -> None:
    spec = WorldSpec(size=128, dates=1)
    manifest = make_world(spec, tmp_path, CogWriter(), Inline(), sensors=SENSORS)
    assert {image.sensor for image in manifest.images} == set(SENSORS)
    rasterio = load_rasterio()
    for image in manifest.images:
        body = json.loads((tmp_path / image.item).read_text())
        item = pystac.Item.from_dict(body)
        assert item.properties["landzicht:simulated"] is True
        assert re.search("SIMULATED", item.properties["title"])
        described = SENSORS[image.sensor].collection()
        assert described.simulated
        assert item.collection_id == described.id
        assert set(item.assets) == {band.name for band in described.bands}
        for band in described.bands:
            path = (tmp_path / image.item).parent / body["assets"][band.name]["href"]
            with rasterio.open(path, driver="GTiff") as file:
                assert file.dtypes[0] == band.dtype
                assert file.nodata == band.nodata
                assert file.tags()["SIMULATED"] == "YES"
        for layer in described.layers:
            assert set(layer.assets) <= {band.name for band in described.bands}
    # The half-metre image has the same bytes when another process makes it; the others are
    # compared in `test_making`.
    more = tmp_path / "more"
    make_world(spec, more, CogWriter(), Processes(workers=2), sensors=("vhr",))
    files = sorted(path.relative_to(more) for path in more.rglob("SIM_VHR*.tif"))
    assert len(files) == 6
    assert all((more / path).read_bytes() == (tmp_path / path).read_bytes() for path in files)


@pytest.mark.parametrize("names", [(), ("s3",), ("s2", ""), ("x" * 900,)])
def test_unknown_sensors_are_told(names: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(BadWorld) as caught:
        make_world(WorldSpec(size=128, dates=1), tmp_path, CogWriter(), Inline(), sensors=names)
    assert "thermal" in caught.value.say("nl")
    assert len(caught.value.say("en")) < 300
    assert not list(tmp_path.iterdir())
