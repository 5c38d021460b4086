"""Zarr stores, NetCDF and JPEG 2000 come in: taken in by conversion, or used where they are."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from affine import Affine

from landzicht.grid import Window
from landzicht.kinds import Outcome, Query
from landzicht.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.stac import read_item

HEIGHT, WIDTH = 90, 120
DAYS = ("2025-06-08", "2025-06-13", "2025-06-18")
RECIPE = """
[collection]
id = "cube"
title.nl = "Kubus"
title.en = "Cube"
license = "CC0-1.0"
[files]
pattern = '^cube'
time = "time"
[bands.red]
array = "red"
scale = 0.0001
[bands.nir]
array = "nir"
scale = 0.0001
"""


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zarr warns of codecs of version 3
        yield


def pixels(seed):
    return np.random.default_rng(seed).integers(1, 9000, (3, HEIGHT, WIDTH)).astype("int16")


def cube(path, version=3, south_up=False, chunks=(1, 40, 50)):
    """Write a cube of two bands and three dates as xarray does."""
    import pandas as pd
    import xarray

    y = 5_700_000 - 10 * np.arange(HEIGHT) - 5.0
    data = {name: (("time", "y", "x"), pixels(seed)) for seed, name in enumerate(("red", "nir"))}
    frame = xarray.Dataset(
        data,
        coords={
            "time": pd.to_datetime(list(DAYS)),
            "y": y[::-1] if south_up else y,
            "x": 600_000 + 10 * np.arange(WIDTH) + 5.0,
            "spatial_ref": ((), 0, {"crs_wkt": wkt()}),
        },
    )
    for name in ("red", "nir"):
        frame[name].attrs["grid_mapping"] = "spatial_ref"
        frame[name].encoding["_FillValue"] = -1
        frame[name].encoding["chunks"] = chunks
    frame.to_zarr(path, zarr_format=version, consolidated=False)
    return path


def wkt():
    from pyproj import CRS

    return CRS("EPSG:32631").to_wkt()


def scenes(portal, collection):
    bodies = portal.search(Query(collections=(collection,))).bodies
    return sorted((read_item(body) for body in bodies), key=lambda scene: scene.moment)


def stored(portal, asset):
    found = portal.services.reader.read(asset, 0, Window(0, 0, HEIGHT, WIDTH))
    return np.asarray(found.values)[0]


def check(portal, south_up=False):
    found = scenes(portal, "cube")
    assert [f"{scene.moment:%Y-%m-%d}" for scene in found] == list(DAYS)
    for step, scene in enumerate(found):
        for seed, key in enumerate(("red", "nir")):
            asset = scene.assets[key]
            assert asset.grid.transform == Affine(10, 0, 600_000, 0, -10, 5_700_000)
            assert (asset.grid.crs, asset.grid.shape) == ("EPSG:32631", (HEIGHT, WIDTH))
            expected = pixels(seed)[step]
            np.testing.assert_array_equal(stored(portal, asset), expected[:: -1 if south_up else 1])
            assert (asset.band.nodata, asset.band.scale) == (-1, 0.0001)
    return found


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("south_up", [False, True])
def test_a_cube_comes_in_date_by_date(tmp_path, version, south_up):
    folder = tmp_path / "in"
    cube(folder / "cube.zarr", version, south_up)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    with open_portal(tmp_path / "data") as portal:
        receipts = portal.ingest([folder], recipe=tmp_path / "recipe.toml")
        assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 3, receipts
        found = check(portal, south_up)
        assert all(asset.array is None for asset in found[0].assets.values())
        again = portal.ingest([folder / "cube.zarr"], recipe=tmp_path / "recipe.toml")
        assert [receipt.outcome for receipt in again] == [Outcome.KNOWN] * 3
        below = (folder / "cube.zarr" / "nir").rglob("*")
        next(file for file in below if file.is_file() and file.name.endswith("0")).unlink()
        changed = portal.ingest([folder], recipe=tmp_path / "recipe.toml")
        assert [receipt.outcome for receipt in changed] == [Outcome.ADDED] * 3


def test_a_cube_is_used_where_it_is(tmp_path):
    cube(tmp_path / "in" / "cube.zarr")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    settings = Settings(data=tmp_path / "data", linked_roots=str(tmp_path / "in"))
    with open_portal(settings) as portal:
        receipts = portal.link([tmp_path / "in"], recipe=tmp_path / "recipe.toml")
        assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 3, receipts
        found = check(portal)
        assert {asset.array for asset in found[0].assets.values()} == {"red", "nir"}
        assert found[1].assets["red"].index == 2
        assert portal.services.reader.routes["own"] >= 6
        assert portal.services.reader.routes["gdal"] == 0


def test_one_array_needs_no_recipe(tmp_path):
    import zarr

    group = zarr.open_group(tmp_path / "ndvi_2025-06-08.zarr", mode="w")
    values = pixels(3)[0]
    array = group.create_array(
        "ndvi", shape=values.shape, chunks=(40, 40), dtype="int16", dimension_names=("y", "x")
    )
    array[:] = values
    array.attrs["proj:code"] = "EPSG:28992"
    array.attrs["spatial:transform"] = [10, 0, 200_000, 0, -10, 460_000]
    with open_portal(tmp_path / "data") as portal:
        (receipt,) = portal.ingest([tmp_path / "ndvi_2025-06-08.zarr"])
        assert receipt.outcome is Outcome.ADDED, receipt
        (scene,) = scenes(portal, receipt.collection)
        (asset,) = scene.assets.values()
        assert asset.grid.crs == "EPSG:28992"
        np.testing.assert_array_equal(stored(portal, asset), values)


def refused(tmp_path, folder):
    with open_portal(tmp_path / "data") as portal:
        receipts = portal.ingest([folder], datetime="2025-06-08")
    assert receipts
    assert all(receipt.outcome is Outcome.REFUSED for receipt in receipts)
    return {finding.code for receipt in receipts for finding in receipt.findings}


def test_several_arrays_ask_for_a_recipe(tmp_path):
    assert refused(tmp_path, cube(tmp_path / "cube.zarr")) == {"container"}


@pytest.mark.parametrize(
    "crs", ["+init=/etc/passwd", "/etc/passwd", "EPSG:999999", "x" * 99_999, 7]
)
def test_a_crs_is_a_code_or_wkt(tmp_path, crs):
    import zarr

    group = zarr.open_group(tmp_path / "x.zarr", mode="w")
    array = group.create_array("a", shape=(9, 9), chunks=(9, 9), dtype="int16")
    array.attrs["crs"] = crs
    array.attrs["spatial:transform"] = [10, 0, 200_000, 0, -10, 460_000]
    assert refused(tmp_path, tmp_path / "x.zarr") <= {"not-georeferenced", "unknown-crs"}


def test_a_store_that_claims_too_much_is_refused(tmp_path):
    import zarr

    group = zarr.open_group(tmp_path / "x.zarr", mode="w")
    group.create_array("a", shape=(200_000, 200_000), chunks=(512, 512), dtype="int16")
    assert refused(tmp_path, tmp_path / "x.zarr") == {"file-too-large"}
    group = zarr.open_group(tmp_path / "y.zarr", mode="w")
    group.create_array("a", shape=(40_000, 40_000), chunks=(512, 512), dtype="int16")
    assert refused(tmp_path, tmp_path / "y.zarr") == {"file-too-large"}
    group = zarr.open_group(tmp_path / "z.zarr", mode="w")
    group.create_array("a", shape=(900, 4, 4), chunks=(512, 4, 4), dtype="int16")
    assert refused(tmp_path, tmp_path / "z.zarr") == {"file-too-large"}
