"""Boxes, areas and previews, whole: against rasterio's warp and mask on the source pixels."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import imagecodecs
import numpy as np
import pytest
from affine import Affine
from pyproj import Transformer

from landzicht.errors.catalogue import BadBox, BadQuery, NothingHere, UnknownCollection
from landzicht.errors.pixels import TooManyPixels, UnknownFormat, WindowTooLarge
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Bounds, Grid
from landzicht.grid.outline import Outline, read_outline
from landzicht.kinds import Band, Layer
from landzicht.portal.maps.pictures import Unchanged
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, crs_named, window
from landzicht.portal.scenes import Selection
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
from landzicht.rules import Action, Decision
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

rasterio = load_rasterio()
NAME = Text(nl="Proef", en="Test")
SIDE = 400
GRID = Grid(
    crs="EPSG:28992",
    transform=Affine(10, 0, 130_000, 0, -10, 460_000),
    height=SIDE,
    width=SIDE,
)
RED = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001, offset=-0.1, unit="1")
NIR = replace(RED, name="B08")
CODE = Band(name="code", dtype="uint8", kind="categorical")
COLLECTION = make_collection(
    "polder",
    bands=(RED, NIR, CODE),
    layers=(
        Layer(name="red", title=NAME, assets=("B04",), rescale=((0.0, 0.5),)),
        Layer(name="visual", title=NAME, assets=("B04", "B08", "B04"), rescale=((0.0, 0.5),)),
    ),
    resolution_m=10,
)
REDS = View(assets=("B04",))


def numbers(seed):
    values = np.random.default_rng(seed).integers(1001, 6000, (SIDE, SIDE)).astype("uint16")
    values[40:80, 200:260] = 0
    return values


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("polder"))
    codes = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE)).astype("uint8")
    bands = {"B04": (numbers(1), RED), "B08": (numbers(2), NIR), "code": (codes, CODE)}
    made_up = replace(COLLECTION, id="zonderland", simulated=True)
    scenes = [
        store_scene(services, "polder", "s1", GRID, bands),
        store_scene(services, "zonderland", "s2", GRID, bands, simulated=True),
    ]
    services.catalog.put([COLLECTION, made_up], scenes)
    return services, {key: values for key, (values, _) in bands.items()}


def request(box=(131_000, 457_000, 133_000, 459_000), **fields):
    told = {"collection": "polder", "crs": GRID.crs, "view": REDS, "ending": "tif"} | fields
    return WindowRequest(box=Bounds(*box) if box else None, **told)


def opened(picture):
    with rasterio.MemoryFile(picture.content) as memory, memory.open(driver="GTiff") as file:
        return (
            file.read(),
            file.dataset_mask() != 0,
            file.profile
            | {
                "tags": file.tags(),
                "names": file.descriptions,
                "units": file.units,
                "scales": file.scales,
                "offsets": file.offsets,
            },
        )


def warped(values, crs, transform, shape, resampling="nearest"):
    """GDAL's warp of the source, with its exact transformer."""
    out = np.zeros(shape, np.float64)
    from rasterio.warp import reproject

    reproject(
        values.astype(np.float64),
        out,
        src_transform=GRID.transform,
        src_crs=GRID.crs,
        dst_transform=transform,
        dst_crs=crs,
        src_nodata=0,
        dst_nodata=-1,
        resampling=rasterio.enums.Resampling[resampling],
        tolerance=0,
    )
    return out


# ---------------------------------------------------------------------- boxes


def test_a_box_on_the_pixels_of_the_file_is_those_pixels(polder):
    services, told = polder
    values, usable, profile = opened(window(services, request(raw=True)))
    source = told["B04"][100:300, 100:300]
    assert values.dtype == np.uint16
    np.testing.assert_array_equal(values[0], source)
    np.testing.assert_array_equal(usable, source != 0)
    assert profile["transform"] == Affine(10, 0, 131_000, 0, -10, 459_000)
    assert (profile["nodata"], profile["crs"].to_epsg()) == (0, 28992)
    assert (profile["scales"], profile["offsets"]) == ((0.0001,), (-0.1,))


