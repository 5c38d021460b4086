"""A finished picture, or other bytes made of pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Bytes to send, and what they were made from."""

    content: bytes
    """The encoded file."""
    media_type: str
    """`image/png`, …"""
    etag: str
    """Changes whenever the content may change; without quotes."""
    scenes: tuple[str, ...] = ()
    """Ids of the scenes whose pixels are in it, first used first; empty = nothing here."""
    simulated: bool = False
    """Whether any of these scenes is made up."""
