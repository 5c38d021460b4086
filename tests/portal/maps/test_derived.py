"""What is shown beyond plain pixels, through the whole engine: dates in one, relief, bands."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import imagecodecs
import numpy as np
import pytest
from affine import Affine

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.pixels import UnknownColormap
from landzicht.grid import Bounds, Grid
from landzicht.grid.crs import transformer
from landzicht.grid.ground import ground_size
from landzicht.grid.matrix import WEB_MERCATOR
from landzicht.kinds import Band, BandKind, Mask
from landzicht.portal.maps.best import judging_cell
from landzicht.portal.maps.colours import read_colours
from landzicht.portal.maps.legends import TileSetRequest, legend, legend_picture
from landzicht.portal.maps.points import PointRequest, point
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.portal.scenes import Selection
from landzicht.render.colormaps import colormap
from landzicht.render.relief import Relief, relief
from landzicht.render.tone import read_tone, tone
from landzicht.testing.bands import read_bands
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection

SIDE = 400
GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 130_000, 0, -10, 460_000), height=SIDE, width=SIDE
)
RED = Band(name="red", dtype="uint16", nodata=0, scale=1e-4)
NIR = replace(RED, name="nir")
DEM = Band(name="dem", dtype="float32", nodata=-9999, unit="m")
SCL = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
CODE = replace(SCL, name="code")
BANDS = (RED, NIR, DEM, SCL, CODE)
COLLECTION = make_collection("polder", bands=BANDS, mask=Mask(asset="SCL", valid=(4,)))
NDVI = "(nir-red)/(nir+red)"
BOX = Bounds(*GRID.bounds.as_list())


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    """Five dates; each is covered in another corner, and one nearly everywhere."""
    services = make_services(tmp_path_factory.mktemp("polder"))
    rng = np.random.default_rng(3)
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    dem = (40 * np.sin(down / 17) * np.cos(across / 23) + 0.05 * across).astype(np.float32)
    code = (down // 40 % 3 + across // 40 % 2).astype(np.uint8) + 1
    scenes, pixels = [], []
    for number in range(5):
        scl = np.full((SIDE, SIDE), 4, np.uint8)
        scl[:, (number * 80) : (number * 80) + (320 if number == 0 else 60)] = 9
        bands = {
            "red": (rng.integers(200, 4000, (SIDE, SIDE)).astype(np.uint16), RED),
            "nir": (rng.integers(200, 4000, (SIDE, SIDE)).astype(np.uint16), NIR),
            "dem": (dem, DEM), "SCL": (scl, SCL), "code": (code, CODE),
        }  # fmt: skip
        moment = JUNE - timedelta(days=number)
        scenes.append(store_scene(services, "polder", f"s{number}", GRID, bands, moment=moment))
        pixels.append({key: values for key, (values, _) in bands.items()})
    services.catalog.put([COLLECTION], scenes)
    return services, pixels


def request(ending="npy", **fields):
    selection = Selection(**fields.pop("selection", {}))
    return WindowRequest(
        collection="polder", box=BOX, crs=GRID.crs, ending=ending, selection=selection,
        view=View(**fields.pop("view")), **fields,
    )  # fmt: skip


def planes(picture):
    return np.load(io.BytesIO(picture.content))


def colours(picture):
    return imagecodecs.png_decode(picture.content)


# ------------------------------------------------------------------ many dates in one


@pytest.mark.parametrize("rule", ["median", "mean", "stdev", "highest", "lowest"])
def test_the_formula_is_worked_out_for_each_date(polder, rule):
    services, pixels = polder
    chosen = {"rule": rule, "clear": True}
    picture = window(services, request(view={"expression": NDVI}, selection=chosen))
    stack = np.array([
        np.where(each["SCL"] == 4, (each["nir"] - each["red"].astype(float))
                 / (each["nir"] + each["red"].astype(float)), np.nan)
        for each in pixels
    ])  # fmt: skip
    plain = {
        "median": np.nanmedian, "mean": np.nanmean, "stdev": np.nanstd,
        "highest": np.nanmax, "lowest": np.nanmin,
    }[rule]  # fmt: skip
    found = planes(picture)
    np.testing.assert_allclose(found[0], plain(stack, axis=0), atol=2e-6)
    assert picture.scenes == ("s0", "s1", "s2", "s3", "s4")
    shown = window(
        services,
        request("png", view={"expression": NDVI, "rescale": ((-1, 1),)}, selection=chosen),
    )
    index = np.clip(np.floor((found[0] + 1) / 2 * 254 + 1 + 0.5), 1, 255)
    truth = colormap("viridis", 255)[index.astype(int) - 1]
    assert (colours(shown)[..., :3] != truth).any(axis=-1).mean() < 1e-3


def test_the_last_band_chooses_the_scene(polder):
    services, pixels = polder
    chosen = {"rule": "lastbandhigh"}
    found = planes(
        window(services, request(view={"assets": ("red", "nir")}, raw=True, selection=chosen))
    )
    nir = np.array([each["nir"] for each in pixels])
    at = nir.argmax(axis=0)
    red = np.array([each["red"] for each in pixels])
    np.testing.assert_array_equal(found[1], nir.max(axis=0))
    np.testing.assert_array_equal(found[0], np.take_along_axis(red, at[None], axis=0)[0])


def test_stored_numbers_and_files(polder):
    services, pixels = polder
    chosen = {"rule": "median"}
    truth = np.median([each["red"] for each in pixels], axis=0)
    view = {"assets": ("red",)}
    found = planes(window(services, request(view=view, raw=True, selection=chosen)))
    np.testing.assert_array_equal(found[0], truth)
    _, told = read_bands(
        window(services, request("bands", view=view, raw=True, depth=16, selection=chosen)).content
    )
    np.testing.assert_array_equal(told["red"], truth)
    assert window(services, request("tif", view=view, raw=True, selection=chosen)).content


def test_a_tile_and_a_point(polder):
    services, _ = polder
    lon, lat = transformer(GRID.crs, "EPSG:4326").transform(132_000, 458_000)
    view = View(assets=("red",))
    wanted = TileRequest(
        collection="polder", z=14, x=8421, y=5403, ending="npy", view=view,
        selection=Selection(rule="median"),
    )  # fmt: skip
    assert len(tile(services, wanted).scenes) == 5
    for selection in (Selection(rule="median"), Selection(rule="magic")):
        with pytest.raises(BadQuery):
            point(
                services, PointRequest(collection="polder", lon=lon, lat=lat, selection=selection)
            )
    best = PointRequest(collection="polder", lon=lon, lat=lat, selection=Selection(order="best"))
    assert point(services, best).scene != "s0"


def test_the_best_scene_is_that_of_the_place(polder):
    services, _ = polder
    best = {"order": "best"}
    whole = window(services, request(view={"assets": ("red",)}, selection=best))
    assert whole.scenes == ("s1",)  # s1 to s4 have 15 % of cloud here; the newest of them
    east = replace(
        request(view={"assets": ("red",)}, selection=best),
        box=Bounds(133_300, 456_000, 134_000, 460_000),
    )
    assert window(services, east).scenes == ("s0",)


def test_neighbours_have_one_judgement(polder):
    services, _ = polder
    seen = set()
    for x in range(8420, 8423):
        for y in range(5402, 5405):
            found = tile(
                services,
                TileRequest(
                    collection="polder", z=14, x=x, y=y, selection=Selection(order="best"),
                    view=View(assets=("red",), rescale=((0, 1),)),
                ),
            )  # fmt: skip
            seen |= set(found.scenes)
    cells = {
        judging_cell(WEB_MERCATOR, 14, x, y) for x in range(8420, 8423) for y in range(5402, 5405)
    }
    assert len(seen) <= len(cells) <= 4
    assert judging_cell(WEB_MERCATOR, 14, 8424, 5399) == WEB_MERCATOR.tile(11, 1053, 674)
    assert judging_cell(WEB_MERCATOR, 1, 1, 1) == WEB_MERCATOR.tile(0, 0, 0)


def test_best_needs_a_classification(polder, tmp_path):
    services = make_services(tmp_path)
    services.catalog.put([replace(COLLECTION, mask=None)], [])
    wanted = TileRequest(
        collection="polder", z=14, x=8421, y=5403, view=View(assets=("red",), rescale=((0, 1),)),
        selection=Selection(order="best"),
    )  # fmt: skip
    with pytest.raises(BadQuery):
        tile(services, wanted)


# ------------------------------------------------------------------ relief


@pytest.mark.parametrize("name", ["hillshade", "slope"])
def test_relief_is_that_of_the_heights(polder, name):
    services, pixels = polder
    how = Relief(name=name, azimuth=200, altitude=30, z_factor=2)
    found = planes(window(services, request(view={"assets": ("dem",), "relief": how})))
    padded = np.pad(pixels[0]["dem"], 1)
    known = np.pad(np.ones((SIDE, SIDE), np.bool_), 1)
    truth, _ = relief(padded, known, ground_size(GRID), how)
    np.testing.assert_allclose(found[0], truth, atol=2e-3)


@pytest.mark.parametrize("resampling", ["nearest", "bilinear", "cubic"])
def test_tiles_with_relief_meet_without_a_seam(polder, resampling):
    """Two tiles beside and below each other equal one picture over all of them."""
    services, _ = polder
    view = View(assets=("dem",), relief=Relief())

    def part(x, y):
        return planes(
            tile(
                services,
                TileRequest(
                    collection="polder", z=15, x=x, y=y, ending="npy", view=view,
                    resampling=resampling,
                ),
            )
        )  # fmt: skip

    parts = np.concatenate(
        [np.concatenate([part(x, y) for x in (16843, 16844)], axis=2) for y in (10807, 10808)],
        axis=1,
    )
    corner, last = WEB_MERCATOR.tile(15, 16843, 10807), WEB_MERCATOR.tile(15, 16844, 10808)
    box = Bounds(corner.bounds.west, last.bounds.south, last.bounds.east, corner.bounds.north)
    whole = planes(
        window(
            services,
            WindowRequest(
                collection="polder", box=box, crs="EPSG:3857", width=512, height=512,
                ending="npy", view=view, resampling=resampling,
            ),
        )
    )  # fmt: skip
    both = (parts[1] == 255) & (whole[1] == 255)
    assert both.mean() > 0.9
    off = np.abs(parts[0] - whole[0])[both]
    # Positions are exact to 1/256 pixel: nearest may take a neighbour here and there.
    limit = 0.01 if resampling == "nearest" else 0.0005
    assert (off > 1).mean() <= limit
    seam = np.abs(parts[0][:, 255:257] - whole[0][:, 255:257])
    assert (seam > 1).mean() <= 0.02


def test_relief_is_of_one_band(polder):
    services, _ = polder
    for view in ({"assets": ("dem", "red", "nir")}, {"expression": "dem;red;nir"}):
        with pytest.raises(BadQuery):
            window(services, request(view={**view, "relief": Relief()}))
    told = legend(
        services, TileSetRequest(collection="polder", view=View(assets=("dem",), relief=Relief()))
    )
    assert (told.title.en, told.ranges, told.unit) == ("hillshade: dem", ((0.0, 255.0),), None)
    lon, lat = transformer(GRID.crs, "EPSG:4326").transform(132_000, 458_000)
    with pytest.raises(BadQuery):
        point(
            services,
            PointRequest(
                collection="polder", lon=lon, lat=lat, view=View(assets=("dem",), relief=Relief())
            ),
        )
    grey = colours(window(services, request("png", view={"assets": ("dem",), "relief": Relief()})))
    assert (grey[..., 0] == grey[..., 1]).all()


# ------------------------------------------------------------------ colours of one's own


def test_codes_and_intervals(polder):
    services, pixels = polder
    codes = read_colours('{"1": "#ff0000", "2": [0, 255, 0], "3": [0, 0, 0, 0]}')
    found = colours(window(services, request("png", view={"assets": ("code",), "colours": codes})))
    code = pixels[0]["code"]
    np.testing.assert_array_equal(found[..., 3] > 0, code < 3)
    assert (found[code == 1][:, :3] == [255, 0, 0]).all()
    assert (found[code == 2][:, :3] == [0, 255, 0]).all()
    steps = read_colours("[[[-100, 0], [1, 2, 3, 255]], [[0, 10.5], [9, 8, 7]]]")
    wanted = request("png", view={"assets": ("dem",), "colours": steps})
    found = colours(window(services, wanted))
    dem = pixels[0]["dem"]
    np.testing.assert_array_equal(found[..., 3] > 0, dem < 10.5)
    assert (found[dem < 0][:, :3] == [1, 2, 3]).all()
    assert (found[(dem >= 0) & (dem < 10.5)][:, :3] == [9, 8, 7]).all()
    told = legend(services, TileSetRequest(collection="polder", view=wanted.view))
    assert told.kind == "classes"
    assert [(value, colour) for value, colour, _ in told.classes] == [
        (-100, "#010203"),
        (0, "#090807"),
    ]
    picture = legend_picture(services, TileSetRequest(collection="polder", view=wanted.view))
    assert picture.content.startswith(b"\x89PNG")


def test_a_scale_of_256(polder):
    services, _ = polder
    entries = ",".join(f'"{number}":[{number},{255 - number},7]' for number in range(256))
    view = {
        "assets": ("red",),
        "rescale": ((0, 0.4),),
        "colours": read_colours("{" + entries + "}"),
    }
    shown = colours(window(services, request("png", view=view)))
    values = planes(window(services, request(view={"assets": ("red",)})))[0]
    share = np.clip(values / 0.4 * 255, 0, 255)
    assert np.abs(shown[..., 0] - share).max() <= 1.1
    assert (shown[..., 2] == 7).all()
    told = legend(services, TileSetRequest(collection="polder", view=View(**view)))
    assert told.colormap is None
    assert told.stops[0][1] == "#00ff07"


@pytest.mark.parametrize(
    "view",
    [
        {"assets": ("red",), "colormap": "viridis", "colours": read_colours('{"1": "#ff0000"}')},
        {"assets": ("red", "nir", "red"), "colours": read_colours('{"1": "#ff0000"}')},
        {"assets": ("red",), "rescale": ((0, 1),), "colours": read_colours('{"1": "#ff0000"}')},
        {"assets": ("red",), "rescale": ((0, 1),), "tone": read_tone("saturation 2")},
    ],
)
def test_colours_that_contradict(polder, view):
    services, _ = polder
    with pytest.raises(BadQuery):
        window(services, request("png", view=view))


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "[]", "{}", "null", '{"a": "#ff0000"}', '{"1": "red"}', '{"1": [1, 2]}',
        '{"1": [1, 2, 256]}', '{"1": [1, 2, 3, 128]}', '{"1": "#ff000080"}',
        "[[[1, 0], [1, 2, 3]]]", "[[[0, 1, 2], [1, 2, 3]]]", "[[0, 1]]",
        '[[[0, "1"], [1, 2, 3]]]', '{"1": [true, 2, 3]}',
        '{"1e999": "#ff0000"}', "[" * 5000, '{"1": "#ff0000"' + " " * 30_000 + "}",
    ],
)  # fmt: skip
def test_colours_that_are_none(text):
    with pytest.raises(BadQuery):
        read_colours(text)


def test_a_name_of_a_scale_is_not_taken_from_outside(polder):
    services, _ = polder
    for name in ("#ff0000", "#", "?", "#zz", "nothing"):
        with pytest.raises(UnknownColormap):
            window(services, request("png", view={"assets": ("red",), "colormap": name}))


def test_tone(polder):
    services, _ = polder
    view = {"assets": ("red", "nir", "red"), "rescale": ((0, 0.4),)}
    steps = read_tone("gamma RGB 1.4, saturation 1.3")
    plain = colours(window(services, request("png", view=view)))
    toned = colours(window(services, request("png", view={**view, "tone": steps})))
    np.testing.assert_array_equal(toned, tone(plain, steps))
    one = {"assets": ("red",), "rescale": ((0, 0.4),)}
    lighter = {**one, "tone": read_tone("gamma RGB 2")}
    values = planes(window(services, request(view=one)))[0]
    shown = colours(window(services, request("png", view=lighter)))[..., :3].astype(int)
    share = np.sqrt(np.clip(values / 0.4, 0, 1))
    truth = colormap("viridis")[np.round(share * 255).astype(int)]
    assert np.abs(shown - truth).max() <= 6  # neighbours in viridis differ by up to 4


# ------------------------------------------------------------------ raw band tiles


@pytest.mark.parametrize("resampling", ["nearest", "bilinear", "mode"])
@pytest.mark.parametrize("depth", [8, 16])
def test_raw_band_tiles_hold_the_values_of_npy(polder, resampling, depth):
    services, _ = polder
    view = View(assets=("red", "nir", "dem", "code"))
    both = {}
    for ending in ("npy", "bands"):
        wanted = TileRequest(
            collection="polder", z=13, x=4210, y=2701, ending=ending, view=view, depth=depth,
            resampling=resampling, selection=Selection(clear=True),
        )  # fmt: skip
        both[ending] = tile(services, wanted)
    values = planes(both["npy"])
    header, found = read_bands(both["bands"].content)
    assert both["bands"].media_type == "application/vnd.landzicht.bands"
    assert [band["name"] for band in header["bands"]] == ["red", "nir", "dem", "code"]
    assert tuple(header["scenes"]) == both["bands"].scenes == both["npy"].scenes
    assert header["simulated"] is False
    assert header["collection"] == "polder"
    usable = values[-1] == 255
    assert usable.mean() > 0.05
    for band, truth in zip(header["bands"], values, strict=False):
        plane = found[band["name"]]
        np.testing.assert_array_equal(np.isnan(plane), ~usable)
        off = np.abs(plane - truth)[usable].max()
        assert off <= band["error"] + 1e-6 * max(1, np.abs(truth[usable]).max())
    errors = {band["name"]: band["error"] for band in header["bands"]}
    assert errors["code"] == 0
    if resampling == "nearest" and depth == 16:
        assert errors["red"] == errors["nir"] == 0


def test_raw_band_tiles_of_a_formula_are_the_bands_in_it(polder):
    services, _ = polder
    found = window(services, request("bands", view={"expression": NDVI}))
    header, _ = read_bands(found.content)
    assert [band["name"] for band in header["bands"]] == ["nir", "red"]
    shaded = window(services, request("bands", view={"assets": ("dem",), "relief": Relief()}))
    header, _ = read_bands(shaded.content)
    assert [band["name"] for band in header["bands"]] == ["hillshade"]


def test_a_raw_band_tile_where_nothing_is(polder):
    services, _ = polder
    wanted = TileRequest(
        collection="polder", z=14, x=0, y=0, ending="bands", view=View(assets=("red",))
    )
    header, found = read_bands(tile(services, wanted).content)
    assert header["scenes"] == []
    assert np.isnan(found["red"]).all()


def test_a_buffer_adds_pixels_at_each_edge(polder):
    services, _ = polder
    view = View(assets=("red",))
    where = {"collection": "polder", "z": 14, "x": 8421, "y": 5403, "ending": "npy", "view": view}
    plain = planes(tile(services, TileRequest(**where)))
    wider = planes(tile(services, TileRequest(**where, buffer=3)))
    assert wider.shape == (2, 262, 262)
    inner = wider[:, 3:-3, 3:-3]
    assert (np.nan_to_num(inner) != np.nan_to_num(plain)).mean() < 0.002
    for wrong in ({"buffer": -1}, {"buffer": 65}, {"depth": 12}):
        with pytest.raises(BadQuery):
            tile(services, TileRequest(**where, **wrong))
