"""Writing cloud-optimised GeoTIFFs: streaming, exact, and the same bytes every time.

Our own layout instead of GDAL's COG driver: that one makes the file twice, averages odd sizes in
its own way and takes four times as long for a small image; and equal bytes for equal input must
not depend on which GDAL is installed, since files are named after their content.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.formats.convert import convert_rows
from landzicht.formats.export import geotiff
from landzicht.formats.georeference import geo_tags
from landzicht.formats.layout import Directory, write_layout
from landzicht.formats.levels import Level, Spool, level_shapes
from landzicht.formats.metadata import describing_tags, nodata_text
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.statistics import Sampler
from landzicht.formats.tiles import TILE
from landzicht.kinds import OWN_MASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Band, Block, Conversion

    Strip = tuple[NDArray[Any], NDArray[np.bool_] | None]

PART = ".part"
"""Ending of files that are being written; left-overs of killed runs may be deleted."""


class CogWriter:
    """Implements `landzicht.ports.Writer`. Safe to use from many threads."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Make a writer.

        Args:
            sandbox: children in which the pixels of foreign files are decoded; None = its own.
        """
        self._sandbox = sandbox or Sandbox()

    def convert(self, job: Conversion, target: Path) -> Mapping[str, float]:
        """Write one band of a source file to `target`, in bounded memory.

        Raises:
            UnreadableFile: the pixels of the source are damaged.
            DiskFailed: the disk is full or read-only; `target` is removed.
        """
        try:
            answer: Mapping[str, float] = self._sandbox.call(
                "convert", (job, target), job.source, seconds=_patience(job.grid)
            )
        except BaseException:
            _remove_parts(target)
            raise
        return answer

    def write(
        self,
        values: NDArray[Any],
        grid: Grid,
        band: Band,
        target: Path,
        tags: Mapping[str, str],
    ) -> Mapping[str, float]:
        """Write an array `(y, x)` of `band.dtype` to `target`; the same input gives equal bytes.

        Raises:
            DiskFailed: the disk is full or read-only; `target` is removed.
        """
        if values.shape != grid.shape or values.dtype != np.dtype(band.dtype):
            message = f"{values.dtype} {values.shape} is not {band.dtype} {grid.shape}"
            raise ValueError(message)
        strips = ((values[row : row + TILE], None) for row in range(0, grid.height, TILE))
        return _write_strips(strips, grid, band, target, tags, masked=False)

    def export(self, block: Block, tags: Mapping[str, str]) -> bytes:
        """Return pixels as a GeoTIFF, for handing out; see `landzicht.formats.export.geotiff`."""
        return geotiff(block, tags)


def convert_here(job: Conversion, target: Path) -> Mapping[str, float]:
    """Convert in this process; see `CogWriter.convert`."""
    with convert_rows(job) as strips:
        masked = job.mask in OWN_MASKS
        return _write_strips(strips, job.grid, job.band, target, job.tags, masked=masked)


def _write_strips(
    strips: Iterable[Strip],
    grid: Grid,
    band: Band,
    target: Path,
    tags: Mapping[str, str],
    *,
    masked: bool,
) -> Mapping[str, float]:
    if nodata_text(band) is None and band.nodata is not None:
        message = f"nodata {band.nodata} does not fit {band.dtype}"
        raise ValueError(message)
    with _replacing(target) as part, ExitStack() as stack:
        levels = _make_levels(grid, band, part.parent, masked=masked, stack=stack)
        sampler = Sampler(grid, band)
        for values, valid in strips:
            sampler.add(values, valid)
            levels[0].feed(values, valid)
        directories = _directories(levels, geo_tags(grid) | describing_tags(band, tags))
        with part.open("xb") as file:
            write_layout(file, directories)
            file.flush()
            os.fsync(file.fileno())
        return sampler.statistics()


def _make_levels(
    grid: Grid, band: Band, folder: Path, *, masked: bool, stack: ExitStack
) -> list[Level]:
    levels: list[Level] = []
    for height, width in reversed(level_shapes(*grid.shape)):
        spools = [Spool(folder) for _ in range(2 if masked else 1)]
        for spool in spools:
            stack.callback(spool.close)
        level = Level(
            height=height,
            width=width,
            band=band,
            tiles=spools[0],
            masks=spools[1] if masked else None,
            below=levels[0] if levels else None,
        )
        levels.insert(0, level)
    return levels


def _directories(levels: list[Level], extra: Mapping[int, tuple[int, Any]]) -> list[Directory]:
    dtype = np.dtype(levels[0].band.dtype)
    palette = {number: extra[number] for number in (262, 320) if number in extra}
    found = []
    for depth, level in enumerate(levels):
        reduced = 1 if depth else 0
        shape = {"height": level.height, "width": level.width}
        own = palette if depth else extra
        found.append(
            Directory(**shape, dtype=dtype, subfile=reduced, blocks=level.tiles, extra=own)
        )
        if level.masks is not None:
            found.append(
                Directory(**shape, dtype=None, subfile=reduced | 4, blocks=level.masks, extra={})
            )
    return found


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield a file name beside `target` that takes its place when all went well."""
    part = target.with_name(f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}{PART}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        with suppress(OSError):
            target.unlink(missing_ok=True)
        raise DiskFailed(path=target, reason=disk_reason(error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_parts(target: Path) -> None:
    """Remove what a killed child left beside `target`."""
    for part in target.parent.glob(f".{target.name}.*{PART}"):
        with suppress(OSError):
            part.unlink()


def _patience(grid: Grid) -> float:
    """Seconds after which a conversion counts as stuck: far beyond the slowest we measured."""
    return 120 + grid.height * grid.width / 100_000
