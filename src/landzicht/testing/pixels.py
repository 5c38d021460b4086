"""Small portals with real pixels, made in milliseconds."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from landzicht.grid.place import world_boxes
from landzicht.kinds import Asset, Band, Scene
from landzicht.portal.settings import Settings
from landzicht.portal.wiring import open_services
from landzicht.testing.scenes import box_geometry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.portal.services import Services
    from landzicht.rules import Policy

JUNE = datetime(2025, 6, 8, 10, 40, tzinfo=UTC)
"""A moment."""


def make_services(folder: Path, policies: tuple[Policy, ...] = ()) -> Services:
    """Return the services of an empty portal in `folder`."""
    return open_services(Settings(data=folder), policies)


def store_scene(
    services: Services,
    collection: str,
    id: str,
    grid: Grid,
    bands: Mapping[str, tuple[NDArray[Any], Band]],
    **fields: Any,
) -> Scene:
    """Write the bands of a scene as files of the portal's store; the catalogue is not touched.

    Args:
        services: of the portal.
        collection: id of the collection.
        id: of the scene.
        grid: where the pixels lie, at full size.
        bands: by key: values `(y, x)` and what they mean.
        fields: `moment`, `simulated`, … of the scene.
    """
    assets = {}
    for key, (values, band) in bands.items():
        digest = hashlib.sha256(f"{collection}/{id}/{key}".encode()).hexdigest()
        href = f"files/{digest[:2]}/{digest}.tif"
        path = services.settings.data / href
        path.parent.mkdir(parents=True, exist_ok=True)
        services.writer.write(values, grid, band, path, {})
        size = path.stat().st_size
        assets[key] = Asset(key=key, href=href, band=band, grid=grid, size=size, sha256=digest)
    boxes = world_boxes(grid)
    bounds = boxes[0]
    if len(boxes) > 1:
        bounds = type(bounds)(boxes[0].west, bounds.south, boxes[1].east, bounds.north)
    told = {"moment": JUNE} | fields
    return Scene(
        id=id,
        collection=collection,
        bounds=bounds,
        footprint=box_geometry(bounds),
        assets=assets,
        source=hashlib.sha256(f"{collection}/{id}".encode()).hexdigest(),
        **told,
    )
