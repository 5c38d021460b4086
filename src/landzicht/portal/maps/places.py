"""A place in the system that suits it: true to scale, so that it can be printed and measured."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.grid import Bounds
from landzicht.grid.crs import WGS84, transformer
from landzicht.grid.frame import box_in

if TYPE_CHECKING:
    from landzicht.grid.outline import Outline

RD, WEB = "EPSG:28992", "EPSG:3857"
_RD_AREA = Bounds(3.2, 50.7, 7.3, 53.7)
_WIDEST, _FURTHEST = 6.0, 80.0
_MERCATOR_EDGE = 85.0


def local_system(box: Bounds) -> str:
    """Return the system of a map of a box in degrees.

    RD New in the Netherlands, else the UTM zone of its middle; Web Mercator for what is too large
    or too near a pole for those.
    """
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    if box.east - box.west > _WIDEST or box.north - box.south > _WIDEST or abs(lat) > _FURTHEST:
        return WEB
    inside = _RD_AREA.west <= lon <= _RD_AREA.east and _RD_AREA.south <= lat <= _RD_AREA.north
    if inside:
        return RD
    zone = int((((lon + 180) % 360) // 6) + 1)
    return f"EPSG:{32600 + zone if lat >= 0 else 32700 + zone}"


def framed(box: Bounds, crs: str, ratio: float) -> Bounds:
    """Return a box in degrees in another system, made wider or higher to a shape.

    Args:
        box: degrees; all of it stays in.
        crs: system of the answer.
        ratio: width divided by height.

    Raises:
        BadBox: it is empty, or has no place in that system.
    """
    if crs == WEB:  # the poles have no place there
        edge = _MERCATOR_EDGE
        box = replace(box, south=max(box.south, -edge), north=min(box.north, edge))
    found = box_in(box, WGS84, crs)
    wide, high = found.east - found.west, found.north - found.south
    across = max(wide, high * ratio)
    down = max(high, wide / ratio)
    x, y = (found.west + found.east) / 2, (found.south + found.north) / 2
    return Bounds(x - across / 2, y - down / 2, x + across / 2, y + down / 2)


def ground_scale(box: Bounds, crs: str) -> float:
    """Return metres on the ground in a unit of the system, in the middle of a box."""
    if crs != WEB:
        return 1.0
    _, lat = transformer(crs, WGS84).transform(
        (box.west + box.east) / 2, (box.south + box.north) / 2
    )
    return math.cos(math.radians(float(lat)))


def north_turn(box: Bounds, crs: str) -> float:
    """Return by how many degrees north is turned to the right of up, in the middle of a box."""
    back = transformer(crs, WGS84)
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    lon, lat = back.transform(x, y)
    up_x, up_y = transformer(WGS84, crs).transform(lon, lat + 0.001)
    return math.degrees(math.atan2(up_x - x, up_y - y))


def shares(outline: Outline, box: Bounds, crs: str) -> tuple[tuple[tuple[float, float], ...], ...]:
    """Return the rings of an area in shares of a box (0 to 1), from its upper left corner."""
    move = transformer(outline.crs, crs)
    wide, high = box.east - box.west, box.north - box.south
    rings = []
    for ring in outline.rings:
        xs, ys = move.transform([x for x, _ in ring], [y for _, y in ring])
        rings.append(
            tuple(
                ((x - box.west) / wide, (box.north - y) / high) for x, y in zip(xs, ys, strict=True)
            )
        )
    return tuple(rings)
