"""Which scene lies on top, and clouds left out: against plain numpy on the stored pixels."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.catalogue import BadQuery, NothingHere
from landzicht.grid import Bounds, Grid
from landzicht.grid.crs import transformer
from landzicht.kinds import Band, BandKind, Mask
from landzicht.portal.maps.points import PointRequest, point
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.portal.scenes import Selection
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection

SIDE = 400
GRID = Grid(
    crs="EPSG:28992",
    transform=Affine(10, 0, 130_000, 0, -10, 460_000),
    height=SIDE,
    width=SIDE,
)
COARSE = replace(
    GRID, transform=Affine(20, 0, 130_000, 0, -20, 460_000), height=SIDE // 2, width=SIDE // 2
)
BAND = Band(name="v", dtype="uint16", nodata=0)
SCL = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
COLLECTION = make_collection("polder", bands=(BAND, SCL), mask=Mask(asset="SCL", valid=(4, 5)))
CLEAR, CLOUD = 4, 9


def clouds(seed):
    """Blobs of cloud on the 20 m grid."""
    rng = np.random.default_rng(seed)
    blobs = rng.random((SIDE // 20, SIDE // 20)) < 0.4
    return np.where(blobs.repeat(10, 0).repeat(10, 1), CLOUD, CLEAR).astype("uint8")


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    """Scenes a (newest) to d, with values 1 to 4, cloud cover 50, none told, 10 and 30 %."""
    services = make_services(tmp_path_factory.mktemp("polder"))
    scenes, masks = [], {}
    for number, (name, cover) in enumerate([("a", 50.0), ("b", None), ("c", 10.0), ("d", 30.0)]):
        values = np.full((SIDE, SIDE), number + 1, np.uint16)
        masks[name] = clouds(number)
        scene = store_scene(
            services, "polder", name, GRID, {"v": (values, BAND)},
            moment=JUNE - timedelta(days=number),
            properties={} if cover is None else {"eo:cloud_cover": cover},
        )  # fmt: skip
        other = store_scene(services, "polder", name, COARSE, {"SCL": (masks[name], SCL)})
        scenes.append(replace(scene, assets={**scene.assets, **other.assets}))
    services.catalog.put([COLLECTION], scenes)
    return services, masks


def request(**selection):
    box = Bounds(*GRID.bounds.as_list())
    return WindowRequest(
        collection="polder", box=box, crs=GRID.crs, ending="npy", raw=True,
        view=View(assets=("v",)), selection=Selection(**selection),
    )  # fmt: skip


def planes(picture):
    return np.load(io.BytesIO(picture.content))


@pytest.mark.parametrize(
    ("order", "ids", "expected"),
    [
        ("newest", (), "a"),
        ("oldest", (), "d"),
        ("least-cloud", (), "c"),
        ("first", ("b", "d", "a"), "b"),
        ("least-cloud", ("a", "b", "d"), "d"),
        ("least-cloud", ("b",), "b"),
        ("newest", ("d", "b"), "b"),
    ],
)
def test_which_lies_on_top(polder, order, ids, expected):
    services, _ = polder
    picture = window(services, request(order=order, ids=ids))
    assert picture.scenes == (expected,)
    assert (planes(picture)[0] == "abcd".index(expected) + 1).all()
    wanted = TileRequest(
        collection="polder", z=14, x=8421, y=5403, ending="npy", view=View(assets=("v",)),
        selection=Selection(order=order, ids=ids),
    )  # fmt: skip
    lon, lat = transformer(GRID.crs, "EPSG:4326").transform(132_000, 458_000)
    assert set(tile(services, wanted).scenes) == {expected}
    told = point(
        services,
        PointRequest(
            collection="polder", lon=lon, lat=lat, selection=Selection(order=order, ids=ids)
        ),
    )
    assert told.scene == expected


@pytest.mark.parametrize("order", ["newest", "oldest", "least-cloud"])
def test_clouds_are_left_out_and_filled_from_below(polder, order):
    services, masks = polder
    picture = window(services, request(order=order, clear=True))
    names = {"newest": "abcd", "oldest": "dcba", "least-cloud": "cdab"}[order]
    truth = np.zeros((SIDE, SIDE))
    used = []
    for name in names:
        usable = (masks[name] == CLEAR).repeat(2, 0).repeat(2, 1) & (truth == 0)
        if usable.any():
            used.append(name)
        truth[usable] = "abcd".index(name) + 1
    found = planes(picture)
    np.testing.assert_array_equal(np.nan_to_num(found[0]), truth)
    np.testing.assert_array_equal(found[1] == 255, truth > 0)
    assert picture.scenes == tuple(used)
    assert 0 < (truth == 0).sum() < 0.1 * truth.size


@pytest.mark.parametrize("resampling", ["bilinear", "cubic", "average", "mode"])
@pytest.mark.parametrize("width", [150, 400, 1000])
def test_no_filter_mixes_a_cloud_into_its_neighbours(tmp_path, resampling, width):
    """Clouds are white: not a trace of 60,000 may be seen in 1,000 when they are left out."""
    services = make_services(tmp_path)
    mask = clouds(5)
    values = np.where(mask == CLOUD, 60_000, 1_000).astype("uint16").repeat(2, 0).repeat(2, 1)
    scene = store_scene(services, "polder", "a", GRID, {"v": (values, BAND)})
    other = store_scene(services, "polder", "a", COARSE, {"SCL": (mask, SCL)})
    scene = replace(scene, assets={**scene.assets, **other.assets})
    services.catalog.put([COLLECTION], [scene])
    wanted = replace(request(clear=True), resampling=resampling, width=width)
    found = planes(window(services, wanted))
    seen = found[1] == 255
    assert 0.3 < seen.mean() < 0.8
    np.testing.assert_allclose(found[0][seen], 1_000, rtol=1e-5)


def test_points_look_through_clouds(polder):
    services, masks = polder
    to_world = transformer(GRID.crs, "EPSG:4326")
    for column, row in np.random.default_rng(3).integers(0, SIDE, (20, 2)):
        lon, lat = to_world.transform(*(GRID.transform @ (column + 0.5, row + 0.5)))
        clear = [name for name in "abcd" if masks[name][row // 2, column // 2] == CLEAR]
        told = point(
            services,
            PointRequest(
                collection="polder", lon=lon, lat=lat, view=View(assets=("v",)),
                selection=Selection(clear=True),
            ),
        )  # fmt: skip
        if clear:
            assert told.scene == clear[0]
            assert told.valid
        else:
            assert not told.valid


def test_a_scene_that_says_nothing_of_clouds_is_passed_over(tmp_path):
    services = make_services(tmp_path)
    values = np.full((SIDE, SIDE), 7, np.uint16)
    services.catalog.put(
        [COLLECTION], [store_scene(services, "polder", "a", GRID, {"v": (values, BAND)})]
    )
    assert window(services, request()).scenes == ("a",)
    assert window(services, request(clear=True)).scenes == ()


def test_the_limit_on_scenes_keeps_the_best(tmp_path):
    services = open_services(Settings(data=tmp_path, max_scenes_per_tile=2))
    scenes = []
    for number in range(5):
        values = np.full((SIDE, SIDE), number + 1, np.uint16)
        values[:, : 80 * number] = 0
        scenes.append(
            store_scene(
                services, "polder", f"s{number}", GRID, {"v": (values, BAND)},
                moment=JUNE - timedelta(days=number),
                properties={"eo:cloud_cover": 10.0 * number},
            )
        )  # fmt: skip
    services.catalog.put([COLLECTION], scenes)
    assert window(services, request()).scenes == ("s0",)
    assert window(services, request(order="oldest")).scenes == ("s4", "s3")
    assert window(services, request(order="least-cloud")).scenes == ("s0",)


def test_wrong_wishes(polder, tmp_path):
    services, _ = polder
    for selection in ({"order": "finest"}, {"order": "first"}, {"rule": "newest"}):
        with pytest.raises(BadQuery):
            window(services, request(**selection))
    plain = make_services(tmp_path)
    plain.catalog.put([replace(COLLECTION, mask=None)], [])
    with pytest.raises((BadQuery, NothingHere)):
        window(plain, request(clear=True))
    wanted = TileRequest(
        collection="polder", z=14, x=8421, y=5403, ending="npy", view=View(assets=("v",)),
        selection=Selection(clear=True),
    )  # fmt: skip
    with pytest.raises(BadQuery):
        tile(plain, wanted)
