"""Tile matrix sets against the published numbers (OGC 17-083r4, annex D; Geonovum's guideline)."""

from __future__ import annotations

import copy
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.pixels import BadMatrixSet, NoSuchTile, UnknownMatrixSet
from landzicht.grid.custom import read_matrix_set
from landzicht.grid.matrix import MATRIX_SETS, WEB_MERCATOR, matrix_set, utm_set

OGC_CRS = "http://www.opengis.net/def/crs/"
# id → zoom, scale denominator, cell size, point of origin as published, tiles across and down
PUBLISHED = {
    "WebMercatorQuad": [
        (0, 559082264.028717, 156543.033928041, [-20037508.3427892, 20037508.3427892], 1, 1),
        (12, 136494.693366386, 38.2185141425881, [-20037508.3427892, 20037508.3427892], 4096, 4096),
    ],
    "WorldCRS84Quad": [
        (0, 279541132.014358, 0.703125, [-180, 90], 2, 1),
        (1, 139770566.007179, 0.3515625, [-180, 90], 4, 2),
        (23, 33.3238997476528, 8.381903171539e-8, [-180, 90], 16777216, 8388608),
    ],
    "UTM31WGS84Quad": [
        (1, 279072704.500914, 78140.3572602559, [-9501965.72931276, 20003931.4586255], 1, 2),
        (2, 139536352.250457, 39070.178630128, [-9501965.72931276, 20003931.4586255], 2, 4),
        (24, 33.26805883656, 0.00931505647, [-9501965.72931276, 20003931.4586255], 2**23, 2**24),
    ],
    "EuropeanETRS89_LAEAQuad": [
        (0, 62779017.8571428, 17578.125, [5500000.0, 2000000.0], 1, 1),
        (15, 1915.86358206612, 0.536441803, [5500000.0, 2000000.0], 32768, 32768),
    ],
    "NetherlandsRDNewQuad": [
        (0, 12288000.0, 3440.64, [-285401.92, 903401.92], 1, 1),
        (14, 750.0, 0.21, [-285401.92, 903401.92], 16384, 16384),
    ],
}
CRS = {
    "WebMercatorQuad": (f"{OGC_CRS}EPSG/0/3857", ["X", "Y"]),
    "WorldCRS84Quad": (f"{OGC_CRS}OGC/1.3/CRS84", ["Lon", "Lat"]),
    "UTM31WGS84Quad": (f"{OGC_CRS}EPSG/0/32631", ["E", "N"]),
    "EuropeanETRS89_LAEAQuad": (f"{OGC_CRS}EPSG/0/3035", ["Y", "X"]),
    "NetherlandsRDNewQuad": (f"{OGC_CRS}EPSG/0/28992", ["X", "Y"]),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_definitions_are_those_published(name):
    told = matrix_set(name).as_dict()
    assert (told["crs"], told["orderedAxes"]) == CRS[name]
    by_zoom = {int(matrix["id"]): matrix for matrix in told["tileMatrices"]}
    assert min(by_zoom) == PUBLISHED[name][0][0]
    for zoom, scale, cell, origin, across, down in PUBLISHED[name]:
        matrix = by_zoom[zoom]
        assert matrix["scaleDenominator"] == pytest.approx(scale, rel=1e-9)
        assert matrix["cellSize"] == pytest.approx(cell, rel=1e-9)
        assert matrix["pointOfOrigin"] == pytest.approx(origin, abs=1e-6)
        assert (matrix["matrixWidth"], matrix["matrixHeight"]) == (across, down)
        assert (matrix["tileWidth"], matrix["cornerOfOrigin"]) == (256, "topLeft")


@given(st.sampled_from(sorted(MATRIX_SETS)), st.data())
def test_four_children_are_their_parent(name, data):
    matrix = matrix_set(name)
    z = data.draw(st.integers(matrix.min_zoom, matrix.max_zoom - 1))
    across, down = matrix.count(z)
    x = data.draw(st.integers(0, across - 1))
    y = data.draw(st.integers(0, down - 1))
    parent = matrix.tile(z, x, y).bounds
    first, last = (matrix.tile(z + 1, 2 * x + i, 2 * y + i).bounds for i in (0, 1))
    close = {"rel": 1e-12, "abs": matrix.resolution(z) * 1e-3}
    assert (first.west, first.north) == pytest.approx((parent.west, parent.north), **close)
    assert (last.east, last.south) == pytest.approx((parent.east, parent.south), **close)
    assert (first.east, first.south) == pytest.approx((last.west, last.north), **close)


@given(st.sampled_from(sorted(MATRIX_SETS)), st.data())
def test_addresses_outside_are_refused(name, data):
    matrix = matrix_set(name)
    z = data.draw(st.integers(matrix.min_zoom, matrix.max_zoom))
    across, down = matrix.count(z)
    matrix.check(z, across - 1, down - 1)
    outside = [(z, across, 0), (z, 0, down), (z, -1, 0), (z, 0, -1)]
    for address in [*outside, (matrix.min_zoom - 1, 0, 0), (matrix.max_zoom + 1, 0, 0)]:
        with pytest.raises(NoSuchTile):
            matrix.check(*address)


def test_every_utm_zone_has_its_meridian_in_the_middle():
    for zone in range(1, 61):
        matrix = utm_set(zone)
        assert matrix_set(f"UTM{zone:02d}WGS84Quad") is matrix
        assert matrix.crs == f"EPSG:{32600 + zone}"
        assert (matrix.bounds.west + matrix.bounds.east) / 2 == pytest.approx(500_000)


def test_names():
    assert matrix_set("EPSG:28992").id == "NetherlandsRDNewQuad"
    for name in ("UTM61WGS84Quad", "UTM00WGS84Quad", "", "webmercatorquad"):
        with pytest.raises(UnknownMatrixSet):
            matrix_set(name)
    assert [each.id for each in MATRIX_SETS.values() if each.is_web_mercator] == ["WebMercatorQuad"]


# ---------------------------------------------------------------------- of the operator


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_we_tell_can_be_read_back(name):
    mine = matrix_set(name)
    found = read_matrix_set(mine.as_dict(), "x.json")
    assert found.as_dict() == mine.as_dict()
    z = mine.max_zoom
    assert found.tile(z, 1, 1) == mine.tile(z, 1, 1)


def changed(**fields):
    told = copy.deepcopy(WEB_MERCATOR.as_dict()) | {"id": "Mine"}
    for key, value in fields.items():
        name, _, zoom = key.partition("_at_")
        (told["tileMatrices"][int(zoom)] if zoom else told)[name] = value
    return told


def in_degrees(crs, origin, axes=None):
    told = copy.deepcopy(matrix_set("WorldCRS84Quad").as_dict()) | {"id": "Mine", "crs": crs}
    told.pop("orderedAxes")
    for matrix in told["tileMatrices"]:
        matrix["pointOfOrigin"] = origin
    return told | ({"orderedAxes": axes} if axes else {})


@pytest.mark.parametrize(
    ("crs", "origin", "axes"),
    [
        ("EPSG/0/4326", [90, -180], None),  # as morecantile writes it: the order of the system
        ("EPSG/0/4326", [90, -180], ["lat", "lon"]),
        ("EPSG/0/4326", [90, -180], ["Latitude", "Longitude"]),
        ("EPSG/0/4326", [-180, 90], ["Lon", "Lat"]),
        ("OGC/1.3/CRS84", [-180, 90], None),
    ],
)
def test_the_order_of_axes_is_that_of_the_system_unless_told(crs, origin, axes):
    found = read_matrix_set(in_degrees(OGC_CRS + crs, origin, axes), "x.json")
    assert found.tile(3, 5, 2) == matrix_set("WorldCRS84Quad").tile(3, 5, 2)
    assert read_matrix_set(found.as_dict(), "x.json").as_dict() == found.as_dict()


def test_the_order_of_axes_of_projected_systems():
    told = matrix_set("EuropeanETRS89_LAEAQuad").as_dict()
    del told["orderedAxes"]  # north first, as EPSG has it
    assert read_matrix_set(told, "x.json").bounds == matrix_set("EuropeanETRS89_LAEAQuad").bounds


def test_scales_of_systems_in_feet():
    told = changed(crs=f"{OGC_CRS}EPSG/0/2263")
    (first, *_) = read_matrix_set(told, "x.json").as_dict()["tileMatrices"]
    assert first["scaleDenominator"] == pytest.approx(first["cellSize"] * 1200 / 3937 / 0.00028)


BAD = [
    {},
    [],
    None,
    "text",
    changed(id="../x"),
    changed(id=7),
    changed(crs="http://example.org/crs/EPSG/0/3857"),
    changed(crs=f"{OGC_CRS}EPSG/0/999999"),
    changed(tileMatrices=[]),
    changed(tileMatrices=None),
    changed(cellSize_at_3=1.0),
    changed(cellSize_at_0=math.nan),
    changed(cellSize_at_0=-1.0),
    changed(cellSize_at_0="wide"),
    changed(pointOfOrigin_at_2=[0, 0]),
    changed(pointOfOrigin_at_2=[0]),
    changed(matrixWidth_at_4=3),
    changed(tileWidth_at_1=512),
    changed(cornerOfOrigin_at_1="bottomLeft"),
    changed(variableMatrixWidths_at_1=[{"coalesce": 2}]),
    changed(id_at_1="7"),
    changed(id_at_1="one"),
    changed(matrixWidth_at_0=0),
]


@pytest.mark.parametrize("told", BAD, ids=range(len(BAD)))
def test_what_is_no_quad_tree_is_refused(told):
    with pytest.raises(BadMatrixSet) as found:
        read_matrix_set(told, "mine.json")
    assert "mine.json" in str(found.value)
