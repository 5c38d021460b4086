"""A collection: scenes of one kind, with what one needs to know to use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.grid import Bounds
    from landzicht.kinds.band import Band
    from landzicht.kinds.layer import Layer
    from landzicht.kinds.span import Span
    from landzicht.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """Which pixels of a scene are usable, told by a classification band."""

    asset: str
    """Key of the categorical asset, for example `SCL`."""
    valid: tuple[int, ...]
    """Values that mean “usable”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Scenes that share bands, licence and meaning."""

    id: str
    """Letters, digits, `-`, `_`, `.`; at most 100 characters."""
    title: Text
    """Name in plain words."""
    description: Text
    """What it is, from whom, and what it is not."""
    license: str = "other"
    """SPDX identifier, or `other`."""
    providers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """`(name, roles)` of those who made and processed the data."""
    keywords: tuple[str, ...] = ()
    """For search."""
    bands: tuple[Band, ...] = ()
    """Bands that scenes of this collection can have."""
    layers: tuple[Layer, ...] = ()
    """Ways of looking at it; the first is shown first."""
    mask: Mask | None = None
    """How to tell usable pixels from cloud, or None."""
    resolution_m: float | None = None
    """Ground size of the finest pixel in metres."""
    simulated: bool = False
    """True when all of it is made up."""
    bounds: Bounds | None = None
    """Around all scenes, WGS84; filled in by the catalogue."""
    span: Span | None = None
    """First to last scene; filled in by the catalogue."""
    count: int = 0
    """Number of scenes; filled in by the catalogue."""
    sources: tuple[str, ...] = field(default_factory=tuple)
    """Where the data came from, as sentences for the attribution."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the STAC collection, kept as somebody wrote them."""
