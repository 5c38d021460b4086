"""Makers of tiles, each in a process of its own: `engines.py NAME FOLDER`, asked over a pipe.

A process each, because GDAL in a Landzicht process may not use WarpedVRT, and because processor
time is then told by the process itself: of all its threads, and of nothing else.
"""

from __future__ import annotations

import base64
import os
import sys
import time
from functools import cache
from pathlib import Path

HALF_M = 20037508.342789244
SIZE = 256
RANGE = (0, 3000)
PIXEL_M = 10.0
GROUND = 0.617
"""Metres on the ground in a metre of Web Mercator, at the middle of the image."""
RGB = ("B04", "B03", "B02")


class Landzicht:
    """Our portal, asked in process; no finished pictures are kept."""

    def __init__(self, folder: Path) -> None:
        from landzicht.portal.portal import Portal
        from landzicht.portal.settings import Settings
        from landzicht.portal.wiring import open_services

        self._portal = Portal(open_services(Settings(data=folder, picture_cache_mb=0)))
        self._portal.warm()

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        from landzicht.portal.tiles import TileRequest
        from landzicht.portal.view import View

        view = {
            "rgb": View(assets=RGB, rescale=(RANGE,)),
            "ndvi": View(expression="(B08-B04)/(B08+B04)", rescale=((-1, 1),), colormap="viridis"),
            "values": View(assets=("B04",)),
        }[product]
        wanted = TileRequest(collection=form, z=z, x=x, y=y, ending=ending, view=view, raw=True)
        return self._portal.tile(wanted).content

    def cool(self) -> None:
        self._portal.services.reader.clear()

    def told(self) -> dict:
        reader = self._portal.services.reader
        return {"routes": dict(reader.routes), "cache": dict(reader.cache)}


class Limit(Landzicht):
    """What no tile server can do without: unpacking the rows that are needed, and encoding.

    No catalogue, no plan, no warp, no paint: bytes in memory are unpacked, by the quickest codec
    we know, and the finished pixels are encoded, by the quickest encoder we know.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._work = {}
        self._cold = True

    def tile(self, *job) -> bytes:
        if job not in self._work:
            self._work[job] = self._watch(job)
        blocks, encode, canvas = self._work[job]
        if self._cold:
            for unpack in blocks:
                unpack()
        self._cold = False
        return encode(canvas)

    def _watch(self, job):
        """Make the tile once, and note what it unpacks and encodes."""
        from unittest import mock

        from landzicht.formats import windows
        from landzicht.portal import finish

        blocks, encoded = [], []
        real_rows, real_encoder = windows.rows_upto, finish.encoder

        def rows(cache, key, make, row):
            source, image, number, _, stored = make.args
            if stored is None:
                where = windows.Range(int(image.offsets[number]), int(image.sizes[number]))
                (stored,) = source.read((where,))
            blocks.append(lambda: unpack(image, stored, number, row))
            return real_rows(cache, key, make, row)

        def encoder(ending):
            media_type, encode = real_encoder(ending)
            return media_type, lambda canvas: encoded.append((encode, canvas)) or encode(canvas)

        super().cool()
        with (
            mock.patch.object(windows, "rows_upto", rows),
            mock.patch.object(finish, "encoder", encoder),
        ):
            super().tile(*job)
        super().cool()
        return blocks, *encoded[-1]

    def cool(self) -> None:
        self._cold = True


def unpack(image, stored, number, row):
    from landzicht.formats.decode import decode_block
    from landzicht.formats.growing import GrowingBlock, can_grow

    if can_grow(image):
        return GrowingBlock(image, stored, number).upto(row)
    return decode_block(image, stored, number)


class RioTiler:
    """rio-tiler as TiTiler uses it: every file is opened for every tile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        from apps import bands_reader
        from rio_tiler.colormap import cmap

        keys = {"rgb": RGB, "ndvi": ("B08", "B04"), "values": ("B04",)}[product]
        with bands_reader(self._folder / "files" / form)("bands") as reader:
            image = reader.tile(x, y, z, tilesize=SIZE, assets=list(keys), asset_as_band=True)
        if product == "values":
            return image.render(img_format="NPY")
        kind = {"jpg": "JPEG"}.get(ending, ending.upper())
        if product == "rgb":
            image.rescale([RANGE])
            return image.render(img_format=kind, **profile(kind))
        image = image.apply_expression("(b1*1.0-b2)/(b1*1.0+b2)")
        image.rescale([(-1, 1)])
        return image.render(img_format=kind, colormap=cmap.get("viridis"), **profile(kind))

    def cool(self) -> None:
        """Nothing is kept."""

    def told(self) -> dict:
        return {}


def profile(kind: str) -> dict:
    """TiTiler's own settings of each format."""
    from rio_tiler.profiles import img_profiles

    return img_profiles.get(kind.lower())


