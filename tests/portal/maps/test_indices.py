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
from landzicht.portal.maps.legends import TileSetRequest, indices, legend
from landzicht.portal.maps.points import PointRequest, point
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.render.evaluate import evaluate
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
    "B01": "coastal", "B02": "blue", "B03": "green", "B04": "red", "B05": "rededge071",
    "B06": "rededge075", "B07": "rededge078", "B08": "nir", "B8A": "nir08",
    "B11": "swir16", "B12": "swir22",
}  # fmt: skip
BANDS = tuple(
    Band(name=key, dtype="uint16", nodata=0, scale=0.0001, offset=-0.1, common_name=common)
    for key, common in COMMON.items()
)
PUBLISHED = {
    "OSAVI": "(N - R) / (N + R + 0.16)",
    "MSAVI": "0.5 * (2.0 * N + 1 - (((2 * N + 1) ** 2) - 8 * (N - R)) ** 0.5)",
    "EVI2": "g * (N - R) / (N + 2.4 * R + L)",
    "ARVI": "(N - (R - gamma * (R - B))) / (N + (R - gamma * (R - B)))",
    "GNDVI": "(N - G)/(N + G)",
    "WDRVI": "(alpha * N - R) / (alpha * N + R)",
    "KNDVI": "np.tanh(((N - R)/(N + R)) ** 2)",
    "VARI": "(G - R) / (G + R - B)",
    "EXG": "2 * G - R - B",
    "NDYI": "(G - B) / (G + B)",
    "CIG": "(N / G) - 1.0",
    "CIRE": "(N / RE1) - 1",
    "MCARI": "((RE1 - R) - 0.2 * (RE1 - G)) * (RE1 / R)",
    "TCARI": "3 * ((RE1 - R) - 0.2 * (RE1 - G) * (RE1 / R))",
    "IRECI": "(RE3 - R) / (RE1 / RE2)",
    "MTCI": "(RE2 - RE1) / (RE1 - R)",
    "S2REP": "705.0 + 35.0 * ((((RE3 + R) / 2.0) - RE1) / (RE2 - RE1))",
    "SELI": "(N2 - RE1) / (N2 + RE1)",
    "SIPI": "(N - A) / (N - R)",
    "PSRI": "(R - B)/RE2",
    "MSI": "S1/N",
    "NMDI": "(N - (S1 - S2))/(N + (S1 - S2))",
    "NDDI": "(((N - R)/(N + R)) - ((G - N)/(G + N)))/(((N - R)/(N + R)) + ((G - N)/(G + N)))",
    "ANDWI": "(B + G + R - N - S1 - S2)/(B + G + R + N + S1 + S2)",
    "AWEINSH": "4.0 * (G - S1) - 0.25 * N + 2.75 * S2",
    "AWEISH": "B + 2.5 * G - 1.5 * (N + S1) - 0.25 * S2",
    "WI2015": "1.7204 + 171 * G + 3 * R - 70 * N - 45 * S1 - 71 * S2",
    "NDTI": "(R-G)/(R+G)",
    "NDCI": "(RE1 - R)/(RE1 + R)",
    "NDPONI": "(S1-G)/(S1+G)",
    "NDBI": "(S1 - N) / (S1 + N)",
    "UI": "(S2 - N)/(S2 + N)",
    "IBI": (
        "(((S1-N)/(S1+N))-(((N-R)*(1.0+L)/(N+R+L))+((G-S1)/(G+S1)))/2.0)/(((S1-N)/(S1+N))"
        "+(((N-R)*(1.0+L)/(N+R+L))+((G-S1)/(G+S1)))/2.0)"
    ),
    "DBSI": "((S1 - G)/(S1 + G)) - ((N - R)/(N + R))",
    "NBR2": "(S1 - S2) / (S1 + S2)",
    "BAI": "1.0 / ((0.1 - R) ** 2.0 + (0.06 - N) ** 2.0)",
    "CSI": "N/S2",
    "MIRBI": "10.0 * S2 - 9.8 * S1 + 2.0",
    "S3": "(N * (R - S1)) / ((N + R) * (N + S1))",
    "SWI": "(G * (N - S1)) / ((G + N) * (N + S1))",
    "NDVI": "(N - R)/(N + R)",
    "EVI": "g * (N - R) / (N + C1 * R - C2 * B + L)",
    "SAVI": "(1.0 + L) * (N - R) / (N + R + L)",
    "NDRE": "(N - RE1) / (N + RE1)",
    "NDMI": "(N - S1)/(N + S1)",
    "NDWI": "(G - N) / (G + N)",
    "MNDWI": "(G - S1) / (G + S1)",
    "NDSI": "(G - S1) / (G + S1)",
    "NBR": "(N - S2) / (N + S2)",
    "BSI": "((S1 + R) - (N + B))/((S1 + R) + (N + B))",
}
"""Formulas of Awesome Spectral Indices as spyndex 0.12.0 has them (MIT licence), by our names.

Their BI is our BSI, and their NDREI our NDRE.
"""
SYMBOLS = {
    "A": "B01", "B": "B02", "G": "B03", "R": "B04", "RE1": "B05", "RE2": "B06", "RE3": "B07",
    "N": "B08", "N2": "B8A", "S1": "B11", "S2": "B12",
}  # fmt: skip
CONSTANTS = {"g": 2.5, "L": 1.0, "C1": 6.0, "C2": 7.5, "gamma": 1.0, "alpha": 0.1, "np": np}


