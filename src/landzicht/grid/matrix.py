"""Tile matrix sets: pyramids of square tiles (OGC 17-083r4, version 2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from affine import Affine

from landzicht.errors.pixels import NoSuchTile, UnknownMatrixSet
from landzicht.grid.bounds import Bounds
from landzicht.grid.grid import Grid

_OGC_PIXEL_M = 0.00028
_OGC_TILE_PX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class TileMatrixSet:
    """A quad tree of tiles in one coordinate reference system.

    Row 0 is the northernmost; at each zoom a tile splits into four.
    """

    id: str
    """Registered name: `WebMercatorQuad`."""
    title: str
    """Name for people."""
    crs: str
    """`EPSG:3857`."""
    left: float
    """x of the upper-left corner, unit of the CRS."""
    top: float
    """y of the upper-left corner, unit of the CRS."""
    side: float
    """Width and height of a tile at zoom 0, unit of the CRS."""
    columns: int = 1
    """Tiles from west to east at zoom 0."""
    rows: int = 1
    """Tiles from north to south at zoom 0."""
    max_zoom: int = 24
    """Deepest zoom; the first is always 0."""
    metres_per_unit: float = 1.0
    """Metres in one unit of the CRS, for the scale denominator."""
    uri: str | None = None
    """Address of the OGC definition."""

    def check(self, z: int, x: int, y: int) -> None:
        """Make sure that a tile exists.

        Raises:
            NoSuchTile: the address lies outside the set.
        """
        inside = 0 <= z <= self.max_zoom
        if not (inside and 0 <= x < self.columns << z and 0 <= y < self.rows << z):
            facts = {"min_zoom": 0, "max_zoom": self.max_zoom, "matrix": self.id}
            raise NoSuchTile(z=z, x=x, y=y, **facts)

    def tile(self, z: int, x: int, y: int, size: int = _OGC_TILE_PX) -> Grid:
        """Return the pixels of one tile, `size` by `size`.

        Raises:
            NoSuchTile: the address lies outside the set.
        """
        self.check(z, x, y)
        side = self.side / (1 << z)
        pixel = side / size
        corner = Affine(pixel, 0.0, self.left + x * side, 0.0, -pixel, self.top - y * side)
        return Grid(crs=self.crs, transform=corner, height=size, width=size)

    def resolution(self, z: int, size: int = _OGC_TILE_PX) -> float:
        """Return the size of a pixel at zoom `z`, unit of the CRS."""
        return self.side / (1 << z) / size

    @property
    def bounds(self) -> Bounds:
        """The whole of zoom 0, in the CRS."""
        width, height = self.columns * self.side, self.rows * self.side
        return Bounds(self.left, self.top - height, self.left + width, self.top)

    def as_dict(self) -> dict[str, Any]:
        """Return the definition in the JSON form of OGC 17-083r4."""
        matrices = []
        for z in range(self.max_zoom + 1):
            cell = self.resolution(z)
            matrices.append(
                {
                    "id": str(z),
                    "scaleDenominator": cell * self.metres_per_unit / _OGC_PIXEL_M,
                    "cellSize": cell,
                    "cornerOfOrigin": "topLeft",
                    "pointOfOrigin": [self.left, self.top],
                    "tileWidth": _OGC_TILE_PX,
                    "tileHeight": _OGC_TILE_PX,
                    "matrixWidth": self.columns << z,
                    "matrixHeight": self.rows << z,
                }
            )
        authority, _, code = self.crs.partition(":")
        known: dict[str, Any] = {"uri": self.uri} if self.uri else {}
        return {
            "id": self.id,
            "title": self.title,
            **known,
            "crs": f"http://www.opengis.net/def/crs/{authority}/0/{code}",
            "orderedAxes": ["X", "Y"],
            "tileMatrices": matrices,
        }


_HALF_M = 20037508.342789244

WEB_MERCATOR = TileMatrixSet(
    id="WebMercatorQuad",
    title="Google Maps Compatible for the World",
    crs="EPSG:3857",
    left=-_HALF_M,
    top=_HALF_M,
    side=2 * _HALF_M,
    uri="http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
)
"""The grid of nearly every web map."""

MATRIX_SETS: dict[str, TileMatrixSet] = {WEB_MERCATOR.id: WEB_MERCATOR}
"""All tile matrix sets by name."""


def matrix_set(id: str) -> TileMatrixSet:
    """Return the tile matrix set with this name.

    Raises:
        UnknownMatrixSet: there is none.
    """
    if id not in MATRIX_SETS:
        raise UnknownMatrixSet(matrix=id[:80], known=", ".join(MATRIX_SETS))
    return MATRIX_SETS[id]
