"""Making Zonderland as files: images as STAC items, and the truth beside them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.world import BadWorld
from landzicht.stac import write_collection
from landzicht.text import Text
from landzicht.world import truth
from landzicht.world.field_truth import crop_plane, field_shapes
from landzicht.world.items import SIMULATED, item
from landzicht.world.landscape import landscape
from landzicht.world.naming import own_collection, own_id
from landzicht.world.sensors import SENSORS, chosen_sensors
from landzicht.world.spec import WorldSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from landzicht.kinds import Collection
    from landzicht.ports import Runner, Writer
    from landzicht.world.product import Plane

IMAGES, TRUTH = "images", "truth"
"""Folders below the one that was asked for."""
LAND, MANIFEST = "SIM_world.json", "SIM_manifest.json"
"""Which land a folder holds, written first; what was made, written last."""
_OTHER = Text(
    nl="een lege map (in deze staat wereld {held})",
    en="an empty folder (this one holds world {held})",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The order to write one image."""

    acquisition: Any
    """Which: one of the `passes` of the sensor, such as an `Acquisition`."""
    folder: Path
    """Where; `images` and `truth` are made below it."""
    writer: Writer
    """Makes the raster files; must be picklable when other processes do the work."""
    truth: bool = True
    """Whether to write the truth about this image too."""
    sensor: str = "s2"
    """Name of the sensor, see `sensors.SENSORS`."""
    own_name: bool = False
    """Whether the collection is named after the land, see `naming`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One image on disk."""

    id: str
    """Its name."""
    sensor: str
    """Which instrument."""
    date: str
    """Day, as `2025-04-26`."""
    item: str
    """Path of the STAC item below the folder, with `/`."""
    bytes: int
    """Size of the files of its bands."""
    facts: dict[str, Any]
    """What is known about it: `cloud` (0 to 1), `ships`, `flooded_ha`, as far as they apply."""


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
    product = SENSORS[order.sensor].make(order.acquisition)
    if order.own_name:
        name = own_id(product.collection, order.acquisition.spec)
        product = replace(product, collection=name)
    folder = order.folder / IMAGES / product.id
    _make(folder)
    files, statistics, size = {}, {}, 0
    for plane in product.planes:
        path = folder / f"{product.id}_{plane.band.name}.tif"
        files[plane.band.name] = path.name
        statistics[plane.band.name] = _raster(order, plane, path)
        size += path.stat().st_size
    if order.truth:
        _make(order.folder / TRUTH)
        for plane in product.truths:
            _raster(order, plane, order.folder / TRUTH / f"{product.id}_{plane.band.name}.tif")
        for name, shapes in product.shapes.items():
            _dump(order.folder / TRUTH / f"{product.id}_{name}.geojson", shapes)
    path = folder / f"{product.id}.json"
    _dump(path, item(product, files, statistics))
    return Written(
        id=product.id,
        sensor=order.sensor,
        date=product.moment.date().isoformat(),
        item=path.relative_to(order.folder).as_posix(),
        bytes=size,
        facts=product.facts,
    )


def _raster(order: Writing, plane: Plane, path: Path) -> dict[str, float]:
    tags = {**SIMULATED, "ACQUISITION": order.acquisition.date.isoformat()}
    return dict(order.writer.write(plane.values, plane.grid, plane.band, path, tags))


def write_collections(collections: Iterable[Collection], folder: Path) -> None:
    """Write the descriptions of collections where `landzicht ingest` finds them.

    Each links to its items that lie there, those of earlier runs too.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    _make(folder / IMAGES)
    links: dict[str, list[dict[str, str]]] = {}
    for path in sorted((folder / IMAGES).glob("*/*.json")):
        href = f"./{path.relative_to(folder / IMAGES).as_posix()}"
        link = {"rel": "item", "href": href, "type": "application/geo+json"}
        links.setdefault(orjson.loads(path.read_bytes())["collection"], []).append(link)
    for described in collections:
        told = orjson.loads(write_collection(described))
        linked = orjson.dumps({**told, "links": links.get(described.id, [])})
        _write(folder / IMAGES / f"{described.id}.json", linked)


def write_ground_truth(spec: WorldSpec, folder: Path, writer: Writer) -> int:
    """Write the truth that does not change with the image.

    Args:
        spec: which world.
        folder: where; `truth` is made below it.
        writer: makes the raster files.

    Returns:
        The number of parcels.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    _make(folder / TRUTH)
    for year in range(spec.year - spec.years + 1, spec.year + 1):
        scene = landscape(spec, year)
        _both(folder / TRUTH / f"SIM_parcels_{year}", truth.parcels(scene))
        patches = folder / TRUTH / f"SIM_stress_patches_{year}"
        _both(patches, truth.patches(scene), truth.PATCH_FACTS)
        _both(folder / TRUTH / f"SIM_fields_{year}", field_shapes(scene))
        plane, path = crop_plane(scene), folder / TRUTH / f"SIM_crop_{year}.tif"
        writer.write(plane.values, plane.grid, plane.band, path, {**SIMULATED, "YEAR": str(year)})
    _both(folder / TRUTH / "SIM_building_site", truth.site(scene))
    _both(folder / TRUTH / "SIM_new_buildings", truth.buildings(scene))
    return len(scene.geography.parcels)


