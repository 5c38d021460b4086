"""What is made of which files: the words that contestants, servers and the table share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HALF_M = 20037508.342789244
RANGE = (0, 3000)
PIXEL_M = 10.0
GROUND = 0.617
"""Metres on the ground in a metre of Web Mercator, at the middle of the image."""
SCENES = 4
"""Of the mosaic, newest first."""
CLEAR = (4,)
"""Codes of its classification that are no cloud."""
_RGB = ("B04", "B03", "B02")
KEYS = {
    "rgb": _RGB,
    "large": _RGB,
    "bilinear": _RGB,
    "mosaic": _RGB,
    "asked": _RGB,
    "ndvi": ("B08", "B04"),
    "values": ("B04",),
    "tci": ("red", "green", "blue"),
}
"""Bands of each product; those of `tci` lie in one file."""
FORMS = {
    "foreign": "deflate, 1024",
    "own": "zstd, 512",
    "tci": "three in one, deflate, 1024",
    "jpeg": "three in one, JPEG, 512",
    "mosaic": "four scenes, deflate, 1024",
}
"""What the table calls the files."""
TITLES = {
    "tci": "RGB",
    "large": "RGB of 512 px",
    "bilinear": "RGB bilinear",
    "mosaic": "RGB without clouds",
    "asked": "RGB for another site",
}
"""What the table calls a product; else its name."""


def size_of(product: str) -> int:
    """Return the width and height of a tile in pixels."""
    return 512 if product == "large" else 256


def resampling(product: str) -> str:
    """Return how pixels are found."""
    return "bilinear" if product == "bilinear" else "nearest"


def file_of(files: Path, form: str, key: str, scene: int | None = None) -> Path:
    """Return where a band is."""
    return files / form / (f"{key}.tif" if scene is None else f"{scene}-{key}.tif")
