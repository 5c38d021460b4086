"""Make the images of the benchmark: `data.py foreign FOLDER`, then `data.py portal FOLDER`.

Two steps in two processes: the first writes with GDAL's COG driver, as the Copernicus and Element
84 archives do (deflate, predictor 2, blocks of 1024); the second fills a portal with these files
as they are, and with the same pixels in our own form (zstd, blocks of 512).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from products import CLEAR, KEYS, PIXEL_M, RANGE, SCENES, file_of

SIDE, SCENE_SIDE = 4096, 2048
CORNER = (640_000.0, 5_780_020.0)
CRS = "EPSG:32631"
BANDS = ("B02", "B03", "B04", "B08")
CLOUD = 9
SWATHS = ((0, 0, 0.3), (0, 0, -0.3), (10_240, 5_120, 0.25), (5_120, 10_240, -0.2))
"""Of the scenes of the mosaic: metres to the east and south, and where the swath ends."""


def smooth(chance: np.random.Generator, cell: int, side: int = SIDE) -> np.ndarray:
    """Noise whose hills are `cell` pixels wide."""
    from scipy import ndimage

    small = chance.standard_normal((side // cell + 4,) * 2).astype(np.float32)
    return ndimage.zoom(small, cell, order=1)[:side, :side]


def parcels(side: int = SIDE) -> np.ndarray:
    """Fields in rows, turned by 20 degrees, each with its own amount of green in 0 … 1."""
    lut = np.random.default_rng(7).random(1 << 16).astype(np.float32)
    y, x = np.meshgrid(
        np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32), indexing="ij"
    )
    along, down = x * np.cos(0.35) + y * np.sin(0.35), y * np.cos(0.35) - x * np.sin(0.35)
    row = np.floor(down / 28).astype(np.int32)
    column = np.floor((along + (row * 7919 % 61)) / 53).astype(np.int32)
    return lut[((row * 73856093) ^ (column * 19349663)) & 0xFFFF]


def bands(side: int = SIDE, seed: int = 1) -> dict[str, np.ndarray]:
    """Digital numbers as of Sentinel-2 level 2A: fields, soil, and noise of the instrument."""
    chance = np.random.default_rng(seed)
    rough = smooth(chance, 64, side) * 0.5 + smooth(chance, 16, side) * 0.3
    rough += smooth(chance, 4, side) * 0.2
    green = np.clip(parcels(side) * 0.9 + rough * 0.12, 0, 1.2)
    found = {}
    for name, base, gain, noise in (
        ("B02", 900, -450, 9),
        ("B03", 1100, -300, 9),
        ("B04", 1300, -850, 9),
        ("B08", 1500, 3300, 16),
    ):
        values = base + gain * green + rough * 45
        values += chance.standard_normal((side, side)).astype(np.float32) * noise
        found[name] = np.clip(values, 1, 65535).astype(np.uint16)
    return found


def cloudy(scene: int) -> dict[str, np.ndarray]:
    """A scene of the mosaic: bands, 0 beyond the swath, and the codes of every second pixel."""
    *_, tilt = SWATHS[scene]
    found = bands(SCENE_SIDE, 20 + scene)
    chance = np.random.default_rng(40 + scene)
    cloud = smooth(chance, 256, SCENE_SIDE) > 0.9
    down, across = np.mgrid[:SCENE_SIDE, :SCENE_SIDE] / SCENE_SIDE
    along = across + down * 0.2
    seen = along > tilt if tilt > 0 else along < 1.2 + tilt
    for values in found.values():
        values[cloud] = 6500
        values[~seen] = 0
    codes = np.where(cloud, CLOUD, CLEAR[0]) * seen
    return {key: found[key] for key in KEYS["mosaic"]} | {"SCL": codes[::2, ::2].astype(np.uint8)}


def box_of(scene: int | None = None) -> tuple[float, float, float, float]:
    """Return the box of the image, or of a scene of the mosaic, in metres."""
    right, down, side = (0, 0, SIDE) if scene is None else (*SWATHS[scene][:2], SCENE_SIDE)
    west, north = CORNER[0] + right, CORNER[1] - down
    return west, north - side * PIXEL_M, west + side * PIXEL_M, north


def true_colour(found: dict[str, np.ndarray]) -> np.ndarray:
    """Return red, green and blue of 8 bits, as the archives' TCI."""
    planes = np.stack([found[key] for key in KEYS["rgb"]])
    return np.clip(planes / RANGE[1] * 255, 1, 255).astype(np.uint8)


