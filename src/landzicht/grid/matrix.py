"""Tile matrix sets: pyramids of square tiles (OGC 17-083r4, version 2.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from affine import Affine

from landzicht.errors.pixels import NoSuchTile, UnknownMatrixSet
from landzicht.grid.bounds import Bounds
from landzicht.grid.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Width and height of a tile at the first zoom, unit of the CRS."""
    columns: int = 1
    """Tiles from west to east at the first zoom."""
    rows: int = 1
    """Tiles from north to south at the first zoom."""
    min_zoom: int = 0
    """First zoom; 1 in the UTM sets of OGC."""
    max_zoom: int = 24
    """Deepest zoom."""
    metres_per_unit: float = 1.0
    """Metres in one unit of the CRS, for the scale denominator."""
    uri: str | None = None
    """Address of the OGC definition."""
    crs_uri: str | None = None
    """How OGC names the CRS, when that is not its EPSG number."""
    axes: tuple[str, str] = ("X", "Y")
    """Names of the axes in the order in which the definition gives coordinates."""

    def __hash__(self) -> int:
        """Return the hash, quick, as a set is part of the key of every tile."""
        return hash((self.id, self.crs, self.left, self.top))

    def check(self, z: int, x: int, y: int) -> None:
        """Make sure that a tile exists.

        Raises:
            NoSuchTile: the address lies outside the set.
        """
        if self.min_zoom <= z <= self.max_zoom:
            width, height = self.count(z)
            if 0 <= x < width and 0 <= y < height:
                return
        facts = {"min_zoom": self.min_zoom, "max_zoom": self.max_zoom, "matrix": self.id}
        raise NoSuchTile(z=z, x=x, y=y, **facts)

    def count(self, z: int) -> tuple[int, int]:
        """Return how many tiles there are at zoom `z`: `(from west to east, north to south)`."""
        times = z - self.min_zoom
        return self.columns << times, self.rows << times

    def tile(self, z: int, x: int, y: int, size: int = _OGC_TILE_PX) -> Grid:
        """Return the pixels of one tile, `size` by `size`.

        Raises:
            NoSuchTile: the address lies outside the set.
        """
        self.check(z, x, y)
        return _tile(self, z, x, y, size)

    def resolution(self, z: int, size: int = _OGC_TILE_PX) -> float:
        """Return the size of a pixel at zoom `z`, unit of the CRS."""
        return self.side / (1 << z - self.min_zoom) / size

    @property
    def bounds(self) -> Bounds:
        """Everything that has tiles, in the CRS."""
        width, height = self.columns * self.side, self.rows * self.side
        return Bounds(self.left, self.top - height, self.left + width, self.top)

    @property
    def is_web_mercator(self) -> bool:
        """Whether clients that know only the usual web map can use these tiles."""
        usual = WEB_MERCATOR
        place = (self.crs, self.left, self.top, self.min_zoom, self.side)
        return place == (usual.crs, usual.left, usual.top, usual.min_zoom, usual.side)

    def as_dict(self) -> dict[str, Any]:
        """Return the definition in the JSON form of OGC 17-083r4."""
        corner = [self.left, self.top]
        if is_north_first(self.axes):
            corner.reverse()
        matrices = []
        for z in range(self.min_zoom, self.max_zoom + 1):
            cell = self.resolution(z)
            width, height = self.count(z)
            matrices.append(
                {
                    "id": str(z),
                    "scaleDenominator": cell * self.metres_per_unit / _OGC_PIXEL_M,
                    "cellSize": cell,
                    "cornerOfOrigin": "topLeft",
                    "pointOfOrigin": corner,
                    "tileWidth": _OGC_TILE_PX,
                    "tileHeight": _OGC_TILE_PX,
                    "matrixWidth": width,
                    "matrixHeight": height,
                }
            )
        authority, _, code = self.crs.partition(":")
        crs = self.crs_uri or f"http://www.opengis.net/def/crs/{authority}/0/{code}"
        known: dict[str, Any] = {"uri": self.uri} if self.uri else {}
        axes = list(self.axes)
        told = {"crs": crs, "orderedAxes": axes, "tileMatrices": matrices}
        return {"id": self.id, "title": self.title, **known, **told}


_NORTH = frozenset({"y", "n", "lat", "latitude", "northing"})
"""Names of axes, in small letters, that go north."""
METRES_IN_DEGREE = 6378137.0 * 3.141592653589793 / 180
"""Of the equator of WGS84; OGC counts degrees so."""
_OGC_SETS = "http://www.opengis.net/def/tilematrixset/OGC/1.0/"
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

