"""A long random walk over a map, and how much memory it took.

`python -m landzicht.testing.walk FOLDER TILES SIDE` makes a small portal of scenes in many formats,
on several dates, asks for that many tiles, boxes and areas at random places, zooms, layers, dates
and kinds, some of them without clouds, from as many threads as a server uses, and prints as JSON
how much memory the process held on the way.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from affine import Affine

from landzicht.errors import LandzichtError
from landzicht.errors.catalogue import NothingHere
from landzicht.grid import Bounds
from landzicht.grid.crs import WGS84, transform_bounds
from landzicht.grid.outline import read_outline
from landzicht.kinds import Mask, Span
from landzicht.portal import open_portal
from landzicht.portal.maps.tiles import TileRequest
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest
from landzicht.portal.scenes import Selection
from landzicht.portal.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landzicht.portal import Portal

PLACE = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600_000, 0, -10, 5_700_000)}
BLOCKS_MB, PICTURES_MB = 64, 16
"""Caches of the portal that is walked; small, so that they are full soon."""
ALLOWED_MB = 300
"""What the process may take besides: 200 for code and the interpreter, and work in hand."""
_TILES = {"tiled": True, "blockxsize": 512, "blockysize": 512, "interleave": "pixel"}
_KINDS: dict[str, dict[str, Any]] = {
    "taken": {"compress": "deflate", "predictor": 2, **_TILES},
    "deflate": {"compress": "deflate", **_TILES, "blockxsize": 1024, "blockysize": 1024},
    "lzw": {"compress": "lzw", "interleave": "band", "blockysize": 16},
    "lerc": {"compress": "lerc_zstd", **_TILES, "interleave": "band"},
    "jpeg": {"compress": "jpeg", "photometric": "YCBCR", "dtype": "uint8", **_TILES},
    "jp2": {"driver": "JP2OpenJPEG", "QUALITY": "50"},
}
_DATES = ("2025-06-08", "2025-06-13")
_CLEAR = {"jpeg": range(128), "": range(2_000)}
"""Numbers of the first band that are no cloud, by kind: half of the 8 bits, a quarter of the 16."""
_SAMPLES = 50
_SIDES = (200, 350, 512)
"""Longest sides of boxes and areas: as tiles. Larger ones have limits of their own."""
_MASKED, _WINDOWS = 0.2, 0.15
"""Shares of the answers that leave out clouds, and that are a box or an area."""


def settings_in(folder: Path) -> Settings:
    """Return the settings of the portal that is walked."""
    return Settings(
        data=folder / "data",
        block_cache_mb=BLOCKS_MB,
        picture_cache_mb=PICTURES_MB,
        linked_roots=str(folder / "linked"),
    )


def fill_portal(portal: Portal, folder: Path, side: int) -> None:
    """Make a collection for each format, of two dates each.

    Args:
        portal: an empty one.
        folder: its folder.
        side: rows and columns of each image, three bands of 16 bits (JPEG: 8).
    """
    for seed, (name, options) in enumerate(_KINDS.items()):
        for date in _DATES:
            path = folder / "linked" / name / f"x_{date}.{'jp2' if name == 'jp2' else 'tif'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, side, seed, dict(options))
        take = portal.ingest if name == "taken" else portal.link
        for receipt in take([path.parent], collection=name):
            assert receipt.scene, receipt
        made = next(each for each in portal.collections() if each.id == name)
        valid = tuple(_CLEAR.get(name, _CLEAR[""]))
        mask = Mask(asset=made.bands[0].name, valid=valid)
        portal.services.catalog.put([replace(made, mask=mask)], [])


def _write(path: Path, side: int, seed: int, options: dict[str, Any]) -> None:
    from landzicht.formats.gdal import load_rasterio

    rasterio = load_rasterio()
    rng = np.random.default_rng(seed)
    small = rng.integers(1, 200, (3, side // 8, side // 8))
    dtype = options.pop("dtype", "uint16")
    values = np.kron(small, np.ones((1, 8, 8), np.int64)) * (1 if dtype == "uint8" else 40)
    values += rng.integers(0, 20, values.shape)
    plain = {"driver": "GTiff", "count": 3, "height": side, "width": side, "dtype": dtype, **PLACE}
    if options.get("driver") == "JP2OpenJPEG":
        with rasterio.MemoryFile() as memory:
            with memory.open(**plain) as image:
                image.write(values.astype(dtype))
            with memory.open() as image:
                importlib.import_module("rasterio.shutil").copy(image, path, **options)
        return
    with rasterio.open(path, "w", **plain, **options) as image:
        image.write(values.astype(dtype))
        image.build_overviews([2, 4, 8])


def requests(count: int, seed: int) -> Iterator[TileRequest | WindowRequest]:
    """Yield requests for tiles, boxes and areas on and around the scenes, in no order."""
    choose = random.Random(seed)  # noqa: S311 - no secret
    box = transform_bounds(
        Bounds(600_000, 5_680_000, 620_000, 5_700_000), "EPSG:32631", "EPSG:3857"
    )
    half = 20_037_508.342789244
    for _ in range(count):
        zoom = choose.choice((9, 10, 11, 12, 12, 13, 13, 13, 14, 14, 15))
        size = 2 * half / 2**zoom
        x, y = choose.uniform(box.west, box.east), choose.uniform(box.south, box.north)
        name = choose.choice(tuple(_KINDS))
        keys = ("red", "green", "blue") if name == "jpeg" else ("band1", "band2", "band3")
        red, green, blue = keys
        view = choose.choice(
            (
                View(assets=keys, rescale=((0.0, 8000.0),)),
                View(assets=(red,), rescale=((0.0, 8000.0),)),
                View(expression=f"({red}-{blue})/({red}+{blue})", rescale=((-1.0, 1.0),)),
                View(assets=(green,), rescale=((0.0, 5000.0),), colormap="viridis"),
            )
        )
        told: dict[str, Any] = {
            "collection": name,
            "ending": choose.choice(("png", "png", "webp", "jpg", "npy", "tif", "bands")),
            "view": view,
            "selection": Selection(
                span=choose.choice((None, *map(Span.parse, _DATES))),
                clear=choose.random() < _MASKED,
            ),
            "resampling": choose.choice(("nearest", "nearest", "bilinear", "cubic", "average")),
        }
        if choose.random() < _WINDOWS:
            yield _window(choose, told, Bounds(x - size, y - size, x + size, y + size))
            continue
        yield TileRequest(
            z=zoom,
            x=int((x + half) // size),
            y=int((half - y) // size),
            size=choose.choice((256, 256, 512)),
            **told,
        )


def _window(choose: random.Random, told: dict[str, Any], box: Bounds) -> WindowRequest:
    """Return a request for a box in Web Mercator, or for an area in it, no larger than a tile."""
    side = choose.choice(_SIDES)
    if choose.random() < 0.5:
        return WindowRequest(box=box, crs="EPSG:3857", max_size=side, **told)
    seen = transform_bounds(box, "EPSG:3857", WGS84)
    middle = ((seen.west + seen.east) / 2, (seen.south + seen.north) / 2)
    corners = ((seen.west, middle[1]), (middle[0], seen.south), (seen.east, middle[1]))
    ring = (*corners, (middle[0], seen.north), corners[0])
    area = read_outline({"type": "Polygon", "coordinates": [[list(each) for each in ring]]})
    return WindowRequest(outline=area, max_size=side, **told)


def resident_mb(what: str = "VmRSS") -> float:
    """Return how much memory this process holds now, in MB, or (`VmHWM`) held at the highest.

    Linux counts both apart, in batches: the highest can lag some hundred kB behind a sample.
    """
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if what in x)
    return int(line.split()[1]) * 1_024 / 1_000_000  # "kB" of this file are KiB


def walk(portal: Portal, count: int, seed: int = 1) -> dict[str, Any]:
    """Ask for so many tiles, and return what the process held on the way.

    Returns:
        `start_mb`, `peak_mb`, `highest_mb` (for an instant), `curve_mb` (fifty samples), `tiles`,
        `refused`, `routes`, `cache`; and what was asked for: `kinds`, `masked`, `window_px`.
    """
    portal.warm()
    wanted = list(requests(count, seed))
    start, curve, refused = resident_mb(), [], 0
    step = max(1, count // _SAMPLES)
    with ThreadPoolExecutor(portal.services.settings.worker_threads) as pool:
        for begin in range(0, count, step):
            some = wanted[begin : begin + step]
            refused += sum(pool.map(partial(_one, portal), some))
            curve.append(round(resident_mb(), 1))
    reader: Any = portal.services.reader
    return {
        "tiles": count,
        "kinds": dict(Counter(map(_kind, wanted))),
        "masked": sum(request.selection.clear for request in wanted),
        "window_px": max(_SIDES),
        "caches_mb": BLOCKS_MB + PICTURES_MB,
        "allowed_mb": ALLOWED_MB,
        "refused": refused,
        "start_mb": round(start, 1),
        "peak_mb": max(curve),
        "highest_mb": round(max(resident_mb("VmHWM"), *curve), 1),
        "curve_mb": curve,
        "routes": dict(reader.routes),
        "cache": dict(reader.cache),
    }


def _kind(request: TileRequest | WindowRequest) -> str:
    if isinstance(request, TileRequest):
        return "tiles"
    return "areas" if request.outline else "boxes"


def _one(portal: Portal, request: TileRequest | WindowRequest) -> int:
    try:
        if isinstance(request, TileRequest):
            portal.tile(request)
        else:
            portal.window(request)
    except NothingHere:  # a box beside all scenes
        return 0
    except LandzichtError:
        return 1
    return 0


def main(folder: str, count: int, side: int = 2_048) -> None:
    """Walk, and print what it took; see `walk`. The first call of two makes the images.

    In another process: what making them took is not what serving them takes. It compiles the
    kernels too, where they are not: 90 MB, which the process that does it keeps.
    """
    place = Path(folder).resolve()  # as the roots of linked files must be
    with open_portal(settings_in(place)) as portal:
        if not portal.collections():
            fill_portal(portal, place, side)
            portal.warm()
            return
        sys.stdout.buffer.write(orjson.dumps(walk(portal, count) | {"side": side}) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:4]))
