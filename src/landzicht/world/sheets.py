"""Zonderland in the neighbouring UTM zone: the same shapes, drawn again on other pixels.

Sentinel-2 is delivered in tiles of two zones where those meet. Nothing is warped here: shapes
are moved to the other map projection and covered anew, so both images show the same ground, each
with pixels, blur and noise of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.grid.crs import transformer
from landzicht.world.landscape import CORNER, CRS, Frame, draw, landscape
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry as Shape

    from landzicht.world.landscape import Landscape
    from landzicht.world.sky import Sky
    from landzicht.world.spec import WorldSpec

EAST_CRS = "EPSG:32632"
"""The zone east of the one of the map. A real tile there begins at 6 degrees east."""
_FROM = 0.45
"""The tile begins at this part of the map, counted from the west."""
_SNAP_M = 60.0
"""Corners of tiles lie on whole multiples of this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """Pixels of another map projection, and where they lie on the map of Zonderland."""

    grid: Grid
    """Pixels of 10 m."""
    column: NDArray[np.float32]
    """(y, x) Column of the map on which the middle of each pixel lies, in pixels."""
    row: NDArray[np.float32]
    """(y, x) The same for the row."""
    inside: NDArray[np.bool_]
    """(y, x) True where a pixel lies wholly on the map."""

    def moved(self, shapes: NDArray[Any]) -> NDArray[Any]:
        """Return shapes of the map in metres from the corner of this sheet, y to the south."""
        there = transformer(CRS, self.grid.crs)
        left, top = self.grid.transform.c, self.grid.transform.f

        def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
            x, y = there.transform(CORNER[0] + points[:, 0], CORNER[1] - points[:, 1])
            return np.stack([x - left, top - y], -1)

        out: NDArray[Any] = shapely.transform(np.asarray(shapes, object), move)
        return out

    def sample(self, field: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a smooth field of the map at the middles of these pixels, bilinear."""
        height, width = field.shape
        column = np.clip(self.column, 0, width - 1)
        row = np.clip(self.row, 0, height - 1)
        left = np.minimum(column.astype(np.int32), width - 2)
        top = np.minimum(row.astype(np.int32), height - 2)
        right_part, low_part = column - left, row - top
        at = top * width + left
        flat = field.reshape(-1)
        upper = flat[at] * (1 - right_part) + flat[at + 1] * right_part
        lower = flat[at + width] * (1 - right_part) + flat[at + width + 1] * right_part
        out: NDArray[np.float32] = upper + low_part * (lower - upper)
        return out

    def nearest(self, field: NDArray[Any]) -> NDArray[Any]:
        """Return the value of the map pixel in which the middle of each of these lies."""
        height, width = field.shape
        row = np.clip(np.rint(self.row), 0, height - 1).astype(np.int32)
        out: NDArray[Any] = field[row, np.clip(np.rint(self.column), 0, width - 1).astype(np.int32)]
        return out

    def under(self, sky: Sky) -> Sky:
        """Return the sky of the map as it is seen over this sheet."""
        cover, bright, shadow, cirrus = (
            None if layer is None else self.sample(layer)
            for layer in (sky.cover, sky.bright, sky.shadow, sky.cirrus)
        )
        return replace(sky, cover=cover, bright=bright, shadow=shadow, cirrus=cirrus)

    def pixel(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of a place of the map; None outside the sheet."""
        point = shapely.get_coordinates(self.moved(np.array([shapely.Point(x, y)])))[0]
        column, row = (int(np.floor(value / PIXEL_M)) for value in point)
        there = 0 <= row < self.grid.height and 0 <= column < self.grid.width
        return (row, column) if there and self.inside[row, column] else None

    def outline(self) -> Shape:
        """Return what of the map this sheet shows, in metres from the corner of the map."""
        there = transformer(self.grid.crs, CRS)
        ring = shapely.segmentize(shapely.LinearRing(self.grid.corners), 500.0)
        x, y = there.transform(*shapely.get_coordinates(ring).T)
        return shapely.Polygon(np.stack([x - CORNER[0], CORNER[1] - y], -1))


@lru_cache(maxsize=2)
def east_sheet(extent_m: float) -> Sheet:
    """Return the tile of the eastern zone over the east of a map."""
    there = transformer(CRS, EAST_CRS)
    part = shapely.segmentize(shapely.box(_FROM * extent_m, 0, extent_m, extent_m), 500.0)
    points = shapely.get_coordinates(part)
    x, y = there.transform(CORNER[0] + points[:, 0], CORNER[1] - points[:, 1])
    west, south = (np.floor(v.min() / _SNAP_M) * _SNAP_M for v in (x, y))
    east, north = (np.ceil(v.max() / _SNAP_M) * _SNAP_M for v in (x, y))
    grid = Grid(
        crs=EAST_CRS,
        transform=Affine(PIXEL_M, 0, float(west), 0, -PIXEL_M, float(north)),
        height=round((north - south) / PIXEL_M),
        width=round((east - west) / PIXEL_M),
    )
    down, across = np.mgrid[0 : grid.height, 0 : grid.width]
    back = transformer(EAST_CRS, CRS)
    x, y = back.transform(west + (across + 0.5) * PIXEL_M, north - (down + 0.5) * PIXEL_M)
    column, row = (x - CORNER[0]) / PIXEL_M - 0.5, (CORNER[1] - y) / PIXEL_M - 0.5
    last = extent_m / PIXEL_M - 1
    inside = (column >= 0.5) & (row >= 0.5) & (column <= last - 0.5) & (row <= last - 0.5)
    return Sheet(
        grid=grid,
        column=column.astype(np.float32),
        row=row.astype(np.float32),
        inside=inside,
    )


def in_the_east(spec: WorldSpec, year: int) -> Landscape:
    """Return the landscape of a year as the tile of the eastern zone shows it."""
    return _east(replace(spec, dates=1, years=1, zones=1, year=year))


@lru_cache(maxsize=1)
def _east(spec: WorldSpec) -> Landscape:
    scene = landscape(spec)
    sheet = east_sheet(spec.extent_m)
    frame = Frame(size=sheet.grid.shape, pixel=PIXEL_M, origin=(0.0, 0.0))
    mixture, parcel = draw(scene.geography, scene.parts, scene.fields, frame, sheet.moved)
    unwell = np.zeros(len(scene.geography.parcels) + 1, np.bool_)  # the last is for no parcel
    unwell[[patch.parcel for patch in scene.patches]] = True
    return replace(
        scene,
        mixture=mixture,
        parcel=parcel,
        texture=sheet.sample(scene.texture),
        stress=np.where(unwell[parcel], sheet.sample(scene.stress), np.float32(0)),
        lowland=np.where(sheet.inside, sheet.nearest(scene.lowland), np.float32(np.inf)),
        sheet=sheet,
    )
