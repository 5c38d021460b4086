"""The lattice against pyproj on every pixel, and plans against brute force."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from landzicht.errors.pixels import NoSuchTile, UnknownMatrixSet
from landzicht.grid import Grid
from landzicht.grid.lattice import NOWHERE, TOLERANCE, lattice
from landzicht.grid.matrix import WEB_MERCATOR, matrix_set
from landzicht.grid.place import pixel_size_in, window_in, world_boxes
from landzicht.grid.reads import plan_reads
from landzicht.kernels.nearest import index_map


@lru_cache
def moving(source, target, *, always_xy):
    return Transformer.from_crs(source, target, always_xy=always_xy)


def pyramid(crs, left, top, pixel, height, width):
    """Grids of a file and its overviews."""
    levels, factor = [], 1
    while True:
        transform = Affine(pixel * factor, 0, left, 0, -pixel * factor, top)
        shape = {"height": -(-height // factor), "width": -(-width // factor)}
        levels.append(Grid(crs=crs, transform=transform, **shape))
        if max(shape.values()) <= 256:
            return levels
        factor *= 2


PLACES = {
    "utm": pyramid("EPSG:32631", 600_000, 5_800_020, 10, 10_980, 10_980),
    "rd": pyramid("EPSG:28992", 220_000, 456_000, 10, 1_000, 1_000),
    "dateline": pyramid("EPSG:32660", 570_585, 5_847_615, 30, 7_851, 7_751),
    "earth": pyramid("EPSG:4326", -180, 90, 0.25, 720, 1_440),
    "beyond 180": pyramid("EPSG:4326", 170, 10, 0.01, 2_000, 2_000),
    "to 360": pyramid("EPSG:4326", 0, 90, 0.25, 720, 1_440),
    "south pole": pyramid("EPSG:3031", -3_000_000, 3_000_000, 1_000, 6_000, 6_000),
    "north pole": pyramid("EPSG:3413", -3_000_000, 3_000_000, 1_000, 6_000, 6_000),
    "europe": pyramid("EPSG:3035", 2_500_000, 5_500_000, 1_000, 4_500, 5_500),
    "mercator": pyramid("EPSG:3857", 500_000, 6_800_000, 10, 4_000, 4_000),
}


def tile_at(lon, lat, z, size=256):
    x, y = moving(4326, 3857, always_xy=True).transform(lon, lat)
    side = WEB_MERCATOR.side / 2**z
    return WEB_MERCATOR.tile(
        z, int((x - WEB_MERCATOR.left) / side), int((WEB_MERCATOR.top - y) / side), size
    )


def exact(target, levels, level):
    """Column and row in one level of each target pixel's centre, by pyproj, nothing saved."""
    across, down = np.meshgrid(np.arange(target.width) + 0.5, np.arange(target.height) + 0.5)
    xs, ys = (
        target.transform.a * across + target.transform.c,
        (target.transform.e * down + target.transform.f),
    )
    if target.crs != levels[0].crs:
        xs, ys = moving(target.crs, levels[0].crs, always_xy=True).transform(xs, ys)
    inverse = ~levels[level].transform
    if levels[0].crs == "EPSG:4326":
        xs = levels[0].bounds.west + (xs - levels[0].bounds.west) % 360
    return inverse.a * xs + inverse.c, inverse.e * ys + inverse.f


def planned(target, levels):
    """Flat source index per target pixel as our plans say, and the level."""
    out = np.full(target.shape, -1, np.int64)
    level = None
    for plan in plan_reads(levels, target):
        level = plan.level
        index = np.full(target.shape, -1, np.int32)
        w, t = plan.window, plan.target
        index_map(
            plan.nodes,
            plan.first,
            *plan.step,
            t.row,
            t.column,
            t.height,
            t.width,
            w.height,
            w.width,
            w.width,
            index,
        )
        hit = (index >= 0) & (out < 0)
        rows, columns = index[hit] // w.width + w.row, index[hit] % w.width + w.column
        out[hit] = rows * levels[level].width + columns
    return out, level


CENTRES = {
    "utm": (5.3, 51.9),
    "rd": (6.4, 52.04),
    "dateline": (180 - 1e-9, 51.8),
    "earth": (5.3, 51.9),
    "beyond 180": (-178, 2),
    "to 360": (-100, 40),
    "south pole": (10, -75),
    "north pole": (-100, 80),
    "europe": (20, 55),
    "mercator": (4.6, 52),
}
CASES = [(place, z) for place in PLACES for z in (0, 1, 2, 3, 5, 7, 8, 10, 12, 14)]


