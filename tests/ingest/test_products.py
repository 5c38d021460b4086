"""Sentinel-2 and Landsat products built from the specifications: numbers must mean the same."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from landzicht.ingest.landsat_collection import OLI, TM, usable_qa_values
from landzicht.kinds import Outcome
from landzicht.testing.products import (
    LANDSAT_MOMENT,
    S2_BANDS,
    SAFE_MOMENT,
    make_landsat,
    make_safe,
)

SAFES = [("L2A", "05.09"), ("L2A", "04.00"), ("L2A", "02.12"), ("L1C", "05.10"), ("L1C", "03.01")]
LANDSAT_KEYS = {**{n: key for n, (key, _) in OLI.items()}, "QA_PIXEL": "qa_pixel"}


@pytest.mark.parametrize(("level", "baseline"), SAFES)
def test_safe(tmp_path, port, level: str, baseline: str) -> None:
    product = make_safe(tmp_path, level=level, baseline=baseline)
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    assert receipt.findings == ()
    scene = port.scene(receipt)
    assert (scene.id, scene.collection) == (product.path.stem, f"sentinel-2-{level.lower()}")
    assert scene.moment == SAFE_MOMENT
    expected = set(S2_BANDS) - {"B10"} | {"SCL"} if level == "L2A" else set(S2_BANDS)
    assert set(scene.assets) == expected
    for key, values in product.physical.items():
        asset = scene.assets[key]
        np.testing.assert_array_equal(port.read(asset), product.stored[key])
        np.testing.assert_allclose(port.physical(asset), values, rtol=0, atol=1e-12)
    resolution = scene.assets["B01"].grid.resolution[0]
    assert resolution == (20 if level == "L2A" else 60)
    properties = scene.properties
    assert properties["s2:processing_baseline"] == baseline
    assert properties["platform"] == "sentinel-2a"
    assert properties["eo:cloud_cover"] == 12.345
    assert properties["view:sun_elevation"] == pytest.approx(90 - 29.5892458407657)
    assert properties["grid:code"] == "MGRS-31UFS"
    collection = port.harbour.catalog.collection(scene.collection)
    assert [layer.name for layer in collection.layers][:3] == ["visual", "ndvi", "false-colour"]
    if level == "L2A":
        assert collection.mask
        assert collection.mask.asset == "SCL"
        np.testing.assert_array_equal(port.read(scene.assets["SCL"]), product.stored["SCL"])


def test_the_offset_is_what_tells_the_baselines_apart(tmp_path, port) -> None:
    """The same landscape before and after 04.00: other numbers, the same reflectance."""
    scales = {}
    for baseline in ("03.01", "05.10"):
        folder = tmp_path / baseline
        folder.mkdir()
        product = make_safe(folder, level="L1C", baseline=baseline, seed=7)
        (receipt,) = port.take(product.path)
        scales[baseline] = port.physical(port.scene(receipt).assets["B04"])
    np.testing.assert_allclose(scales["03.01"], scales["05.10"], atol=2e-4)


@pytest.mark.parametrize("level", ["L2SP", "L1TP"])
def test_landsat(tmp_path, port, level: str) -> None:
    product = make_landsat(tmp_path, level=level)
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    scene = port.scene(receipt)
    assert (scene.id, scene.moment) == (product.path.name, LANDSAT_MOMENT)
    assert scene.collection == f"landsat-c2-{level[:2].lower()}"
    assert set(scene.assets) == {LANDSAT_KEYS[band] for band in product.stored}
    for band, stored in product.stored.items():
        asset = scene.assets[LANDSAT_KEYS[band]]
        np.testing.assert_array_equal(port.read(asset), stored)
        if band in product.physical:
            np.testing.assert_allclose(port.physical(asset), product.physical[band], atol=1e-9)
    assert scene.properties["platform"] == "landsat-8"
    assert scene.properties["view:sun_azimuth"] == 204.5
    assert scene.properties["landsat:wrs_path"] == "198"
    thermal = scene.assets["lwir11"].band
    assert thermal.unit == ("K" if level == "L2SP" else "W.m-2.sr-1.um-1")
    if level == "L2SP":
        assert 285 < np.nanmean(port.physical(scene.assets["lwir11"])) < 315
    mask = port.harbour.catalog.collection(scene.collection).mask
    assert mask
    quality = product.stored["QA_PIXEL"]
    usable = np.isin(quality, mask.valid)
    assert usable[quality == 21_824].all()
    assert usable[quality == 21_888].all()
    assert not usable[np.isin(quality, [1, 22_280, 23_888])].any()


def test_usable_quality_values_by_their_bits() -> None:
    values = usable_qa_values()
    assert all(value & 0b11111 == 0 for value in values)
    assert {21_824, 21_888, 21_952, 30_048, 5_440, 5_504, 13_664} <= set(values)
    assert not {1, 21_826, 22_280, 23_888, 54_596, 55_052} & set(values)
    assert set(TM) >= {"1", "2", "3", "4", "5", "7", "ST_B6"}


@pytest.mark.parametrize("name", ["MTD_MSIL2A.xml", "manifest.safe"])
def test_any_file_of_a_safe_leads_to_it(tmp_path, port, name: str) -> None:
    product = make_safe(tmp_path)
    (receipt,) = port.take(product.path / name)
    assert receipt.scene == product.path.stem


def test_a_folder_of_products(tmp_path, port) -> None:
    (tmp_path / "a").mkdir()
    make_safe(tmp_path / "a")
    make_landsat(tmp_path / "a")
    outcomes = [receipt.outcome for receipt in port.take(tmp_path / "a")]
    assert outcomes == [Outcome.ADDED, Outcome.ADDED]


def test_part_of_a_product_is_taken_with_a_remark(tmp_path, port) -> None:
    product = make_safe(tmp_path)
    for path in product.path.rglob("*_B1[12]_*.jp2"):
        path.unlink()
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.ADDED
    (found,) = receipt.findings
    assert (found.code, found.blocks) == ("bands-missing", False)
    assert "B11, B12" in found.message.en


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_part_of_a_product_and_the_whole_are_one_scene(tmp_path, port, whole_first) -> None:
    for name in ("part", "whole"):
        (tmp_path / name).mkdir()
    part, whole = make_safe(tmp_path / "part"), make_safe(tmp_path / "whole")
    for path in part.path.rglob("*_B1[12]_*.jp2"):
        path.unlink()
    order = (whole, part) if whole_first else (part, whole)
    outcomes = [receipt.outcome for receipt in port.take(*(product.path for product in order))]
    assert outcomes == [Outcome.ADDED, Outcome.KNOWN if whole_first else Outcome.ADDED]
    for product in (part, whole):
        (again,) = port.take(product.path)
        assert (again.outcome, again.scene) == (Outcome.KNOWN, whole.path.stem)
        assert {"B11", "B12"} <= port.scene(again).assets.keys()
    assert port.harbour.catalog.collection("sentinel-2-l2a").count == 1


def test_a_part_with_other_pixels_stays_another_scene(tmp_path, port) -> None:
    for name in ("part", "whole"):
        (tmp_path / name).mkdir()
    part, whole = make_safe(tmp_path / "part", seed=1), make_safe(tmp_path / "whole", seed=2)
    for path in part.path.rglob("*_B1[12]_*.jp2"):
        path.unlink()
    receipts = port.take(whole.path, part.path)
    assert [receipt.outcome for receipt in receipts] == [Outcome.ADDED] * 2
    assert port.harbour.catalog.collection("sentinel-2-l2a").count == 2


def edit(path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


DAMAGE = {
    "no quantification": (">10000<", "><", "bad-metadata"),
    "offset of an unknown band": ('band_id="3"', 'band_id="33"', "bad-metadata"),
    "offset that is no number": (">-1000<", ">x<", "bad-metadata"),
    "not xml": ("<n1:General_Info>", "<n1:General", "bad-metadata"),
    "no date": ("2023-06-25T10:46:21.024Z", "", "date-missing"),
}


@pytest.mark.parametrize(("old", "new", "code"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_metadata_is_refused(tmp_path, port, old: str, new: str, code: str) -> None:
    product = make_safe(tmp_path)
    edit(product.path / "MTD_MSIL2A.xml", old, new)
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.REFUSED
    assert code in {found.code for found in receipt.findings}
    assert port.files() == set()


def test_one_damaged_image_refuses_the_whole_and_tells_which(tmp_path, port) -> None:
    product = make_safe(tmp_path)
    (image,) = product.path.rglob("*_B08_10m.jp2")
    whole = image.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"<html>404</html>"):
        image.write_bytes(content)
        (receipt,) = port.take(product.path)
        assert receipt.outcome is Outcome.REFUSED
        blocking = [found for found in receipt.findings if found.blocks]
        assert any("B08_10m" in found.message.en for found in blocking)
        assert port.files() == set()
        assert port.harbour.catalog.collections() == ()


def test_images_without_a_place_take_that_of_the_tile(tmp_path, port) -> None:
    """Some tools drop the GML box; MTD_TL.xml tells where the images lie."""
    product = make_safe(tmp_path, level="L1C")
    for image in product.path.rglob("*.jp2"):
        raw = image.read_bytes()
        image.write_bytes(raw.replace(b"asoc", b"free").replace(b"uuid", b"free"))
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.ADDED, receipt.findings
    grid = port.scene(receipt).assets["B04"].grid
    assert grid.crs == "EPSG:32631"
    assert tuple(grid.transform)[:6] == (10, 0, 600_000, 0, -10, 5_700_000)


def test_landsat_without_its_mtl_is_plain_files(tmp_path, port) -> None:
    product = make_landsat(tmp_path)
    shutil.move(next(product.path.glob("*_MTL.txt")), tmp_path)
    receipts = port.take(product.path)
    assert {receipt.outcome for receipt in receipts} == {Outcome.ADDED}
    assert all("landsat-c2" not in str(receipt.collection) for receipt in receipts)


def test_an_mtl_cannot_lead_elsewhere(tmp_path, port) -> None:
    product = make_landsat(tmp_path / "here") if (tmp_path / "here").mkdir() is None else None
    assert product
    mtl = next(product.path.glob("*_MTL.txt"))
    name = f"{product.path.name}_SR_B4.TIF"
    shutil.move(product.path / name, tmp_path / name)
    edit(mtl, f'"{name}"', f'"../../{name}"')
    (receipt,) = port.take(product.path)
    assert "red" not in port.scene(receipt).assets
    assert [found.code for found in receipt.findings] == ["bands-missing"]


def test_items_are_plain_json(tmp_path, port) -> None:
    (receipt,) = port.take(make_safe(tmp_path).path)
    body = json.loads(port.harbour.catalog.body(receipt.collection, receipt.scene))
    assert body["assets"]["B04"]["raster:offset"] == -0.1