def test_physical_values_say_what_they_are(polder):
    services, told = polder
    box = (131_000, 459_000, 133_000, 460_000)
    picture = window(services, request(box))
    assert picture.media_type == "image/tiff; application=geotiff"
    values, usable, profile = opened(picture)
    source = told["B04"][:100, 100:300].astype(float)
    truth = np.where(source == 0, np.nan, source * 0.0001 - 0.1)
    np.testing.assert_allclose(values[0], truth, atol=1e-6)
    np.testing.assert_array_equal(usable, source != 0)
    assert np.isnan(profile["nodata"])
    assert (profile["names"], profile["units"]) == (("B04",), ("1",))
    tags = profile["tags"]
    assert (tags["SCENES"], tags["DATETIMES"]) == ("s1", "2025-06-08T10:40:00Z")
    assert "SIMULATED" not in tags


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32631", "EPSG:3857", "EPSG:3035"])
def test_boxes_in_other_systems_are_those_of_pyproj_and_gdal(polder, crs):
    """At most 0.2 % of the pixels may differ from pyproj, 2 % from GDAL (which strays itself)."""
    services, told = polder
    values, usable, profile = opened(window(services, request(out_crs=crs, raw=True)))
    across, down = np.meshgrid(*(np.arange(n) + 0.5 for n in values.shape[:0:-1]))
    there = Transformer.from_crs(crs, GRID.crs, always_xy=True)
    places = ~GRID.transform @ there.transform(*(profile["transform"] @ (across, down)))
    columns, rows = (np.floor(part).astype(int) for part in places)
    truth = told["B04"][rows.clip(0, SIDE - 1), columns.clip(0, SIDE - 1)]
    assert (truth > 0).mean() > 0.5
    assert (values[0] != truth).mean() <= 0.002
    assert (usable != (truth > 0)).mean() <= 0.002
    theirs = warped(told["B04"], crs, profile["transform"], values.shape[1:])
    assert (values[0] != np.maximum(theirs, 0)).mean() <= 0.02


def test_the_size_is_that_of_the_data_or_as_asked(polder):
    services, _ = polder
    sizes = {
        (): (200, 200),
        (("width", 50),): (50, 50),
        (("height", 20),): (20, 20),
        (("height", 20), ("width", 30)): (20, 30),
        (("max_size", 64),): (64, 64),
        (("max_size", 4_000),): (200, 200),
    }
    for fields, shape in sizes.items():
        values, _, _ = opened(window(services, request(**dict(fields))))
        assert values.shape[1:] == shape
    wide = request((131_000, 458_000, 133_000, 459_000), max_size=64)
    assert opened(window(services, wide))[0].shape[1:] == (32, 64)
    in_degrees = request((5.04, 52.10, 5.06, 52.11), crs="EPSG:4326")
    values, _, _ = opened(window(services, in_degrees))
    x, y = Transformer.from_crs(4326, 28992, always_xy=True).transform([5.04, 5.06], [52.10, 52.11])
    ground = np.hypot(*(np.diff(part)[0] for part in (x, y)))
    assert np.hypot(*values.shape[1:]) == pytest.approx(ground / 10, rel=0.2)


def test_a_box_equals_the_tile_on_the_same_ground(polder):
    services, _ = polder
    where = {"z": 14, "x": 8421, "y": 5403}
    wanted = TileRequest(collection="polder", **where, ending="npy", view=REDS)
    from landzicht.grid.matrix import WEB_MERCATOR

    bounds = WEB_MERCATOR.tile(**where).bounds
    same = request(bounds.as_list(), crs="EPSG:3857", height=256, width=256, ending="npy")
    of_tile, of_box = (
        np.load(io.BytesIO(made.content))
        for made in (tile(services, wanted), window(services, same))
    )
    assert of_tile[1].any()
    np.testing.assert_allclose(of_box, of_tile)


def test_several_bands_and_formulas(polder):
    services, told = polder
    wanted = request(view=View(expression="B04;B08;(B08-B04)/(B08+B04)"))
    values, _, profile = opened(window(services, wanted))
    red, nir = (told[key][100:300, 100:300].astype(float) * 0.0001 - 0.1 for key in ("B04", "B08"))
    np.testing.assert_allclose(values[2], (nir - red) / (nir + red), rtol=1e-3)
    assert profile["names"] == ("B04", "B08", "(B08-B04)/(B08+B04)")


def test_numbers_without_nodata_get_a_mask(polder):
    services, told = polder
    outside = (129_000, 457_000, 131_000, 459_000)
    values, usable, profile = opened(
        window(services, request(outside, view=View(assets=("code",)), raw=True))
    )
    assert profile["nodata"] is None
    assert not usable[:, :100].any()
    assert usable[:, 100:].all()
    np.testing.assert_array_equal(values[0][:, 100:], told["code"][100:300, :100])


def test_tiles_come_as_geotiff_too(polder):
    services, _ = polder
    wanted = TileRequest(collection="polder", z=14, x=8421, y=5403, view=REDS)
    values, usable, profile = opened(tile(services, replace(wanted, ending="tif")))
    planes = np.load(io.BytesIO(tile(services, replace(wanted, ending="npy")).content))
    np.testing.assert_array_equal(values[0], planes[0])
    np.testing.assert_array_equal(usable, planes[1] == 255)
    assert profile["crs"].to_epsg() == 3857
    empty = tile(services, replace(wanted, x=0, ending="tif"))
    assert not opened(empty)[1].any()


# ---------------------------------------------------------------------- areas

