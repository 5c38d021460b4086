"""Scenes as a European catalogue has them: tiles, swaths, revisits and clouds, up to a million.

Three collections over Europe: Sentinel-2 on a 100 km grid (every 5 days), Landsat (every 8 days)
and Sentinel-1 (every 6 days), ten years from 2015-07. Where two orbits meet, a scene covers half
its tile, as in the real archive. Fewer scenes are a random choice out of all, so that a smaller
catalogue lies over the same places and years.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from landzicht.grid import Bounds, Grid
from landzicht.kinds import Asset, Band, Collection, Scene
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2015, 7, 1, 10, 0, tzinfo=UTC)
DAYS = 3652


@dataclass(frozen=True)
class Sensor:
    id: str
    platforms: tuple[str, ...]
    bands: tuple[tuple[str, str], ...]
    gsd: int
    size: int
    """Pixels of one side of a scene."""
    revisit: int
    step: float
    """Degrees of latitude between tiles."""
    clouds: bool


_S2 = (
    ("B01", "coastal"), ("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B05", "rededge071"),
    ("B08", "nir"), ("B11", "swir16"), ("B12", "swir22"), ("SCL", ""),
)  # fmt: skip
_LANDSAT = (
    ("blue", "blue"), ("green", "green"), ("red", "red"), ("nir08", "nir08"), ("swir16", "swir16"),
    ("swir22", "swir22"), ("lwir11", "lwir11"), ("qa_pixel", ""),
)  # fmt: skip
SENSORS = (
    Sensor("sentinel-2-l2a", ("sentinel-2a", "sentinel-2b"), _S2, 10, 10980, 5, 0.87, True),
    Sensor("landsat-c2-l2", ("landsat-8", "landsat-9"), _LANDSAT, 30, 7800, 8, 1.6, True),
    Sensor(
        "sentinel-1-grd", ("sentinel-1a", "sentinel-1b"), (("vv", ""), ("vh", "")), 10, 25000, 6,
        2.0, False,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Tile:
    name: str
    x: float
    y: float
    width: float
    height: float
    half: int
    """0 = whole, 1 = the west half of the swath, 2 = the east half."""
    day: int
    """First day of its orbit."""
    zone: int


def _tiles(sensor: Sensor) -> list[Tile]:
    found = []
    for row, y in enumerate(np.arange(36.0, 66.0, sensor.step)):
        step = sensor.step / np.cos(np.radians(y))
        for column, x in enumerate(np.arange(-10.0, 30.0, step)):
            name = f"{sensor.id[0].upper()}{row:02d}{column:02d}"
            orbit = (row * 7 + column * 3) % 11
            half = (0, 0, 0, 1, 2)[orbit % 5]
            zone = 31 + int(x // 6)
            size = (step * 1.09, sensor.step * 1.09)
            found.append(Tile(name, float(x), float(y), *map(float, size), half, orbit, zone))
    return found


def collections() -> list[Collection]:
    return [
        Collection(
            id=sensor.id,
            title=Text(nl=sensor.id, en=sensor.id),
            description=Text(nl="Gemaakt voor metingen.", en="Made for benchmarks."),
            license="CC-BY-4.0",
            bands=_bands(sensor),
        )
        for sensor in SENSORS
    ]


def _bands(sensor: Sensor) -> tuple[Band, ...]:
    return tuple(
        Band(name=name, dtype="uint16", nodata=0, scale=0.0001, common_name=common or None)
        for name, common in sensor.bands
    )


def _footprint(tile: Tile) -> tuple[Bounds, dict[str, object]]:
    """A tile in UTM is a little turned against the meridians; half a swath has a slanting edge."""
    w, h, lean = tile.width, tile.height, 0.02 * tile.width
    west, east = tile.x, tile.x + w
    corners = [(west + lean, tile.y), (east, tile.y + lean), (east - lean, tile.y + h)]
    corners.append((west, tile.y + h - lean))
    if tile.half == 1:
        corners[1], corners[2] = (west + 0.7 * w, tile.y + lean), (west + 0.4 * w, tile.y + h)
    if tile.half == 2:
        corners[0], corners[3] = (west + 0.6 * w, tile.y), (west + 0.3 * w, tile.y + h - lean)
    ring = [[round(x, 6), round(y, 6)] for x, y in (*corners, corners[0])]
    xs, ys = zip(*ring, strict=True)
    bounds = Bounds(min(xs), min(ys), max(xs), max(ys))
    return bounds, {"type": "Polygon", "coordinates": [ring]}


def make_scenes(number: int, seed: int = 7) -> Iterator[Scene]:
    """Yield `number` scenes, the oldest first, as archives deliver them; the same each time."""
    random = np.random.default_rng(seed)
    places = [(s, tile, *_footprint(tile)) for s in SENSORS for tile in _tiles(s)]
    ends = np.cumsum([DAYS // place[0].revisit for place in places])
    if number > ends[-1]:
        raise ValueError(f"at most {ends[-1]} scenes")
    chosen = random.permutation(ends[-1])[:number]
    clouds = random.beta(0.45, 0.5, number) * 100
    which = np.searchsorted(ends, chosen, side="right")
    passes = chosen - np.concatenate([[0], ends])[which]
    revisits = np.array([place[0].revisit for place in places])[which]
    order = np.argsort(passes * revisits, kind="stable")
    facts = zip(which[order].tolist(), passes[order].tolist(), clouds.tolist(), strict=True)
    for at, pass_, cloud in facts:
        yield _scene(*places[at], pass_, round(cloud, 2))


def _scene(
    sensor: Sensor, tile: Tile, bounds: Bounds, footprint: dict[str, object], n: int, cloud: float
) -> Scene:
    late = timedelta(days=n * sensor.revisit + tile.day % sensor.revisit, seconds=tile.y * 53)
    moment = START + late + timedelta(milliseconds=(n * 7919) % 1000)
    platform = sensor.platforms[n % len(sensor.platforms)]
    name = f"{platform.upper()}_{tile.name}_{moment:%Y%m%dT%H%M%S}_{n}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    grid = Grid(
        crs=f"EPSG:326{tile.zone}",
        transform=Affine(sensor.gsd, 0, 300_000 + 10 * n, 0, -sensor.gsd, 5_800_020),
        height=sensor.size,
        width=sensor.size,
    )
    properties: dict[str, object] = {
        "platform": platform,
        "constellation": sensor.id.rsplit("-", 1)[0],
        "gsd": sensor.gsd,
        "view:sun_azimuth": round(150 + cloud / 7, 3),
        "view:sun_elevation": round(20 + (tile.y * n) % 40, 3),
        "grid:code": f"MGRS-{tile.name}",
    }
    if sensor.clouds:
        properties["eo:cloud_cover"] = cloud
    assets = {
        band.name: Asset(
            key=band.name,
            href=f"files/{digest[:2]}/{digest[:40]}{index:02d}.tif",
            band=band,
            grid=grid,
            size=1_000_000 + n * 1000 + index,
            sha256=f"{digest[:62]}{index:02d}",
        )
        for index, band in enumerate(_bands(sensor))
    }
    return Scene(
        id=name,
        collection=sensor.id,
        moment=moment,
        bounds=bounds,
        footprint=footprint,
        assets=assets,
        source=digest,
        properties=properties,
    )
