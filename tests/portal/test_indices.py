"""Spectral indices by name: against their definitions, written out once more in numpy."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
from affine import Affine

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.pixels import IndexNotPossible, UnknownIndex
from landzicht.grid import Bounds, Grid
from landzicht.grid.crs import transformer
from landzicht.kinds import Band
from landzicht.portal.legends import TileSetRequest, indices, legend
from landzicht.portal.points import PointRequest, point
from landzicht.portal.view import View
from landzicht.portal.windows import WindowRequest, window
from landzicht.render.formula import parse_formula
from landzicht.render.indices import INDICES, index_formula, possible_indices
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection

SIDE = 64
GRID = Grid(
    crs="EPSG:28992",
    transform=Affine(10, 0, 130_000, 0, -10, 460_000),
    height=SIDE,
    width=SIDE,
)
COMMON = {
    "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge071", "B06": "rededge075",
    "B08": "nir", "B8A": "nir08", "B11": "swir16", "B12": "swir22",
}  # fmt: skip
BANDS = tuple(
    Band(name=key, dtype="uint16", nodata=0, scale=0.0001, offset=-0.1, common_name=common)
    for key, common in COMMON.items()
)
TRUTH = {
    "NDVI": lambda b: (b["B08"] - b["B04"]) / (b["B08"] + b["B04"]),
    "EVI": lambda b: 2.5 * (b["B08"] - b["B04"]) / (b["B08"] + 6 * b["B04"] - 7.5 * b["B02"] + 1),
    "SAVI": lambda b: (b["B08"] - b["B04"]) / (b["B08"] + b["B04"] + 0.5) * (1 + 0.5),
    "NDRE": lambda b: (b["B08"] - b["B05"]) / (b["B08"] + b["B05"]),
    "NDMI": lambda b: (b["B08"] - b["B11"]) / (b["B08"] + b["B11"]),
    "NDWI": lambda b: (b["B03"] - b["B08"]) / (b["B03"] + b["B08"]),
    "MNDWI": lambda b: (b["B03"] - b["B11"]) / (b["B03"] + b["B11"]),
    "NDSI": lambda b: (b["B03"] - b["B11"]) / (b["B03"] + b["B11"]),
    "NBR": lambda b: (b["B08"] - b["B12"]) / (b["B08"] + b["B12"]),
    "BSI": lambda b: (
        (b["B11"] + b["B04"] - b["B08"] - b["B02"]) / (b["B11"] + b["B04"] + b["B08"] + b["B02"])
    ),
}


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("polder"))
    rng = np.random.default_rng(0)
    stored = {
        band.name: (rng.integers(1200, 6000, (SIDE, SIDE)).astype("uint16"), band) for band in BANDS
    }
    collection = make_collection("polder", bands=BANDS)
    services.catalog.put([collection], [store_scene(services, "polder", "s", GRID, stored)])
    values = {key: pixels * 0.0001 - 0.1 for key, (pixels, _) in stored.items()}
    return services, values


def request(view, ending="npy", **fields):
    box = Bounds(*GRID.bounds.as_list())
    return WindowRequest(
        collection="polder", box=box, crs=GRID.crs, ending=ending, view=view, **fields
    )


def test_every_index_has_a_definition_to_be_tested_against():
    assert set(TRUTH) == set(INDICES)


@pytest.mark.parametrize("name", INDICES)
def test_values(polder, name):
    services, values = polder
    truth = TRUTH[name](values)
    for view in (View(index=name), View(index=name.lower()), View(expression=f" {name} ")):
        found = np.load(io.BytesIO(window(services, request(view)).content))
        np.testing.assert_allclose(found[0], truth, rtol=2e-3, atol=2e-4)


def test_three_at_once(polder):
    services, values = polder
    view = View(expression="NDVI;NDWI;B04/B08")
    found = np.load(io.BytesIO(window(services, request(view)).content))
    for plane, truth in zip(
        found[:3],
        (TRUTH["NDVI"](values), TRUTH["NDWI"](values), values["B04"] / values["B08"]),
        strict=True,
    ):
        np.testing.assert_allclose(plane, truth, rtol=2e-3, atol=2e-4)


def test_a_picture_needs_no_range(polder):
    services, _ = polder
    for view in (View(index="NDVI"), View(expression="NDVI;NDWI;NBR")):
        picture = window(services, request(view, "png"))
        assert imagecodecs.png_decode(picture.content).shape[:2] == (SIDE, SIDE)
    told = legend(services, TileSetRequest(collection="polder", view=View(index="EVI")))
    assert told.ranges == ((-1.0, 1.0),)


def test_a_point(polder):
    services, values = polder
    place = transformer(GRID.crs, "EPSG:4326").transform(*(GRID.transform @ (10.5, 20.5)))
    told = point(
        services,
        PointRequest(collection="polder", lon=place[0], lat=place[1], view=View(index="ndvi")),
    )
    assert [(each.name, each.value) for each in told.layers] == [
        ("NDVI", pytest.approx(TRUTH["NDVI"](values)[20, 10]))
    ]


def test_a_list_of_those_possible(polder):
    services, _ = polder
    assert [index.name for index, _ in indices(services, "polder")] == list(INDICES)
    landsat = [Band(name="red", dtype="u2", common_name="red"),
               Band(name="nir08", dtype="u2", common_name="nir08")]  # fmt: skip
    assert [index.name for index, _ in possible_indices(landsat)] == ["NDVI", "SAVI"]
    assert index_formula("NDVI", landsat) == '("nir08"-"red")/("nir08"+"red")'
    assert possible_indices([]) == ()


def test_keys_that_are_no_names_can_be_used():
    bands = [Band(name="band 4-x", dtype="u2", common_name="red"),
             Band(name="2", dtype="u2", common_name="nir")]  # fmt: skip
    assert parse_formula(index_formula("NDVI", bands)).names == ("2", "band 4-x")


def test_a_band_called_as_an_index_goes_first(tmp_path):
    services = make_services(tmp_path)
    band = Band(name="NDVI", dtype="int16", scale=0.001)
    values = np.full(GRID.shape, 250, np.int16)
    services.catalog.put(
        [make_collection("polder", bands=(band,))],
        [store_scene(services, "polder", "s", GRID, {"NDVI": (values, band)})],
    )
    found = np.load(io.BytesIO(window(services, request(View(expression="NDVI"))).content))
    np.testing.assert_allclose(found[0], 0.25)
    with pytest.raises(IndexNotPossible):
        window(services, request(View(index="NDVI")))


@pytest.mark.parametrize(
    ("view", "fields", "error"),
    [
        (View(index="NOPE"), {}, UnknownIndex),
        (View(index="../x"), {}, UnknownIndex),
        (View(index="NDVI", assets=("B04",)), {}, BadQuery),
        (View(index="NDVI", expression="B04"), {}, BadQuery),
        (View(index="NDVI", layer="x"), {}, BadQuery),
        (View(index="NDVI"), {"raw": True}, BadQuery),
        (View(expression="NDVI"), {"raw": True}, BadQuery),
    ],
)
def test_wrong_wishes(polder, view, fields, error):
    services, _ = polder
    with pytest.raises(error) as found:
        window(services, request(view, **fields))
    assert found.value.say("nl") != found.value.say("en")
