"""What windows are put together from: bands and masks of one level, and their blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from landzicht.formats.tags import DamagedTiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from landzicht.formats.tiff import Directory, Header
    from landzicht.grid import Window

_SLACK = 65_536


class Layer(NamedTuple):
    """One band, or the mask, of one level."""

    number: int
    """Which image of the file: twice the level, plus one for its mask."""
    image: Directory
    """Where its blocks are."""
    sample: int
    """From 0."""
    nodata: float | None
    """Fills blocks that were never written."""


def layers_of(header: Header, level: int, index: int) -> list[Layer]:
    """Return a band of one level and, when there is one, what tells where it is usable.

    Raises:
        DamagedTiff: the file has no such band.
    """
    image, mask = header.levels[level], header.masks[level]
    if not 1 <= index <= image.samples:
        raise DamagedTiff(f"has {image.samples} bands, and not band {index}")
    layers = [Layer(2 * level, image, index - 1, header.nodata)]
    if mask is not None:
        layers.append(Layer(2 * level + 1, mask, 0, None))
    elif image.alpha is not None and image.alpha != index - 1:
        layers.append(Layer(2 * level, image, image.alpha, header.nodata))
    return layers  # alpha itself has a value everywhere


def blocks_of(layer: Layer, window: Window) -> Iterator[tuple[int, int, int]]:
    """Yield the number, row and column of each block that a window touches."""
    image = layer.image
    tall, wide = image.block
    first = layer.sample * image.per_band if image.apart else 0
    width = image.across
    for down in range(window.row // tall, -(-window.stop_row // tall)):
        for across in range(window.column // wide, -(-window.stop_column // wide)):
            yield first + down * width + across, down, across


def stored_size(image: Directory, number: int) -> int:
    """Return how many bytes are stored of a block; 0 = it was never written.

    Raises:
        DamagedTiff: far more than its pixels can take; reading it would only cost memory.
    """
    size = int(image.sizes[number])
    pixels = image.block[0] * image.block[1] * (1 if image.apart else image.samples)
    if size > 2 * pixels * image.dtype.itemsize + _SLACK + len(image.tables or b""):
        raise DamagedTiff(f"has a block of {size} bytes for {pixels} values")
    return size
