"""Pixels in memory, with what they mean and which of them count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from landzicht.grid import Grid, Window
    from landzicht.kinds.band import Band


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Pixels of one moment on one grid."""

    values: NDArray[Any]
    """`(band, y, x)`, storage dtype; apply `band.scale` and `band.offset` for physical values."""
    valid: NDArray[np.bool_]
    """`(band, y, x)`; True = usable. The opposite of numpy.ma, as in a GeoTIFF mask."""
    grid: Grid
    """Where the pixels lie."""
    bands: tuple[Band, ...]
    """One for each plane of `values`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """A window of one band as its rows lie in memory, perhaps amid others; nothing was copied."""

    values: NDArray[Any]
    """`(m,)` stored numbers, not to be changed; pixel `(y, x)` is `values[y * stride + x]`.
    Numbers of other bands may lie between them."""
    stride: int
    """From a pixel to the one below it."""
    nodata: int | None = None
    """Pixels of this number are not usable; None = every number is."""
    valid: NDArray[np.bool_] | None = None
    """`(m,)`; True = usable, but for nodata; or None when all pixels of the window are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """The part of a window that one stored block has, as it lies in memory; nothing was copied."""

    window: Window
    """Of the level; the part."""
    values: NDArray[Any]
    """`(m,)` stored whole numbers, not to be changed; pixel `(y, x)` of the part is
    `values[y * stride + x]`."""
    stride: int
    """From a pixel to the one below it."""
    nodata: float | None
    """Pixels of this number are not usable; all others are. None = all are."""
