"""Make the images of the benchmark: `data.py foreign FOLDER`, then `data.py portal FOLDER`.

Two steps in two processes: the first writes with GDAL's COG driver, as the Copernicus and Element
84 archives do (deflate, predictor 2, blocks of 1024); the second fills a portal with these files
as they are, and with the same pixels in our own form (zstd, blocks of 512).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

SIDE = 4096
CORNER = (640_000.0, 5_780_020.0)
PIXEL_M = 10.0
CRS = "EPSG:32631"
BANDS = ("B02", "B03", "B04", "B08")


def smooth(chance: np.random.Generator, cell: int) -> np.ndarray:
    """Noise whose hills are `cell` pixels wide."""
    from scipy import ndimage

    small = chance.standard_normal((SIDE // cell + 4,) * 2).astype(np.float32)
    return ndimage.zoom(small, cell, order=1)[:SIDE, :SIDE]


def parcels() -> np.ndarray:
    """Fields in rows, turned by 20 degrees, each with its own amount of green in 0 … 1."""
    lut = np.random.default_rng(7).random(1 << 16).astype(np.float32)
    y, x = np.meshgrid(
        np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32), indexing="ij"
    )
    along, down = x * np.cos(0.35) + y * np.sin(0.35), y * np.cos(0.35) - x * np.sin(0.35)
    row = np.floor(down / 28).astype(np.int32)
    column = np.floor((along + (row * 7919 % 61)) / 53).astype(np.int32)
    return lut[((row * 73856093) ^ (column * 19349663)) & 0xFFFF]


def bands() -> dict[str, np.ndarray]:
    """Digital numbers as of Sentinel-2 level 2A: fields, soil, and noise of the instrument."""
    chance = np.random.default_rng(1)
    rough = smooth(chance, 64) * 0.5 + smooth(chance, 16) * 0.3 + smooth(chance, 4) * 0.2
    green = np.clip(parcels() * 0.9 + rough * 0.12, 0, 1.2)
    found = {}
    for name, base, gain, noise in (
        ("B02", 900, -450, 9),
        ("B03", 1100, -300, 9),
        ("B04", 1300, -850, 9),
        ("B08", 1500, 3300, 16),
    ):
        values = base + gain * green + rough * 45
        values += chance.standard_normal((SIDE, SIDE)).astype(np.float32) * noise
        found[name] = np.clip(values, 1, 65535).astype(np.uint16)
    return found


def make_foreign(folder: Path) -> None:
    """Write one COG per band with GDAL's own driver."""
    import rasterio
    from rasterio.shutil import copy
    from rasterio.transform import from_origin

    form = {
        "driver": "GTiff",
        "width": SIDE,
        "height": SIDE,
        "count": 1,
        "dtype": "uint16",
        "crs": CRS,
        "transform": from_origin(*CORNER, PIXEL_M, PIXEL_M),
        "nodata": 0,
    }
    store = folder / "files" / "foreign"
    store.mkdir(parents=True, exist_ok=True)
    for name, values in bands().items():
        with rasterio.MemoryFile() as memory:
            with memory.open(**form) as target:
                target.write(values, 1)
            with memory.open() as source:
                copy(
                    source,
                    store / f"{name}.tif",
                    driver="COG",
                    blocksize=1024,
                    compress="DEFLATE",
                    predictor="YES",
                    level=6,
                    overview_resampling="AVERAGE",
                )


def make_portal(folder: Path) -> None:
    """Write our own form of the same pixels, and a catalogue with a collection of each."""
    import hashlib
    from datetime import UTC, datetime

    from affine import Affine

    from landzicht.grid import Grid
    from landzicht.grid.place import world_boxes
    from landzicht.kinds import Asset, Band, Collection, Scene
    from landzicht.portal.settings import Settings
    from landzicht.portal.wiring import open_services
    from landzicht.testing.scenes import box_geometry
    from landzicht.text import Text

    services = open_services(Settings(data=folder))
    transform = Affine(PIXEL_M, 0, CORNER[0], 0, -PIXEL_M, CORNER[1])
    grid = Grid(crs=CRS, transform=transform, height=SIDE, width=SIDE)
    bounds = world_boxes(grid)[0]
    described = {name: Band(name=name, dtype="uint16", nodata=0) for name in BANDS}
    (folder / "files" / "own").mkdir(exist_ok=True)
    for name, values in bands().items():
        services.writer.write(values, grid, described[name], own_path(folder, name), {})
    for form in ("foreign", "own"):
        assets = {}
        for name, band in described.items():
            href = f"files/{form}/{name}.tif"
            digest = hashlib.sha256(href.encode()).hexdigest()
            size = (folder / href).stat().st_size
            assets[name] = Asset(
                key=name, href=href, band=band, grid=grid, size=size, sha256=digest
            )
        title = Text(nl=form, en=form)
        scene = Scene(
            id="scene",
            collection=form,
            moment=datetime(2025, 6, 8, tzinfo=UTC),
            bounds=bounds,
            footprint=box_geometry(bounds),
            assets=assets,
            source=hashlib.sha256(form.encode()).hexdigest(),
        )
        bands_of = tuple(described.values())
        collection = Collection(id=form, title=title, description=title, bands=bands_of)
        services.catalog.put([collection], [scene])


def own_path(folder: Path, name: str) -> Path:
    """Return where our own form of a band is."""
    return folder / "files" / "own" / f"{name}.tif"


if __name__ == "__main__":
    {"foreign": make_foreign, "portal": make_portal}[sys.argv[1]](Path(sys.argv[2]))
