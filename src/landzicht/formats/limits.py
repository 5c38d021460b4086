"""The largest images that are opened, whatever their format."""

from __future__ import annotations

MAX_SIDE = 150_000
"""Longest side in pixels. A national aerial photo comes in sheets far below this."""
MAX_PIXELS = 4_000_000_000
"""Pixels of one band: 33 Sentinel-2 tiles."""


def is_too_large(height: int, width: int) -> bool:
    """Whether an image has a side, or more pixels, than we open."""
    return max(height, width) > MAX_SIDE or height * width > MAX_PIXELS
