"""Images of Zonderland as STAC items with local assets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.grid.crs import WGS84, transformer
from landzicht.kinds import format_instant
from landzicht.stac.fields import band_fields, grid_fields
from landzicht.stac.mark import mark_properties
from landzicht.stac.names import COG, STAC_VERSION, extensions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.grid import Grid
    from landzicht.world.product import Product

SIMULATED = {"SIMULATED": "YES", "NOTE": "Simulated image of Zonderland, not an observation"}
"""Tags in every raster file."""


def item(
    product: Product,
    files: Mapping[str, str],
    statistics: Mapping[str, Mapping[str, float]],
) -> dict[str, Any]:
    """Return the STAC 1.1 item of one image.

    Args:
        product: the image.
        files: asset key → file name beside the item.
        statistics: asset key → statistics of the physical values.
    """
    assets = {
        plane.band.name: {
            "href": f"./{files[plane.band.name]}",
            "type": COG,
            "roles": ["data"],
            **band_fields(plane.band),
            **grid_fields(plane.grid),
            "statistics": dict(statistics[plane.band.name]),
        }
        for plane in product.planes
    }
    properties = mark_properties(
        {
            "datetime": format_instant(product.moment),
            "title": f"SIMULATED image of Zonderland, {product.moment:%Y-%m-%d}",
            "license": "CC0-1.0",
            "proj:code": product.planes[0].grid.crs,
            "landzicht:simulated": True,
            **product.properties,
        }
    )
    described = [band for asset in assets.values() for band in asset["bands"]]
    name = product.collection
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions(properties, *assets.values(), *described),
        "id": product.id,
        "collection": name,
        "geometry": product.footprint,
        "bbox": _box(product.footprint),
        "properties": properties,
        "links": [{"rel": "collection", "href": f"../{name}.json", "type": "application/json"}],
        "assets": assets,
    }


def footprint(grid: Grid, edge: tuple[float, float] | None = None) -> dict[str, Any]:
    """Return the outline of what was seen in WGS84, counter-clockwise.

    Args:
        grid: where the pixels lie.
        edge: east end of the swath at the north and the south side, metres from the west side.
    """
    west, north, east, south = (getattr(grid.bounds, s) for s in ("west", "north", "east", "south"))
    ends = (east, east) if edge is None else (min(west + edge[0], east), min(west + edge[1], east))
    corners = [(west, north), (west, south), (ends[1], south), (ends[0], north)]
    xs, ys = zip(*corners, corners[0], strict=True)
    lons, lats = transformer(grid.crs, WGS84).transform(xs, ys)
    ring = [[round(x, 7), round(y, 7)] for x, y in zip(lons, lats, strict=True)]
    return {"type": "Polygon", "coordinates": [ring]}


def _box(outline: dict[str, Any]) -> list[float]:
    """Return west, south, east, north of an outline."""
    lons, lats = zip(*outline["coordinates"][0], strict=True)
    return [min(lons), min(lats), max(lons), max(lats)]
