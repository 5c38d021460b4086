"""What following costs: bytes that come, bytes that stay, and processor seconds.

Files like those of Earth Search (deflate, blocks of 1024) are made of real Sentinel-2 pixels,
turned over and over until they fill an image, served by this computer, and followed.

    PYTHONPATH=src python benchmarks/following/run.py FOLDER_WITH_S2_BANDS [side in pixels]
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

BANDS = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08"}


def write(source: Path, target: Path, side: int) -> int:
    """Write a COG of `side` by `side` pixels made of a real image; return its bytes."""
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    with rasterio.open(source) as image:
        real = image.read(1)
    more = [(0, max(0, side - size)) for size in real.shape]
    # Turned over at each edge: plain repetition would pack better than any real image.
    values = np.pad(real, more, mode="symmetric")[:side, :side].astype(np.uint16)
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint16",
        "crs": "EPSG:32631", "transform": rasterio.Affine(10, 0, 6e5, 0, -10, 5.8e6),
        "tiled": True, "blockxsize": 1024, "blockysize": 1024, "compress": "deflate",
        "predictor": 2, "nodata": 0,
    }  # fmt: skip
    with rasterio.open(target, "w", **profile) as image:
        image.write(values, 1)
        image.build_overviews([2, 4, 8, 16], rasterio.enums.Resampling.average)
    return target.stat().st_size


def item_of(server, sizes, day="2025-06-08"):
    """Return the item of the files."""
    ring = [[4.4, 51.2], [6.1, 51.2], [6.1, 52.4], [4.4, 52.4], [4.4, 51.2]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": "S2B_31UFT",
        "collection": "sentinel-2-c1-l2a",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": f"{day}T10:40:00Z", "s2:processing_baseline": "05.11"},
        "assets": {
            key: {"href": server.address(f"{key}.tif"), "type": "image/tiff", "file:size": size}
            for key, size in sizes.items()
        },
        "links": [],
    }


def seconds() -> float:
    """Return processor seconds of this process, and of its children that live or lived."""
    used = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    total = sum(each.ru_utime + each.ru_stime for each in used)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended just now
        if int(told[1]) == os.getpid():
            total += (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _hear(said: list[Any], _: object, came: object) -> None:
    said.append(came)


def main() -> None:
    """Mirror one image whole, and the part of it in a small area; print the figures as JSON."""
    from landzicht.portal import open_portal
    from landzicht.portal.following.source_order import Following
    from landzicht.portal.settings import Settings
    from landzicht.testing.ranges import range_server
    from landzicht.testing.stac_api import StacApi

    real, side = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5_490
    with tempfile.TemporaryDirectory() as name:
        far = Path(name, "far")
        far.mkdir()
        sizes = {
            key: write(next(real.glob(f"*{band}.tif")), far / f"{key}.tif", side)
            for key, band in BANDS.items()
        }
        with range_server(far) as server:
            api = StacApi(server, collection="sentinel-2-c1-l2a")
            api.items, server.api = [item_of(server, sizes)], api.answer
            told = {"side": side, "bands": len(sizes), "bytes_there": sum(sizes.values())}
            for case, wishes in (("whole", {}), ("area", {"area": "4.9,51.9,5.0,52.0"})):
                data = Path(name, case)
                begin = seconds()
                with open_portal(Settings(data=data, remote_private="127.0.0.1")) as portal:
                    order = Following(
                        place=api.address, collection=api.collection, profile="earth-search",
                        since="2025-06-01", only_area=bool(wishes), **wishes,
                    )  # fmt: skip
                    source = portal.add_source(order)
                    said: list[Any] = []
                    hear = partial(_hear, said)
                    portal.follow_once(frozenset({source.id}), hear, threading.Event())
                    cpu = seconds() - begin
                kept = sum(one.stat().st_size for one in (data / "files").glob("??/*.tif"))
                told[case] = {
                    "outcome": said[0].outcome, "fetched": said[0].size, "kept": kept,
                    "cpu_seconds": round(cpu, 1),
                    "fetched_mb_per_cpu_second": round(said[0].size / cpu / 1e6, 1),
                    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
                }  # fmt: skip
    print(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
