"""Files without any description: bands, colours, masks, palettes, dates."""

from __future__ import annotations

import numpy as np
import pytest

from landzicht.ingest.dates import when_given
from landzicht.ingest.naming import band_name, collection_id, name_parts, scene_id
from landzicht.kinds import BandKind, Outcome

DAY = when_given("2020-01-01")


def noise(*shape: int, dtype: str = "uint8", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 200, shape).astype(dtype)


def test_one_band(port, make_tiff) -> None:
    path = make_tiff("dem-20200101.tif", noise(1, 40, 50, dtype="int16"), nodata=-9)
    (receipt,) = port.take(path)
    assert receipt.outcome is Outcome.ADDED
    scene = port.scene(receipt)
    assert (scene.id, scene.collection, *scene.assets) == ("dem-20200101", "dem", "dem")
    asset = scene.assets["dem"]
    np.testing.assert_array_equal(port.read(asset), noise(40, 50, dtype="int16"))
    assert (asset.band.nodata, asset.band.dtype) == (-9, "int16")
    (layer,) = port.harbour.catalog.collection("dem").layers
    low, high = layer.rescale[0]
    values = noise(40, 50)
    assert values.min() <= low < values.mean() < high <= values.max()


@pytest.mark.parametrize("kind", ["alpha", "mask", "plain"])
def test_photo(port, make_tiff, kind: str) -> None:
    usable = np.random.default_rng(1).random((40, 50)) > 0.5
    options = {"photometric": "RGB"}
    values = noise(3, 40, 50)
    if kind == "alpha":
        values = np.concatenate([values, usable[None] * np.uint8(255)])
        options["alpha"] = "YES"
    elif kind == "mask":
        options["mask"] = usable
    (receipt,) = port.take(make_tiff("photo.tif", values, **options), when=DAY)
    scene = port.scene(receipt)
    assert list(scene.assets) == ["red", "green", "blue"]
    for place, asset in enumerate(scene.assets.values()):
        np.testing.assert_array_equal(port.read(asset), values[place])
        assert asset.has_mask == (kind != "plain")
    first = port.harbour.catalog.collection("photo").layers[0]
    assert (first.name, first.rescale) == ("visual", ((0, 255),))
    if kind != "plain":
        share = 100 * usable.mean()
        assert scene.assets["red"].statistics["valid_percent"] == pytest.approx(share, abs=0.01)


def test_red_green_blue_and_near_infrared(port, make_tiff) -> None:
    path = make_tiff(
        "sheet.tif",
        noise(4, 40, 50, dtype="uint16"),
        descriptions=("red", "green", "blue", "nir"),
    )
    (receipt,) = port.take(path, when=DAY)
    layers = {layer.name: layer for layer in port.harbour.catalog.collection("sheet").layers}
    assert list(layers)[:3] == ["visual", "ndvi", "false-colour"]
    assert layers["ndvi"].expression == "(nir-red)/(nir+red)"
    assert len(layers["visual"].rescale) == 3
    assert receipt.assets is not None
    assert len(receipt.assets) == 4


def test_a_palette_is_a_list_of_classes(port, make_tiff) -> None:
    colours = {1: (255, 0, 0, 255), 2: (0, 128, 0, 255)}
    path = make_tiff("classes.tif", noise(1, 600, 600) % 3, colours=colours, nodata=0)
    (receipt,) = port.take(path, when=DAY)
    asset = port.scene(receipt).assets["classes"]
    assert asset.band.kind is BandKind.CATEGORICAL
    (layer,) = port.harbour.catalog.collection("classes").layers
    assert [(value, colour) for value, colour, _ in layer.classes][:2] == [
        (1, "#ff0000"),
        (2, "#008000"),
    ]


def test_a_folder_of_bands_per_date(port, make_tiff, tmp_path) -> None:
    values = {}
    for day in ("20200101", "20200111"):
        for band in ("B02", "B03", "B04", "B8A"):
            size = 20 if band == "B8A" else 40
            name = f"in/S2_{day}_{band}.tif"
            values[day, band] = noise(1, size, size, dtype="uint16", seed=len(values))
            metres = 800 / size
            transform = (metres, 0, 600_000, 0, -metres, 5_700_000)
            make_tiff(name, values[day, band], transform=_affine(transform))
    receipts = port.take(tmp_path / "in")
    assert [receipt.scene for receipt in receipts] == ["S2-20200101", "S2-20200111"]
    for receipt, day in zip(receipts, ("20200101", "20200111"), strict=True):
        scene = port.scene(receipt)
        for band in ("B02", "B03", "B04", "B8A"):
            np.testing.assert_array_equal(port.read(scene.assets[band]), values[day, band][0])
    assert port.harbour.catalog.collection("s2").layers[0].assets == ("B04", "B03", "B02")


