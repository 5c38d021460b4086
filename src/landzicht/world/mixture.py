"""From shapes to pixels: which materials each pixel holds, and how much of each.

Vector first, raster second: shapes are stacked like sheets of paper, and a pixel sees of each
sheet what the sheets above leave free. Most pixels hold one material; the others are a sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.cover import Coverage, cover

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from landzicht.world.town import Drawn

_LEAST_SHARE = 0.004


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mixture:
    """What every pixel is made of."""

    size: tuple[int, int]
    """`(height, width)`."""
    main: NDArray[np.int32]
    """(height * width,) The material of a pure pixel; of a mixed one any of its materials."""
    mixed: NDArray[np.int32]
    """(m,) Flat index of the pixels with more than one material, increasing."""
    start: NDArray[np.int64]
    """(m,) Where the parts of each mixed pixel begin in `part` and `share`."""
    part: NDArray[np.int32]
    """(k,) Material of each part."""
    share: NDArray[np.float32]
    """(k,) Share of the pixel; those of one pixel add up to 1."""

    def paint(self, values: ArrayLike) -> NDArray[np.float32]:
        """Return `(height, width)` the mean over each pixel of a value that each material has.

        Args:
            values: (materials,) for example the reflectance in one band.
        """
        table = np.asarray(values, np.float32)
        out = np.take(table, self.main)
        if len(self.mixed):
            out[self.mixed] = np.add.reduceat(table[self.part] * self.share, self.start)
        return out.reshape(self.size)

    def paint_uneven(
        self, values: ArrayLike, rough: ArrayLike, texture: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the mean over each pixel of `values + rough * texture`.

        The same as painting both and adding them up, in about half the time.

        Args:
            values: (materials,) for example the reflectance in one band.
            rough: (materials,) what one unit of texture adds to that.
            texture: (height, width).
        """
        even, uneven = (np.ascontiguousarray(v, np.float32) for v in (values, rough))
        out = np.take(uneven, self.main)
        out *= texture.reshape(-1)
        out += np.take(even, self.main)
        pixels, parts = _by_turn(self)
        if len(pixels):
            grain = texture.reshape(-1)[pixels]
            total = np.zeros(len(pixels), np.float32)
            for part, share in parts:
                count = len(part)
                total[:count] += (even[part] + uneven[part] * grain[:count]) * share
            out[pixels] = total
        return out.reshape(self.size)


@lru_cache(maxsize=4)
def _by_turn(
    mixture: Mixture,
) -> tuple[NDArray[np.int32], list[tuple[NDArray[np.int32], NDArray[np.float32]]]]:
    """Return the mixed pixels, those with most parts first, and their first, second, … parts.

    Whole arrays of first parts, second parts and so on are added up much faster than the parts of
    one pixel after the other. Each array is as long as there are pixels with so many parts.
    """
    counts = np.diff(np.append(mixture.start, len(mixture.part)))
    order = np.argsort(-counts, kind="stable")
    start, counts = mixture.start[order], counts[order]
    turns = []
    for turn in range(int(counts.max(initial=0))):
        at = start[: int((counts > turn).sum())] + turn
        turns.append((mixture.part[at], mixture.share[at]))
    return mixture.mixed[order], turns


class Stack:
    """Sheets laid under each other, the top one first."""

    def __init__(self, size: tuple[int, int], pixel: float, origin: tuple[float, float]) -> None:
        """Start with nothing: every pixel is open."""
        self._size, self._pixel, self._origin = size, pixel, origin
        self._open = np.ones(size[0] * size[1], np.float32)
        self._scratch = np.zeros_like(self._open)
        self._pixels: list[NDArray[np.int32]] = []
        self._parts: list[NDArray[np.int32]] = []
        self._shares: list[NDArray[np.float32]] = []

    def under(self, drawn: Iterable[Drawn]) -> None:
        """Lay sheets of one material each under what is there."""
        for material, shapes in drawn:
            found = cover(shapes, self._size, self._pixel, self._origin)
            self.lay(found, np.full(len(shapes), int(material), np.int32))

    def lay(self, found: Coverage, materials: NDArray[np.int32]) -> None:
        """Lay one sheet, on which each shape has its own material, under what is there.

        What lies on another sheet is taken to be beside it as long as both fit in the pixel,
        which is exact for shapes that do not overlap and for a sheet under the whole pixel.
        Shapes that want more than is free get a proportional part.
        """
        pixel = found.pixel
        np.add.at(self._scratch, pixel, found.share)
        share = found.share * np.minimum(self._open[pixel] / self._scratch[pixel], np.float32(1))
        self._scratch[pixel] = 0
        np.subtract.at(self._open, pixel, share)
        seen = share > _LEAST_SHARE
        self._pixels.append(pixel[seen])
        self._parts.append(materials[found.shape[seen]])
        self._shares.append(share[seen])

    def finish(self, rest: int) -> Mixture:
        """Fill what is still open with the material `rest` and return the mixture."""
        left = np.flatnonzero(self._open > _LEAST_SHARE).astype(np.int32)
        pixel = np.concatenate([*self._pixels, left])
        part = np.concatenate([*self._parts, np.full(len(left), rest, np.int32)])
        share = np.concatenate([*self._shares, self._open[left]])
        count = np.bincount(pixel, minlength=len(self._open))
        main = np.zeros(len(self._open), np.int32)
        main[pixel] = part
        several = count[pixel] > 1
        pixel, part, share = pixel[several], part[several], share[several]
        order = np.argsort(pixel, kind="stable")
        pixel, part, share = pixel[order], part[order], share[order]
        mixed = np.flatnonzero(count > 1).astype(np.int32)
        start = np.concatenate([[0], np.cumsum(count[mixed])[:-1]]).astype(np.int64)
        if len(mixed):
            total = np.add.reduceat(share, start)
            share = share / np.repeat(total, count[mixed])
        return Mixture(size=self._size, main=main, mixed=mixed, start=start, part=part, share=share)
