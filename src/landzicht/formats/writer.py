"""Writing cloud-optimised GeoTIFFs: streaming, exact, and the same bytes every time.

Our own layout instead of GDAL's COG driver: that one makes the file twice, averages odd sizes in
its own way and takes four times as long for a small image; and equal bytes for equal input must
not depend on which GDAL is installed, since files are named after their content.
"""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed, WorkStopped
from landzicht.formats.checkpoint import WORK, Checkpoint, remove_work
from landzicht.formats.convert import convert_rows
from landzicht.formats.export import geotiff
from landzicht.formats.georeference import geo_tags
from landzicht.formats.layout import Directory, write_layout
from landzicht.formats.levels import Level, Spool, level_shapes
from landzicht.formats.metadata import describing_tags, nodata_text
from landzicht.formats.room import Room, need_of
from landzicht.formats.sandbox import Sandbox
from landzicht.formats.statistics import Sampler
from landzicht.formats.tiles import TILE
from landzicht.kinds import OWN_MASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from landzicht.grid import Grid
    from landzicht.kinds import Band, Block, Conversion

PART = ".part"
"""Ending of files that are being written; left-overs of killed runs may be deleted."""
_ROOM_BYTES = 256 * 2**20
"""Memory for the images of all conversions at work; an image 100,000 wide of uint16 has it alone,
and its child then takes some 550 MB with its libraries and GDAL's cache (measured)."""


class CogWriter:
    """Implements `landzicht.ports.Writer`. Safe to use from many threads."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        """Make a writer.

        Args:
            sandbox: children in which the pixels of foreign files are decoded; None = its own.
        """
        self._sandbox = sandbox or Sandbox()
        self._room = Room(_ROOM_BYTES)

    def __reduce__(self) -> tuple[type[CogWriter], tuple[Sandbox]]:
        """Travel to another process; the memory there is counted there."""
        return (CogWriter, (self._sandbox,))

    def convert(
        self, job: Conversion, target: Path, tell: Callable[[int, int], None] | None = None
    ) -> Mapping[str, float]:
        """Write one band of a source file to `target`, in bounded memory; see `ports.Writer`.

        Raises:
            UnreadableFile: the pixels of the source are damaged.
            DiskFailed: the disk is full or read-only; `target` is removed.
            WorkStopped: see `interrupt`.
        """
        patience = _patience(job.grid)
        try:
            with self._room.hold(need_of(job)):
                answer: Mapping[str, float] = self._sandbox.call(
                    "convert", (job, target), job.source, seconds=patience, tell=tell
                )
        except BaseException as error:
            _remove_parts(target)
            if isinstance(error, Exception) and not isinstance(error, WorkStopped):
                remove_work(target.with_name(target.name + WORK))
            raise
        return answer

    def tidy(self, target: Path) -> None:
        """Remove what was kept for going on with a conversion; see `ports.Writer`."""
        remove_work(target.with_name(target.name + WORK))

    def interrupt(self) -> None:
        """Stop conversions at work: whoever waits for them gets `WorkStopped`."""
        self._sandbox.interrupt()

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
        made = _Image(grid=grid, band=band, tags=tags, masked=False)
        with _replacing(target) as part, ExitStack() as stack:
            levels = _make_levels(made, lambda _: Spool(part.parent), stack)
            sampler = Sampler(grid, band)
            for rows, valid in strips:
                sampler.add(rows, valid)
                levels[0].feed(rows, valid)
            _write_file(part, levels, made)
        return sampler.statistics()

    def export(self, block: Block, tags: Mapping[str, str]) -> bytes:
        """Return pixels as a GeoTIFF, for handing out; see `landzicht.formats.export.geotiff`."""
        return geotiff(block, tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """What is being written."""

    grid: Grid
    band: Band
    tags: Mapping[str, str]
    masked: bool
    """Whether it gets a mask of its own."""

    def __post_init__(self) -> None:
        if nodata_text(self.band) is None and self.band.nodata is not None:
            message = f"nodata {self.band.nodata} does not fit {self.band.dtype}"
            raise ValueError(message)


def convert_here(
    job: Conversion, target: Path, tell: Callable[[int, int], None] | None = None
) -> Mapping[str, float]:
    """Convert in this process; see `CogWriter.convert`."""
    made = _Image(grid=job.grid, band=job.band, tags=job.tags, masked=job.mask in OWN_MASKS)
    with _replacing(target) as part, ExitStack() as stack:
        kept = Checkpoint(job, target) if job.checkpoint_rows else None
        spool = kept.spool if kept else lambda _: Spool(part.parent)
        levels = _make_levels(made, spool, stack)
        sampler = Sampler(job.grid, job.band)
        row = kept.resume(levels, sampler) if kept else 0
        with convert_rows(job, row) as strips:
            for values, valid in strips:
                sampler.add(values, valid)
                levels[0].feed(values, valid)
                row += values.shape[0]
                if kept:
                    kept.keep(row, levels, sampler)
                if tell:
                    tell(row, job.grid.height)
        _write_file(part, levels, made)
    return sampler.statistics()


def _write_file(part: Path, levels: list[Level], made: _Image) -> None:
    directories = _directories(levels, geo_tags(made.grid) | describing_tags(made.band, made.tags))
    with part.open("xb") as file:
        write_layout(file, directories)
        file.flush()
        os.fsync(file.fileno())


def _make_levels(made: _Image, spool: Callable[[str], Spool], stack: ExitStack) -> list[Level]:
    """Return the levels, full size first.

    Args:
        made: the image.
        spool: makes the place for the blocks of one level, by its name.
        stack: closes them at the end.
    """
    levels: list[Level] = []
    shapes = level_shapes(*made.grid.shape)
    for depth, (height, width) in reversed(list(enumerate(shapes))):
        spools = [spool(f"{depth}.{name}") for name in ("tiles", "masks")[: 1 + made.masked]]
        for each in spools:
            stack.callback(each.close)
        level = Level(
            height=height,
            width=width,
            band=made.band,
            tiles=spools[0],
            masks=spools[1] if made.masked else None,
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
