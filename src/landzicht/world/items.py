"""Images of Zonderland as STAC items with local assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.grid.crs import WGS84, transformer
from landzicht.kinds import format_instant
from landzicht.stac.fields import band_fields, grid_fields
from landzicht.stac.mark import mark_properties
from landzicht.stac.names import COG, STAC_VERSION, extensions
from landzicht.world.collection import COLLECTION_ID, bands
from landzicht.world.landscape import world_grid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.grid import Grid
    from landzicht.kinds import Band
    from landzicht.world.msi import Observation
    from landzicht.world.spec import WorldSpec

SIMULATED = {"SIMULATED": "YES", "NOTE": "Simulated image of Zonderland, not an observation"}
"""Tags in every raster file."""


def band_grid(spec: WorldSpec, band: Band, fine: frozenset[str]) -> Grid:
    """Return the 10 m or the 20 m grid, whichever the band has."""
    return world_grid(spec, 10.0 if band.name in fine else 20.0)


def item(
    seen: Observation,
    files: Mapping[str, str],
    grids: Mapping[str, Grid],
    statistics: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Return the STAC 1.1 item of one image.

    Args:
        seen: the image.
        files: asset key → file name beside the item.
        grids: asset key → its grid.
        statistics: asset key → statistics of the physical values.
    """
    acquisition = seen.acquisition
    assets = {
        band.name: {
            "href": f"./{files[band.name]}",
            "type": COG,
            "roles": ["data"],
            **band_fields(band),
            **grid_fields(grids[band.name]),
            "statistics": dict(statistics[band.name]),
        }
        for band in bands()
    }
    grid = world_grid(acquisition.spec, 10.0)
    footprint = _footprint(grid, acquisition.swath_edge)
    properties = mark_properties(
        {
            "datetime": format_instant(acquisition.moment),
            "title": f"SIMULATED image of Zonderland, {acquisition.date}",
            "platform": acquisition.platform,
            "constellation": "simulated-2",
            "instruments": ["simulated-msi"],
            "gsd": 10,
            "license": "CC0-1.0",
            "proj:code": grid.crs,
            "eo:cloud_cover": round(100 * seen.cloud_share, 1),
            "landzicht:orbit": acquisition.orbit,
            "view:off_nadir": acquisition.view_zenith,
            "view:azimuth": acquisition.view_azimuth,
            "view:sun_azimuth": round(acquisition.sun_azimuth, 2),
            "view:sun_elevation": round(90 - acquisition.sun_zenith, 2),
            "landzicht:simulated": True,
            "landzicht:seed": acquisition.spec.seed,
        }
    )
    described = [band for asset in assets.values() for band in asset["bands"]]
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions(properties, *assets.values(), *described),
        "id": acquisition.id,
        "collection": COLLECTION_ID,
        "geometry": footprint,
        "bbox": _box(footprint),
        "properties": properties,
        "links": [],
        "assets": assets,
    }


def _footprint(grid: Grid, edge: tuple[float, float] | None) -> dict[str, Any]:
    """Return the outline of what was seen in WGS84, counter-clockwise."""
    west, north, east, south = (getattr(grid.bounds, s) for s in ("west", "north", "east", "south"))
    ends = (east, east) if edge is None else (min(west + edge[0], east), min(west + edge[1], east))
    corners = [(west, north), (west, south), (ends[1], south), (ends[0], north)]
    xs, ys = zip(*corners, corners[0], strict=True)
    lons, lats = transformer(grid.crs, WGS84).transform(xs, ys)
    ring = [[round(x, 7), round(y, 7)] for x, y in zip(lons, lats, strict=True)]
    return {"type": "Polygon", "coordinates": [ring]}


def _box(footprint: dict[str, Any]) -> list[float]:
    """Return west, south, east, north of an outline."""
    lons, lats = zip(*footprint["coordinates"][0], strict=True)
    return [min(lons), min(lats), max(lons), max(lats)]
