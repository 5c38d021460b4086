"""Footprints against pyproj, pixel corner by pixel corner."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from landzicht.errors.files import UnknownCrs
from landzicht.grid import Grid
from landzicht.ingest.footprint import footprint


def utm_grid(zone: int, east: float, north: float, side: int, metres: float) -> Grid:
    transform = Affine(metres, 0, east, 0, -metres, north)
    return Grid(crs=f"EPSG:{zone}", transform=transform, height=side, width=side)


def corners(grid: Grid) -> np.ndarray:
    columns, rows = np.meshgrid(np.linspace(0, grid.width, 7), np.linspace(0, grid.height, 7))
    xs, ys = grid.transform @ (columns.ravel(), rows.ravel())
    project = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True)
    return np.column_stack(project.transform(xs, ys))


@given(
    st.sampled_from([32601, 32631, 32660, 32760]),
    st.floats(200_000, 700_000),
    st.floats(1_000_000, 9_000_000),
    st.integers(2, 200),
    st.sampled_from([10.0, 60.0, 500.0]),
)
def test_every_pixel_lies_in_the_footprint(zone, east, north, side, metres) -> None:
    grid = utm_grid(zone, east, north, side, metres)
    place = footprint(grid)
    outline = shapely.from_geojson(json.dumps(place.geometry))
    assert outline.is_valid
    bounds = place.bounds
    slack = 0.002 * max(bounds.north - bounds.south, 0.001) + 1e-6
    for lon, lat in corners(grid):
        assert outline.distance(shapely.Point(lon, lat)) <= slack
        assert bounds.south - slack <= lat <= bounds.north + slack
        if bounds.west <= bounds.east:
            assert bounds.west - slack <= lon <= bounds.east + slack
        else:
            assert lon >= bounds.west - slack or lon <= bounds.east + slack


def test_antimeridian_is_cut_in_two() -> None:
    place = footprint(utm_grid(32660, 570_585, 5_847_615, 2355, 100))
    assert place.bounds.west > 0 > place.bounds.east
    assert place.geometry["type"] == "MultiPolygon"
    rings = [polygon[0] for polygon in place.geometry["coordinates"]]
    assert {max(x for x, _ in ring) for ring in rings} >= {180.0}
    assert {min(x for x, _ in ring) for ring in rings} >= {-180.0}
    for ring in rings:
        assert shapely.LinearRing(ring).is_ccw
        assert max(x for x, _ in ring) - min(x for x, _ in ring) < 10


def test_whole_earth_and_pole() -> None:
    transform = Affine(360 / 432, 0, -180, 0, -180 / 216, 90)
    place = footprint(Grid(crs="EPSG:4326", transform=transform, height=216, width=432))
    assert place.bounds.as_list() == [-180, -90, 180, 90]
    shifted = Affine(1, 0, 0, 0, -1, 80)
    place = footprint(Grid(crs="EPSG:4326", transform=shifted, height=20, width=360))
    assert place.bounds.as_list() == [-180, 60, 180, 80]
    polar = Affine(1000, 0, -500_000, 0, -1000, 500_000)
    place = footprint(Grid(crs="EPSG:3413", transform=polar, height=1000, width=1000))
    assert place.bounds.north == 90
    assert 80 < place.bounds.south < 90
    south = footprint(Grid(crs="EPSG:3031", transform=polar, height=1000, width=1000))
    assert south.bounds.south == -90


def test_pixels_with_their_centre_on_the_pole() -> None:
    """As weather models have them: 181 rows from 90.5 to -90.5, 361 columns around."""
    around = Grid(
        crs="EPSG:4326", transform=Affine(1, 0, -180.5, 0, -1, 90.5), height=181, width=361
    )
    assert footprint(around).bounds.as_list() == [-180, -90, 180, 90]


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", Affine(1, 0, 0, 0, -1, 91)),
        ("EPSG:4326", Affine(10, 0, 600_000, 0, -10, 5_700_000)),
        ("EPSG:32631", Affine(1e9, 0, 1e12, 0, -1e9, 1e12)),
    ],
)
def test_a_place_outside_the_system_is_refused(crs: str, transform: Affine) -> None:
    with pytest.raises(UnknownCrs):
        footprint(Grid(crs=crs, transform=transform, height=10, width=10))
