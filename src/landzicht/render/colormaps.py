"""Colour maps by name. All can be told apart by colour-blind eyes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.errors.pixels import UnknownColormap
from landzicht.render import tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLES = {
    "viridis": tables.VIRIDIS,
    "cividis": tables.CIVIDIS,
    "magma": tables.MAGMA,
    "inferno": tables.INFERNO,
    "greens": tables.GREENS,
    "blues": tables.BLUES,
    "ylgn": tables.YLGN,
    "ylgnbu": tables.YLGNBU,
    "prgn": tables.PRGN,
    "brbg": tables.BRBG,
    "rdbu": tables.RDBU,
    "gray": tables.GRAY,
    "greys": tables.GREYS,
}
_REVERSED = "_r"
DEFAULT = "viridis"
"""Used when nobody chose."""
COLORMAPS = tuple(name + end for name in _TABLES for end in ("", _REVERSED))
"""All names; `_r` turns a map round."""


def check_name(name: str) -> None:
    """Make sure that a colour map has this name.

    Raises:
        UnknownColormap: there is none.
    """
    if name.lower() not in COLORMAPS:
        raise UnknownColormap(colormap=name[:80], known=", ".join(_TABLES))


@lru_cache(maxsize=256)
def colormap(name: str, steps: int = 256) -> NDArray[np.uint8]:
    """Return `(steps, 3)` red, green, blue from low to high; not to be changed.

    Args:
        name: one of `COLORMAPS`; or `#` and colours in hexadecimal, for a scale without a name.
        steps: how many colours.

    Raises:
        UnknownColormap: there is none with this name.
    """
    key = name.lower()
    if key not in COLORMAPS and not key.startswith("#"):
        raise UnknownColormap(colormap=name[:80], known=", ".join(_TABLES))
    told = key[1:] if key.startswith("#") else _TABLES[key.removesuffix(_REVERSED)]
    anchors = np.frombuffer(bytes.fromhex(told), np.uint8)
    anchors = anchors.reshape(-1, 3)
    if key.endswith(_REVERSED):
        anchors = anchors[::-1]
    at = np.linspace(0, len(anchors) - 1, steps)
    bands = [np.interp(at, np.arange(len(anchors)), anchors[:, band]) for band in range(3)]
    colours = np.round(np.stack(bands, axis=1)).astype(np.uint8)
    colours.flags.writeable = False
    return colours
