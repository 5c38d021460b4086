"""Overviews (`.ovr`) and masks (`.msk`) in files beside the image, as GDAL makes them.

The files are read as if they stood behind the image in one long file: places of blocks move by
the length of what comes before, and the reader need not know.
"""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from landzicht.formats.ranges import LocalFile, Range
from landzicht.formats.tags import DamagedTiff, OtherProfile
from landzicht.formats.tiff import Directory, Header, read_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from landzicht.formats.ranges import ByteSource
    from landzicht.formats.tags import Source

OVERVIEWS, MASK = ".ovr", ".msk"


class JoinedFiles:
    """Several files on this disk as one; implements `ByteSource`."""

    is_far = False
    age = 0.0

    def __init__(self, paths: Sequence[Path], identity: str) -> None:
        self._files = [LocalFile(path, identity) for path in paths]
        self.begins = [0]
        for path in paths:
            self.begins.append(self.begins[-1] + path.stat().st_size)
        self.identity = identity

    def header(self) -> AbstractContextManager[Source]:
        """See `ByteSource`; of the first file."""
        return self._files[0].header()

    def read(self, ranges: Sequence[Range]) -> list[bytes]:
        """See `ByteSource`."""
        found = []
        for offset, size in ranges:
            place = max(n for n, begin in enumerate(self.begins[:-1]) if begin <= offset)
            found += self._files[place].read([Range(offset - self.begins[place], size)])
        return found

    def local(self) -> Path:
        """See `ByteSource`; the first file."""
        return self._files[0].local()


def beside(path: Path, ending: str) -> Path | None:
    """Return the file of the same name with an ending behind it, or None when there is none.

    Only a regular file in the same folder: a link to elsewhere is nothing that came with it.
    """
    other = path.with_name(path.name + ending)
    try:
        if not stat.S_ISREG(other.stat().st_mode):
            return None
        same = os.path.realpath(other.parent) == os.path.realpath(os.path.realpath(other) + "/..")
    except OSError:
        return None
    return other if same else None


def with_sidecars(source: ByteSource, header: Header) -> tuple[ByteSource, Header]:
    """Return the bytes and the header of an image together with what lies beside it.

    Raises:
        DamagedTiff: a file beside it is damaged, or does not fit.
    """
    if source.is_far:
        return source, header
    path = source.local()
    overviews = beside(path, OVERVIEWS) if len(header.levels) == 1 else None
    mask = beside(path, MASK) if header.masks[0] is None else None
    smaller_mask = beside(mask, OVERVIEWS) if mask else None
    extra = [each for each in (overviews, mask, smaller_mask) if each]
    if not extra:
        return source, header
    joined = JoinedFiles([path, *extra], source.identity)
    begins = dict(zip(extra, joined.begins[1:], strict=False))
    levels, masks = list(header.levels), list(header.masks)
    if overviews:
        found = _header(overviews)
        levels += [_moved(image, begins[overviews]) for image in found.levels]
        masks += [image and _moved(image, begins[overviews]) for image in found.masks]
        _check(levels)
    if mask:
        by_shape: dict[tuple[int, int], Directory] = {}
        for part in [mask, *([smaller_mask] if smaller_mask else [])]:
            for image in _header(part).levels:
                by_shape[image.height, image.width] = _as_mask(_moved(image, begins[part]))
        masks = [by_shape.get((image.height, image.width)) for image in levels]
        if masks[0] is None:
            raise DamagedTiff("does not fit the mask beside it")
    # A level without its mask would show what is not there; it is better left out.
    kept = [place for place, found in enumerate(masks) if found or not masks[0]]
    chosen = tuple(levels[place] for place in kept), tuple(masks[place] for place in kept)
    return joined, Header(levels=chosen[0], masks=chosen[1], nodata=header.nodata)


def _header(path: Path) -> Header:
    try:
        return read_header(path)
    except OtherProfile as error:
        raise DamagedTiff(f"has a {path.suffix} beside it that {error}") from error


def _moved(image: Directory, begin: int) -> Directory:
    return replace(image, offsets=image.offsets + begin)


def _as_mask(image: Directory) -> Directory:
    if image.samples != 1 or image.dtype.itemsize != 1:
        raise DamagedTiff("has a mask beside it that is no mask")
    return replace(image, mask=True, predictor=1)


def _check(levels: Sequence[Directory]) -> None:
    first = levels[0]
    if any(
        (level.dtype, level.samples) != (first.dtype, first.samples) or level.width >= before.width
        for before, level in pairwise(levels)
    ):
        raise DamagedTiff("does not fit the overviews beside it")