AREA = {
    "type": "MultiPolygon",
    "coordinates": [
        [
            [[131_005, 457_013], [132_811, 457_507], [132_503, 458_899], [131_005, 457_013]],
            [[132_003, 457_703], [132_303, 457_703], [132_303, 458_003], [132_003, 457_703]],
        ],
        [[[131_101, 458_501], [131_505, 458_401], [131_303, 458_903], [131_101, 458_501]]],
    ],
}


def test_an_area_is_clipped_as_by_gdal(polder):
    services, told = polder
    outline = read_outline(AREA, GRID.crs)
    wanted = request(None, outline=outline, raw=True)
    values, usable, profile = opened(window(services, wanted))
    from rasterio.features import geometry_mask

    inside = geometry_mask([AREA], values.shape[1:], profile["transform"], invert=True)
    truth = warped(told["B04"], GRID.crs, profile["transform"], values.shape[1:])
    np.testing.assert_array_equal(usable, inside & (truth > 0))
    np.testing.assert_array_equal(values[0], np.where(usable, truth, 0))
    assert 0.1 < inside.mean() < 0.9


def test_an_area_in_degrees(polder):
    services, told = polder
    to_world = Transformer.from_crs(28992, 4326, always_xy=True)
    told_area = {
        "type": "Feature",
        "properties": None,
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [list(to_world.transform(*point)) for point in AREA["coordinates"][0][0]]
            ],
        },
    }
    wanted = request(None, outline=read_outline(told_area), out_crs=GRID.crs, raw=True)
    values, usable, profile = opened(window(services, wanted))
    from rasterio.features import geometry_mask

    whole = {"type": "Polygon", "coordinates": AREA["coordinates"][0][:1]}
    inside = geometry_mask([whole], values.shape[1:], profile["transform"], invert=True)
    truth = warped(told["B04"], GRID.crs, profile["transform"], values.shape[1:])
    assert (usable != (inside & (truth > 0))).mean() <= 0.002


def test_scenes_outside_an_area_are_not_named(tmp_path):
    """A scene whose pixels all lie outside the area gave nothing."""
    services = make_services(tmp_path)
    east = replace(GRID, transform=Affine(10, 0, 134_000, 0, -10, 460_000))
    scenes = [
        store_scene(services, "polder", "west", GRID, {"B04": (numbers(1), RED)}),
        store_scene(
            services, "polder", "east", east, {"B04": (numbers(2), RED)},
            moment=JUNE + timedelta(days=1),
        ),
    ]  # fmt: skip
    services.catalog.put([COLLECTION], scenes)
    ring = ((133_000.0, 456_500.0), (134_500.0, 456_500.0), (133_000.0, 459_900.0))
    wide = Outline(((*ring, ring[0]),), GRID.crs)
    assert window(services, request(None, outline=wide)).scenes == ("east", "west")
    ring = ((133_000.0, 456_500.0), (133_900.0, 456_500.0), (133_000.0, 459_900.0))
    narrow = Outline(((*ring, ring[0]),), GRID.crs)
    assert window(services, request(None, outline=narrow)).scenes == ("west",)


def test_pictures_of_an_area_are_see_through_outside(polder):
    services, _ = polder
    outline = read_outline(AREA, GRID.crs)
    for layer in ("red", "visual"):
        wanted = request(None, outline=outline, ending="png", view=View(layer=layer))
        pixels = imagecodecs.png_decode(window(services, wanted).content)
        assert pixels.shape[2] == 4
        assert pixels[0, 0, 3] == 0
        assert (pixels[..., 3] == 255).any()


# ---------------------------------------------------------------------- previews


def test_a_preview_is_the_whole_scene(polder):
    services, told = polder
    values, _, profile = opened(window(services, request(None, raw=True)))
    np.testing.assert_array_equal(values[0], told["B04"])
    assert profile["crs"].to_epsg() == 28992
    values, _, _ = opened(window(services, request(None, max_size=100)))
    assert values.shape[1:] == (100, 100)
    small = window(services, request(None, ending="png", view=View(layer="visual"), max_size=100))
    assert imagecodecs.png_decode(small.content).shape[:2] == (100, 100)


# ---------------------------------------------------------------------- simulated


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
def test_simulated_pictures_carry_the_words(polder, ending):
    services, _ = polder
    wanted = request(collection="zonderland", ending=ending, view=View(layer="visual"), width=512)
    marked, plain = (window(services, replace(wanted, mark=mark)) for mark in (True, False))
    assert marked.simulated
    assert marked.content != plain.content


def test_simulated_files_carry_the_tag_and_the_same_values(polder):
    services, _ = polder
    mine, theirs = (
        opened(window(services, request(collection=name))) for name in ("zonderland", "polder")
    )
    assert mine[2]["tags"]["SIMULATED"] == "YES"
    np.testing.assert_array_equal(mine[0], theirs[0])


