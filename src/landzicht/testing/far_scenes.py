"""Items of an API as Earth Search has them, with small real COGs on a server of this computer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.testing.ranges import RangeServer

CRS, WEST, NORTH, PIXEL, SIDE, BLOCK = "EPSG:32631", 640_000, 5_770_000, 10, 256, 64
BOX = (5.0412, 52.0392, 5.0796, 52.0629)
"""Around the images, in degrees."""
TODAY = datetime.now(UTC).date()
DAYS = tuple(f"{TODAY - timedelta(days=ago)}" for ago in (70, 45, 20, 3))
"""Days with images, oldest first: of months ago and of this week, whenever the test runs."""
SINCE = f"{TODAY - timedelta(days=75)}"
BEFORE = f"{TODAY - timedelta(days=80)}"
"""A day before `SINCE`."""
NOW = f"{TODAY}T00:00:00Z"
"""When the source changed something lately."""
BANDS = {"red": "B04", "nir": "B08", "scl": "SCL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FarScene:
    """What an item tells."""

    id: str
    """Its name, also of its folder on the server."""
    moment: str
    """When the image was taken."""
    number: int = 1
    """Images of another number have other pixels."""
    baseline: str = "05.11"
    """Of the processing."""
    applied: bool | None = None
    """`earthsearch:boa_offset_applied`; None = not told."""
    updated: str = ""
    """When the source changed it; when the image was taken, if empty."""
    cloud: float = 10.0
    """In percent."""
    checksum: bool = True
    """Whether checksums and sizes are told."""
    datatake: str = ""
    """Which pass; made of the moment when empty."""


def pixels(key: str, number: int) -> NDArray[np.uint16]:
    """Return the stored numbers of a band `(256, 256)`; no zeros, which mean nothing."""
    values = np.random.default_rng(1000 * number + len(key)).integers(1_200, 6_000, (SIDE, SIDE))
    if key == "scl":
        values = np.where(values > 4_000, 4, 5)
    return values.astype(np.uint16)


def far_item(server: RangeServer, scene: FarScene) -> dict[str, Any]:
    """Write the files of a scene below the server's folder, and return its item."""
    assets = {}
    for key, ours in BANDS.items():
        path = server.folder / scene.id / f"{ours}.tif"
        path.parent.mkdir(exist_ok=True)
        _write(path, key, scene.number)
        asset: dict[str, Any] = {
            "href": server.address(f"{scene.id}/{path.name}"),
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "roles": ["data"],
            "raster:bands": [
                {"nodata": 0, "data_type": "uint8" if key == "scl" else "uint16"}
                | ({} if key == "scl" else {"scale": 0.0001, "offset": -0.1})
            ],
        }
        if scene.checksum:
            content = path.read_bytes()
            asset["file:checksum"] = "1220" + hashlib.sha256(content).hexdigest()
            asset["file:size"] = len(content)
        assets[key] = asset
    take = scene.datatake or f"GS2B_{scene.moment[:10]}"
    properties: dict[str, Any] = {
        "datetime": scene.moment,
        "platform": "sentinel-2b",
        "grid:code": "MGRS-31UFT",
        "eo:cloud_cover": scene.cloud,
        "proj:epsg": 32631,
        "s2:processing_baseline": scene.baseline,
        "s2:datatake_id": f"{take}_N{scene.baseline}",
        "updated": scene.updated or scene.moment,
    }
    if scene.applied is not None:
        properties["earthsearch:boa_offset_applied"] = scene.applied
    west, south, east, north = BOX
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": scene.id,
        "collection": "sentinel-2-c1-l2a",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": list(BOX),
        "properties": properties,
        "assets": assets,
        "links": [],
    }


def _write(path: Any, key: str, number: int) -> None:
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    transform = rasterio.Affine(PIXEL, 0, WEST, 0, -PIXEL, NORTH)
    kind = "uint8" if key == "scl" else "uint16"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=SIDE,
        height=SIDE,
        count=1,
        dtype=kind,
        crs=CRS,
        transform=transform,
        tiled=True,
        blockxsize=BLOCK,
        blockysize=BLOCK,
        compress="deflate",
        nodata=0,
    ) as image:
        image.write(pixels(key, number).astype(kind)[np.newaxis])
