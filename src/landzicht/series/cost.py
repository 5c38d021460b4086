"""What an answer costs, told before a pixel is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.grid import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.kinds import Asset
    from landzicht.series.divide import Cell
    from landzicht.series.plan import Overpass, Question, Source
    from landzicht.series.run import Land
    from landzicht.series.statistics import Statistics

_BLOCK = 512
"""Rows and columns of a block of our own files: what lies in a block is decoded with it."""
_WEIGHT = 8
_EDGES = 1.3
"""A parcel of a few hectares touches so many times its area in pixels of 10 m."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What has to be done for an answer."""

    parcels: int
    """Parcels that can be measured."""
    dates: int
    """Overpasses."""
    stored: int
    """Overpasses whose answer is kept from before: these cost nothing."""
    scenes: int
    """Scenes in the other overpasses that parcels lie in."""
    pixels: int
    """Pixels to decode, of all bands together."""
    bytes: int
    """Bytes that these are in memory, one after the other."""
    memory: int
    """Bytes in memory at once, above what a process needs anyway."""


def cost_of(
    land: Land,
    passes: Sequence[Overpass],
    question: Question,
    wanted: Statistics,
    known: Sequence[bool],
    threads: int,
) -> Cost:
    """Return what measuring costs; reads no pixel.

    Args:
        land: the parcels.
        passes: the dates.
        question: which value a pixel has.
        wanted: which statistics.
        known: `(date,)`, True = its answer is kept.
        threads: cells that are read at once.
    """
    scenes = pixels = size = largest = 0
    for overpass, is_known in zip(passes, known, strict=True):
        if is_known:
            continue
        division, cells = land.division(tuple(source.grid for source in overpass.sources))
        for source, own in zip(overpass.sources, cells, strict=True):
            scenes += bool(own)
            for cell in own:
                its_pixels, its_size = _of_cell(source, cell, question)
                pixels, size = pixels + its_pixels, size + its_size
                covered = float(np.nansum(division.areas[cell.members]))
                covered = min(covered, cell.window.height * cell.window.width) * _EDGES
                held = its_size + its_pixels + covered * (_WEIGHT * (len(question.keys) + 2) + 2)
                largest = max(largest, int(held))
    columns = len(wanted.columns) + len(wanted.edges)
    table = len(land.parcels) * (columns + 4) * 8
    shapes = land.parcels.xs.nbytes * 4
    return Cost(
        parcels=len(land.parcels),
        dates=len(passes),
        stored=sum(known),
        scenes=scenes,
        pixels=pixels,
        bytes=size,
        memory=2 * threads * largest + 3 * table + shapes,
    )


def most_pixels(passes: Sequence[Overpass], question: Question) -> int:
    """Return how many pixels all scenes have together: never less than `cost_of` says."""
    return sum(
        math.prod(asset.grid.shape)
        for overpass in passes
        for source in overpass.sources
        for asset in _assets(source, question)
    )


def _assets(source: Source, question: Question) -> list[Asset]:
    keys = [*question.keys, *((question.mask.asset,) if question.mask else ())]
    return [source.scene.assets[key] for key in keys]


def _of_cell(source: Source, cell: Cell, question: Question) -> tuple[int, int]:
    """Return pixels and bytes that are decoded for a cell."""
    pixels = size = 0
    for asset in _assets(source, question):
        window = cell.window if asset.grid == source.grid else _scaled(cell.window, source, asset)
        rows = _whole(window.row, window.stop_row, asset.grid.height)
        columns = _whole(window.column, window.stop_column, asset.grid.width)
        pixels += rows * columns
        size += rows * columns * np.dtype(asset.band.dtype).itemsize
    return pixels, size


def _whole(start: int, stop: int, most: int) -> int:
    """Return the length of the blocks that a piece lies in."""
    first = start // _BLOCK * _BLOCK
    return max(0, min(most, math.ceil(stop / _BLOCK) * _BLOCK) - min(first, most))


def _scaled(window: Window, source: Source, asset: Asset) -> Window:
    """Return about the same window in a band with other pixels."""
    tall = asset.grid.height / source.grid.height
    wide = asset.grid.width / source.grid.width
    return Window(
        int(window.row * tall),
        int(window.column * wide),
        math.ceil(window.height * tall),
        math.ceil(window.width * wide),
    )
