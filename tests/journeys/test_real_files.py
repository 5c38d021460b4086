"""Real satellite files go in by the command line and come out right over HTTP.

The oracle is rasterio on the source file: every pixel of a tile is compared with the pixel that
pyproj says lies under its centre, and every value with the source's number.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from landzicht.formats.gdal import load_rasterio
from landzicht.testing import shared_data
from landzicht.testing.serving import Running, portal_in, run

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"
HALF = 20037508.342789244


@dataclass(frozen=True)
class Taken:
    running: Running
    source: dict[str, Path]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    """A portal with three real collections, made by three commands."""
    kempen, marke = shared_data("nl-kempen-s2-l8"), shared_data("nl-marke-ndvi")
    antwerp = shared_data("be-antwerp-s2")
    data = tmp_path_factory.mktemp("real") / "data"
    for arguments in (
        (kempen / "s2", "--recipe", RECIPES / "nl-kempen-s2.toml"),
        (marke, "--recipe", RECIPES / "nl-marke-ndvi.toml"),
        (antwerp / "S2-bands.tiff", "--collection", "antwerp", "--datetime", "2019-03-07"),
    ):
        told = run("ingest", *arguments, data=data)
        assert "added" in told.stdout, told.stdout + told.stderr
        assert "Traceback" not in told.stderr
    with portal_in(data, "--no-demo") as running:
        yield Taken(
            running,
            {
                "kempen-s2": kempen / "s2" / "ref_input_S2_B08.tif",
                "marke-ndvi": marke / "NDVI-20170717.tif",
                "antwerp": antwerp / "S2-bands.tiff",
            },
        )


CASES = {
    "kempen-s2": ("B08", "2019-04-11"),
    "marke-ndvi": ("ndvi", "2017-07-17"),
    "antwerp": (None, "2019-03-07"),
}


def band_of(taken: Taken, collection: str) -> str:
    key = CASES[collection][0]
    if key:
        return key
    item = taken.running.get(f"/stac/search?collections={collection}").json()["features"][0]
    return next(iter(item["assets"]))


@pytest.mark.parametrize("collection", CASES)
def test_the_date_is_the_one_in_the_file(taken: Taken, collection: str) -> None:
    dates = taken.running.get(f"/api/v1/collections/{collection}/dates").json()["dates"]
    assert CASES[collection][1] in [day["date"] for day in dates]
    if collection == "marke-ndvi":
        assert len(dates) == 26


@pytest.mark.parametrize("collection", CASES)
@pytest.mark.parametrize("zoom", [14, 15])
def test_every_pixel_of_a_tile_is_the_one_of_the_source(
    taken: Taken, collection: str, zoom: int
) -> None:
    key, date = band_of(taken, collection), CASES[collection][1]
    with load_rasterio().open(taken.source[collection], driver="GTiff") as file:
        pixels, transform, nodata = file.read(1), file.transform, file.nodata
        middle = file.transform @ (file.width * 0.5, file.height * 0.45)
        lon, lat = Transformer.from_crs(file.crs, 4326, always_xy=True).transform(*middle)
        to_file = Transformer.from_crs(3857, file.crs, always_xy=True)
    if collection == "marke-ndvi":
        nodata = 0
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    answer = taken.running.get(
        f"/tiles/{collection}/WebMercatorQuad/{zoom}/{x}/{y}.npy"
        f"?assets={key}&rescale=0,1&raw=true&datetime={date}"
    )
    assert answer.status == 200, answer.body
    values, mask = np.load(io.BytesIO(answer.body))
    side = 2 * HALF / 2**zoom
    centres = (np.arange(256) + 0.5) * side / 256
    easting, northing = np.meshgrid(x * side - HALF + centres, HALF - y * side - centres)
    columns, rows = ~transform @ np.array(to_file.transform(easting, northing))
    inside = (columns >= 0) & (rows >= 0)
    inside &= (columns < pixels.shape[1]) & (rows < pixels.shape[0])
    wanted = np.zeros((256, 256))
    wanted[inside] = pixels[rows[inside].astype(int), columns[inside].astype(int)]
    valid = inside & ((wanted != nodata) if nodata is not None else True)
    assert valid.mean() > 0.2
    same = (values == wanted) & ((mask > 0) == valid)
    assert (same | (~valid & (mask == 0))).mean() >= 0.998


@pytest.mark.parametrize("collection", CASES)
def test_a_value_is_the_number_in_the_source(taken: Taken, collection: str) -> None:
    key, date = band_of(taken, collection), CASES[collection][1]
    with load_rasterio().open(taken.source[collection], driver="GTiff") as file:
        to_world = Transformer.from_crs(file.crs, 4326, always_xy=True)
        random = np.random.default_rng(7)
        for row, column in random.integers(0, min(file.shape), (12, 2)):
            lon, lat = to_world.transform(*file.xy(row, column))
            number = int(file.read(1, window=((row, row + 1), (column, column + 1)))[0, 0])
            told = taken.running.get(
                f"/tiles/{collection}/point/{lon:.8f},{lat:.8f}"
                f"?assets={key}&rescale=0,1&datetime={date}"
            ).json()
            missing = number in ({0} if collection == "marke-ndvi" else {file.nodata})
            scale = {"kempen-s2": 0.0001, "marke-ndvi": 0.004}.get(collection, 1)
            expected = None if missing else pytest.approx(number * scale)
            assert told["bands"][0]["value"] == expected, told


def test_what_goes_out_is_what_came_in(taken: Taken) -> None:
    told = run("search", "--collection", "kempen-s2", "--json", data=taken.running.data)
    (item,) = json.loads(told.stdout)["features"]
    source = taken.source["kempen-s2"].parent
    for key, asset in item["assets"].items():
        with (
            load_rasterio().open(asset["href"], driver="GTiff") as ours,
            load_rasterio().open(source / f"ref_input_S2_{key}.tif", driver="GTiff") as theirs,
        ):
            assert ours.crs == theirs.crs
            assert ours.transform == theirs.transform
            assert np.array_equal(ours.read(1), theirs.read(1))
            assert ours.profile["blockxsize"] == 512
            assert ours.compression.name == "zstd"
            assert ours.overviews(1)


def test_the_same_files_again_are_known(taken: Taken) -> None:
    source = taken.source["marke-ndvi"]
    told = run(
        "ingest", source, "--recipe", RECIPES / "nl-marke-ndvi.toml", data=taken.running.data
    )
    assert told.returncode == 0
    assert told.stdout.startswith("known")


def test_real_data_carry_no_mark_of_simulation(taken: Taken) -> None:
    item = taken.running.get("/stac/search?collections=marke-ndvi&limit=1").json()["features"][0]
    assert "landzicht:simulated" not in item["properties"]


def test_a_netcdf_cube_by_recipe(taken: Taken, tmp_path: Path) -> None:
    cube = shared_data("be-worldcereal-s1s2") / "worldcereal_preprocessed_inputs.nc"
    told = run("ingest", cube, "--recipe", RECIPES / "be-worldcereal.toml", "--json", data=tmp_path)
    receipts = json.loads(told.stdout)["receipts"]
    added = [receipt for receipt in receipts if receipt["outcome"] == "added"]
    assert len(added) >= 10, told.stdout[-2000:]


EDGE_CASES = {
    "cog.tif": "added",
    "cog_cmap.tif": "added",
    "cog_dateline.tif": "added",
    "cog_fullearth.tif": "added",
    "cog_nodata.tif": "added",
    "cog_nodata_nan.tif": "added",
    "cog_rgb_mask.tif": "added",
    "cog_rgba.tif": "added",
    "cog_tags.tif": "added",
    "nocog.tif": "added",
    "web.tif": "added",
    "red.tif": "added",
    "cog_gcps.tif": "refused",
    "cog_hirise_mars.tif": "refused",
    "cog_nonearth.tif": "refused",
    "no_geo.jpg": "refused",
}


def test_each_trap_is_shown_right_or_refused_with_a_reason(tmp_path: Path) -> None:
    folder = shared_data("cog-edge-cases")
    paths = [folder / name for name in EDGE_CASES]
    told = run("ingest", *paths, "--datetime", "2020-01-01", "--json", data=tmp_path / "data")
    assert told.returncode == 1
    receipts = json.loads(told.stdout)["receipts"]
    outcomes = {Path(receipt["path"]).name: receipt for receipt in receipts}
    assert {name: receipt["outcome"] for name, receipt in outcomes.items()} == EDGE_CASES
    for name, receipt in outcomes.items():
        if EDGE_CASES[name] == "refused":
            stops = [finding for finding in receipt["findings"] if finding["blocks"]]
            assert stops, name
            assert all(finding["nl"] and finding["en"] for finding in stops)