def write_cog(
    path: Path, values: np.ndarray, box: tuple[float, float, float, float], **options
) -> None:
    """Write `(band, y, x)` with GDAL's own driver."""
    import rasterio
    from rasterio.shutil import copy
    from rasterio.transform import from_bounds

    path.parent.mkdir(parents=True, exist_ok=True)
    count, height, width = values.shape
    form = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": count,
        "dtype": values.dtype,
        "crs": CRS,
        "transform": from_bounds(*box, width, height),
        "nodata": options.pop("nodata", 0),
        "photometric": "RGB" if count == 3 else "MINISBLACK",
    }
    deflate = {"blocksize": 1024, "compress": "DEFLATE", "predictor": "YES", "level": 6}
    with rasterio.MemoryFile() as memory:
        with memory.open(**form) as target:
            target.write(values)
        with memory.open() as source:
            told = {"overview_resampling": "AVERAGE", **(options or deflate)}
            copy(source, path, driver="COG", **told)


def make_foreign(folder: Path) -> None:
    """Write one COG per band, one of three bands in two codecs, and the scenes of the mosaic."""
    files, found = folder / "files", bands()
    for name, values in found.items():
        write_cog(file_of(files, "foreign", name), values[None], box_of())
    colours = true_colour(found)
    write_cog(file_of(files, "tci", "TCI"), colours, box_of())
    jpeg = {"blocksize": 512, "compress": "JPEG", "quality": 85}
    write_cog(file_of(files, "jpeg", "TCI"), colours, box_of(), nodata=None, **jpeg)
    nearest = {"blocksize": 1024, "compress": "DEFLATE", "overview_resampling": "NEAREST"}
    for scene in range(SCENES):
        for name, values in cloudy(scene).items():
            options = nearest if name == "SCL" else {}
            path = file_of(files, "mosaic", name, scene)
            write_cog(path, values[None], box_of(scene), **options)


def make_portal(folder: Path) -> None:
    """Write our own form of the same pixels, and a catalogue with a collection of each."""
    from landzicht.kinds import Band, BandKind, Mask
    from landzicht.portal.settings import Settings
    from landzicht.portal.wiring import open_services

    services = open_services(Settings(data=folder))
    described = {name: Band(name=name, dtype="uint16", nodata=0) for name in BANDS}
    (folder / "files" / "own").mkdir(exist_ok=True)
    for name, values in bands().items():
        path = file_of(folder / "files", "own", name)
        services.writer.write(values, grid_of(), described[name], path, {})
    for form in ("foreign", "own"):
        put(services, form, (tuple(described.values()),))
    for form, nodata in (("tci", 0), ("jpeg", None)):
        colours = [Band(name=name, dtype="uint8", nodata=nodata) for name in KEYS["tci"]]
        put(services, form, (tuple(colours),))
    codes = Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL)
    seen = (*(described[name] for name in KEYS["mosaic"]), codes)
    put(services, "mosaic", (seen,) * SCENES, Mask(asset="SCL", valid=CLEAR))


def grid_of(scene: int | None = None, pixel: float = PIXEL_M):
    """Return the grid of the image, or of a scene of the mosaic."""
    from affine import Affine

    from landzicht.grid import Grid

    west, south, east, north = box_of(scene)
    shape = {"height": round((north - south) / pixel), "width": round((east - west) / pixel)}
    return Grid(crs=CRS, transform=Affine(pixel, 0, west, 0, -pixel, north), **shape)


def put(services, form: str, scenes, mask=None) -> None:
    """Put a collection into the catalogue; the first scene is the newest."""
    import hashlib
    from datetime import UTC, datetime, timedelta

    from landzicht.grid.place import world_boxes
    from landzicht.kinds import Asset, Collection, Scene
    from landzicht.testing.scenes import box_geometry
    from landzicht.text import Text

    files, made = services.settings.data / "files", []
    for number, bands in enumerate(scenes):
        scene = number if form == "mosaic" else None
        bounds = world_boxes(grid_of(scene))[0]
        assets = {}
        for index, band in enumerate(bands, 1):
            several = band.name in KEYS["tci"]
            path = file_of(files, form, "TCI" if several else band.name, scene)
            href = path.relative_to(services.settings.data).as_posix()
            assets[band.name] = Asset(
                key=band.name,
                href=href,
                band=band,
                grid=grid_of(scene, 2 * PIXEL_M if band.name == "SCL" else PIXEL_M),
                size=path.stat().st_size,
                sha256=hashlib.sha256(href.encode()).hexdigest(),
                index=index if several else 1,
            )
        made.append(
            Scene(
                id=f"scene-{number}",
                collection=form,
                moment=datetime(2025, 6, 8, tzinfo=UTC) - timedelta(days=number),
                bounds=bounds,
                footprint=box_geometry(bounds),
                assets=assets,
                source=hashlib.sha256(f"{form}{number}".encode()).hexdigest(),
            )
        )
    title = Text(nl=form, en=form)
    collection = Collection(
        id=form, title=title, description=title, bands=tuple(scenes[0]), mask=mask
    )
    services.catalog.put([collection], made)


if __name__ == "__main__":
    {"foreign": make_foreign, "portal": make_portal}[sys.argv[1]](Path(sys.argv[2]))
