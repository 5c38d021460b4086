"""Real deliveries: taken in right, or refused with the reason; every pixel compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from landzicht.formats.gdal import load_rasterio
from landzicht.ingest.dates import when_given
from landzicht.ingest.recipe import read_recipe
from landzicht.kinds import Outcome
from landzicht.testing import shared_data

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"
DAY = when_given("2020-01-01")


def source(path: Path, index: int = 1, driver: str = "GTiff") -> np.ndarray:
    with load_rasterio().open(path, driver=driver) as dataset:
        return dataset.read(index)


def test_ndvi_with_a_palette(port) -> None:
    folder = shared_data("nl-marke-ndvi")
    receipts = port.take(folder, recipe=read_recipe(RECIPES / "nl-marke-ndvi.toml"))
    assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 26
    for receipt in receipts:
        scene = port.scene(receipt)
        name = Path(receipt.path).name
        assert f"NDVI-{scene.moment:%Y%m%d}.tif" == name
        asset = scene.assets["ndvi"]
        stored = source(folder / name)
        np.testing.assert_array_equal(port.read(asset), stored)
        assert (asset.band.scale, asset.band.nodata) == (0.004, 0)
        share = 100 * (stored != 0).mean()
        assert asset.statistics["valid_percent"] == pytest.approx(share, abs=0.01)
    collection = port.harbour.catalog.collection("marke-ndvi")
    assert (collection.count, collection.resolution_m) == (26, 10)
    again = port.take(folder, recipe=read_recipe(RECIPES / "nl-marke-ndvi.toml"))
    assert {receipt.outcome for receipt in again} == {Outcome.KNOWN}


def test_a_date_in_a_header_tag(port) -> None:
    folder = shared_data("nl-kempen-s2-l8")
    (receipt,) = port.take(folder, recipe=read_recipe(RECIPES / "nl-kempen-s2.toml"))
    scene = port.scene(receipt)
    assert str(scene.moment) == "2019-04-11 00:00:00+00:00"
    assert list(scene.assets) == ["B02", "B03", "B04", "B08", "B8A", "B09", "B11"]
    for key, asset in scene.assets.items():
        file = folder / "s2" / f"ref_input_S2_{key}.tif"
        np.testing.assert_array_equal(port.read(asset), source(file))
        assert asset.band.nodata == 65535


def test_bands_of_one_folder_without_a_recipe(port) -> None:
    folder = shared_data("nl-kempen-s2-l8") / "l8"
    receipts = port.take(folder, when=when_given("2020-06-13"))
    first = next(receipt for receipt in receipts if len(receipt.assets or {}) == 3)
    for key, asset in port.scene(first).assets.items():
        np.testing.assert_array_equal(port.read(asset), source(folder / f"ref_input_L8_{key}.tif"))


def test_several_bands_without_names_or_date(port) -> None:
    folder = shared_data("be-antwerp-s2")
    path = folder / "S2-bands.tiff"
    (refused,) = port.take(path)
    assert [found.code for found in refused.findings] == ["date-missing"]
    (receipt,) = port.take(path, when=DAY)
    for index, asset in enumerate(port.scene(receipt).assets.values(), 1):
        np.testing.assert_array_equal(port.read(asset), source(path, index))
        assert asset.band.nodata == 32767


def test_a_monthly_cube(port) -> None:
    path = shared_data("be-worldcereal-s1s2") / "worldcereal_preprocessed_inputs.nc"
    receipts = port.take(path, recipe=read_recipe(RECIPES / "be-worldcereal.toml"))
    assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 12
    months = [f"{port.scene(receipt).moment:%Y-%m}" for receipt in receipts]
    assert months == ["2020-11", "2020-12", *(f"2021-{month:02d}" for month in range(1, 11))]
    for step, receipt in enumerate(receipts, 1):
        scene = port.scene(receipt)
        stored = source(f'NETCDF:"{path}":S2-L2A-B04', step, "netCDF")
        np.testing.assert_array_equal(port.read(scene.assets["B04"]), stored)
        empty = months[step - 1] in ("2020-12", "2021-01")
        assert (scene.assets["B04"].statistics["valid_percent"] == 0) == empty


REFUSED = {
    "cog_gcps.tif": "only-control-points",
    "cog_hirise_mars.tif": "not-on-earth",
    "cog_nonearth.tif": "not-on-earth",
    "no_geo.jpg": "not-georeferenced",
}
TAKEN = [
    "cog.tif", "cog_cmap.tif", "cog_dateline.tif", "cog_fullearth.tif", "cog_nodata.tif",
    "cog_nodata_nan.tif", "cog_rgb_mask.tif", "cog_rgba.tif", "cog_tags.tif", "nocog.tif",
    "web.tif", "red.tif",
]  # fmt: skip


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_edge_cases_that_are_refused(port, name: str, code: str) -> None:
    (receipt,) = port.take(shared_data("cog-edge-cases") / name, when=DAY)
    assert receipt.outcome is Outcome.REFUSED
    assert [found.code for found in receipt.findings] == [code]


@pytest.mark.parametrize("name", TAKEN)
def test_edge_cases_that_are_taken(port, name: str) -> None:
    path = shared_data("cog-edge-cases") / name
    (receipt,) = port.take(path, when=DAY)
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    scene = port.scene(receipt)
    rasterio = load_rasterio()
    with rasterio.open(path, driver="GTiff") as theirs:
        for index, asset in enumerate(scene.assets.values(), 1):
            with rasterio.open(port.harbour.data / asset.href, driver="GTiff") as ours:
                np.testing.assert_array_equal(ours.read(1), theirs.read(index))
                mask = theirs.dataset_mask() if asset.has_mask else theirs.read_masks(index)
                np.testing.assert_array_equal(ours.read_masks(1) > 0, mask > 0)
                assert ours.crs == theirs.crs or ours.crs.to_epsg() == theirs.crs.to_epsg()
                assert ours.transform == theirs.transform
            assert asset.band.scale == theirs.scales[index - 1]
            assert asset.band.offset == theirs.offsets[index - 1]
    if name == "cog_dateline.tif":
        assert scene.bounds.west > scene.bounds.east


def test_three_files_of_one_colour_each(port) -> None:
    folder = shared_data("cog-edge-cases")
    paths = [folder / f"{colour}.tif" for colour in ("red", "green", "blue")]
    receipts = port.take(folder, when=DAY)
    (together,) = [r for r in receipts if set(r.assets or {}) == {"red", "green", "blue"}
                   and r.path == str(folder)]  # fmt: skip
    scene = port.scene(together)
    for path in paths:
        np.testing.assert_array_equal(port.read(scene.assets[path.stem]), source(path))
    collection = port.harbour.catalog.collection(together.collection)
    assert collection.layers[0].assets == ("red", "green", "blue")
