"""Our own API, as the page and scripts use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from landzicht.web.api import (
    areas,
    compare,
    jobs,
    own_areas,
    places,
    routes,
    series,
    series_file,
    sources,
)

if TYPE_CHECKING:
    from landzicht.portal import Portal

__all__ = ["router"]


def router(portal: Portal) -> APIRouter:
    """Return all routes of our own API over `portal`."""
    every = APIRouter()
    every.include_router(routes.router(portal))
    every.include_router(places.router(portal))
    every.include_router(series.router(portal))
    every.include_router(series_file.router(portal))
    every.include_router(compare.router(portal))
    every.include_router(jobs.router(portal))
    every.include_router(areas.router(portal))
    every.include_router(own_areas.router(portal))
    every.include_router(sources.router(portal))
    return every
