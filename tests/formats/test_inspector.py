"""What the header says, and what is refused before a pixel is read (sharing.md 8, R01-R15)."""

from __future__ import annotations

import math
import os
import struct
import zlib

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.files import FileTooLarge, UnreadableFile
from landzicht.formats.gdal import load_rasterio
from landzicht.formats.inspector import GdalInspector, inspect_here
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.sniff import sniff_driver
from landzicht.testing import shared_data

VRT = '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand band="1"/></VRTDataset>'
CONTENTS = {
    "empty": b"",
    "text": b"id,name\n1,x\n",
    "vrt": VRT.encode(),
    "vrt with a prologue": b"\xef\xbb\xbf<?xml version='1.0'?>\n" + VRT.encode(),
    "wms": b"<GDAL_WMS><Service name='TMS'><ServerUrl>http://127.0.0.1</ServerUrl></Service>",
    "zip": b"PK\x03\x04" + bytes(100),
    "html": b"<!DOCTYPE html><p>Not found",
    "header only": b"II*\0",
    "directory past the end": b"II*\0\xff\xff\0\0",
    "directory in a circle": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "noise": bytes(range(256)),
    "jp2 header only": b"\0\0\0\x0cjP  \r\n\x87\n",
    "hdf5 header only": b"\x89HDF\r\n\x1a\n",
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_what_is_not_a_raster_is_refused_with_a_reason(tmp_path, sandbox, content: bytes) -> None:
    path = tmp_path / "photo.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        GdalInspector(sandbox).inspect(path)
    assert caught.value.code == "unreadable-file"
    english, dutch = caught.value.say("en"), caught.value.say("nl")
    assert english != dutch
    assert "{" not in english + dutch


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device", "odd"])
def test_only_regular_files(tmp_path, sandbox, kind: str) -> None:
    path = tmp_path / "x.tif"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "odd":
        path = tmp_path / 'a":b.tif'
        path.write_bytes(b"II*\0")
    with pytest.raises(UnreadableFile):
        GdalInspector(sandbox).inspect(path)


def test_header_as_gdal_tells_it(make_tiff, sandbox) -> None:
    values = np.zeros((2, 40, 50), np.int16)
    path = make_tiff(values, nodata=-9, tiled=True, blockxsize=16, blockysize=32)
    with load_rasterio().open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5, 1.0), (2.0, 0.0)
        dataset.descriptions = ("red", "nir")
        dataset.update_tags(DATE="2025-06-08")
    info = GdalInspector(sandbox).inspect(path)
    assert (info.driver, info.georeference, info.mask) == ("GTiff", "affine", "nodata")
    assert info.grid is not None
    assert (info.grid.crs, info.grid.shape) == ("EPSG:32631", (40, 50))
    assert info.block == (32, 16)
    assert [band.description for band in info.bands] == ["red", "nir"]
    assert (info.bands[0].nodata, info.bands[0].scale, info.bands[0].offset) == (-9, 0.5, 2.0)
    assert info.tags["DATE"] == "2025-06-08"


def test_masks_alpha_and_palettes(make_tiff, sandbox) -> None:
    inspect = GdalInspector(sandbox).inspect
    rgb = np.zeros((3, 9, 9), np.uint8)
    usable = np.ones((9, 9), np.bool_)
    assert inspect(make_tiff(rgb, photometric="RGB", mask=usable)).mask == "internal"
    rgba = np.zeros((4, 9, 9), np.uint8)
    assert inspect(make_tiff(rgba, photometric="RGB", alpha="YES")).mask == "alpha"
    path = make_tiff(rgb[:1])
    with load_rasterio().open(path, "r+") as dataset:
        dataset.write_colormap(1, {1: (1, 2, 3, 255)})
    band = inspect(path).bands[0]
    assert band.colour == "palette"
    assert dict(band.colours)[1] == (1, 2, 3, 255)


def test_a_file_without_a_place_is_told_apart(make_tiff, sandbox) -> None:
    path = make_tiff(np.zeros((1, 9, 9), np.uint8), crs=None, transform=None)
    info = GdalInspector(sandbox).inspect(path)
    assert (info.georeference, info.grid) == ("none", None)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(1e200, 0, 6e5, 0, -10, 5.8e6),
        Affine(10, 0, 6e5, 0, -1e-200, 5.8e6),
        Affine(10, 0, 1e300, 0, -10, 5.8e6),
        Affine(10, 20, 6e5, 20, 40, 5.8e6),
        Affine(math.nan, 0, 6e5, 0, -10, 5.8e6),
    ],
)
def test_pixels_that_fit_nowhere_on_earth_have_no_place(make_tiff, sandbox, transform) -> None:
    path = make_tiff(np.zeros((1, 9, 9), np.uint8), transform=transform)
    info = GdalInspector(sandbox).inspect(path)
    assert (info.georeference, info.grid) == ("none", None)