def published(name, values):
    """Evaluate a published formula; SAVI and IBI use L = 0.5, as their authors do."""
    known = CONSTANTS | {"L": 0.5 if name in {"SAVI", "IBI"} else 1.0}
    known |= {symbol: values[key] for symbol, key in SYMBOLS.items()}
    with np.errstate(all="ignore"):
        return eval(PUBLISHED[name], {"__builtins__": {}}, known)  # the oracle


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
    assert set(PUBLISHED) == set(INDICES)


@pytest.mark.parametrize("name", INDICES)
def test_values(polder, name):
    services, values = polder
    truth = published(name, values)
    for view in (View(index=name), View(index=name.lower()), View(expression=f" {name} ")):
        found = np.load(io.BytesIO(window(services, request(view)).content))
        # In float32 a quotient whose denominator is nearly zero keeps few digits.
        assert np.isclose(found[0], truth, rtol=2e-3, atol=2e-4).mean() > 0.995


@pytest.mark.parametrize("name", INDICES)
def test_formulas_are_those_published(name):
    rng = np.random.default_rng(7)
    values = {key: rng.uniform(0.02, 0.6, 500) for key in COMMON}
    mine = evaluate(parse_formula(index_formula(name, BANDS)), values)
    np.testing.assert_allclose(mine, published(name, values), rtol=1e-9)
    low, high = INDICES[name].range
    assert low < high


def test_three_at_once(polder):
    services, values = polder
    view = View(expression="NDVI;NDWI;B04/B08")
    found = np.load(io.BytesIO(window(services, request(view)).content))
    for plane, truth in zip(
        found[:3],
        (published("NDVI", values), published("NDWI", values), values["B04"] / values["B08"]),
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
        ("NDVI", pytest.approx(published("NDVI", values)[20, 10]))
    ]


def test_a_list_of_those_possible(polder):
    services, _ = polder
    assert [index.name for index, _ in indices(services, "polder")] == list(INDICES)
    landsat = [Band(name="red", dtype="u2", common_name="red"),
               Band(name="nir08", dtype="u2", common_name="nir08")]  # fmt: skip
    assert [index.name for index, _ in possible_indices(landsat)] == [
        *("NDVI", "SAVI", "OSAVI", "MSAVI", "EVI2", "WDRVI", "KNDVI", "BAI")
    ]
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
