"""Places across the antimeridian, where maps of the world are cut."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import Transformer

from landzicht.errors.catalogue import BadBox
from landzicht.grid import Bounds, Grid, Window
from landzicht.grid.crs import WGS84, canonical_crs
from landzicht.grid.frame import box_in, frame, pixel_near
from landzicht.grid.outline import inside, read_outline
from landzicht.grid.place import pixel_size_in, world_boxes
from landzicht.grid.reads import plan_reads
from landzicht.grid.turns import turn_of

WEB = "EPSG:3857"
TURN_M = 2 * np.pi * 6_378_137


def test_one_turn_is_known_where_meridians_are_straight() -> None:
    assert turn_of(WEB) == pytest.approx(TURN_M)
    assert turn_of("EPSG:3832") == pytest.approx(TURN_M)  # the Pacific, cut at 30 degrees west
    assert turn_of(WGS84) == 360
    for crs in ("EPSG:28992", "EPSG:32760", "EPSG:3413", "ESRI:54030"):
        assert turn_of(canonical_crs(crs)) is None


@pytest.mark.parametrize(("west", "east"), [(175, -175), (175, 185), (-185, -175)])
def test_a_box_across_goes_on_beyond_the_edge_of_the_map(west: float, east: float) -> None:
    found = box_in(Bounds(west, -3, east, 3), WGS84, WEB)
    assert found.as_list() == pytest.approx(
        [TURN_M * 175 / 360, -334_111.171402, TURN_M * 185 / 360, 334_111.171402]
    )
    left, right = world_boxes(frame(found, WEB, 1000.0))
    assert left.as_list() == pytest.approx([175, -3, 180, 3])
    assert right.as_list() == pytest.approx([-180, -3, -175, 3])


def test_a_box_of_a_zone_across_the_antimeridian_is_whole() -> None:
    found = box_in(Bounds(700_000, 5_000_000, 1_200_000, 5_500_000), "EPSG:32660", WEB)
    assert found.east - found.west < 1.5e6
    xs, ys = Transformer.from_crs("EPSG:32660", WEB, always_xy=True).transform(950_000, 5_250_000)
    assert found.west < xs % TURN_M < found.east
    assert found.south < ys < found.north


def test_maps_that_are_cut_there_refuse_and_others_do_not() -> None:
    with pytest.raises(BadBox) as told:
        box_in(Bounds(175, -3, -175, 3), WGS84, canonical_crs("ESRI:54030"))
    assert "antimeridian" in told.value.say("en")
    assert "180e" in told.value.say("nl")
    assert box_in(Bounds(175, -3, -175, 3), WGS84, "EPSG:32760").east < 1.4e6
    whole = box_in(Bounds(-180, -80, 180, 80), WGS84, canonical_crs("ESRI:54030"))
    assert whole.east > 1.6e7


def test_the_whole_world_ends_where_its_map_does() -> None:
    world = Bounds(-180, -90, 180, 90)
    web = box_in(world, WGS84, WEB)
    assert web.as_list() == pytest.approx(
        [-TURN_M / 2, -TURN_M / 2, TURN_M / 2, TURN_M / 2], rel=1e-3
    )
    equal_area = box_in(world, WGS84, "EPSG:6933")
    pole = Transformer.from_crs(WGS84, "EPSG:6933", always_xy=True).transform(0, 90)[1]
    assert equal_area.north == pytest.approx(pole)
    above = box_in(Bounds(0, 86, 1, 88), WGS84, WEB)
    assert above.south > TURN_M / 2


@pytest.mark.parametrize("crs", [WGS84, WEB, "EPSG:32760"])
@pytest.mark.parametrize("is_cut", [False, True])
def test_an_area_across_is_one_area(crs: str, *, is_cut: bool) -> None:
    """As one ring beyond 180 degrees, or cut as RFC 7946 asks."""
    area = shapely.Polygon([(178, -19), (183, -19.5), (182, -16), (177, -15)])
    if is_cut:
        east = shapely.affinity.translate(area & shapely.box(180, -90, 360, 90), -360)
        told = shapely.MultiPolygon([area & shapely.box(0, -90, 180, 90), east])
    else:
        told = area
    outline = read_outline(shapely.geometry.mapping(told) | {"coordinates": _lists(told)})
    box = box_in(outline.bounds, outline.crs, crs)
    grid = frame(box, crs, (box.east - box.west) / 200)
    found = inside(outline, grid)
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    xs, ys = grid.transform @ (columns, rows)
    lons, lats = Transformer.from_crs(crs, WGS84, always_xy=True).transform(xs, ys)
    truth = shapely.contains_xy(area, np.asarray(lons) % 360, lats)
    assert 0.3 < truth.mean() < 0.9
    assert (found != truth).mean() < 0.002


def _lists(shape: object) -> list[object]:
    import json

    coordinates: list[object] = json.loads(shapely.to_geojson(shape))["coordinates"]
    return coordinates


@pytest.mark.parametrize(
    ("crs", "affine"),
    [
        (WGS84, Affine(0.05, 0, 170, 0, -0.05, 5)),
        ("EPSG:32660", Affine(3_000, 0, 380_000, 0, -3_000, 300_000)),
    ],
)
def test_a_file_on_both_sides_fills_both(crs: str, affine: Affine) -> None:
    source = Grid(crs=crs, transform=affine, height=200, width=400)
    box = box_in(Bounds(176, -2, -178, 2), WGS84, WEB)
    target = frame(box, WEB, (box.east - box.west) / 128)
    plans = plan_reads([source], target)
    filled = np.zeros(plans[0].nodes[0].shape, bool)
    for plan in plans:
        assert plan.target == Window(0, 0, target.height, target.width)
        xs = plan.nodes[0] + plan.window.column
        filled |= (xs >= 0) & (xs < source.width)
    assert filled.all()


@pytest.mark.parametrize("crs", [WEB, "EPSG:3395"])
def test_pixels_in_the_middle_of_the_antimeridian_have_their_size(crs: str) -> None:
    source = Grid(crs=WGS84, transform=Affine(0.05, 0, 170, 0, -0.05, 2), height=80, width=400)
    expected = pytest.approx(TURN_M / 360 * 0.05, rel=0.01)
    assert pixel_size_in(source, crs) == expected
    assert pixel_near(source, box_in(source.bounds, WGS84, crs), crs) == expected
