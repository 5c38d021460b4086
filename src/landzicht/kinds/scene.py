"""A scene: the files of one place at one time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from landzicht.grid import Bounds, Grid
    from landzicht.kinds.band import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One band of a scene on one grid, in a file of its own or one of several in a file."""

    key: str
    """Asset key; equal to the band's name. Formulas use it."""
    href: str
    """Path below the portal's data folder (`files/3f/3f…9c.tif`), always with `/`; or, for a file
    that is used where it is, its address: see `landzicht.kinds.Link`."""
    band: Band
    """What the numbers mean."""
    grid: Grid
    """Where the pixels lie."""
    size: int
    """Bytes; 0 = not known (only of a file that is used where it is)."""
    sha256: str
    """Checksum of the file, hexadecimal; empty = not known (as above)."""
    statistics: Mapping[str, float] = field(default_factory=dict)
    """STAC `statistics` of the physical values: `minimum`, `maximum`, `mean`, `stddev`,
    `valid_percent`; from a sampled overview, so approximate."""
    index: int = 1
    """Which band of the file it is, from 1."""
    array: str | None = None
    """Name of the array in a container (a NetCDF variable, a path in a Zarr store), or None."""
    has_mask: bool = False
    """Whether the file carries its own validity mask (an internal mask, True = usable)."""
    etag: str = ""
    """What a server called the file's bytes when it was linked; empty = not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that one satellite pass, flight or delivery says about one place at one time."""

    id: str
    """Unique in its collection: letters, digits, `-`, `_`, `.`; at most 200 characters."""
    collection: str
    """Id of the collection."""
    moment: datetime
    """Nominal time of observation, UTC. For a period: its start."""
    end: datetime | None = None
    """End of the period that the scene stands for, UTC, or None for a moment."""
    bounds: Bounds
    """WGS84 degrees; `west > east` when the scene crosses the antimeridian (RFC 7946, 5.2)."""
    footprint: Mapping[str, Any]
    """GeoJSON Polygon or MultiPolygon, WGS84."""
    assets: Mapping[str, Asset]
    """By key."""
    source: str
    """Identity: SHA-256 (hexadecimal) of the source bytes plus the recipe."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Further STAC properties (`eo:cloud_cover`, `platform`, `view:sun_elevation`, …)."""
    simulated: bool = False
    """True when no satellite ever saw this."""