def _write_ships(folder: Path, images: Iterable[Written]) -> None:
    """Write the ships of all images as one table, from what was written with each image."""
    found = []
    for image in images:
        path = folder / TRUTH / f"{image.id}_ships.geojson"
        if path.is_file():
            found.append((image.id, orjson.loads(path.read_bytes())))
    _both(folder / TRUTH / "SIM_ships", truth.all_ships(found), truth.SHIP_FACTS)


def _both(path: Path, features: dict[str, Any], names: tuple[str, ...] = ()) -> None:
    """Write features as GeoJSON and as GeoParquet; `path` lacks the ending."""
    from landzicht.world.geoparquet import geoparquet  # not needed where images are made

    _dump(path.with_name(path.name + ".geojson"), features)
    _write(path.with_name(path.name + ".parquet"), geoparquet(features, names))


def make_world(  # noqa: PLR0913 - the rooms it needs are given to it; the last three have usual values
    spec: WorldSpec,
    folder: Path,
    writer: Writer,
    runner: Runner,
    progress: Callable[[str, int, int], None] | None = None,
    sensors: Iterable[str] = ("s2",),
    *,
    own_names: bool = False,
) -> Manifest:
    """Make all images of a world and the truth behind them.

    Args:
        spec: which world.
        folder: where; made when it is not there.
        writer: makes the raster files.
        runner: where the work runs; the files are the same bytes whichever it is.
        progress: told the date that is done, how many are done, and how many there are.
        sensors: names of `sensors.SENSORS`: `s2`, `s1`, `thermal`, `vhr`.
        own_names: give collections of another land than the usual one ids of their own, so that
            a portal can hold both.

    Raises:
        BadWorld: there is no such sensor, or the folder holds another land.
        DiskFailed: the disk is full or read-only.
    """
    instruments = chosen_sensors(sensors)
    _claim(spec, folder)
    orders = [
        Writing(
            acquisition=one,
            folder=folder,
            writer=writer,
            sensor=sensor.name,
            own_name=own_names,
        )
        for sensor in instruments
        for one in sensor.passes(spec)
    ]
    images: list[Written] = []
    for written in runner.map(write_acquisition, orders):
        images.append(written)
        if progress:
            progress(written.date, len(images), len(orders))
    described = [sensor.collection() for sensor in instruments]
    if own_names:
        described = [own_collection(one, spec) for one in described]
    write_collections(described, folder)
    parcels = write_ground_truth(spec, folder, writer)
    _write_ships(folder, images)
    manifest = Manifest(spec=spec, images=tuple(images), parcels=parcels)
    _dump(folder / MANIFEST, manifest.as_dict())
    return manifest


def _claim(spec: WorldSpec, folder: Path) -> None:
    """Write down which land a folder holds; one that holds another is left as it is.

    A run that was killed leaves this too, so that nothing of two lands ever lies together. More
    images, years, zones or instruments of the same land may be added.

    Raises:
        BadWorld: the folder holds another land.
        DiskFailed: the disk is full or read-only.
    """
    known = _held(folder)
    if known not in {None, spec.key}:
        raise BadWorld(name="folder", value=str(folder)[-80:], known=_OTHER.fill(held=known))
    _make(folder)
    _dump(folder / LAND, {"simulated": True, "note": truth.NOTE, "world": spec.key})


def _held(folder: Path) -> str | None:
    """Return which land a folder holds, or None when it holds none."""
    try:
        for name in (LAND, MANIFEST):
            path = folder / name
            if path.is_file():
                told = orjson.loads(path.read_bytes())
                return str(told["world"] if name == LAND else WorldSpec(**told["spec"]).key)
    except (OSError, ValueError, TypeError, KeyError, BadWorld):
        return "?"
    return None


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
