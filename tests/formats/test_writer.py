"""Our COGs, read back by GDAL: pixels, masks, words, layout, and what happens when a disk fails."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landzicht.errors.files import DiskFailed, UnreadableFile
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.writer import CogWriter, convert_here
from landzicht.grid import Grid
from landzicht.kinds import Band, BandKind, Conversion

DTYPES = [f"{kind}int{bits}" for kind in ("u", "") for bits in (8, 16, 32, 64)]
DTYPES += ["float32", "float64"]
UTM = Affine(10, 0, 600_000, 0, -10, 5_700_000)


def grid(height: int, width: int, transform: Affine = UTM, crs: str = "EPSG:32631") -> Grid:
    return Grid(crs=crs, transform=transform, height=height, width=width)


def noise(height: int, width: int, dtype: str, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        return rng.normal(0, 100, (height, width)).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, (height, width), dtype=dtype, endpoint=True)


def read(path, **options):
    with load_rasterio().open(path, driver="GTiff", **options) as dataset:
        return dataset.read(1)


def order(path, band: Band, shape, **options) -> Conversion:
    fields = {"driver": "GTiff", "subdataset": None, "index": 1, "mask": "none"}
    return Conversion(source=path, band=band, grid=grid(*shape), **(fields | options))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (511, 513), (1100, 700)])
def test_pixels_survive_exactly(tmp_path, dtype: str, shape) -> None:
    values = noise(*shape, dtype)
    target = tmp_path / "out.tif"
    CogWriter().write(values, grid(*shape), Band(name="B1", dtype=dtype), target, {})
    np.testing.assert_array_equal(read(target), values)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 1300), st.integers(1, 1300))
def test_layout_of_any_size(tmp_path, height: int, width: int) -> None:
    """Directories first, blocks from small to large, overviews to below one block."""
    target = tmp_path / "out.tif"
    values = noise(height, width, "uint8")
    CogWriter().write(values, grid(height, width), Band(name="B1", dtype="uint8"), target, {})
    rasterio = load_rasterio()
    with rasterio.open(target, driver="GTiff") as dataset:
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "ZSTD"
        count = len(dataset.overviews(1))
        first_blocks = [offset(dataset)]
    for level in range(count):
        with rasterio.open(target, driver="GTiff", OVERVIEW_LEVEL=level) as overview:
            assert overview.shape == (-(-height // 2 ** (level + 1)), -(-width // 2 ** (level + 1)))
            first_blocks.append(offset(overview))
            smallest = overview.shape
    assert first_blocks == sorted(first_blocks, reverse=True)
    assert max(smallest if count else (height, width)) < 512 or not count
    assert count == 0 or max(height, width) >= 512


def offset(dataset) -> int:
    return int(dataset.get_tag_item("BLOCK_OFFSET_0_0", "TIFF", bidx=1))


def test_overviews_average_measurements_and_vote_on_codes(tmp_path) -> None:
    values = np.zeros((600, 600), np.uint8)
    values[::2, ::2] = 8
    for kind, expected in ((BandKind.CONTINUOUS, 2), (BandKind.CATEGORICAL, 0)):
        target = tmp_path / f"{kind}.tif"
        band = Band(name="B1", dtype="uint8", kind=kind)
        CogWriter().write(values, grid(600, 600), band, target, {})
        overview = read(target, OVERVIEW_LEVEL=0)
        assert set(np.unique(overview)) == {expected}


@pytest.mark.parametrize(("dtype", "nodata"), [("uint16", 7), ("int16", -3), ("float32", -9.5)])
def test_overviews_leave_holes_out_and_make_none(tmp_path, dtype: str, nodata: float) -> None:
    """An average may not mix in nodata, and may not become it by chance."""
    values = np.full((1024, 600), nodata, dtype)
    values[:, :300] = nodata - 1
    values[::2, :300] = nodata + 1
    target = tmp_path / "out.tif"
    band = Band(name="B1", dtype=dtype, nodata=nodata)
    CogWriter().write(values, grid(1024, 600), band, target, {})
    overview = read(target, OVERVIEW_LEVEL=0)
    assert (overview[:, :150] != nodata).all()
    assert (abs(overview[:, :150] - np.array(nodata, dtype)) <= 1).all()
    assert (overview[:, 150:] == nodata).all()


def test_not_a_number_does_not_spread(tmp_path) -> None:
    values = noise(700, 700, "float32")
    values[::2] = np.nan
    target = tmp_path / "out.tif"
    band = Band(name="B1", dtype="float32", nodata=float("nan"))
    told = CogWriter().write(values, grid(700, 700), band, target, {})
    assert np.isfinite(read(target, OVERVIEW_LEVEL=0)).all()
    assert told["valid_percent"] == pytest.approx(50, abs=1)
    np.testing.assert_array_equal(read(target), values)


@pytest.mark.parametrize("shape", [(40, 30), (1000, 777)])
def test_internal_mask_and_alpha_become_an_internal_mask(tmp_path, make_tiff, shape) -> None:
    rasterio = load_rasterio()
    rng = np.random.default_rng(3)
    usable = rng.random(shape) > 0.4
    rgb = rng.integers(0, 255, (3, *shape), dtype=np.uint8)
    alpha = np.where(usable, 255, 0).astype(np.uint8)[None]
    photo = {"photometric": "RGB"}
    sources = {
        "internal": make_tiff(rgb, "mask.tif", mask=usable, **photo),
        "alpha": make_tiff(np.concatenate([rgb, alpha]), "alpha.tif", alpha="YES", **photo),
    }
    for mask, source in sources.items():
        target = tmp_path / "out.tif"
        job = order(source, Band(name="green", dtype="uint8"), shape, index=2, mask=mask)
        told = convert_here(job, target)
        with rasterio.open(target, driver="GTiff") as dataset:
            assert [flag.name for flag in dataset.mask_flag_enums[0]] == ["per_dataset"]
            np.testing.assert_array_equal(dataset.read(1), rgb[1])
            np.testing.assert_array_equal(dataset.read_masks(1) > 0, usable)
        assert told["valid_percent"] == pytest.approx(100 * usable.mean(), abs=3)
        if max(shape) > 512:
            with rasterio.open(target, driver="GTiff", OVERVIEW_LEVEL=0) as small:
                assert 0 < (small.read_masks(1) > 0).mean() < 1


def test_words_survive(tmp_path) -> None:
    band = Band(
        name="B04 & <rood>",
        dtype="uint8",
        nodata=0,
        scale=1 / 250,
        offset=-0.1,
        unit="µm",
        colours=((1, (255, 0, 10, 255)), (2, (0, 128, 0, 255))),
    )
    target = tmp_path / "out.tif"
    tags = {"SIMULATED": "YES", "NOTE": 'a "quoted" <tag> & more'}
    CogWriter().write(noise(20, 30, "uint8"), grid(20, 30), band, target, tags)
    with load_rasterio().open(target, driver="GTiff") as dataset:
        assert dataset.descriptions == ("B04 & <rood>",)
        assert dataset.scales == (1 / 250,)
        assert dataset.offsets == (-0.1,)
        assert dataset.units == ("µm",)
        assert dataset.nodata == 0
        assert tags.items() <= dataset.tags().items()
        colours = dataset.colormap(1)
        assert colours[1][:3] == (255, 0, 10)
        assert colours[2][:3] == (0, 128, 0)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:28992", Affine(0.25, 0, 155_000.125, 0, -0.25, 463_000.875)),
        ("EPSG:4326", Affine(0.1, 0, -180, 0, -0.1, 90)),
        ("EPSG:3857", Affine(7.5, 2.5, 500_000, 2.5, -7.5, 6_800_000)),
        ("EPSG:32731", Affine(10, 0, 5, 0, 10, 7)),
    ],
)
def test_georeference_survives_to_the_last_bit(tmp_path, crs: str, transform: Affine) -> None:
    target = tmp_path / "out.tif"
    band = Band(name="B1", dtype="int16")
    CogWriter().write(noise(8, 9, "int16"), grid(8, 9, transform, crs), band, target, {})
    with load_rasterio().open(target, driver="GTiff") as dataset:
        assert dataset.crs.to_string() == crs
        assert tuple(dataset.transform) == tuple(transform)


def test_equal_input_gives_equal_bytes(tmp_path, monkeypatch) -> None:
    band = Band(name="B1", dtype="uint16", nodata=0)
    digests = set()
    for number in range(3):
        monkeypatch.setenv("GDAL_NUM_THREADS", str(number + 1))
        target = tmp_path / f"{number}.tif"
        CogWriter().write(noise(900, 900, "uint16"), grid(900, 900), band, target, {"A": "B"})
        digests.add(hashlib.sha256(target.read_bytes()).hexdigest())
    source = tmp_path / "0.tif"
    convert_here(order(source, band, (900, 900), tags={"A": "B"}), tmp_path / "again.tif")
    digests.add(hashlib.sha256((tmp_path / "again.tif").read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.parametrize("layout", [{"tiled": True}, {"blockysize": 1}, {"blockysize": 700}])
def test_conversion_reads_any_layout(tmp_path, make_tiff, sandbox, layout) -> None:
    values = noise(700, 650, "int16")
    source = make_tiff(values[None], nodata=-5, compress="lzw", **layout)
    band = Band(name="B1", dtype="int16", nodata=-5, scale=0.5, offset=1)
    target = tmp_path / "deep" / "out.tif"
    told = CogWriter(sandbox).convert(order(source, band, values.shape), target)
    np.testing.assert_array_equal(read(target), values)
    usable = values[values != -5] * 0.5 + 1
    assert told["mean"] == pytest.approx(usable.mean(), rel=1e-9)
    assert told["stddev"] == pytest.approx(usable.std(), rel=1e-9)
    assert (told["minimum"], told["maximum"]) == (usable.min(), usable.max())


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_cut_short_pixels_are_found_and_nothing_is_left(
    tmp_path, make_tiff, sandbox, keep: float
) -> None:
    values = noise(800, 800, "uint16")
    source = make_tiff(values[None], compress="deflate", tiled=True)
    whole = source.read_bytes()
    source.write_bytes(whole[: int(len(whole) * keep)])
    folder = tmp_path / "out"
    job = order(source, Band(name="B1", dtype="uint16"), values.shape)
    with pytest.raises(UnreadableFile) as caught:
        CogWriter(sandbox).convert(job, folder / "out.tif")
    assert "damaged" in caught.value.say("en")
    assert "beschadigd" in caught.value.say("nl")
    assert list(folder.iterdir()) == []


FULL_DISK = """
import resource, signal, sys
import numpy as np
from affine import Affine
from pathlib import Path
from landzicht.errors.files import DiskFailed
from landzicht.formats.writer import CogWriter
from landzicht.grid import Grid
from landzicht.kinds import Band
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
values = np.random.default_rng(0).integers(0, 60000, (600, 600)).astype("uint16")
grid = Grid(crs="EPSG:32631", transform=Affine(10, 0, 0, 0, -10, 0), height=600, width=600)
target = Path(sys.argv[1], "out.tif")
try:
    CogWriter().write(values, grid, Band(name="B1", dtype="uint16"), target, {})
