"""The task: many parcels of a few hectares, and dates of two bands with a cloud mask, as COGs."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.kinds import Asset, Band, BandKind, Block, Mask, Scene
from landzicht.series.plan import Question
from landzicht.series.shapes import parcels_of
from landzicht.testing.scenes import make_scene

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.kinds.parcels import Parcels

SIDE = 4096
STRIP = 256
STEP = 10.0
STORED = 2
"""Dates whose files take turns where there are many."""
FILES = "files"
COLLECTION, EXPRESSION = "bench", "(B08-B04)/(B08+B04)"
WEST, NORTH = 600_000.0, 5_800_000.0
CRS = "EPSG:32631"
CLEAR = 4
GRID = Grid(crs=CRS, transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH), height=SIDE, width=SIDE)
BANDS = {
    "B04": Band(name="B04", dtype="uint16", nodata=0, scale=1e-4),
    "B08": Band(name="B08", dtype="uint16", nodata=0, scale=1e-4),
    "SCL": Band(name="SCL", dtype="uint8", nodata=0, kind=BandKind.CATEGORICAL),
}


def ndvi(bands: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the vegetation index."""
    with np.errstate(all="ignore"):
        index: NDArray[np.float64] = (bands["B08"] - bands["B04"]) / (bands["B08"] + bands["B04"])
    return index


_VALID = np.ones((SIDE, SIDE), bool)
QUESTION = Question(
    keys=("B08", "B04"), formula=ndvi, mask=Mask(asset="SCL", valid=(CLEAR,)), text="ndvi"
)


def shapes(count: int, seed: int = 5) -> NDArray[Any]:
    """Return turned boxes of 2.3 ha on average, where count = 10,000 fills the image."""
    made = np.random.default_rng(seed)
    side = SIDE * STEP
    middle = made.uniform(300, side - 300, (count, 2))
    wide, tall = made.uniform(60, 240, (2, count))
    turn = made.uniform(0, np.pi, count)
    corner = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) / 2
    x, y = corner[:, 0] * wide[:, None], corner[:, 1] * tall[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    xs = WEST + middle[:, :1] + x * cos - y * sin
    ys = NORTH - side + middle[:, 1:] + x * sin + y * cos
    found: NDArray[Any] = shapely.polygons(np.stack((xs, ys), -1))
    return found


def parcels(count: int, seed: int = 5) -> Parcels:
    """Return the same as our own arrays."""
    return parcels_of([str(n) for n in range(count)], shapes(count, seed), CRS)


def pixels(date: int) -> dict[str, NDArray[Any]]:
    """Return smooth fields with noise, and clouds, by band; made in strips to spare memory."""
    made = np.random.default_rng(date)
    found = {key: np.empty((SIDE, SIDE), band.dtype) for key, band in BANDS.items()}
    for row in range(0, SIDE, STRIP):
        rows = slice(row, row + STRIP)
        coarse = made.uniform(0.2, 0.9, (STRIP // 16, SIDE // 16)).repeat(16, 0).repeat(16, 1)
        noise = made.normal(0, 0.01, (STRIP, SIDE))
        found["B04"][rows] = np.clip((0.3 - 0.25 * coarse + noise) * 10_000, 1, 10_000)
        found["B08"][rows] = np.clip((0.15 + 0.4 * coarse + noise) * 10_000, 1, 10_000)
        cloud = made.random((STRIP // 64, SIDE // 64)) < 0.2
        found["SCL"][rows] = np.where(cloud.repeat(64, 0).repeat(64, 1), 9, CLEAR)
    return found


@dataclass(frozen=True)
class Memory:
    """A reader of arrays in memory: what a pass costs without reading."""

    images: dict[str, NDArray[Any]]

    def levels(self, asset: Asset) -> tuple[Grid, ...]:
        """Return the one level."""
        return (asset.grid,)

    def read(self, asset: Asset, level: int, window: Any) -> Block:  # noqa: ARG002 - as the port says
        """Return a view, as a cache of decoded blocks would."""
        rows = slice(window.row, window.stop_row)
        columns = slice(window.column, window.stop_column)
        values = self.images[asset.href][rows, columns]
        valid = _VALID[rows, columns]
        grid = asset.grid.crop(window)
        return Block(values=values[None], valid=valid[None], grid=grid, bands=(asset.band,))


def scene(date: int, href: str = "{key}") -> Scene:
    """Return a scene whose files are named by `href`."""
    assets = {
        key: Asset(
            key=key,
            href=href.format(key=key, date=date),
            band=band,
            grid=GRID,
            size=1,
            sha256=f"{date:032d}{zlib.crc32(key.encode()):032d}",
        )
        for key, band in BANDS.items()
    }
    moment = datetime(2025, 4, 1, 10, 40, tzinfo=UTC) + timedelta(days=5 * date)
    return make_scene(f"s{date}", collection=COLLECTION, moment=moment, assets=assets)


def scenes_of(dates: int) -> list[Scene]:
    """Return many dates, of which the files of two take turns."""
    return [scene(date, f"{FILES}/{date % STORED}-{{key}}.tif") for date in range(dates)]


def fill(folder: Path, dates: int) -> None:
    """Make a portal with many dates in `folder`."""
    from landzicht.portal import open_portal
    from landzicht.testing.scenes import make_collection

    (folder / "catalogue.sqlite").unlink(missing_ok=True)
    mask = Mask(asset="SCL", valid=(CLEAR,))
    described = make_collection(COLLECTION, bands=tuple(BANDS.values()), mask=mask)
    with open_portal(folder) as portal:
        portal.services.catalog.put([described], scenes_of(dates))


def write_parcels(path: Path, count: int) -> None:
    """Write the parcels as GeoParquet, as a register would be."""
    import geopandas

    names = [str(number) for number in range(count)]
    geopandas.GeoDataFrame({"id": names}, geometry=shapes(count), crs=CRS).to_parquet(path)


def write(folder: Path, dates: int) -> list[Scene]:
    """Write dates as COGs in `folder`, unless they are there."""
    from landzicht.formats import CogWriter

    found = []
    for date in range(dates):
        told = scene(date, f"{FILES}/{{date}}-{{key}}.tif")
        missing = [key for key in BANDS if not (folder / told.assets[key].href).exists()]
        images = pixels(date) if missing else {}
        for key in missing:
            path = folder / told.assets[key].href
            CogWriter().write(images[key], GRID, BANDS[key], path, {})
        found.append(told)
    return found
