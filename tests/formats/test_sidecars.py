"""Overviews and masks in files beside the image: read where they lie, folded in when taken in."""

from __future__ import annotations

import os

import numpy as np
import pytest

from landzicht.errors.files import StoredFileFailed, UnreadableFile
from landzicht.formats import CogReader, CogWriter, GdalInspector
from landzicht.formats.gdal import load_rasterio
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band, Conversion

HEIGHT, WIDTH = 300, 260
WHOLE = Window(0, 0, HEIGHT, WIDTH)
TILES = {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"}


def pixels(count=1):
    return np.random.default_rng(0).integers(1, 9000, (count, HEIGHT, WIDTH)).astype("uint16")


def asset_of(path, **fields):
    with load_rasterio().open(path) as image:
        grid = Grid(crs="EPSG:32631", transform=image.transform, height=HEIGHT, width=WIDTH)
    band = Band(name="b", dtype="uint16")
    return Asset(key="b", href=path.name, band=band, grid=grid, size=1, sha256="", **fields)


def flags():
    mask = np.random.default_rng(1).random((HEIGHT, WIDTH)) > 0.3
    mask[:70, :70] = False
    return mask


def make(make_tiff, *, mask=False, overviews=False, count=1, **options):
    """Write an image with what belongs to it beside it; returns the path."""
    rasterio = load_rasterio()
    path = make_tiff(pixels(count), **(TILES | options))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False, TIFF_USE_OVR=True):
        if mask:
            with rasterio.open(path, "r+") as image:
                image.write_mask(flags())
        if overviews:
            for each in [path, *([f"{path}.msk"] if mask else [])]:
                with rasterio.open(each, "r+") as image:
                    image.build_overviews([2, 4])
    return path


@pytest.fixture
def make_pair(make_tiff):
    def made(**options):
        return make(make_tiff, **options)

    return made


def beside(path):
    return sorted(file.name.removeprefix(path.name) for file in path.parent.glob(path.name + ".*"))


def read_like_gdal(path, level):
    """Ask a GDAL that does look beside the file, in a process without our limits."""
    import subprocess
    import sys

    script = (
        "import rasterio, sys, numpy as np\n"
        "options = {'overview_level': int(sys.argv[2]) - 1} if int(sys.argv[2]) else {}\n"
        "with rasterio.open(sys.argv[1], **options) as image:\n"
        "    np.savez(sys.argv[3], values=image.read(1), mask=image.read_masks(1) != 0)\n"
    )
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GDAL", "OGR", "CPL"))}
    out = str(path.parent / "seen.npz")
    subprocess.run([sys.executable, "-W", "ignore", "-c", script, str(path), str(level), out],
                   check=True, env=clean)  # fmt: skip
    with np.load(out) as seen:
        return seen["values"], seen["mask"]


@pytest.mark.parametrize("mask", [False, True])
def test_both_are_read_through(make_pair, tmp_path, mask):
    path = make_pair(mask=mask, overviews=True)
    assert ".ovr" in beside(path)
    assert (".msk" in beside(path)) == mask
    reader, asset = CogReader(tmp_path), asset_of(path)
    shapes = [grid.shape for grid in reader.levels(asset)]
    assert shapes == [(300, 260), (150, 130), (75, 65)]
    for level, shape in enumerate(shapes):
        values, usable = read_like_gdal(path, level)
        for part in (Window(0, 0, *shape), Window(11, 7, 40, 50)):
            block = reader.read(asset, level, part)
            rows, columns = slice(part.row, part.stop_row), slice(part.column, part.stop_column)
            np.testing.assert_array_equal(block.values[0], values[rows, columns])
            np.testing.assert_array_equal(block.valid[0], usable[rows, columns])
    assert reader.routes == {"own": 6, "gdal": 0}


def test_a_level_without_its_mask_is_left_out(make_pair, tmp_path):
    path = make_pair(mask=True, overviews=True)
    (tmp_path / f"{path.name}.msk.ovr").unlink(missing_ok=True)
    with load_rasterio().open(f"{path}.msk") as image:
        inside = len(image.overviews(1))
    reader, asset = CogReader(tmp_path), asset_of(path)
    assert len(reader.levels(asset)) == 1 + inside
    np.testing.assert_array_equal(reader.read(asset, 0, WHOLE).valid[0], flags())


@pytest.mark.parametrize("ending", [".ovr", ".msk"])
@pytest.mark.parametrize("content", [b"", b"II*\0", b"<VRTDataset/>", bytes(500)])
def test_damage_beside_the_image_is_told(make_pair, tmp_path, ending, content):
    path = make_pair()
    (tmp_path / f"{path.name}{ending}").write_bytes(content)
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).levels(asset_of(path))


def test_a_mask_of_another_size_is_refused(make_pair, make_tiff, tmp_path):
    path = make_pair()
    make_tiff(np.ones((1, 9, 9), np.uint8), f"{path.name}.msk")
    with pytest.raises(StoredFileFailed):
        CogReader(tmp_path).levels(asset_of(path))
    with pytest.raises(UnreadableFile):
        GdalInspector().inspect(path)


def test_links_to_elsewhere_are_not_what_came_with_it(make_pair, tmp_path):
    path = make_pair(mask=True)
    (tmp_path / "away").mkdir()
    mask = tmp_path / f"{path.name}.msk"
    mask.rename(tmp_path / "away" / "m")
    mask.symlink_to(tmp_path / "away" / "m")
    assert CogReader(tmp_path).read(asset_of(path), 0, WHOLE).valid.all()


@pytest.mark.parametrize("options", [{}, {"NBITS": 15}], ids=["own", "gdal"])
def test_they_are_folded_in_when_taken_in(make_pair, tmp_path, options):
    path = make_pair(mask=True, overviews=True, **options)
    info = GdalInspector().inspect(path)
    assert info.mask == "external"
    band = Band(name="b", dtype="uint16")
    job = Conversion(
        source=path, driver=info.driver, subdataset=None, index=1, band=band, grid=info.grid,
        mask=info.mask,
    )  # fmt: skip
    CogWriter().convert(job, tmp_path / "ours.tif")
    assert beside(tmp_path / "ours.tif") == []
    reader, asset = CogReader(tmp_path), asset_of(tmp_path / "ours.tif", has_mask=True)
    block = reader.read(asset, 0, WHOLE)
    np.testing.assert_array_equal(block.valid[0], flags())
    np.testing.assert_array_equal(block.values[0][flags()], pixels()[0][flags()])


def test_gdal_has_no_mask_of_a_file_beside_it(make_pair, tmp_path):
    """What our own path does not read keeps its mask all the same."""
    path = make_pair(mask=True, NBITS=15)
    reader = CogReader(tmp_path)
    block = reader.read(asset_of(path), 0, WHOLE)
    assert reader.routes["gdal"] == 1
    np.testing.assert_array_equal(block.valid[0], flags())