except DiskFailed as error:
    print(error.code, list(target.parent.iterdir()))
"""


def test_full_disk_leaves_nothing(tmp_path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "disk-failed []"


READ_ONLY = """
import os, sys
import numpy as np
from affine import Affine
from pathlib import Path
from landzicht.errors.files import DiskFailed
from landzicht.formats.georeference import geo_tags
from landzicht.formats.writer import CogWriter
from landzicht.grid import Grid
from landzicht.kinds import Band
import imagecodecs
grid = Grid(crs="EPSG:32631", transform=Affine(10, 0, 0, 0, -10, 0), height=9, width=9)
geo_tags(grid)
folder = Path(sys.argv[1])
folder.chmod(0o500)
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write everywhere
try:
    band = Band(name="B1", dtype="uint8")
    CogWriter().write(np.ones((9, 9), "u1"), grid, band, folder / "out.tif", {})
except DiskFailed as error:
    print(error.say("en"))
"""


def test_read_only_folder(tmp_path) -> None:
    arguments = [sys.executable, "-c", READ_ONLY, str(tmp_path)]
    answer = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert "you have no permission to write" in answer.stdout


def test_folder_that_is_a_file(tmp_path) -> None:
    (tmp_path / "files").write_text("x")
    band = Band(name="B1", dtype="uint8")
    with pytest.raises(DiskFailed) as caught:
        CogWriter().write(noise(9, 9, "uint8"), grid(9, 9), band, tmp_path / "files" / "o.tif", {})
    assert caught.value.say("nl") != caught.value.say("en")


def test_wrong_orders_are_a_programmers_error(tmp_path) -> None:
    band = Band(name="B1", dtype="uint8", nodata=300)
    with pytest.raises(ValueError, match="nodata"):
        CogWriter().write(noise(9, 9, "uint8"), grid(9, 9), band, tmp_path / "o.tif", {})
    with pytest.raises(ValueError, match="is not"):
        CogWriter().write(
            noise(9, 9, "uint8"), grid(9, 8), replace(band, nodata=None), tmp_path / "o.tif", {}
        )
