"""Makers of tiles, each in a process of its own: `engines.py NAME FOLDER`, asked over a pipe.

A process each, because GDAL in a Landzicht process may not use WarpedVRT, and because processor
time is then told by the process itself: of all its threads, and of nothing else.
"""

from __future__ import annotations

import base64
import os
import sys
import time
from pathlib import Path

from peers import Gdal, RioTiler
from products import KEYS, RANGE, resampling, size_of


class Landzicht:
    """Our portal, asked in process; no finished pictures are kept."""

    def __init__(self, folder: Path) -> None:
        from landzicht.portal.portal import Portal
        from landzicht.portal.settings import Settings
        from landzicht.portal.wiring import open_services

        self._portal = Portal(open_services(Settings(data=folder, picture_cache_mb=0)))
        self._portal.warm()

    def tile(self, form: str, product: str, ending: str, z: int, x: int, y: int) -> bytes:
        from landzicht.portal.maps.tiles import TileRequest
        from landzicht.portal.maps.view import View
        from landzicht.portal.scenes import Selection

        view = View(assets=KEYS[product], rescale=((0, 255) if product == "tci" else RANGE,))
        if product == "ndvi":
            formula = "(B08-B04)/(B08+B04)"
            view = View(expression=formula, rescale=((-1, 1),), colormap="viridis")
        elif product == "values":
            view = View(assets=KEYS[product])
        wanted = TileRequest(
            collection=form,
            z=z,
            x=x,
            y=y,
            ending=ending,
            view=view,
            selection=Selection(clear=product == "mosaic"),
            size=size_of(product),
            resampling=resampling(product),
            raw=True,
        )
        return self._portal.tile(wanted).content

    def cool(self) -> None:
        self._portal.services.reader.clear()

    def told(self) -> dict:
        reader = self._portal.services.reader
        return {"routes": dict(reader.routes), "cache": dict(reader.cache)}


class Limit(Landzicht):
    """What no tile server can do without: unpacking the rows that are needed, and encoding.

    No catalogue, no plan, no warp, no paint: bytes in memory are unpacked, by the quickest codec
    we know, and the finished pixels are encoded, by the quickest encoder we know. What was unpacked
    since it was last cooled is not unpacked again: not for another band of the same block, and not
    for the next tile of a view.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._work = {}
        self._unpacked = {}

    def tile(self, *job) -> bytes:
        if job not in self._work:
            self._work[job] = self._watch(job)
        blocks, encode, canvas = self._work[job]
        for key, (image, stored, number, row) in blocks.items():
            if key not in self._unpacked:
                self._unpacked[key] = begun(image, stored, number)
            if hasattr(self._unpacked[key], "upto"):
                self._unpacked[key].upto(row)
        return encode(canvas)

    def _watch(self, job):
        """Make the tile once, and note what it unpacks and encodes."""
        from unittest import mock

        from landzicht.formats import windows
        from landzicht.portal.maps import finish

        blocks, encoded = {}, []
        real_rows, real_encoder = windows.rows_upto, finish.encoder

        def rows(cache, key, make, row):
            source, image, number, _, stored = make.args
            if stored is None and not int(image.sizes[number]):  # never written: nothing to unpack
                return real_rows(cache, key, make, row)
            if stored is None:
                where = windows.Range(int(image.offsets[number]), int(image.sizes[number]))
                (stored,) = source.read((where,))
            known = blocks.get(key)
            blocks[key] = (image, stored, number, max(row, known[3] if known else 0))
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
        self._unpacked.clear()


def begun(image, stored, number):
    """Unpack a block, or begin to where it can be done row by row."""
    from landzicht.formats.decode import decode_block
    from landzicht.formats.growing import GrowingBlock, can_grow

    if can_grow(image):
        return GrowingBlock(image, stored, number)
    return decode_block(image, stored, number)


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