WORLD_CRS84 = TileMatrixSet(
    id="WorldCRS84Quad",
    title="CRS84 for the World",
    crs="EPSG:4326",
    left=-180.0,
    top=90.0,
    side=180.0,
    columns=2,
    max_zoom=23,
    metres_per_unit=METRES_IN_DEGREE,
    uri=f"{_OGC_SETS}WorldCRS84Quad",
    crs_uri="http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    axes=("Lon", "Lat"),
)
"""Longitude and latitude (everywhere in this program x comes first, as in CRS84)."""

NETHERLANDS_RD = TileMatrixSet(
    id="NetherlandsRDNewQuad",
    title="Rijksdriehoekstelsel (Amersfoort / RD New), as in the Dutch tiling guideline",
    crs="EPSG:28992",
    left=-285_401.92,
    top=903_401.92,
    side=880_803.84,
    max_zoom=19,
)
"""The national grid of the Netherlands: Geonovum's guideline for tiling, used by PDOK."""

EUROPE_LAEA = TileMatrixSet(
    id="EuropeanETRS89_LAEAQuad",
    title="Lambert Azimuthal Equal Area ETRS89 for Europe",
    crs="EPSG:3035",
    left=2_000_000.0,
    top=5_500_000.0,
    side=4_500_000.0,
    max_zoom=15,
    uri=f"{_OGC_SETS}EuropeanETRS89_LAEAQuad",
    axes=("Y", "X"),
)
"""Equal areas over Europe, as INSPIRE and Copernicus use it."""

_MERIDIAN_M = 20_003_931.4586255
"""From pole to pole along a meridian of WGS84: the side of a UTM tile at zoom 1."""
_UTM_NAME = re.compile(r"UTM(0[1-9]|[1-5]\d|60)WGS84Quad")
_OTHER_NAMES = {"EPSG:28992": "NetherlandsRDNewQuad", "EPSG:3857": "WebMercatorQuad"}


def is_north_first(axes: tuple[str, str]) -> bool:
    """Whether the first of two axes (`Lat`, `Y`, `N`) goes north."""
    return axes[0].lower() in _NORTH


@lru_cache(maxsize=4096)
def _tile(matrix: TileMatrixSet, z: int, x: int, y: int, size: int) -> Grid:
    """Return a tile that exists; the same object again, so that what is kept of it is at hand."""
    side = matrix.side / (1 << z - matrix.min_zoom)
    pixel = side / size
    corner = Affine(pixel, 0.0, matrix.left + x * side, 0.0, -pixel, matrix.top - y * side)
    return Grid(crs=matrix.crs, transform=corner, height=size, width=size)


@lru_cache(maxsize=60)
def utm_set(zone: int) -> TileMatrixSet:
    """Return `UTM31WGS84Quad` of OGC 17-083r4, or the same for another zone, 1 to 60."""
    name = f"UTM{zone:02d}WGS84Quad"
    return TileMatrixSet(
        id=name,
        title=f"Universal Transverse Mercator Zone {zone} WGS 84 Quad",
        crs=f"EPSG:{32_600 + zone}",
        left=500_000.0 - _MERIDIAN_M / 2,
        top=_MERIDIAN_M,
        side=_MERIDIAN_M,
        rows=2,
        min_zoom=1,
        uri=f"{_OGC_SETS}{name}" if zone == 31 else None,
        axes=("E", "N"),
    )


MATRIX_SETS: Mapping[str, TileMatrixSet] = {
    each.id: each
    for each in (
        WEB_MERCATOR,
        NETHERLANDS_RD,
        WORLD_CRS84,
        EUROPE_LAEA,
        *(utm_set(zone) for zone in range(1, 61)),
    )
}
"""All tile matrix sets of the program by name."""


def matrix_set(id: str, more: Mapping[str, TileMatrixSet] | None = None) -> TileMatrixSet:
    """Return the tile matrix set with this name.

    Args:
        id: its name; the RD grid is also known as `EPSG:28992`, as in PDOK's WMTS.
        more: further sets, of this portal only.

    Raises:
        UnknownMatrixSet: there is none.
    """
    name = _OTHER_NAMES.get(id, id)
    found = MATRIX_SETS.get(name) or (more or {}).get(name)
    if found is None:
        named = [name for name in MATRIX_SETS if not _UTM_NAME.fullmatch(name)]
        known = ", ".join([*named, *(more or {}), "UTM01WGS84Quad … UTM60WGS84Quad"])
        raise UnknownMatrixSet(matrix=id[:80], known=known)
    return found
