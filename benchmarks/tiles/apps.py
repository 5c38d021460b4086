"""The servers: TiTiler's default application, and ours with one address more."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def bands_reader(folder: Path, scene: int | None = None):
    """A reader of one file a band, as TiTiler's STAC reader is once it has read the item."""
    import attr
    from data import BANDS, box_of
    from products import file_of
    from rasterio.crs import CRS
    from rio_tiler.io import MultiBaseReader, Reader

    box = box_of(scene)

    @attr.s
    class Bands(MultiBaseReader):
        minzoom: int = attr.ib(default=7)
        maxzoom: int = attr.ib(default=14)

        def __attrs_post_init__(self):
            self.assets = list(BANDS)
            self.bounds = box
            self.crs = CRS.from_epsg(32631)
            self.reader = Reader

        def _get_asset_info(self, asset):
            name = asset if isinstance(asset, str) else asset["name"]
            path = str(file_of(folder.parent, folder.name, name, scene))
            return {"url": path, "name": name, "reader_options": {}, "method_options": {}}

    return Bands


def titiler():
    """TiTiler's factories over our files, without further options: `/{form}/tiles/…`."""
    from fastapi import FastAPI
    from titiler.core.factory import MultiBaseTilerFactory, TilerFactory

    app = FastAPI()
    for form in ("foreign", "own"):
        folder = Path(os.environ["BENCH_DATA"]) / "files" / form
        prefix = f"/{form}"
        factory = MultiBaseTilerFactory(reader=bands_reader(folder), router_prefix=prefix)
        app.include_router(factory.router, prefix=prefix)
    for form in ("tci", "jpeg"):  # one file of three bands
        prefix = f"/{form}"
        app.include_router(TilerFactory(router_prefix=prefix).router, prefix=prefix)
    return app


def landzicht():
    """Our whole application, and `/bench/cool`, which drops decoded blocks.

    No finished pictures are kept: a cache of those answers in no time whatever made them.
    """
    from landzicht.portal.portal import Portal
    from landzicht.portal.settings import Settings
    from landzicht.portal.wiring import open_services
    from landzicht.web.app import create_app

    folder = Path(os.environ["BENCH_DATA"])
    portal = Portal(open_services(Settings(data=folder, picture_cache_mb=0)))
    portal.warm()
    app = create_app(portal, warm=False)

    def cool() -> dict:
        told = {"routes": dict(portal.services.reader.routes)}
        portal.services.reader.clear()
        return told

    app.router.routes.insert(0, _route("/bench/cool", cool))
    return app


def _route(path: str, handler):
    from fastapi.routing import APIRoute

    return APIRoute(path, handler)