def test_dimension_bomb_is_refused_by_its_header(make_tiff, sandbox) -> None:
    """R13: 19 kB that declare 40 GB."""
    rasterio = load_rasterio()
    path = make_tiff(np.zeros((1, 9, 9), np.uint8))
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "tiled": True, "SPARSE_OK": "TRUE"}
    with rasterio.open(path, "w", width=200_000, height=200_000, **profile):
        pass
    assert path.stat().st_size < 20_000_000
    with pytest.raises(FileTooLarge) as caught:
        GdalInspector(sandbox).inspect(path)
    assert "200000" in caught.value.say("en")


def test_block_bomb_is_refused_by_its_header(make_tiff, sandbox) -> None:
    """R14: one block of 268 MB."""
    rasterio = load_rasterio()
    path = make_tiff(np.zeros((1, 9, 9), np.uint8))
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "tiled": True, "SPARSE_OK": "TRUE"}
    size = {"width": 16_384, "height": 16_384, "blockxsize": 16_384, "blockysize": 16_384}
    with rasterio.open(path, "w", **size, **profile):
        pass
    with pytest.raises(FileTooLarge, match="block"):
        GdalInspector(sandbox).inspect(path)


def test_pixel_bomb_is_refused_by_its_header(make_tiff, sandbox) -> None:
    """A few kB that would become a gigabyte."""
    rasterio = load_rasterio()
    path = make_tiff(np.zeros((1, 9, 9), np.uint8))
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "tiled": True, "SPARSE_OK": "TRUE"}
    size = {"width": 40_000, "height": 40_000, "blockxsize": 4096, "blockysize": 4096}
    with rasterio.open(path, "w", **size, **profile):
        pass
    with pytest.raises(FileTooLarge, match="would become"):
        GdalInspector(sandbox).inspect(path)


def test_a_png_is_opened_as_a_png_and_nothing_else(tmp_path) -> None:
    rows = zlib.compress(b"\0\1\2" * 1)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path = tmp_path / "x.tif"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert sniff_driver(path) == "PNG"
    assert inspect_here(path).georeference == "none"


def test_a_child_that_is_killed_costs_one_file(make_tiff) -> None:
    path = make_tiff(np.zeros((1, 9, 9), np.uint8))
    with Sandbox() as sandbox:
        inspector = GdalInspector(sandbox)
        inspector.inspect(path)
        sandbox._idle[0]._process.kill()
        sandbox._idle[0]._process.wait()
        with pytest.raises(UnreadableFile, match="crashed"):
            inspector.inspect(path)
        assert inspector.inspect(path).width == 9


def test_a_slow_child_is_stopped(make_tiff) -> None:
    path = make_tiff(np.zeros((1, 9, 9), np.uint8))
    with Sandbox() as sandbox, pytest.raises(UnreadableFile, match="took longer"):
        sandbox.call("inspect", (path, None), path, seconds=0.001)


EDGE_CASES = {
    "cog_gcps.tif": "gcps",
    "cog_hirise_mars.tif": "foreign",
    "cog_nonearth.tif": "foreign",
    "no_geo.jpg": "none",
    "cog_dateline.tif": "affine",
    "cog_tags.tif": "affine",
    "cog_fullearth.tif": "affine",
}


@pytest.mark.parametrize(("name", "kind"), EDGE_CASES.items())
def test_real_edge_cases(sandbox, name: str, kind: str) -> None:
    info = GdalInspector(sandbox).inspect(shared_data("cog-edge-cases") / name)
    assert info.georeference == kind
    assert (info.grid is not None) == (kind == "affine")


def test_arrays_in_a_container(sandbox) -> None:
    path = shared_data("be-worldcereal-s1s2") / "worldcereal_preprocessed_inputs.nc"
    inspector = GdalInspector(sandbox)
    assert "S2-L2A-B02" in inspector.inspect(path).subdatasets
    array = inspector.inspect(path, "S2-L2A-B02")
    assert len(array.bands) == 12
    assert array.grid is not None
    assert array.grid.crs == "EPSG:32631"
    for name in ("nothing", '/etc/passwd":x', "a:b", ""):
        with pytest.raises(UnreadableFile):
            inspector.inspect(path, name)
