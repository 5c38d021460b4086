"""One image of any sensor, ready to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landzicht.kinds import Band, BandKind

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from landzicht.grid import Grid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """One raster of a product."""

    band: Band
    """What the numbers mean."""
    grid: Grid
    """Where the pixels lie."""
    values: NDArray[Any]
    """`(y, x)` stored numbers, of the dtype of the band."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Product:
    """What one pass of one sensor gives, with the truth behind it."""

    id: str
    """Name, beginning with `SIM_`."""
    collection: str
    """Id of the collection."""
    moment: dt.datetime
    """Time, UTC."""
    planes: tuple[Plane, ...]
    """The image."""
    footprint: dict[str, Any]
    """GeoJSON polygon of what was seen, WGS84."""
    properties: dict[str, Any]
    """STAC properties besides time, title and projection."""
    truths: tuple[Plane, ...] = ()
    """Rasters of what really was there; the name of the band tells what."""
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """GeoJSON of what really was there, by name."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the manifest tells about it: `cloud`, `ships`, `flooded_ha`, …"""


def truth_plane(name: str, values: NDArray[Any], grid: Grid, *, codes: bool = True) -> Plane:
    """Return a raster of what really was there.

    Args:
        name: what it tells.
        values: `(y, x)`.
        grid: where the pixels lie.
        codes: True for classes, False for an amount.
    """
    kind = BandKind.CATEGORICAL if codes else BandKind.CONTINUOUS
    band = Band(name=name, dtype=str(values.dtype), kind=kind, title=f"Truth: {name}")
    return Plane(band=band, grid=grid, values=values)