@pytest.mark.parametrize(("place", "z"), CASES)
def test_nearest_pixels_against_pyproj_on_every_pixel(place, z):
    """At most 0.2 % of the pixels differ, each by one source pixel."""
    levels, target = PLACES[place], tile_at(*CENTRES[place], z)
    mine, level = planned(target, levels)
    if level is None:  # a file that is smaller than the distance between two pixel centres
        level = len(levels) - 1
    columns, rows = exact(target, levels, level)
    grid = levels[level]
    with np.errstate(invalid="ignore"):
        inside = (columns >= 0) & (rows >= 0) & (columns < grid.width) & (rows < grid.height)
        truth = np.where(inside, np.floor(rows) * grid.width + np.floor(columns), -1).astype(
            np.int64
        )
    assert inside.any() or z < 3
    assert (mine != truth).mean() <= 0.002
    both = (mine >= 0) & (truth >= 0)
    assert np.abs(mine // grid.width - truth // grid.width)[both].max(initial=0) <= 1


@settings(max_examples=60, deadline=None)
@example(z=8, lon=85.0, lat=0.0, crs="EPSG:32631")
@given(
    z=st.integers(0, 16),
    lon=st.floats(-179.9, 179.9),
    lat=st.floats(-84, 84),
    crs=st.sampled_from(["EPSG:32631", "EPSG:28992", "EPSG:4326", "EPSG:3035", "EPSG:3031"]),
)
def test_the_error_bound_holds(z, lon, lat, crs):
    target = tile_at(lon, lat, z, 64)
    found = lattice(target, crs)
    assert found.error <= TOLERANCE
    if found.is_exact:
        return
    xs, ys = exact_points(target, crs)
    nodes = found.nodes
    if (nodes == NOWHERE).all():
        assert not np.isfinite(xs).any()
        return
    grid_x, grid_y = interpolate(nodes[0], found, target), interpolate(nodes[1], found, target)
    pixel = np.hypot(np.gradient(xs, axis=1), np.gradient(ys, axis=1))
    assert (np.hypot(grid_x - xs, grid_y - ys) / pixel).max() <= 2 * TOLERANCE


def exact_points(target, crs):
    across, down = np.meshgrid(np.arange(target.width) + 0.5, np.arange(target.height) + 0.5)
    t = target.transform
    return moving(target.crs, crs, always_xy=True).transform(t.a * across + t.c, t.e * down + t.f)


def interpolate(nodes, found, target):
    from scipy.ndimage import map_coordinates

    rows = (np.arange(target.height) + 0.5 - found.first) / found.step[0]
    columns = (np.arange(target.width) + 0.5 - found.first) / found.step[1]
    at = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(nodes, at, order=1, mode="nearest")


def test_places_without_coordinates_are_nowhere():
    found = lattice(WEB_MERCATOR.tile(0, 0, 0, 64), "EPSG:32631")
    assert found.is_exact
    assert np.isfinite(found.nodes).all()
    assert (found.nodes != NOWHERE).any()


@pytest.mark.parametrize("place", [p for p in PLACES if p not in ("earth", "to 360")])
def test_tiles_elsewhere_read_nothing(place):
    lon, lat = CENTRES[place]
    far = tile_at(lon - 60 if lon > 0 else lon + 60, -lat / 2, 9)
    assert plan_reads(PLACES[place], far) == ()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("z", [4, 7, 9, 11])
def test_neighbours_use_the_same_level_and_meet_without_a_seam(place, z):
    levels = PLACES[place]
    one = tile_at(*CENTRES[place], z, 256)
    t = one.transform
    next_door = Grid(crs=one.crs, transform=t @ Affine.translation(256, 0), height=256, width=256)
    together = Grid(crs=one.crs, transform=t, height=256, width=512)
    left, level = planned(one, levels)
    right, level_right = planned(next_door, levels)
    if level_right is None or together.bounds.east > WEB_MERCATOR.bounds.east + 1:
        return
    if pixel_size_in(levels[0], one.crs) is not None:
        assert level == level_right
    both, level_both = planned(together, levels)
    if level_both == level == level_right:
        assert (np.hstack([left, right]) != both).mean() <= 0.002


@pytest.mark.parametrize("place", ["earth", "beyond 180", "to 360", "dateline"])
@pytest.mark.parametrize("west", [-181.0, -180.0, -178.5, -100.0, 170.0, 179.5, 270.0])
def test_pictures_in_degrees_find_longitudes_that_go_round(place, west):
    levels = PLACES[place]
    south = 51.0 if place == "dateline" else -9.0
    transform = Affine(0.05, 0, west, 0, -0.05, south + 2)
    target = Grid(crs="EPSG:4326", transform=transform, height=40, width=60)
    mine, level = planned(target, levels)
    grid = levels[level or 0]
    columns, rows = exact(target, levels, level or 0)
    inside = (columns >= 0) & (rows >= 0) & (columns < grid.width) & (rows < grid.height)
    truth = np.where(inside, np.floor(rows) * grid.width + np.floor(columns), -1)
    assert (mine != truth).mean() <= 0.01  # centres that lie on an edge may go either way


def test_bands_of_different_pixel_size_are_read_at_one_ground_size():
    fine = PLACES["utm"]
    coarse = pyramid("EPSG:32631", 600_000, 5_800_020, 20, 5_490, 5_490)
    for z in range(6, 13):
        target = tile_at(5.3, 51.9, z)
        (one,), (two,) = plan_reads(fine, target), plan_reads(coarse, target)
        sizes = fine[one.level].resolution[0], coarse[two.level].resolution[0]
        assert sizes[0] == sizes[1] or sizes == (10, 20) or two.level == len(coarse) - 1


def test_what_is_read_is_never_much_more_than_shown():
    for z in range(8, 20):
        (plan,) = plan_reads(PLACES["utm"], tile_at(5.3, 51.9, z))
        assert plan.window.height * plan.window.width <= 3.2 * 256 * 256


def test_world_boxes_at_the_antimeridian():
    west, east = world_boxes(PLACES["dateline"][0])
    assert west.east == 180
    assert east.west == -180
    assert east.east < -177 < 178 < west.west + 3
    (whole,) = world_boxes(PLACES["to 360"][0])
    assert (whole.west, whole.east) == (-180, 180)
    (pole,) = world_boxes(PLACES["south pole"][0])
    assert pole.south == -90
    assert (pole.west, pole.east) == (-180, 180)


@given(z=st.integers(0, 12), data=st.data())
@settings(max_examples=80, deadline=None)
def test_no_pixel_lies_outside_the_window_of_its_place(z, data):
    place = data.draw(st.sampled_from(["utm", "rd", "dateline", "europe", "south pole"]))
    lon, lat = CENTRES[place]
    target = tile_at(lon, lat, z, 64)
    columns, rows = exact(target, PLACES[place], 0)
    grid = PLACES[place][0]
    with np.errstate(invalid="ignore"):
        inside = (columns >= 0) & (rows >= 0) & (columns < grid.width) & (rows < grid.height)
    part = window_in(grid, target)
    if part is None:
        assert not inside.any()
        return
    inside[part.row : part.stop_row, part.column : part.stop_column] = False
    assert not inside.any()


# ---------------------------------------------------------------------- tile matrix sets


@given(z=st.integers(0, 24), data=st.data())
def test_tiles_fill_the_plane(z, data):
    x = data.draw(st.integers(0, 2**z - 1))
    y = data.draw(st.integers(0, 2**z - 1))
    tile = WEB_MERCATOR.tile(z, x, y).bounds
    assert tile.west == pytest.approx(WEB_MERCATOR.left + x * WEB_MERCATOR.side / 2**z)
    if z < 24:
        child = WEB_MERCATOR.tile(z + 1, 2 * x, 2 * y).bounds
        assert (child.west, child.north) == pytest.approx((tile.west, tile.north))


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (25, 0, 0), (0, 1, 0), (3, 0, 8), (3, -1, 0), (10**30, 0, 0)]
)
def test_tiles_that_do_not_exist(z, x, y):
    with pytest.raises(NoSuchTile) as caught:
        WEB_MERCATOR.tile(z, x, y)
    assert "WebMercatorQuad" in caught.value.say("nl")


def test_scale_denominators_are_those_of_the_standard():
    """OGC 17-083r4, annex D.1, WebMercatorQuad."""
    matrices = WEB_MERCATOR.as_dict()["tileMatrices"]
    assert matrices[0]["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-9)
    assert matrices[12]["scaleDenominator"] == pytest.approx(136494.693366386, rel=1e-9)
    assert matrices[12]["matrixWidth"] == 4096


def test_unknown_matrix_set():
    with pytest.raises(UnknownMatrixSet):
        matrix_set("Nonsense")