def test_bands_in_different_places_are_told(port, make_tiff, tmp_path) -> None:
    make_tiff("in/x_20200101_B02.tif")
    make_tiff("in/x_20200101_B03.tif", transform=_affine((10, 0, 700_000, 0, -10, 5_700_000)))
    (receipt,) = port.take(tmp_path / "in")
    assert receipt.outcome is Outcome.REFUSED
    assert [found.code for found in receipt.findings] == ["bands-apart"]


def test_all_findings_at_once(port, make_tiff, tmp_path) -> None:
    """No date, no place and numbers that cannot be shown: three findings, in one go."""
    complex_values = np.zeros((1, 8, 8), np.complex64)
    (receipt,) = port.take(make_tiff("x.tif", complex_values, crs=None))
    codes = {found.code for found in receipt.findings}
    assert codes == {"date-missing", "not-georeferenced", "dtype"}
    for found in receipt.findings:
        assert found.message.nl != found.message.en
        assert "{" not in found.message.nl + found.message.en
    assert port.files() == set()


def test_nodata_that_does_not_fit_is_a_remark(port, make_tiff) -> None:
    recipe_like = make_tiff("x-20200101.tif", noise(1, 9, 9, dtype="float32"), nodata=float("nan"))
    (receipt,) = port.take(recipe_like)
    nodata = port.scene(receipt).assets["x"].band.nodata
    assert nodata != nodata


@pytest.mark.parametrize(
    ("paths", "code"),
    [
        (["nothing.tif"], "no-such-file"),
        (["empty"], "nothing-found"),
        (["x.zip"], "archive"),
        (["x.txt"], "unreadable-file"),
    ],
)
def test_what_cannot_be_taken_is_refused(port, tmp_path, paths: list[str], code: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + bytes(300))
    (tmp_path / "x.txt").write_text("hello")
    receipts = port.take(*(tmp_path / path for path in paths))
    assert [(receipt.outcome, receipt.findings[0].code) for receipt in receipts] == [
        (Outcome.REFUSED, code)
    ]


def test_one_wrong_file_does_not_stop_the_others(port, make_tiff, tmp_path) -> None:
    make_tiff("in/a-20200101.tif")
    (tmp_path / "in" / "b-20200101.tif").write_text("no")
    make_tiff("in/c-20200101.tif", noise(1, 9, 9))
    outcomes = {receipt.path[-14:]: receipt.outcome for receipt in port.take(tmp_path / "in")}
    assert sorted(outcomes.values()) == [Outcome.ADDED, Outcome.ADDED, Outcome.REFUSED]
    assert outcomes["b-20200101.tif"] is Outcome.REFUSED


def test_simulated_stays_simulated(port, make_tiff) -> None:
    (receipt,) = port.take(make_tiff("x-20200101.tif", tags={"SIMULATED": "YES"}))
    scene = port.scene(receipt)
    assert scene.simulated
    assert port.harbour.catalog.collection("x").simulated
    from landzicht.formats.gdal import load_rasterio

    with load_rasterio().open(port.harbour.data / scene.assets["x"].href) as dataset:
        assert dataset.tags()["SIMULATED"] == "YES"


def test_a_chosen_collection_and_date_win(port, make_tiff) -> None:
    (receipt,) = port.take(make_tiff("x-20200101.tif"), collection="mine", when=DAY)
    assert (receipt.collection, port.scene(receipt).moment) == ("mine", DAY[0])
    assert port.harbour.catalog.collection("mine").title.en == "mine"


def test_names() -> None:
    assert name_parts("ref_input_S2_B02").band == "B02"
    assert name_parts("NDVI-20170215").rest == "NDVI"
    assert name_parts("T31UFS_20190307T105021_B8A_20m").rest == "T31UFS-20m"
    assert name_parts("redwood").band is None
    assert scene_id("a b/c?.") == "a-b-c"
    assert collection_id("Mijn Perceel") == "mijn-perceel"
    assert band_name("S2-L2A-B02") == "S2_L2A_B02"
    assert band_name("1") == "b_1"


def _affine(numbers):
    from affine import Affine

    return Affine(*numbers)
