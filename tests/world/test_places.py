"""Every kind of place that a Dutch landscape has is there, and looks and lies as it should."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely

from landzicht.world import WorldSpec, acquisition, landscape, observe
from landzicht.world.drawing import Turned
from landzicht.world.materials import NEW_ROOFS, Material
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.polder import NEW, OLD, Plan, lay_out

SEEDS = (7, 1, 42)


@pytest.fixture(scope="module", params=SEEDS)
def scene(request: pytest.FixtureRequest):
    return landscape(WorldSpec(size=512, seed=request.param))


def shapes(scene, *kinds: Material) -> np.ndarray:
    found = [s for kind, s in scene.geography.layers if kind in kinds]
    return np.concatenate(found) if found else np.zeros(0, object)


def hectares(scene, *kinds: Material) -> float:
    wanted = np.isin(np.arange(len(Material) + len(scene.parent)), kinds)
    return float(scene.mixture.paint(wanted).sum() / 100)


def test_every_material_is_somewhere(scene) -> None:
    drawn = {kind for kind, found in scene.geography.layers if len(found)}
    assert drawn | {Material.VERGE} >= set(Material) - {Material.WHITE}
    for kind in (
        Material.GLASS, Material.SOLAR, Material.ASPHALT, Material.BRICK, Material.TILE,
        Material.SEA, Material.RIVER, Material.TREE, Material.REED, Material.DITCH,
        Material.SAND, Material.DUNE, Material.MARRAM, Material.SCRUB, Material.FORESHORE,
    ):  # fmt: skip
        assert hectares(scene, kind) > 0.3, kind


def test_parcels_come_in_all_sizes_and_forms() -> None:
    scene = landscape(WorldSpec(size=1024))
    parcels = scene.geography.parcels
    area = shapely.area(parcels) / 1e4
    assert area.min() <= 0.1
    assert 25 < area.max() < 32
    assert (area < 0.1).mean() < 0.02
    rings = shapely.get_coordinates(shapely.minimum_rotated_rectangle(parcels)).reshape(-1, 5, 2)
    sides = np.hypot(*np.diff(rings, axis=1)[:, :2].transpose(2, 0, 1))
    narrow, long = sides.min(1), sides.max(1)
    assert (narrow < 15).sum() >= 4, "slivers"
    assert (long / narrow > 8).sum() > 300, "strips"
    holes = [shapely.get_num_interior_rings(shapely.get_parts(p)).sum() for p in parcels]
    assert np.count_nonzero(holes) > 20
    assert (shapely.get_type_id(parcels) == shapely.GeometryType.MULTIPOLYGON).sum() > 20
    assert shapely.is_valid(parcels).all()


def test_blocks_are_irregular(scene) -> None:
    """Parcels of the new polder differ in size, and it does not lie along the map."""
    area = shapely.area(scene.geography.parcels[scene.geography.zone == 0])
    assert np.std(np.log(area)) > 0.6
    assert abs(np.degrees(scene.geography.angle)) > 3


@pytest.mark.parametrize("plan", [NEW, OLD], ids=["new", "old"])
def test_roads_run_on_across_some_main_roads_only(plan: Plan) -> None:
    """Where another plan was followed they begin anew, and blocks are of many depths."""
    on, depths = [], []
    for seed in range(12):
        drawn = lay_out(
            np.random.default_rng(seed),
            Turned(x=0.0, y=0.0, angle=0.0),
            (0.0, 0.0, 12_000.0, 9_000.0),
            plan,
        )
        left, low, right, high = shapely.bounds(drawn.roads).T
        along = right - left > high - low
        columns = [
            np.sort(np.round((low + high)[along & (left == start)] / 2, 3))
            for start in np.unique(left[along])
        ]
        for one, other in itertools.pairwise(columns):
            on.append(len(one) == len(other) and bool(np.allclose(one, other)))
        depths += [float(depth) for column in columns for depth in np.diff(column)]
    assert len(on) > 25
    assert np.mean(on) == pytest.approx(1 - plan.anew, abs=0.2)
    assert np.max(depths) > 1.25 * np.min(depths)


def test_sea_beach_and_dunes_lie_in_this_order(scene) -> None:
    """Walking inland one passes sea, wet sand, dry sand, marram and grey dunes."""
    coast = scene.geography.coast
    order = (Material.SEA, Material.FORESHORE, Material.SAND, Material.MARRAM, Material.DUNE)
    beach = shapely.union_all(shapes(scene, Material.FORESHORE))
    middle = shapely.get_coordinates(beach.representative_point())[0]
    inland = np.array([0.53, 0.85])
    found = []
    line = shapely.LineString([middle - 900 * inland, middle + 900 * inland])
    for kind in order:
        here = shapely.union_all(shapes(scene, kind)).intersection(line)
        assert not here.is_empty, kind
        parts = [p for p in shapely.get_parts(here) if p.distance(beach) < 400]
        found.append(np.median([line.project(p.centroid) for p in parts]))
    assert found == sorted(found)
    parcels = scene.geography.parcels
    assert not shapely.intersects(coast.dunes.buffer(-1), parcels).any(), "no polder in the dunes"
    assert not shapely.intersects(coast.sea, parcels).any()
    dyke = shapely.union_all(coast.dyke)
    assert dyke.length > 400, "where the dunes give out there is a dyke"
    assert dyke.intersection(coast.dunes).area < 1


def test_dunes_look_like_dunes(scene) -> None:
    image = observe(scene, replace(acquisition(scene.spec, 161), cloud=0.0))
    value = {band: image.bands[band] * SCALE + OFFSET for band in ("B02", "B04", "B08")}
    index = (value["B08"] - value["B04"]) / (value["B08"] + value["B04"])

    def median(values: np.ndarray, kind: Material) -> float:
        wanted = np.isin(np.arange(len(Material) + len(scene.parent)), kind)
        return float(np.median(values[scene.mixture.paint(wanted) > 0.9]))

    assert median(value["B04"], Material.SAND) > 0.22
    assert median(index, Material.SEA) < 0
    assert median(index, Material.SAND) < 0.2
    assert 0.2 < median(index, Material.DUNE) < 0.65
    assert median(index, Material.DUNE) < median(index, Material.TREE) - 0.1


def test_towns_lie_along_the_river_with_streets_and_quarters(scene) -> None:
    towns = scene.geography.towns
    assert len(towns) >= 3
    near = [town.outline.distance(scene.geography.forelands) < 120 for town in towns]
    assert sum(near) >= 2, "on both banks"
    largest = towns[0]
    assert len(set(largest.styles)) >= 4
    streets = shapely.union_all(np.concatenate([s for _, s in largest.streets]))
    houses = np.concatenate([s for _, s in largest.buildings])
    assert len(houses) > 90
    assert not shapely.intersects(houses, streets).any()
    assert (shapely.distance(houses, streets) < 75).mean() > 0.95
    # A street pattern has a direction in each quarter, and another one in the next.
    turns = []
    for quarter in largest.quarters:
        mine = houses[shapely.contains(quarter, houses)]
        if len(mine) > 8:
            corner = shapely.get_coordinates(mine).reshape(-1, 5, 2)
            along = corner[:, 1] - corner[:, 0]
            angle = np.degrees(np.arctan2(*along.T[::-1])) % 90
            assert angle.std() < 1 or (90 - np.abs(angle - 45)).std() < 3
            turns.append(np.median(angle))
    assert np.std(turns) > 8


def test_port_has_water_a_quay_and_yards(scene) -> None:
    river = scene.geography.channel
    basins = shapes(scene, Material.RIVER)
    port = [b for b in basins if b.intersects(river) and b.area < 0.5 * river.area]
    assert port
    quay = shapes(scene, Material.STONE)
    yard = shapes(scene, Material.YARD)
    assert (shapely.distance(quay, port[0]) < 1).any()
    assert (shapely.distance(yard, port[0]) < 60).any()


def test_motorway_crosses_the_map_and_the_river(scene) -> None:
    lanes = shapes(scene, Material.ASPHALT)[:2]
    side = scene.spec.extent_m
    for lane in lanes:
        west, _, east, _ = lane.bounds
        assert west < 0
        assert east > side
        assert lane.intersects(scene.geography.channel), "a bridge"


def test_greenhouses_and_solar_park_are_rectangles_in_rows(scene) -> None:
    glass, panels = shapes(scene, Material.GLASS), shapes(scene, Material.SOLAR)
    assert len(glass) >= 2
    assert len(panels) >= 10
    assert (shapely.get_num_coordinates(panels) == 5).all()
    assert 1 < shapely.area(glass).sum() / 1e4 < 80


def test_peat_strips_with_farms(scene) -> None:
    zone, parcels = scene.geography.zone, scene.geography.parcels
    old = parcels[zone == 2]
    assert len(old) > 80
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(old)).reshape(-1, 5, 2)
    sides = np.hypot(*np.diff(box, axis=1)[:, :2].transpose(2, 0, 1))
    assert np.median(sides.max(1) / sides.min(1)) > 4
    farms = shapes(scene, Material.LEAFY)
    near = shapely.dwithin(shapely.union_all(old), farms, 30)
    assert near.sum() >= 5


def test_houses_are_built_in_three_phases(scene) -> None:
    phases = [shapes(scene, kind) for kind in NEW_ROOFS]
    assert all(len(houses) >= 2 for houses in phases)
    site = scene.geography.site
    for houses in phases:
        assert shapely.contains(site, houses).all()
    day = 250
    image = observe(scene, replace(acquisition(scene.spec, day), cloud=0.0))
    red = image.bands["B04"] * SCALE + OFFSET
    kinds = np.arange(len(Material) + len(scene.parent))
    first, second, third = (
        float(np.median(red[scene.mixture.paint(kinds == kind) > 0.7])) for kind in NEW_ROOFS
    )
    assert first < third - 0.1, "sand where no roof is yet"
    assert second < third - 0.1
