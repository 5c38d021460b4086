from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.catalogue import BadBox
from landzicht.errors.files import UnknownCrs
from landzicht.grid import Bounds, Grid, Window
from landzicht.grid.boxes import parse_bbox
from landzicht.grid.crs import WGS84, canonical_crs, epsg_code, transform_bounds, transformer

numbers = st.floats(-1e6, 1e6)


def polder(height: int = 100, width: int = 50) -> Grid:
    return Grid(
        crs="EPSG:32631",
        transform=Affine(10, 0, 600_000, 0, -10, 5_800_000),
        height=height,
        width=width,
    )


def test_bounds_and_resolution() -> None:
    grid = polder()
    assert grid.bounds == Bounds(600_000, 5_799_000, 600_500, 5_800_000)
    assert grid.resolution == (10, 10)
    assert grid.is_north_up


@given(st.integers(0, 90), st.integers(0, 40), st.integers(1, 10), st.integers(1, 10))
def test_a_crop_keeps_every_pixel_in_its_place(row: int, column: int, h: int, w: int) -> None:
    grid = polder()
    part = grid.crop(Window(row, column, h, w))
    assert part.shape == (h, w)
    for r, c in ((0, 0), (h, w)):
        assert part.transform @ (c, r) == grid.transform @ (column + c, row + r)


def test_a_rotated_grid_is_not_north_up_and_keeps_its_pixel_size() -> None:
    turned = Grid(
        crs="EPSG:28992", transform=Affine.rotation(13) @ Affine.scale(10, -10), height=5, width=5
    )
    assert not turned.is_north_up
    assert turned.resolution == pytest.approx((10, 10))


@given(st.tuples(*[numbers] * 8))
def test_touching_is_symmetric_and_agrees_with_the_union(edges: tuple[float, ...]) -> None:
    a = Bounds(min(edges[0:2]), min(edges[2:4]), max(edges[0:2]), max(edges[2:4]))
    b = Bounds(min(edges[4:6]), min(edges[6:8]), max(edges[4:6]), max(edges[6:8]))
    assert a.touches(b) == b.touches(a)
    whole = a.union(b)
    assert whole == b.union(a)
    if not a.is_empty:
        assert whole.touches(a)


def test_well_known_systems_get_their_short_name() -> None:
    from pyproj import CRS

    for code in (28992, 32631, 3857, 4326, 31370):
        for text in (f"EPSG:{code}", CRS(code).to_wkt(), CRS(code).to_wkt("WKT1_GDAL")):
            assert epsg_code(canonical_crs(text)) == code


@pytest.mark.parametrize(
    "text", ["", "EPSG:999999", "nonsense", "+proj=longlat +R=3396190 +no_defs"]
)
def test_unknown_systems_and_other_planets_are_refused(text: str) -> None:
    with pytest.raises(UnknownCrs):
        canonical_crs(text)


def test_transformed_bounds_hold_a_dense_sample_of_the_inside() -> None:
    box = Bounds(0, 300_000, 280_000, 625_000)
    outer = transform_bounds(box, "EPSG:28992", "EPSG:4326")
    x, y = np.meshgrid(np.linspace(0, 280_000, 50), np.linspace(300_000, 625_000, 50))
    lon, lat = transformer("EPSG:28992", "EPSG:4326").transform(x.ravel(), y.ravel())
    width, height = np.ptp(lon) * 1e-6, np.ptp(lat) * 1e-6
    assert outer.west <= lon.min() + width
    assert outer.east >= lon.max() - width
    assert outer.south <= lat.min() + height
    assert outer.north >= lat.max() - height


def test_a_box_is_read_and_may_cross_the_antimeridian() -> None:
    assert parse_bbox("5,52,6,53") == Bounds(5, 52, 6, 53)
    assert parse_bbox("5,52,-10,6,53,100") == Bounds(5, 52, 6, 53)
    assert parse_bbox("170,-20,-170,10") == Bounds(170, -20, -170, 10)
    assert parse_bbox(None) is None


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "5,53,6,52", "181,0,182,1", "nan,0,1,1", "inf,0,1,1", "0,-91,1,1"]
)
def test_a_broken_box_is_refused(text: str) -> None:
    with pytest.raises(BadBox):
        parse_bbox(text)


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:5773",  # heights
        "EPSG:4978",  # metres from the middle of the Earth
        "EPSG:5800",  # a grid of an engineer
        'LOCAL_CS["drone",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]',
    ],
)
def test_systems_that_are_no_map_are_refused(text):
    with pytest.raises(UnknownCrs):
        canonical_crs(text)


@pytest.mark.parametrize("text", ["EPSG:7415", "EPSG:4979"])
def test_maps_with_heights_are_maps(text):
    assert canonical_crs(text)


def test_a_system_that_proj_cannot_compute_is_unknown():
    crs = canonical_crs(
        'PROJCS["x",GEOGCS["x",DATUM["x",SPHEROID["x",6378137,298.257]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]],PROJECTION["Custom_magic"],UNIT["metre",1]]'
    )
    with pytest.raises(UnknownCrs):
        transformer(crs, WGS84)
