"""The promises of `Writer`, `Inspector` and `Reader`, which must understand each other's files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from affine import Affine

from landzicht.errors.files import StoredFileFailed, UnreadableFile
from landzicht.grid import Grid, Window
from landzicht.kinds import Asset, Band, BandKind, Conversion

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.ports import Inspector, Reader, Writer

DTYPES = ("uint8", "uint16", "int16", "int32", "float32", "float64")
GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 220_000, 0, -10, 456_000), height=700, width=1030
)
"""Neither side is a multiple of a block, so that the edges are tested too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Three adapters that belong together, and a folder to work in."""

    writer: Writer
    inspector: Inspector
    reader: Reader
    folder: Path
    """The data folder of the reader."""

    def store(self, name: str, values: NDArray[Any], band: Band) -> Asset:
        """Write an array and return it as an asset."""
        path = self.folder / name
        self.writer.write(values, GRID, band, path, {"NOTE": "contract"})
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        return Asset(
            key=band.name, href=name, band=band, grid=GRID, size=len(content), sha256=digest
        )


def picture(dtype: str) -> NDArray[Any]:
    """Return `(y, x)` numbers of a type, with a gradient, noise and nodata (0) in a corner."""
    random = np.random.default_rng(7)
    rows, columns = np.mgrid[: GRID.height, : GRID.width]
    values = (rows + columns) % 200 + random.integers(1, 20, GRID.shape)
    values[:40, :50] = 0
    return np.asarray(values.astype(dtype))


class FilesContract:
    """The promises of `landzicht.ports.Writer`, `Inspector` and `Reader`."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> Files:
        """Return the adapters."""
        raise NotImplementedError

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_every_pixel_comes_back(self, files: Files, dtype: str) -> None:
        """At full size, with the nodata pixels not usable."""
        values = picture(dtype)
        asset = files.store("a.tif", values, Band(name="a", dtype=dtype, nodata=0))
        block = files.reader.read(asset, 0, Window(0, 0, *GRID.shape))
        assert block.values.dtype == values.dtype
        assert np.array_equal(block.values[0], values)
        assert np.array_equal(block.valid[0], values != 0)

    def test_a_window_is_a_part_of_the_whole(self, files: Files) -> None:
        """Also across the edges of blocks."""
        values = picture("uint16")
        asset = files.store("a.tif", values, Band(name="a", dtype="uint16", nodata=0))
        block = files.reader.read(asset, 0, Window(500, 505, 30, 20))
        assert np.array_equal(block.values[0], values[500:530, 505:525])
        assert block.grid == GRID.crop(Window(500, 505, 30, 20))

    def test_overviews_cover_the_same_place(self, files: Files) -> None:
        """Each about half the one before; codes are never averaged."""
        values = picture("uint8")
        band = Band(name="a", dtype="uint8", kind=BandKind.CATEGORICAL, nodata=0)
        asset = files.store("a.tif", values, band)
        full, *smaller = files.reader.levels(asset)
        assert full == GRID
        assert smaller
        for number, level in enumerate(smaller, 1):
            assert level.bounds == GRID.bounds
            block = files.reader.read(asset, number, Window(0, 0, *level.shape))
            assert set(np.unique(block.values)) <= set(np.unique(values))

    def test_equal_input_gives_equal_bytes(self, files: Files) -> None:
        """Files are named by their content."""
        band = Band(name="a", dtype="uint16", nodata=0)
        first = files.store("a.tif", picture("uint16"), band)
        second = files.store("b.tif", picture("uint16"), band)
        assert first.sha256 == second.sha256

    def test_the_header_tells_what_was_written(self, files: Files) -> None:
        """Place, number type, nodata, scale and tags."""
        band = Band(name="a", dtype="int16", nodata=0, scale=0.5, offset=-3.0)
        files.store("a.tif", picture("int16"), band)
        info = files.inspector.inspect(files.folder / "a.tif")
        assert info.grid == GRID
        (told,) = info.bands
        assert (told.dtype, told.nodata, told.scale, told.offset) == ("int16", 0, 0.5, -3.0)
        assert info.tags["NOTE"] == "contract"

    def test_a_converted_file_has_the_pixels_of_its_source(self, files: Files) -> None:
        """What came in is what is kept."""
        values, band = picture("uint16"), Band(name="a", dtype="uint16", nodata=0)
        files.store("a.tif", values, band)
        info = files.inspector.inspect(files.folder / "a.tif")
        order = Conversion(
            source=info.path, driver=info.driver, subdataset=info.subdataset, index=1,
            band=band, grid=GRID, mask=info.mask,
        )  # fmt: skip
        files.writer.convert(order, files.folder / "b.tif")
        copy = Asset(key="a", href="b.tif", band=band, grid=GRID, size=1, sha256="")
        block = files.reader.read(copy, 0, Window(0, 0, *GRID.shape))
        assert np.array_equal(block.values[0], values)
        # Work that is written down now and then, and told, gives the very same file.
        told: list[tuple[int, int]] = []
        careful = replace(order, checkpoint_rows=1)
        files.writer.convert(careful, files.folder / "c.tif", lambda *rows: told.append(rows))
        assert (files.folder / "c.tif").read_bytes() == (files.folder / "b.tif").read_bytes()
        assert told[-1] == (GRID.height, GRID.height)
        files.writer.tidy(files.folder / "c.tif")
        assert not [path for path in files.folder.iterdir() if path.name.startswith("c.tif.")]

    def test_no_raster_is_refused(self, files: Files) -> None:
        """By its content, whatever its name."""
        path = files.folder / "text.tif"
        path.write_text("this is not a raster")
        with pytest.raises(UnreadableFile):
            files.inspector.inspect(path)

    def test_a_file_that_is_gone_is_told(self, files: Files) -> None:
        """With the project's own error."""
        band = Band(name="a", dtype="uint8")
        asset = Asset(key="a", href="gone.tif", band=band, grid=GRID, size=1, sha256="")
        with pytest.raises(StoredFileFailed):
            files.reader.levels(asset)
