"""Every way of resampling through the whole engine, against GDAL's warp."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine

from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Bounds, Grid
from landzicht.kinds import Band, BandKind
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection

rasterio = load_rasterio()
SIDE = 480
GRID = Grid(
    crs="EPSG:28992",
    transform=Affine(10, 0, 130_000, 0, -10, 460_000),
    height=SIDE,
    width=SIDE,
)
RED = Band(name="B04", dtype="uint16", nodata=0)
CODE = Band(name="code", dtype="uint8", nodata=255, kind=BandKind.CATEGORICAL)
BOX = Bounds(130_400, 455_600, 134_400, 459_600)


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("polder"))
    rng = np.random.default_rng(4)
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    reds = (3000 + 1500 * np.sin(down / 11) * np.cos(across / 9)).astype("uint16")
    reds += rng.integers(0, 400, reds.shape).astype("uint16")
    codes = rng.integers(0, 3, (SIDE // 6, SIDE // 6)).repeat(6, 0).repeat(6, 1).astype("uint8")
    codes[rng.random(codes.shape) < 0.1] = 7
    bands = {"B04": (reds, RED), "code": (codes, CODE)}
    services.catalog.put(
        [make_collection("polder", bands=(RED, CODE))],
        [store_scene(services, "polder", "s1", GRID, bands)],
    )
    return services, {"B04": reds, "code": codes}


def ours(services, key, side, name):
    picture = window(
        services,
        WindowRequest(
            collection="polder", box=BOX, crs=GRID.crs, width=side, ending="tif",
            view=View(assets=(key,)), resampling=name,
        ),
    )  # fmt: skip
    with rasterio.MemoryFile(picture.content) as memory, memory.open(driver="GTiff") as file:
        return file.read(1), file.transform


def theirs(values, transform, side, name):
    from rasterio.warp import reproject

    out = np.zeros((side, side), np.float64)
    reproject(
        values.astype(np.float64), out, src_transform=GRID.transform, src_crs=GRID.crs,
        dst_transform=transform, dst_crs=GRID.crs, dst_nodata=-1,
        resampling=rasterio.enums.Resampling[name], tolerance=0,
    )  # fmt: skip
    return out


@pytest.mark.parametrize("name", ["bilinear", "cubic", "average"])
@pytest.mark.parametrize("side", [100, 173, 400, 911])
def test_amounts_are_those_of_gdal(polder, name, side):
    """400 source pixels become 100 to 911: within 1 of 4,500 for 99.9 %, never more than 12."""
    services, told = polder
    mine, transform = ours(services, "B04", side, name)
    off = np.abs(mine - theirs(told["B04"], transform, side, name))
    assert np.quantile(off, 0.999) <= 1
    assert off.max() <= 12


@pytest.mark.parametrize("side", [60, 100, 173])
def test_codes_that_shrink_become_the_most_frequent(polder, side):
    """As GDAL, which weighs pixels that lie partly under the target otherwise: 5 % may differ."""
    services, told = polder
    for name in ("bilinear", "cubic", "average", "mode"):
        mine, transform = ours(services, "code", side, name)
        truth = theirs(told["code"], transform, side, "mode")
        assert set(np.unique(mine)) <= set(np.unique(told["code"]).astype(float))
        assert (mine != truth).mean() <= 0.05


def test_codes_that_do_not_shrink_stay_the_nearest(polder):
    services, _ = polder
    plain, _ = ours(services, "code", 911, "nearest")
    for name in ("bilinear", "cubic", "average", "mode"):
        # A centre that falls exactly on an edge may go either way.
        assert (ours(services, "code", 911, name)[0] != plain).mean() <= 1e-4


def test_cubic_keeps_within_what_can_be_stored(tmp_path):
    """A cubic filter overshoots at edges; stored numbers may not wrap round."""
    services = make_services(tmp_path)
    values = np.full((SIDE, SIDE), 1, np.uint16)
    values[:, ::2] = 65_535
    values[200:, :] = 1
    services.catalog.put(
        [make_collection("polder", bands=(RED,))],
        [store_scene(services, "polder", "s1", GRID, {"B04": (values, RED)})],
    )
    picture = window(
        services,
        WindowRequest(
            collection="polder", box=BOX, crs=GRID.crs, width=911, ending="tif", raw=True,
            view=View(assets=("B04",)), resampling="cubic",
        ),
    )  # fmt: skip
    with rasterio.MemoryFile(picture.content) as memory, memory.open(driver="GTiff") as file:
        found = file.read(1)
        assert file.dtypes == ("uint16",)
    assert found[-200:].max() <= 1
    assert (found[:200] > 60_000).any()
