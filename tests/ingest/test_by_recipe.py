"""Files and cubes that a recipe describes."""

from __future__ import annotations

import numpy as np
from scipy.io import netcdf_file

from landzicht.ingest.recipe import parse_recipe
from landzicht.kinds import BandKind, Outcome

HEAD = '[collection]\nid = "x"\n[files]\n'
WKT = (
    'PROJCS["WGS 84 / UTM zone 31N",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,'
    '298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG",'
    '"4326"]],PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER['
    '"central_meridian",3],PARAMETER["scale_factor",0.9996],PARAMETER["false_easting",500000],'
    'PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","32631"]]'
)


def codes(receipts):
    return [found.code for receipt in receipts for found in receipt.findings]


def test_date_band_and_scene_in_names(port, make_tiff, tmp_path) -> None:
    for tile in ("t1", "t2"):
        for band in ("red", "nir", "quality"):
            number = np.full((1, 9, 9), ord(tile[1]) + len(band), "u1")
            make_tiff(f"in/{tile}/{band}/20200101.tif", number)
    recipe = parse_recipe(
        HEAD
        + "pattern = '(?P<scene>t\\d)/(?P<band>\\w+)/(?P<date>\\d+)\\.tif'\n"
        + '[bands.B1]\nmatch = "red"\nscale = 0.5\n[bands.B2]\nmatch = "nir"\n'
    )
    receipts = port.take(tmp_path / "in", recipe=recipe)
    assert [receipt.scene for receipt in receipts] == ["t1", "t2"]
    scene = port.scene(receipts[0])
    assert list(scene.assets) == ["B1", "B2"]
    assert scene.assets["B1"].band.scale == 0.5
    assert (port.read(scene.assets["B1"]) == ord("1") + 3).all()


def test_date_in_a_header_tag(port, make_tiff) -> None:
    path = make_tiff("a.tif", tags={"t#units": "days since 2019-04-11 00:00:00"})
    recipe = parse_recipe(HEAD + "pattern = 'a.tif'\ndatetime_tag = \"t#units\"")
    (receipt,) = port.take(path, recipe=recipe)
    assert str(port.scene(receipt).moment.date()) == "2019-04-11"


def test_date_in_a_format_of_its_own(port, make_tiff) -> None:
    path = make_tiff("31-12-99.tif")
    recipe = parse_recipe(HEAD + "pattern = '(?P<date>.*)\\.tif'\ndatetime_format = \"%d-%m-%y\"")
    (receipt,) = port.take(path, recipe=recipe)
    assert str(port.scene(receipt).moment.date()) == "1999-12-31"


def test_date_in_the_recipe(port, make_tiff) -> None:
    for date in ('"2020-05-01"', "2020-05-01", "2020-05-01T00:00:00Z"):
        recipe = parse_recipe(HEAD + f"pattern = 'a.tif'\ndatetime = {date}")
        (receipt,) = port.take(make_tiff("a.tif"), recipe=recipe)
        assert str(port.scene(receipt).moment.date()) == "2020-05-01"


def test_bands_by_place_in_the_file(port, make_tiff) -> None:
    values = np.arange(3 * 81, dtype=np.uint8).reshape(3, 9, 9)
    path = make_tiff("a-20200101.tif", values)
    by_order = "[bands.one]\n[bands.two]\n[bands.three]\n"
    by_index = "[bands.one]\nindex = 1\n[bands.three]\nindex = 3\n"
    for bands, expected in ((by_order, "one two three"), (by_index, "one three")):
        recipe = parse_recipe(HEAD + "pattern = '-(?P<date>\\d+)'\n" + bands)
        (receipt,) = port.take(path, recipe=recipe, collection=expected.replace(" ", "-"))
        scene = port.scene(receipt)
        assert list(scene.assets) == expected.split()
        np.testing.assert_array_equal(port.read(scene.assets["three"]), values[2])


def test_a_scaled_palette_is_a_measurement(port, make_tiff) -> None:
    path = make_tiff("a-20200101.tif", np.ones((1, 9, 9), "u1"), colours={1: (1, 2, 3, 255)})
    recipe = parse_recipe(HEAD + "pattern = '-(?P<date>\\d+)'\n[bands.ndvi]\nscale = 0.004\n")
    (receipt,) = port.take(path, recipe=recipe)
    assert port.scene(receipt).assets["ndvi"].band.kind is BandKind.CONTINUOUS


def test_nothing_that_matches(port, make_tiff) -> None:
    recipe = parse_recipe(HEAD + "pattern = 'never'")
    assert codes(port.take(make_tiff("a.tif"), recipe=recipe)) == ["no-match"]


def test_no_date(port, make_tiff) -> None:
    for line in ("", 'datetime_tag = "gone"\n', 'datetime_format = "%Y"\n'):
        recipe = parse_recipe(HEAD + f"pattern = '(?P<date>a)\\.tif'\n{line}")
        assert codes(port.take(make_tiff("a.tif"), recipe=recipe)) == ["date-missing"]


def test_nodata_of_the_recipe_that_does_not_fit(port, make_tiff) -> None:
    recipe = parse_recipe(HEAD + "pattern = '-(?P<date>\\d+)'\n[bands.a]\nnodata = 70000\n")
    (receipt,) = port.take(make_tiff("a-20200101.tif"), recipe=recipe)
    assert receipt.outcome is Outcome.ADDED
    assert [(found.code, found.blocks) for found in receipt.findings] == [("nodata-ignored", False)]
    assert port.scene(receipt).assets["a"].band.nodata is None


