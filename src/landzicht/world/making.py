"""Making Zonderland as files: images as STAC items, and the truth beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.kinds import Band, BandKind
from landzicht.stac import write_collection
from landzicht.world import truth
from landzicht.world.collection import bands, collection
from landzicht.world.items import SIMULATED, band_grid, item
from landzicht.world.landscape import landscape, world_grid
from landzicht.world.msi import FINE, observe
from landzicht.world.schedule import acquisitions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from landzicht.ports import Runner, Writer
    from landzicht.world.schedule import Acquisition
    from landzicht.world.spec import WorldSpec

IMAGES, TRUTH = "images", "truth"
"""Folders below the one that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The order to write one image."""

    acquisition: Acquisition
    """Which."""
    folder: Path
    """Where; `images` and `truth` are made below it."""
    writer: Writer
    """Makes the raster files; must be picklable when other processes do the work."""
    truth: bool = True
    """Whether to write the truth about this image too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One image on disk."""

    id: str
    """Its name."""
    date: str
    """Day, as `2025-04-26`."""
    item: str
    """Path of the STAC item below the folder, with `/`."""
    cloud: float
    """Share under thick cloud, 0 to 1."""
    ships: int
    """Number of ships."""
    flooded_ha: float
    """Area of forelands under water, hectares."""
    bytes: int
    """Size of all its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was made."""

    spec: WorldSpec
    """What was asked for."""
    images: tuple[Written, ...]
    """In the order of making."""
    parcels: int
    """Number of parcels."""
    simulated: bool = True
    """Always true."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def write_acquisition(order: Writing) -> Written:
    """Make and write one image: bands, then the truth, and last the STAC item.

    A folder without an item is the left-over of a killed run; the item is the sign that all of it
    is there.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    acquisition = order.acquisition
    scene = landscape(acquisition.spec, acquisition.date.year)
    seen = observe(scene, acquisition)
    folder = order.folder / IMAGES / acquisition.id
    _make(folder)
    files, grids, statistics, size = {}, {}, {}, 0
    for band in bands():
        values = seen.scl if band.name == "SCL" else seen.bands[band.name]
        path = folder / f"{acquisition.id}_{band.name}.tif"
        files[band.name], grids[band.name] = path.name, band_grid(acquisition.spec, band, FINE)
        tags = {**SIMULATED, "ACQUISITION": acquisition.date.isoformat()}
        statistics[band.name] = order.writer.write(values, grids[band.name], band, path, tags)
        size += path.stat().st_size
    flood = seen.flood_truth
    if order.truth:
        _write_truth(order, "cloud", seen.cloud_truth)
        if flood is not None:
            _write_truth(order, "flood", flood.astype(np.uint8))
        _dump(order.folder / TRUTH / f"{acquisition.id}_ships.geojson", truth.ships(seen))
    path = folder / f"{acquisition.id}.json"
    _dump(path, item(seen, files, grids, statistics))
    return Written(
        id=acquisition.id,
        date=acquisition.date.isoformat(),
        item=path.relative_to(order.folder).as_posix(),
        cloud=round(seen.cloud_share, 4),
        ships=len(seen.ships),
        flooded_ha=round(float(flood.sum()) / 100, 1) if flood is not None else 0.0,
        bytes=size,
    )


def _write_truth(order: Writing, name: str, values: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    band = Band(name=name, dtype="uint8", kind=BandKind.CATEGORICAL, title=f"Truth: {name}")
    _make(order.folder / TRUTH)
    path = order.folder / TRUTH / f"{order.acquisition.id}_{name}.tif"
    order.writer.write(values, world_grid(order.acquisition.spec, 10.0), band, path, SIMULATED)


def write_ground_truth(spec: WorldSpec, folder: Path) -> int:
    """Write the truth that does not change with the image, and the collection.

    Returns:
        The number of parcels.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    _make(folder / IMAGES)
    _make(folder / TRUTH)
    _write(folder / IMAGES / "collection.json", write_collection(collection()))
    for year in range(spec.year - spec.years + 1, spec.year + 1):
        scene = landscape(spec, year)
        _dump(folder / TRUTH / f"SIM_parcels_{year}.geojson", truth.parcels(scene))
        _dump(folder / TRUTH / f"SIM_stress_patches_{year}.geojson", truth.patches(scene))
    _dump(folder / TRUTH / "SIM_building_site.geojson", truth.site(scene))
    return len(scene.geography.parcels)


def make_world(
    spec: WorldSpec,
    folder: Path,
    writer: Writer,
    runner: Runner,
    progress: Callable[[str, int, int], None] | None = None,
) -> Manifest:
    """Make all images of a world and the truth behind them.

    Args:
        spec: which world.
        folder: where; made when it is not there.
        writer: makes the raster files.
        runner: where the work runs; the files are the same bytes whichever it is.
        progress: told the date that is done, how many are done, and how many there are.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    _make(folder)
    orders = [
        Writing(acquisition=acquisition, folder=folder, writer=writer)
        for acquisition in acquisitions(spec)
    ]
    images: list[Written] = []
    for written in runner.map(write_acquisition, orders):
        images.append(written)
        if progress:
            progress(written.date, len(images), len(orders))
    parcels = write_ground_truth(spec, folder)
    manifest = Manifest(spec=spec, images=tuple(images), parcels=parcels)
    _dump(folder / "SIM_manifest.json", manifest.as_dict())
    return manifest


def _dump(path: Path, content: dict[str, Any]) -> None:
    _write(path, orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2))


def _write(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DiskFailed(path=str(path), reason=disk_reason(error)) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiskFailed(path=str(folder), reason=disk_reason(error)) from error
