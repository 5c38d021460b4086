"""Plain scenes and collections for tests: no files, made in microseconds."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from affine import Affine

from landzicht.grid import Bounds, Grid
from landzicht.kinds import Asset, Band, Collection, Scene
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

POLDER = Bounds(5.0, 52.0, 5.1, 52.1)
"""A square north of Utrecht."""


def make_collection(id: str = "polder", **fields: Any) -> Collection:
    """Return a small collection; `fields` replace what it has."""
    band = Band(name="B04", dtype="uint16", nodata=0, scale=0.0001, common_name="red")
    title = Text(nl="Polder", en="Polder")
    plain = Collection(id=id, title=title, description=title, license="CC-BY-4.0", bands=(band,))
    return replace(plain, **fields)


def make_scene(
    id: str = "scene-1",
    collection: str = "polder",
    *,
    moment: datetime = datetime(2025, 6, 8, 10, 40, tzinfo=UTC),
    bounds: Bounds = POLDER,
    **fields: Any,
) -> Scene:
    """Return a scene of one band; its footprint is its box unless `fields` say otherwise."""
    digest = hashlib.sha256(f"{collection}/{id}".encode()).hexdigest()
    asset = Asset(
        key="B04",
        href=f"files/{digest[:2]}/{digest}.tif",
        band=make_collection().bands[0],
        grid=Grid(
            crs="EPSG:32631",
            transform=Affine(10.0, 0.0, 640_000.0, 0.0, -10.0, 5_774_000.0),
            height=1024,
            width=1024,
        ),
        size=1000,
        sha256=digest,
    )
    scene = Scene(
        id=id,
        collection=collection,
        moment=moment,
        bounds=bounds,
        footprint=box_geometry(bounds),
        assets={"B04": asset},
        source=hashlib.sha256(digest.encode()).hexdigest(),
    )
    return replace(scene, **fields)


def box_geometry(bounds: Bounds) -> Mapping[str, Any]:
    """Return a box as GeoJSON; one that crosses the antimeridian in two parts (RFC 7946, 3.1.9)."""
    if bounds.west <= bounds.east:
        return {"type": "Polygon", "coordinates": [_ring(bounds)]}
    halves = (
        Bounds(bounds.west, bounds.south, 180.0, bounds.north),
        Bounds(-180.0, bounds.south, bounds.east, bounds.north),
    )
    return {"type": "MultiPolygon", "coordinates": [[_ring(half)] for half in halves]}


def _ring(b: Bounds) -> list[list[float]]:
    corners = ((b.west, b.south), (b.east, b.south), (b.east, b.north), (b.west, b.north))
    return [[x, y] for x, y in (*corners, corners[0])]