def make_cube(path, values: np.ndarray) -> None:
    with netcdf_file(path, "w") as cube:
        for name, size in zip("tyx", values.shape, strict=True):
            cube.createDimension(name, size)
        axes = {
            "t": np.arange(values.shape[0]) * 30.0,
            "y": 5_700_000 - 10.0 * np.arange(values.shape[1]) - 5,
            "x": 600_000 + 10.0 * np.arange(values.shape[2]) + 5,
        }
        for name, numbers in axes.items():
            axis = cube.createVariable(name, "d", (name,))
            axis[:] = numbers
            axis.units = "days since 2020-01-01" if name == "t" else "m"
            if name != "t":
                axis.standard_name = f"projection_{name}_coordinate"
        crs = cube.createVariable("crs", "i", ())
        crs.spatial_ref, crs.crs_wkt = WKT, WKT
        for name in ("red-band", "nir"):
            band = cube.createVariable(name, "h", ("t", "y", "x"))
            band[:] = values if name == "nir" else values + 1
            band.grid_mapping = "crs"


def test_each_step_of_a_cube_is_a_scene(port, tmp_path) -> None:
    values = np.random.default_rng(0).integers(0, 999, (3, 20, 30)).astype(np.int16)
    make_cube(tmp_path / "cube.nc", values)
    recipe = parse_recipe(
        HEAD + "pattern = 'cube.nc'\ntime = \"t\"\n"
        '[bands.red]\narray = "red-band"\nscale = 0.001\n[bands.nir]\n'
    )
    receipts = port.take(tmp_path / "cube.nc", recipe=recipe)
    assert [receipt.scene for receipt in receipts] == ["x-20200101", "x-20200131", "x-20200301"]
    for step, receipt in enumerate(receipts):
        scene = port.scene(receipt)
        assert tuple(scene.assets["red"].grid.transform)[:6] == (10, 0, 6e5, 0, -10, 5.7e6)
        np.testing.assert_array_equal(port.read(scene.assets["nir"]), values[step])
        np.testing.assert_array_equal(port.read(scene.assets["red"]), values[step] + 1)
    assert codes(port.take(tmp_path / "cube.nc")) == ["container"]


def test_an_array_that_is_not_there(port, tmp_path) -> None:
    make_cube(tmp_path / "cube.nc", np.zeros((1, 5, 5), np.int16))
    recipe = parse_recipe(HEAD + "pattern = 'cube.nc'\ntime = \"t\"\n[bands.green]\n")
    assert codes(port.take(tmp_path / "cube.nc", recipe=recipe)) == ["unreadable-file"]


def test_a_band_that_the_file_does_not_have_is_told(port, make_tiff, tmp_path) -> None:
    values = np.arange(2 * 81, dtype=np.uint8).reshape(2, 9, 9)
    path = make_tiff("in/a-20200101.tif", values)
    for bands, told in (
        ("[bands.one]\nindex = 7\n", "one (7)"),
        ("[bands.one]\nindex = 1\n[bands.two]\nindex = 3\n", "two (3)"),
        ("[bands.one]\n[bands.two]\n[bands.three]\n[bands.four]\n", "three, four"),
    ):
        recipe = parse_recipe(HEAD + "pattern = '-(?P<date>\\d+)'\n" + bands)
        (receipt,) = port.take(path, recipe=recipe)
        (found,) = receipt.findings
        assert (receipt.outcome, found.code) == (Outcome.REFUSED, "no-such-band")
        assert f"2 bands; the recipe also asks for: {told}." in found.message.en
        assert f"2 banden; het recept vraagt er ook naar: {told}." in found.message.nl
        assert receipt.path == str(path)
    assert port.files() == set()


def test_alpha_is_no_band_to_ask_for(port, make_tiff) -> None:
    path = make_tiff("a-20200101.tif", np.ones((4, 9, 9), "u1"), photometric="RGB", alpha="YES")
    recipe = parse_recipe(HEAD + "pattern = '-(?P<date>\\d+)'\n[bands.a]\nindex = 4\n")
    assert codes(port.take(path, recipe=recipe)) == ["no-such-band"]


def test_names_of_bands_that_the_recipe_does_not_know(port, make_tiff, tmp_path) -> None:
    for band in ("B2", "B3"):
        make_tiff(f"in/{band}_20200101.tif")
    pattern = "pattern = '(?P<band>B\\d)_(?P<date>\\d+)'\n"
    recipe = parse_recipe(HEAD + pattern + "[bands.B02]\n")
    (receipt,) = port.take(tmp_path / "in", recipe=recipe)
    (found,) = receipt.findings
    assert (receipt.outcome, found.code) == (Outcome.REFUSED, "no-band")
    assert "B2, B3" in found.message.en


def test_layers_over_bands_that_no_file_has_get_a_remark(port, make_tiff) -> None:
    recipe = parse_recipe(
        HEAD + "pattern = '-(?P<date>\\d+)'\n[layers.x]\nassets = [\"rood\"]\n"
        '[mask]\nasset = "SCL"\nvalid = [1]\n'
    )
    (receipt,) = port.take(make_tiff("a-20200101.tif", descriptions=("red",)), recipe=recipe)
    assert receipt.outcome is Outcome.ADDED
    told = [(found.code, found.blocks, found.message.en) for found in receipt.findings]
    assert [entry[:2] for entry in told] == [("layer-without-band", False)] * 2
    assert "“rood” in layers.x" in told[0][2]
    assert "“SCL” in mask.asset" in told[1][2]
