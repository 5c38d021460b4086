"""Arrays of one file that each have a number of their own for “no observation”."""

from __future__ import annotations

import numpy as np
import pytest

from landzicht.grid import Window
from landzicht.kinds import Outcome
from landzicht.portal import open_portal
from landzicht.portal.scenes import Selection, newest_scene

SIDE = 60
RECIPE = """[collection]
id = "peil"
[files]
pattern = "peil_(?P<date>[0-9-]+)"
[bands.height]
[bands.water]
"""
MISSING = {"height": -999, "water": 7}


def made(rng):
    """Numbers in which the other array's missing one is a number like all others."""
    found = {name: rng.integers(1, 200, (SIDE, SIDE)).astype("int16") for name in MISSING}
    for name, missing in MISSING.items():
        found[name][rng.random((SIDE, SIDE)) < 0.2] = missing
        found[name][:5, :5] = {"height": 7, "water": -999}[name]
    return found


def frame_of(arrays):
    import pyproj
    import xarray

    frame = xarray.Dataset(
        {name: (("y", "x"), values) for name, values in arrays.items()},
        coords={
            "y": 460_000 - 10 * np.arange(SIDE) - 5.0,
            "x": 130_000 + 10 * np.arange(SIDE) + 5.0,
        },
    )
    frame["crs"] = ((), 0, {"crs_wkt": pyproj.CRS(28992).to_wkt(), **pyproj.CRS(28992).to_cf()})
    for name, missing in MISSING.items():
        frame[name].attrs["grid_mapping"] = "crs"
        frame[name].encoding["_FillValue"] = missing
    frame.x.attrs["standard_name"] = "projection_x_coordinate"
    frame.y.attrs["standard_name"] = "projection_y_coordinate"
    return frame


@pytest.mark.parametrize("kind", ["nc", "zarr"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_each_array_keeps_its_own(tmp_path, kind):
    arrays = made(np.random.default_rng(3))
    path = tmp_path / f"peil_2025-06-08.{kind}"
    frame = frame_of(arrays)
    recipe = tmp_path / "peil.toml"
    recipe.write_text(RECIPE)
    if kind == "nc":
        frame.to_netcdf(path, engine="scipy")
    else:
        frame.to_zarr(path, zarr_format=2, consolidated=False)
    with open_portal(tmp_path / "data") as portal:
        (receipt,) = portal.ingest([path], recipe=recipe)
        assert receipt.outcome is Outcome.ADDED, receipt
        scene = newest_scene(portal.services, portal.collections()[0], Selection())
        for name, values in arrays.items():
            asset, seen = scene.assets[name], values != MISSING[name]
            assert asset.band.nodata == MISSING[name]
            block = portal.services.reader.read(asset, 0, Window(0, 0, SIDE, SIDE))
            np.testing.assert_array_equal(block.valid[0], seen)
            np.testing.assert_array_equal(block.values[0][seen], values[seen])
