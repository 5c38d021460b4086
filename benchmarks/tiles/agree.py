"""Whether two tiles show the same, before anybody is timed.

GDAL's transformer may be an eighth of a pixel off, so a share of the nearest-neighbour pixels
comes from the neighbour; the bounds below are those that were found between rio-tiler and pyproj
on every pixel (0.4 % at zoom 14, 1.5 % at 13, 2.9 % at 10 and 12, 6.0 % at 9; it depends on the
place), with a margin. Our own tests hold us to 0.2 % of pyproj.
"""

from __future__ import annotations

import io

import imagecodecs
import numpy as np

MOST_OTHER_VALUES = {10: 0.07, 12: 0.07, 13: 0.03, 14: 0.01}
"""Share of pixels with another stored number, by zoom."""
MOST_OTHER_COLOURS = 0.06
"""Share of pixels with another colour: further off than rounding here and cutting there explain."""
STEPS = {"ndvi": 8}
FEW_STEPS, JPEG_STEPS = 2, 8
"""Of 255, that rounding explains; a colour map makes one step of the index into several, and GDAL
enlarges the colours of a JPEG inside a TIFF coarsely."""
LOSSY_STEPS = 3.0
"""Mean difference of JPEG or WebP, of 255 steps."""


def values_differ(ours: bytes, theirs: bytes) -> float:
    """Return the share of pixels with other numbers, of those that both have."""
    a, b = (np.load(io.BytesIO(each)) for each in (ours, theirs))
    both = (a[-1] != 0) & (b[-1] != 0)
    assert both.mean() > 0.99 * max((a[-1] != 0).mean(), (b[-1] != 0).mean())
    return float((a[0][both] != b[0][both]).mean()) if both.any() else 0.0


def pixels(content: bytes, ending: str) -> np.ndarray:
    """Return `(y, x, 3)` colours, 0 where see-through."""
    if ending == "jpg":
        return imagecodecs.jpeg8_decode(content).astype(np.int16)
    if ending == "webp":
        found = imagecodecs.webp_decode(content)
    else:
        found = imagecodecs.png_decode(content)
    if found.shape[-1] == 4:
        found = np.where(found[..., 3:] > 0, found, 0)
    return found[..., :3].astype(np.int16)


def check_pictures(ours: bytes, theirs: bytes, form: str, product: str, ending: str) -> None:
    """Make sure that two pictures are as alike as they can be."""
    apart = np.abs(pixels(ours, ending) - pixels(theirs, ending)).max(axis=-1)
    if ending == "png":
        most = JPEG_STEPS if form == "jpeg" else STEPS.get(product, FEW_STEPS)
        share = float((apart > most).mean())
        assert share <= MOST_OTHER_COLOURS, f"{share:.1%} of the pixels have another colour"
    else:
        assert float(apart.mean()) <= LOSSY_STEPS