class Gdal:
    """GDAL tuned by hand: files stay open, one bare WarpedVRT a band, tables, our encoders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = {}

    def _band(self, form: str, key: str, z: int, x: int, y: int):
        from rasterio.transform import from_origin
        from rasterio.vrt import WarpedVRT

        side = 2 * HALF_M / (1 << z)
        # GDAL's own choice of overview, made here: WarpedVRT alone reads the full size.
        ratio = side / SIZE * GROUND / PIXEL_M
        path = self._folder / "files" / form / f"{key}.tif"
        factors = [1, *overviews(path)]
        where = (
            path,
            max(k for k, factor in enumerate(factors) if k == 0 or factor <= 1.2 * ratio),
        )
        if where not in self._open:
            self._open[where] = opened(*where)
        transform = from_origin(-HALF_M + x * side, HALF_M - y * side, side / SIZE, side / SIZE)
        with WarpedVRT(
            self._open[where], crs="EPSG:3857", transform=transform, width=SIZE, height=SIZE
        ) as view:
            return view.read(1)

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        import io

        import numpy as np

        if product == "values":
            file = io.BytesIO()
            values = self._band(form, "B04", z, x, y)
            np.save(file, np.stack([values, np.where(values, 255, 0).astype(values.dtype)]))
            return file.getvalue()
        if product == "rgb":
            found = [self._band(form, key, z, x, y) for key in RGB]
            usable = (found[0] != 0) & (found[1] != 0) & (found[2] != 0)
            pixels = np.stack([rgb_table()[band] for band in found], axis=-1)
            return encode(pixels, usable, None, ending)
        nir, red = (self._band(form, key, z, x, y) for key in ("B08", "B04"))
        usable = (nir != 0) & (red != 0)
        nir, red = nir.astype(np.float32), red.astype(np.float32)
        with np.errstate(all="ignore"):
            index = ((nir - red) / (nir + red) + 1) * 127.5
        pixels = np.where(usable, np.clip(np.nan_to_num(index), 0, 254) + 1, 0).astype(np.uint8)
        return encode(pixels, usable, palette(), ending)

    def cool(self) -> None:
        """Close and open again, which empties GDAL's cache of blocks; the opening is not timed."""
        for where, file in self._open.items():
            file.close()
            self._open[where] = opened(*where)

    def told(self) -> dict:
        return {}


def opened(path: Path, level: int):
    """Open a file at full size, or one of its overviews."""
    import rasterio

    return rasterio.open(path, **({"overview_level": level - 1} if level else {}))


@cache
def overviews(path: Path) -> list[int]:
    """Factors of the overviews in a file."""
    import rasterio

    with rasterio.open(path) as file:
        return file.overviews(1)


@cache
def rgb_table():
    """Shade of each of the 65,536 possible numbers."""
    import numpy as np

    low, high = RANGE
    return np.clip((np.arange(65536) - low) / (high - low) * 255, 0, 255).astype(np.uint8)


@cache
def palette():
    """viridis, after a first entry for nothing."""
    import numpy as np
    from rio_tiler.colormap import cmap

    table = cmap.get("viridis")
    return np.array([(0, 0, 0), *(table[i][:3] for i in range(255))], np.uint8)


def encode(pixels, usable, table, ending: str) -> bytes:
    """The fastest encoders at hand: PNG by libdeflate level 1, libjpeg-turbo, libwebp."""
    import imagecodecs
    import numpy as np

    if ending == "png" and table is None and usable.all():
        return imagecodecs.png_encode(pixels, level=1, strategy=2, filter=0x20)
    if ending == "png" and table is not None:
        from landzicht.render.encode import png
        from landzicht.render.paint import Canvas

        return png(Canvas(pixels=pixels, usable=usable, palette=table))
    if ending == "png":
        whole = np.dstack([pixels, np.where(usable, np.uint8(255), np.uint8(0))])
        return imagecodecs.png_encode(whole, level=1, strategy=2, filter=0x20)
    if ending == "webp":
        return imagecodecs.webp_encode(pixels, level=75, lossless=False, method=0)
    return imagecodecs.jpeg8_encode(pixels, level=85)


ENGINES = {"landzicht": Landzicht, "limit": Limit, "rio_tiler": RioTiler, "gdal": Gdal}


def answer(engine, asked: dict) -> dict:
    """Do one piece of work; seconds of processor and of clock are of the tiles alone."""
    if asked["do"] == "told":
        return engine.told()
    jobs = [tuple(job) for job in asked["jobs"]]
    if asked["do"] == "bytes":
        return {"bytes": [base64.b64encode(engine.tile(*job)).decode() for job in jobs]}
    spent, wall = [], []
    if asked["state"] == "view":
        engine.cool()
    for job in jobs:
        if asked["state"] == "cold":
            engine.cool()
        begin, began = time.process_time(), time.perf_counter()
        engine.tile(*job)
        spent.append(time.process_time() - begin)
        wall.append(time.perf_counter() - began)
    return {"cpu": spent, "wall": wall}


def main() -> None:
    import json

    os.environ.setdefault("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR")
    engine = ENGINES[sys.argv[1]](Path(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
