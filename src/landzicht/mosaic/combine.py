"""Many observations of a pixel made into one: median, mean, highest, lowest, spread.

What is combined are the values shown (a band, or a formula worked out for each scene), as TiTiler
does, so that the median of NDVI is that of NDVI and not the NDVI of medians. Only observations
count that the mask calls usable. Memory is bounded: rows are done in strips.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.grid import Window
from landzicht.kinds import Band
from landzicht.mosaic.fill import Mosaic, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from landzicht.kinds import Scene
    from landzicht.mosaic.fill import Want
    from landzicht.ports import Reader

    Channels = Callable[[Mosaic], tuple[NDArray[Any], NDArray[np.bool_]]]
    Values = NDArray[Any]

RULES = ("median", "mean", "highest", "lowest", "stdev", "lastbandhigh", "lastbandlow")
"""Ways to make one value of many; beside these the first usable one wins."""
_MOST_BYTES = 64_000_000
"""Values of all scenes held at once."""


def combine(
    scenes: Sequence[Scene],
    want: Want,
    reader: Reader,
    rule: str,
    channels: tuple[tuple[str, ...], Channels],
) -> Mosaic:
    """Combine all scenes.

    Args:
        scenes: those that count; the caller bounds their number.
        want: bands, grid and how, as for `fill`.
        reader: gives the pixels.
        rule: one of `RULES`.
        channels: names of what is shown, and what works it out for a mosaic of one scene: values
            `(channel, y, x)` and where all of them exist.

    Returns:
        One band per name, in the values that the callable gives.

    Raises:
        TooManyPixels: a file without overviews, seen from too far.
        StoredFileFailed: a file is gone or damaged.
    """
    names, work_out = channels
    height, width = want.target.shape
    row_bytes = max(1, len(scenes)) * len(names) * width * 8
    rows = max(1, min(height, _MOST_BYTES // row_bytes))
    made = np.zeros((len(names), height, width), np.float32)
    usable = np.zeros((height, width), np.bool_)
    used: dict[str, Scene] = {}
    for top in range(0, height, rows):
        strip = Window(top, 0, min(rows, height - top), width)
        found = _observed(scenes, _part(want, strip), reader, work_out)
        if found is None:
            continue
        stack, seen = found
        used |= {scene.id: scene for scene in seen}
        with np.errstate(invalid="ignore"):  # infinite values: what comes of them may be none
            values, known = _REDUCE[rule](stack)
        known &= ~np.isnan(values).any(axis=0)
        if made.dtype != values.dtype:
            made = made.astype(values.dtype)
        made[:, top : top + strip.height] = np.where(known, values, 0)
        usable[top : top + strip.height] = known
    bands = {
        name: (plane, Band(name=name, dtype=str(made.dtype)))
        for name, plane in zip(names, made, strict=True)
    }
    in_order = tuple(scene for scene in scenes if scene.id in used)
    return Mosaic(bands=bands if used else {}, usable=usable, scenes=in_order)


def _part(want: Want, strip: Window) -> Want:
    if strip.height == want.target.height:
        return want
    only = want.only
    if only is not None:
        only = only[strip.row : strip.row + strip.height]
    return replace(want, target=want.target.crop(strip), only=only)


def _observed(
    scenes: Sequence[Scene], want: Want, reader: Reader, work_out: Channels
) -> tuple[Values, list[Scene]] | None:
    """Return `(scene, channel, y, x)` with NaN where nothing was seen, and the scenes in it."""
    planes, seen = [], []
    for scene in scenes:
        alone = fill((scene,), want, reader)
        if not alone.bands:
            continue
        values, known = work_out(alone)
        if known.any():
            planes.append(np.where(known, values, np.nan))
            seen.append(scene)
    return (np.stack(planes), seen) if planes else None


def _known(stack: Values) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = ~np.isnan(stack[:, 0])
    return found


def _anywhere(stack: Values) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.any(_known(stack), axis=0)
    return found


def _median(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    """The middle one, or the mean of the two in the middle."""
    count = _known(stack).sum(axis=0)
    ordered = np.sort(stack, axis=0)  # NaN comes last
    last = np.maximum(count - 1, 0)
    lower = np.take_along_axis(ordered, (last // 2)[None, None], axis=0)[0]
    upper = np.take_along_axis(ordered, ((last + 1) // 2)[None, None], axis=0)[0]
    return np.where(lower == upper, lower, lower + (upper - lower) / 2), count > 0


def _mean(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    known = _known(stack)
    count = known.sum(axis=0)
    total = np.where(known[:, None], stack, 0).sum(axis=0, dtype=np.float64)
    return (total / np.maximum(count, 1)).astype(stack.dtype), count > 0


def _stdev(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    """Of the population, as numpy and TiTiler have it."""
    known = _known(stack)
    count = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known[:, None], stack, 0).sum(axis=0, dtype=np.float64) / count
    off = np.where(known[:, None], stack - middle, 0)
    return np.sqrt((off * off).sum(axis=0) / count).astype(stack.dtype), _anywhere(stack)


def _highest(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    return np.fmax.reduce(stack, axis=0), _anywhere(stack)


def _lowest(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    return np.fmin.reduce(stack, axis=0), _anywhere(stack)


def _last_high(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    """All channels of the scene in which the last one is highest; the first of equal ones."""
    known = _known(stack)
    best = np.where(known, stack[:, -1], -np.inf).argmax(axis=0)
    return np.take_along_axis(stack, best[None, None], axis=0)[0], _anywhere(stack)


def _last_low(stack: Values) -> tuple[Values, NDArray[np.bool_]]:
    values, known = _last_high(-stack)
    return -values, known


_REDUCE: dict[str, Callable[[Values], tuple[Values, NDArray[np.bool_]]]] = {
    "median": _median,
    "mean": _mean,
    "highest": _highest,
    "lowest": _lowest,
    "stdev": _stdev,
    "lastbandhigh": _last_high,
    "lastbandlow": _last_low,
}