# ---------------------------------------------------------------------- refusals


class Counting:
    """A reader that must not be asked for pixels."""

    def __init__(self, reader):
        self.reader = reader
        self.reads = 0

    def levels(self, asset):
        return self.reader.levels(asset)

    def read(self, *args):
        self.reads += 1
        return self.reader.read(*args)


def small(folder, **settings):
    services = open_services(Settings(data=folder, **settings))
    scene = store_scene(services, "polder", "s1", GRID, {"B04": (numbers(1), RED)})
    services.catalog.put([COLLECTION], [scene])
    return replace(services, reader=Counting(services.reader))


@pytest.mark.parametrize(
    "fields",
    [{}, {"width": 101, "height": 100}, {"width": 16_000}, {"box": (-1e6, 4e5, 1e6, 5e5)}],
    ids=["fine", "size", "wide", "far"],
)
def test_too_many_pixels_are_refused_before_anything_is_read(tmp_path, fields):
    services = small(tmp_path, max_pixels=10_000)
    with pytest.raises(WindowTooLarge) as found:
        window(services, request(**fields))
    assert services.reader.reads == 0
    assert "max_size" in found.value.say("nl")
    assert "max_size" in found.value.say("en")


def test_too_many_source_pixels_are_refused_before_anything_is_read(tmp_path):
    services = small(tmp_path, max_pixels=10_000)
    with pytest.raises(TooManyPixels):
        window(services, request(None, max_size=64))
    assert services.reader.reads == 0


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"box": (133_000, 457_000, 131_000, 459_000)}, BadBox),
        ({"box": (131_000, 459_000, 133_000, 457_000)}, BadBox),
        ({"box": (131_000, 457_000, 131_000, 459_000)}, BadBox),
        ({"box": (float("nan"), 457_000, 133_000, 459_000)}, BadBox),
        ({"box": (131_000, 457_000, float("inf"), 459_000)}, BadBox),
        ({"box": (131_000, 457_000, 133_000, 459_000), "crs": "EPSG:4326"}, (BadBox, NothingHere)),
        ({"box": (231_000, 457_000, 233_000, 459_000)}, NothingHere),
        ({"box": (0, 0, 1, 1), "crs": "EPSG:4326"}, NothingHere),
        ({"box": None, "selection": Selection(ids=("nope",))}, NothingHere),
        ({"width": 0}, BadQuery),
        ({"height": 16_001}, BadQuery),
        ({"max_size": -1}, BadQuery),
        ({"resampling": "magic"}, BadQuery),
        ({"ending": "exe"}, UnknownFormat),
        ({"collection": "nope"}, UnknownCollection),
    ],
)
def test_refusals(polder, fields, error):
    services, _ = polder
    with pytest.raises(error):
        window(services, request(**fields))


def test_values_need_leave_to_measure(tmp_path):
    class NoValues:
        def judge(self, use, collection):
            no = Decision(False, Text(nl="alleen kijken", en="look only"))
            return no if use.action is Action.MEASURE else None

    services = make_services(tmp_path, (NoValues(),))
    scene = store_scene(services, "polder", "s1", GRID, {"B04": (numbers(1), RED)})
    services.catalog.put([COLLECTION], [scene])
    for ending in ("tif", "npy", "bands"):
        with pytest.raises(UnknownCollection):
            window(services, request(ending=ending))
        wanted = TileRequest(collection="polder", z=14, x=8421, y=5403, ending=ending, view=REDS)
        with pytest.raises(UnknownCollection):
            tile(services, wanted)
    assert window(services, request(ending="png", view=View(layer="red"))).content


def test_known_etag_reads_nothing(tmp_path):
    services = small(tmp_path)
    first = window(services, request())
    reads = services.reader.reads
    assert window(services, request(), {first.etag}) == Unchanged(first.etag)
    assert services.reader.reads == reads


@pytest.mark.parametrize(
    "name",
    ["EPSG:28992", "urn:ogc:def:crs:EPSG::28992", "http://www.opengis.net/def/crs/EPSG/0/28992"],
)
def test_names_of_systems(name):
    assert crs_named(name, "dst_crs") == "EPSG:28992"
    assert crs_named("OGC:CRS84", "dst_crs") == "EPSG:4326"


@pytest.mark.parametrize(
    "name",
    ["", "EPSG:", "EPSG:999999", "+proj=utm +zone=31", "+init=/etc/passwd", "/etc/passwd",
     "http://example.org/x.wkt", "EPSG:28992+5709", "EPSG:28992\n", "IAU_2015:30100", "WKT[]"],
)  # fmt: skip
def test_nothing_but_a_name_reaches_proj(name):
    with pytest.raises(BadQuery):
        crs_named(name, "dst_crs")
