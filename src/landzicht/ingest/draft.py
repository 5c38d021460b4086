"""What would become a scene, before anything is converted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from landzicht.kinds import Band, Collection, Finding, Link, RasterInfo


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DraftAsset:
    """One band of one source file."""

    key: str
    """Asset key; equal to the band's name."""
    info: RasterInfo
    """The header of the file."""
    index: int
    """Band in the file, from 1."""
    band: Band
    """What the numbers mean, as far as known."""
    link: Link | None = None
    """Where the file is to be used, when it is not taken in."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """One scene to be, with everything that was noticed about it so far."""

    path: str
    """File or folder, as the user named it."""
    collection: Collection
    """Where it goes; used as it is when the catalogue has no such collection yet."""
    id: str
    """Id that the scene would like to have."""
    moment: datetime | None = None
    """Time of observation, UTC; None when nothing tells."""
    end: datetime | None = None
    """End of the period, UTC, or None for a moment."""
    assets: tuple[DraftAsset, ...] = ()
    """Bands, in the order in which the collection shows them."""
    papers: tuple[Path, ...] = ()
    """Metadata files that the meaning of the bands was read from; part of the identity."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """Further STAC properties."""
    simulated: bool = False
    """True when the source says that no satellite ever saw this."""
    by_recipe: bool = False
    """True when a recipe says how the collection must look; it then wins over the catalogue."""
    linked: bool = False
    """True when the files are to be used where they are; each asset then has a link."""
    own_collection: bool = True
    """False when the collection's id was made up from a file name: it is not part of the identity,
    so that a renamed copy is known."""
    own_names: bool = True
    """False when the names of bands were made up from a file name; as above."""
    findings: tuple[Finding, ...] = ()
    """Noticed while sniffing."""
