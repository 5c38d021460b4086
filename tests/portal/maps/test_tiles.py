"""Tiles and points, whole: against rasterio and pyproj on the stored files."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import imagecodecs
import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer

from landzicht.errors.catalogue import (
    BadQuery,
    NothingHere,
    UnknownBand,
    UnknownCollection,
    UnknownLayer,
)
from landzicht.errors.files import StoredFileFailed
from landzicht.errors.pixels import (
    BadFormula,
    NoSuchTile,
    RescaleNeeded,
    UnknownColormap,
    UnknownFormat,
    UnknownMatrixSet,
)
from landzicht.grid import Grid
from landzicht.grid.matrix import WEB_MERCATOR
from landzicht.kinds import Band, Collection, Layer, Span
from landzicht.portal.maps.legends import TileSetRequest, legend, legend_picture, tile_set
from landzicht.portal.maps.pictures import Unchanged
from landzicht.portal.maps.points import PointRequest, point
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.scenes import Selection
from landzicht.rules import Action, Decision
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

SIDE = 700
GRID = Grid(
    crs="EPSG:32631",
    transform=Affine(10, 0, 640_000, 0, -10, 5_774_000),
    height=SIDE,
    width=SIDE,
)
NAME = Text(nl="Proef", en="Test")
SCALE, OFFSET = 0.0001, -0.1
RED = Band(name="B04", dtype="uint16", nodata=0, scale=SCALE, offset=OFFSET, unit="1")
NIR = replace(RED, name="B08")
HEIGHT = Band(name="height", dtype="float32", nodata=float("nan"), unit="m")
COLLECTION = Collection(
    id="polder",
    title=NAME,
    description=NAME,
    license="CC-BY-4.0",
    bands=(RED, NIR, HEIGHT),
    layers=(
        Layer(name="visual", title=NAME, assets=("B04", "B08", "B04"), rescale=((0.0, 0.4),)),
        Layer(
            name="ndvi",
            title=NAME,
            expression="(B08-B04)/(B08+B04)",
            rescale=((-1.0, 1.0),),
            colormap="ylgn",
        ),
    ),
    resolution_m=10,
)


def numbers(seed, hole=None):
    values = np.random.default_rng(seed).integers(1001, 6000, (SIDE, SIDE)).astype("uint16")
    if hole is not None:
        values[hole] = 0
    return values


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("polder"))
    heights = np.random.default_rng(7).normal(0, 3, (SIDE, SIDE)).astype("float32")
    heights[5:50] = np.nan
    old = {"B04": (numbers(1), RED), "B08": (numbers(2), NIR), "height": (heights, HEIGHT)}
    new = {
        # The newest scene has a hole, and another offset, as Sentinel-2 before baseline 04.00.
        "B04": (numbers(3, np.s_[100:600, 100:350]), replace(RED, offset=0.0)),
        "B08": (numbers(4, np.s_[300:400, 500:600]), replace(NIR, offset=0.0)),
    }
    scenes = [
        store_scene(services, "polder", "old", GRID, old, moment=JUNE),
        store_scene(services, "polder", "new", GRID, new, moment=JUNE + timedelta(days=5)),
    ]
    services.catalog.put([COLLECTION], scenes)
    return services, {"old": old, "new": new}


def address(z, at=(0.5, 0.5)):
    """Tile that holds a share of the way over the image."""
    x, y = GRID.transform @ (GRID.width * at[0], GRID.height * at[1])
    x, y = Transformer.from_crs(GRID.crs, 3857, always_xy=True).transform(x, y)
    side = WEB_MERCATOR.side / 2**z
    return {
        "z": z,
        "x": int((x - WEB_MERCATOR.left) / side),
        "y": int((WEB_MERCATOR.top - y) / side),
    }


def request(z=13, at=(0.5, 0.5), **fields):
    return TileRequest(collection="polder", **(address(z, at) | fields))


def brute(wanted, *pieces):
    """What a tile holds: pyproj on every pixel, newest first, all bands from one scene."""
    target = WEB_MERCATOR.tile(wanted.z, wanted.x, wanted.y, wanted.size)
    across, down = np.meshgrid(np.arange(wanted.size) + 0.5, np.arange(wanted.size) + 0.5)
    t = target.transform
    xs, ys = Transformer.from_crs(3857, GRID.crs, always_xy=True).transform(
        t.a * across + t.c, t.e * down + t.f
    )
    columns, rows = ~GRID.transform @ (xs, ys)
    columns, rows = np.floor(columns).astype(int), np.floor(rows).astype(int)
    inside = (columns >= 0) & (rows >= 0) & (columns < SIDE) & (rows < SIDE)
    out = np.full((len(pieces[0]), wanted.size, wanted.size), np.nan)
    for bands in pieces:
        found = []
        for values, band in bands:
            picked = values[rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)].astype(float)
            bad = ~inside | (picked == band.nodata) | np.isnan(picked)
            found.append(np.where(bad, np.nan, picked * band.scale + band.offset))
        usable = ~np.isnan(found).any(axis=0)
        fresh = np.isnan(out).all(axis=0) & usable
        out[:, fresh] = np.array(found)[:, fresh]
    return out


def npy(picture):
    return np.load(io.BytesIO(picture.content))


def share_differing(mine, truth, close=1e-6):
    both_empty = np.isnan(mine) & np.isnan(truth)
    return 1 - (both_empty | np.isclose(mine, truth, atol=close)).all(axis=0).mean()


@pytest.mark.parametrize("z", [13, 14, 16])
@pytest.mark.parametrize("size", [256, 512])
def test_values_are_those_of_pyproj_on_every_pixel(polder, z, size):
    """At most 0.2 % of the pixels may differ: neighbours, where a centre falls on an edge."""
    services, told = polder
    wanted = request(z, ending="npy", size=size, view=View(assets=("B04",)))
    planes = npy(tile(services, wanted))
    truth = brute(wanted, [told["new"]["B04"]], [told["old"]["B04"]])
    if z == 13 and size == 256:
        return  # an overview may be read here; the level is tested with the plans
    assert planes.shape == (2, size, size)
    assert share_differing(planes[:1], truth) <= 0.002
    np.testing.assert_array_equal(planes[1] == 255, ~np.isnan(planes[0]))


def test_mosaic_takes_all_bands_of_a_pixel_from_one_scene(polder):
    services, told = polder
    wanted = request(14, (0.4, 0.5), ending="npy", view=View(expression="B04;B08;B04"))
    picture = tile(services, wanted)
    both = [[told[s]["B04"], told[s]["B08"], told[s]["B04"]] for s in ("new", "old")]
    assert share_differing(npy(picture)[:3], brute(wanted, *both)) <= 0.002
    assert picture.scenes == ("new", "old")


def test_scenes_stop_when_the_tile_is_full(polder):
    services, _ = polder
    wanted = request(16, (0.75, 0.2), view=View(layer="visual"))
    assert tile(services, wanted).scenes == ("new",)


def test_one_date(polder):
    services, told = polder
    day = Selection(span=Span.parse("2025-06-08"))
    wanted = request(15, ending="npy", selection=day, view=View(assets=("B04",)))
    picture = tile(services, wanted)
    assert picture.scenes == ("old",)
    assert share_differing(npy(picture)[:1], brute(wanted, [told["old"]["B04"]])) <= 0.002


def test_ids_choose_scenes(polder):
    services, _ = polder
    wanted = request(15, selection=Selection(ids=("old",)))
    assert tile(services, wanted).scenes == ("old",)


def test_raw_numbers_are_those_in_the_file(polder):
    services, told = polder
    wanted = request(15, ending="npy", raw=True, view=View(assets=("B04",)))
    plain = [
        [(values, replace(band, scale=1.0, offset=0.0)) for values, band in [told[s]["B04"]]]
        for s in ("new", "old")
    ]
    assert share_differing(npy(tile(services, wanted))[:1], brute(wanted, *plain)) <= 0.002


def test_a_layer_looks_the_same_in_stored_numbers(polder):
    services, told = polder
    like = [name for name in told if told[name]["B04"][1].offset == RED.offset]
    wanted = {"selection": Selection(ids=(like[0],)), "view": View(layer="visual")}
    plain, stored = (
        imagecodecs.png_decode(tile(services, request(15, raw=raw, **wanted)).content).astype(int)
        for raw in (False, True)
    )
    assert plain.std() > 5
    assert np.abs(plain - stored).max() <= 1


def test_true_colour_picture(polder):
    services, told = polder
    wanted = request(15, view=View(layer="visual"))
    pixels = imagecodecs.png_decode(tile(services, wanted).content)
    both = [[told[s]["B04"], told[s]["B08"], told[s]["B04"]] for s in ("new", "old")]
    truth = np.clip(np.round(brute(wanted, *both) / 0.4 * 255), 0, 255)
    assert pixels.shape == (256, 256, 3)
    differ = (np.abs(np.moveaxis(pixels, -1, 0) - truth) > 1).any(axis=0)
    assert differ.mean() <= 0.002


def test_ndvi_picture_is_a_palette_and_right(polder):
    services, told = polder
    wanted = request(15, view=View(layer="ndvi"))
    content = tile(services, wanted).content
    assert content[25] == 3, "colour type 3: a palette"
    pixels = imagecodecs.png_decode(content)[..., :3]
    both = [[told[s]["B04"], told[s]["B08"]] for s in ("new", "old")]
    red, nir = brute(wanted, *both)
    from landzicht.render.colormaps import colormap

    ndvi = (nir - red) / (nir + red)
    at = np.clip((ndvi + 1) / 2 * 254, 0, 254)
    truth = colormap("ylgn", 255)[np.round(at).astype(int)]
    beside = np.abs(pixels.astype(int) - truth).max(axis=-1) > 4
    assert beside.mean() <= 0.002


def test_no_seam_between_neighbours(polder):
    """Four tiles, put together, are the tile of 512 pixels one level up, pixel by pixel."""
    services, _ = polder
    one = address(13)
    big = npy(
        tile(
            services,
            TileRequest(
                collection="polder", **one, size=512, ending="npy", view=View(assets=("B04",))
            ),
        )
    )
    quarters = {
        (j, i): npy(
            tile(
                services,
                TileRequest(
                    collection="polder",
                    z=14,
                    x=2 * one["x"] + i,
                    y=2 * one["y"] + j,
                    ending="npy",
                    view=View(assets=("B04",)),
                ),
            )
        )
        for j in (0, 1)
        for i in (0, 1)
    }
    rows = [np.concatenate([quarters[j, 0], quarters[j, 1]], axis=2) for j in (0, 1)]
    together = np.concatenate(rows, axis=1)
    assert share_differing(together, big) <= 0.001


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
def test_pictures_can_be_opened(polder, ending):
    services, _ = polder
    decode = {"png": "png_decode", "webp": "webp_decode", "jpg": "jpeg8_decode"}[ending]
    for view in (View(layer="visual"), View(layer="ndvi")):
        for resampling in ("nearest", "bilinear"):
            wanted = request(14, ending=ending, view=view, resampling=resampling)
            picture = tile(services, wanted)
            pixels = getattr(imagecodecs, decode)(picture.content)
            assert pixels.shape[:2] == (256, 256)
            assert picture.media_type == {"jpg": "image/jpeg"}.get(ending, f"image/{ending}")


def test_bilinear_is_near_a_smooth_field(tmp_path):
    services = make_services(tmp_path)
    down, across = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    field = (3 * across + 2 * down).astype("float32")
    scene = store_scene(services, "polder", "s", GRID, {"height": (field, HEIGHT)})
    services.catalog.put([COLLECTION], [scene])
    wanted = request(15, ending="npy", resampling="bilinear", view=View(assets=("height",)))
    target = WEB_MERCATOR.tile(wanted.z, wanted.x, wanted.y)
    columns, rows = np.meshgrid(np.arange(256) + 0.5, np.arange(256) + 0.5)
    xs, ys = Transformer.from_crs(3857, GRID.crs, always_xy=True).transform(
        *(target.transform @ (columns, rows))
    )
    columns, rows = ~GRID.transform @ (xs, ys)
    planes = npy(tile(services, wanted))
    assert planes[1].min() == 255
    np.testing.assert_allclose(planes[0], 3 * columns + 2 * rows, atol=0.05)


@pytest.mark.parametrize(("ending", "colour"), [("png", 0), ("webp", 0), ("jpg", 255)])
@pytest.mark.parametrize("layer", ["visual", "ndvi"])
def test_a_tile_without_data(polder, ending, colour, layer):
    services, _ = polder
    picture = tile(
        services,
        TileRequest(collection="polder", z=9, x=10, y=10, ending=ending, view=View(layer=layer)),
    )
    assert picture.scenes == ()
    decode = {"png": "png_decode", "webp": "webp_decode", "jpg": "jpeg8_decode"}[ending]
    pixels = getattr(imagecodecs, decode)(picture.content)
    assert pixels.shape[:2] == (256, 256)
    assert (pixels[..., -1] == colour).all()


# ---------------------------------------------------------------------- the antimeridian


def test_scene_over_the_antimeridian(tmp_path):
    """Both sides show, and what shows is right."""
    services = make_services(tmp_path)
    grid = replace(GRID, crs="EPSG:32660", transform=Affine(300, 0, 600_000, 0, -300, 5_800_000))
    values = numbers(9)
    scene = store_scene(services, "polder", "far", grid, {"B04": (values, RED)})
    assert scene.bounds.west > scene.bounds.east
    services.catalog.put([COLLECTION], [scene])
    to_grid = Transformer.from_crs(3857, grid.crs, always_xy=True)
    for x in (0, 255):
        wanted = TileRequest(
            collection="polder",
            z=8,
            x=x,
            y=86,
            ending="npy",
            raw=True,
            view=View(assets=("B04",)),
        )
        picture = tile(services, wanted)
        assert picture.scenes == ("far",)
        target = WEB_MERCATOR.tile(8, x, 86)
        columns, rows = np.meshgrid(np.arange(256) + 0.5, np.arange(256) + 0.5)
        xs, ys = to_grid.transform(*(target.transform @ (columns, rows)))
        columns, rows = (np.floor(v).astype(int) for v in ~grid.transform @ (xs, ys))
        inside = (columns >= 0) & (rows >= 0) & (columns < SIDE) & (rows < SIDE)
        truth = np.where(inside, values[rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)], np.nan)[
            None
        ]
        assert inside.mean() > 0.1
        assert share_differing(npy(picture)[:1], truth) <= 0.002
    for lon in (179.5, -179.5):
        told = point(services, PointRequest(collection="polder", lon=lon, lat=51.5))
        assert told.valid


# ---------------------------------------------------------------------- points


def test_points_equal_the_pixels_of_the_file(polder):
    services, told = polder
    to_world = Transformer.from_crs(GRID.crs, 4326, always_xy=True)
    rng = np.random.default_rng(5)
    for column, row in rng.uniform(0, SIDE, (60, 2)):
        lon, lat = to_world.transform(*(GRID.transform @ (column, row)))
        answer = point(
            services, PointRequest(collection="polder", lon=lon, lat=lat, view=View(layer="ndvi"))
        )
        at = int(row), int(column)
        scene = "new" if told["new"]["B04"][0][at] and told["new"]["B08"][0][at] else "old"
        assert answer.scene == scene
        red, nir = (
            float(told[scene][key][0][at]) * SCALE + told[scene][key][1].offset
            for key in ("B04", "B08")
        )
        assert {v.name: v.value for v in answer.bands} == pytest.approx({"B04": red, "B08": nir})
        assert answer.layers[0].value == pytest.approx((nir - red) / (nir + red))
        assert answer.valid


def test_point_without_a_view_tells_every_band_and_layer(polder):
    services, _ = polder
    lon, lat = Transformer.from_crs(GRID.crs, 4326, always_xy=True).transform(642_000, 5_773_000)
    answer = point(
        services,
        PointRequest(collection="polder", lon=lon, lat=lat, selection=Selection(ids=("old",))),
    )
    assert {v.name for v in answer.bands} == {"B04", "B08", "height"}
    assert [v.name for v in answer.layers] == ["ndvi"]


def test_points_of_long_whole_numbers_keep_every_digit(tmp_path):
    services = make_services(tmp_path)
    band = Band(name="id", dtype="uint64", nodata=0)
    grid = Grid(crs=GRID.crs, transform=GRID.transform, height=8, width=8)
    values = np.full(grid.shape, 1_234_567_890_123_457, np.uint64)
    scene = store_scene(services, "ids", "one", grid, {"id": (values, band)})
    services.catalog.put([make_collection("ids", bands=(band,))], [scene])
    lon, lat = Transformer.from_crs(GRID.crs, 4326, always_xy=True).transform(640_040, 5_773_960)
    answer = point(services, PointRequest(collection="ids", lon=lon, lat=lat))
    assert answer.bands[0].value == 1_234_567_890_123_457


def test_point_in_a_hole_has_no_value(polder):
    services, _ = polder
    x, y = GRID.transform @ (200.5, 200.5)
    lon, lat = Transformer.from_crs(GRID.crs, 4326, always_xy=True).transform(x, y)
    answer = point(
        services,
        PointRequest(
            collection="polder",
            lon=lon,
            lat=lat,
            view=View(assets=("B04",)),
            selection=Selection(ids=("new",)),
        ),
    )
    assert not answer.valid
    assert answer.bands[0].value is None


def test_point_where_nothing_is(polder):
    services, _ = polder
    with pytest.raises(NothingHere):
        point(services, PointRequest(collection="polder", lon=-50, lat=10))


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (float("nan"), 0)])
def test_point_outside_the_world(polder, lon, lat):
    services, _ = polder
    with pytest.raises(BadQuery):
        point(services, PointRequest(collection="polder", lon=lon, lat=lat))


# ---------------------------------------------------------------------- etags and caches


def test_etag_changes_with_the_request_and_with_the_data(tmp_path):
    services = make_services(tmp_path)
    scene = store_scene(services, "polder", "a", GRID, {"B04": (numbers(1), RED)})
    services.catalog.put([COLLECTION], [scene])
    wanted = request(14, view=View(assets=("B04",)))
    first = tile(services, wanted)
    assert tile(services, wanted) is first
    assert tile(services, wanted, {first.etag}) == Unchanged(first.etag)
    assert tile(services, replace(wanted, size=512)).etag != first.etag
    newer = store_scene(
        services, "polder", "b", GRID, {"B04": (numbers(2), RED)}, moment=JUNE + timedelta(days=1)
    )
    services.catalog.put([], [newer])
    second = tile(services, wanted, {first.etag})
    assert second.etag != first.etag
    assert second.scenes == ("b",)


def test_no_pixel_is_read_for_a_picture_that_the_caller_has(polder, monkeypatch):
    services, _ = polder
    wanted = request(14, (0.3, 0.3), view=View(layer="ndvi"))
    etag = tile(services, wanted).etag

    def fail(*_):
        raise AssertionError

    monkeypatch.setattr(type(services.reader), "read", fail)
    assert tile(services, wanted, {etag}) == Unchanged(etag)


def test_equal_requests_at_once_are_made_once(polder, monkeypatch):
    services, _ = polder
    reads, lock = [], threading.Lock()
    honest = type(services.reader).read

    def counted(self, *args):
        with lock:
            reads.append(1)
        return honest(self, *args)

    monkeypatch.setattr(type(services.reader), "read", counted)
    wanted = request(14, (0.8, 0.8), view=View(assets=("B04",), rescale=((0.0, 0.123),)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tile(services, wanted), range(16)))
    assert len({id(picture) for picture in found}) == 1
    assert len(reads) <= 2


# ---------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"collection": "nowhere"}, UnknownCollection),
        ({"matrix": "Nonsense"}, UnknownMatrixSet),
        ({"z": 3, "x": 8, "y": 0}, NoSuchTile),
        ({"ending": "gif"}, UnknownFormat),
        ({"size": 300}, BadQuery),
        ({"resampling": "magic"}, BadQuery),
        ({"view": View(layer="nope")}, UnknownLayer),
        ({"view": View(assets=("B99",))}, UnknownBand),
        ({"view": View(assets=("B04", "B08"))}, BadQuery),
        ({"view": View(layer="ndvi", assets=("B04",))}, BadQuery),
        ({"view": View(expression="B04", assets=("B04",))}, BadQuery),
        ({"view": View(expression="B04/(")}, BadFormula),
        ({"view": View(expression="B04/nope", rescale=((0, 1),))}, UnknownBand),
        ({"view": View(expression="B04/B08")}, RescaleNeeded),
        ({"view": View(assets=("B04",), colormap="rainbow")}, UnknownColormap),
        ({"view": View(layer="visual", rescale=((0, 1), (0, 1)))}, BadQuery),
    ],
)
def test_wrong_requests(polder, fields, error):
    services, _ = polder
    wanted = replace(request(13), **fields)
    with pytest.raises(error) as caught:
        tile(services, wanted)
    assert caught.value.say("nl") != caught.value.say("en")
    assert "{" not in caught.value.say("nl") + caught.value.say("en")


class Closed:
    def __init__(self, *actions):
        self.actions = actions

    def judge(self, use, collection):
        if use.action in self.actions:
            return Decision(False, Text(nl="nee", en="no"))
        return None


@pytest.mark.parametrize(
    ("actions", "open_to"),
    [
        ((Action.VIEW, Action.MEASURE), ()),
        ((Action.MEASURE,), ("png",)),
        ((Action.VIEW,), ("npy",)),
    ],
)
def test_every_read_passes_the_rules(tmp_path, actions, open_to):
    services = make_services(tmp_path, (Closed(*actions),))
    scene = store_scene(services, "polder", "a", GRID, {"B04": (numbers(1), RED)})
    services.catalog.put([COLLECTION], [scene])
    for ending in ("png", "npy"):
        wanted = request(14, ending=ending, view=View(assets=("B04",)))
        if ending in open_to:
            assert tile(services, wanted).scenes == ("a",)
            continue
        with pytest.raises(UnknownCollection):
            tile(services, wanted)
    if Action.MEASURE in actions:
        with pytest.raises(UnknownCollection):
            point(services, PointRequest(collection="polder", lon=5, lat=52))
    if Action.VIEW in actions:
        for ask in (legend, legend_picture, tile_set):
            with pytest.raises(UnknownCollection):
                ask(services, TileSetRequest(collection="polder"))


def test_a_lost_file_is_told(tmp_path):
    services = make_services(tmp_path)
    scene = store_scene(services, "polder", "a", GRID, {"B04": (numbers(1), RED)})
    services.catalog.put([COLLECTION], [scene])
    (tmp_path / scene.assets["B04"].href).unlink()
    with pytest.raises(StoredFileFailed):
        tile(services, request(14, view=View(assets=("B04",))))


# ---------------------------------------------------------------------- simulated data


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
@pytest.mark.parametrize("layer", ["visual", "ndvi"])
def test_simulated_pictures_carry_the_words(tmp_path, ending, layer):
    services = make_services(tmp_path)
    bands = {"B04": (numbers(1), RED), "B08": (numbers(2), NIR)}
    scene = store_scene(services, "polder", "a", GRID, bands, simulated=True)
    services.catalog.put([COLLECTION], [scene])
    decode = {"png": "png_decode", "webp": "webp_decode", "jpg": "jpeg8_decode"}[ending]
    wanted = request(15, ending=ending, view=View(layer=layer))
    with_words, without = tile(services, wanted), tile(services, replace(wanted, mark=False))
    assert with_words.simulated
    assert without.simulated
    marked, plain = (
        getattr(imagecodecs, decode)(each.content)[..., :3].astype(int)
        for each in (with_words, without)
    )
    lighter = (marked - plain).mean(axis=-1)
    assert (lighter[236:250, 60:200] > 40).mean() > 0.1, "letters low in the middle"
    assert np.abs(lighter[:200]).mean() < 3, "the rest is as it was"


def test_values_of_simulated_data_are_not_touched(tmp_path):
    services = make_services(tmp_path)
    scene = store_scene(services, "polder", "a", GRID, {"B04": (numbers(1), RED)}, simulated=True)
    services.catalog.put([COLLECTION], [scene])
    wanted = request(15, ending="npy", view=View(assets=("B04",)))
    picture = tile(services, wanted)
    assert picture.simulated
    assert picture.content == tile(services, replace(wanted, mark=False)).content


# ---------------------------------------------------------------------- legends and tile sets


def test_legend_of_a_scale(polder):
    services, _ = polder
    told = legend(services, TileSetRequest(collection="polder", view=View(layer="ndvi")))
    assert told.kind == "colours"
    assert told.ranges == ((-1.0, 1.0),)
    assert [value for value, _ in told.stops] == pytest.approx(np.linspace(-1, 1, 17).tolist())
    picture = legend_picture(services, TileSetRequest(collection="polder", view=View(layer="ndvi")))
    assert imagecodecs.png_decode(picture.content).shape[1] >= 440


def test_legend_of_three_channels(polder):
    services, _ = polder
    told = legend(services, TileSetRequest(collection="polder"))
    assert told.kind == "rgb"
    assert told.channels == ("B04", "B08", "B04")


def test_classes_keep_their_colours(tmp_path):
    services = make_services(tmp_path)
    codes = np.random.default_rng(0).choice([3, 7, 9], (SIDE, SIDE)).astype("uint8")
    cover = Band(name="cover", dtype="uint8", nodata=0)
    layer = Layer(
        name="cover",
        title=NAME,
        assets=("cover",),
        classes=((3, "#ff0000", NAME), (7, "#00ff00", NAME)),
    )
    collection = replace(COLLECTION, bands=(cover,), layers=(layer,))
    scene = store_scene(services, "polder", "a", GRID, {"cover": (codes, cover)})
    services.catalog.put([collection], [scene])
    wanted = request(16)
    pixels = imagecodecs.png_decode(tile(services, wanted).content)
    truth = brute(wanted, [(codes, cover)])[0]
    assert pixels.shape[-1] == 4
    expected = {3: (255, 0, 0, 255), 7: (0, 255, 0, 255), 9: None}
    for code, colour in expected.items():
        here = pixels[truth == code]
        good = (here == colour).all(axis=1) if colour else here[:, 3] == 0
        assert good.mean() > 0.99
    told = legend(services, TileSetRequest(collection="polder"))
    assert [(value, colour) for value, colour, _ in told.classes] == [
        (3, "#ff0000"),
        (7, "#00ff00"),
    ]


def test_palette_of_the_source_is_used(tmp_path):
    """A coloured index, such as NDVI = value / 250 with a palette, looks as its maker meant."""
    services = make_services(tmp_path)
    values = np.random.default_rng(0).integers(1, 251, (SIDE, SIDE)).astype("uint8")
    colours = tuple((value, (value, 255 - value, 10, 255)) for value in range(1, 251))
    band = Band(name="ndvi", dtype="uint8", nodata=0, scale=1 / 250, colours=colours)
    collection = replace(COLLECTION, bands=(band,), layers=())
    scene = store_scene(services, "polder", "a", GRID, {"ndvi": (values, band)})
    services.catalog.put([collection], [scene])
    wanted = request(16)
    pixels = imagecodecs.png_decode(tile(services, wanted).content)
    truth = np.round(brute(wanted, [(values, band)])[0] * 250)
    assert (pixels[..., 0] == truth).mean() > 0.998


def test_tile_set(polder):
    services, _ = polder
    told = tile_set(services, TileSetRequest(collection="polder", view=View(layer="ndvi")))
    assert told.bounds is not None
    assert 5 < told.bounds.west < told.bounds.east < 5.3
    assert told.max_zoom == 14
    assert "CC-BY-4.0" in told.attribution
