"""The web application: every dialect on one portal."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

import landzicht
from landzicht.web import api, metrics, pages, reference, stac, tiles
from landzicht.web.head import HeadAsGet
from landzicht.web.openapi import describe
from landzicht.web.problems import add_problem_handlers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from landzicht.portal import Portal

DESCRIPTION = """
Open satellite data: find scenes, look at maps, read values.

* **STAC** for catalogues: `/stac`
* **Tiles** for maps: `/tiles/{collection}/WebMercatorQuad/{z}/{x}/{y}.png?layer=visual`
* **API** of the page: `/api/v1`

Errors are `application/problem+json`: what happened, why, and what to do next, in Dutch or English
(`Accept-Language`). Simulated data carry the property `landzicht:simulated` and a visible mark.
"""


def create_app(portal: Portal, *, warm: bool = True) -> FastAPI:
    """Make the ASGI application that serves `portal`.

    Args:
        portal: what to serve.
        warm: compile the pixel kernels in the background at start, so that the first visitor
            does not wait for it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        """Warm up at the start, close the portal at the end."""
        if warm:
            threading.Thread(target=portal.warm, name="warm", daemon=True).start()
        portal.start_jobs()  # those that a crash or a stop left unfinished
        yield
        portal.close()

    app = FastAPI(
        title="Landzicht",
        version=landzicht.__version__,
        summary="An open satellite-data portal",
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    # Open data are for every web page; no cookies are used, so any origin may read them.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=[
            "ETag",
            "Link",
            "Location",
            "Preference-Applied",
            "X-Landzicht-Dates",
            "X-Landzicht-Left-Out",
            "X-Landzicht-Repaired",
            "X-Landzicht-Scenes",
            "X-Landzicht-Simulated",
        ],
    )
    app.add_middleware(HeadAsGet)
    tile = tiles.tile_handler(portal)
    app.add_middleware(tiles.DirectTiles, tile=tile)  # outermost
    add_problem_handlers(app)
    app.router.routes.append(tiles.tile_route(tile))  # the hottest address, so before all others
    app.include_router(api.router(portal))
    metrics.mount(app, portal)
    app.include_router(stac.router(portal))
    app.include_router(tiles.router(portal))
    app.include_router(tiles.sheet_router(portal))
    describe(app)
    reference.mount(app)
    pages.mount(app, portal)
    return app
