"""Sentinel-2 products in SAFE format, level 1C and 2A, any processing baseline."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from affine import Affine

from landzicht.errors import LandzichtError
from landzicht.errors.ingest import BadMetadata
from landzicht.grid import Grid
from landzicht.grid.crs import canonical_crs
from landzicht.ingest.dates import moment_in
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.naming import scene_id
from landzicht.ingest.paths import files_named, is_folder, obstacle, walk
from landzicht.ingest.sentinel2_collection import (
    BAND_IDS,
    NATIVE_M,
    reflectance_band,
    scl_band,
    sentinel2_collection,
)
from landzicht.ingest.xml import read_xml
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from landzicht.ingest.xml import Element
    from landzicht.kinds import Band, Finding, RasterInfo
    from landzicht.ports import Inspector

_METADATA = re.compile(r"^MTD_MSI(L1C|L2A)\.xml$", re.IGNORECASE)
_IMAGE = re.compile(
    r"_(?P<band>B\d\d|B8A|SCL)(?:_(?P<metres>10|20|60)m)?\.(?:jp2|tiff?)$", re.IGNORECASE
)

_TILE = re.compile(r"^GRANULE/[^/]+/MTD_TL\.xml$")
_IN_IMAGES = re.compile(r"^GRANULE/[^/]+/IMG_DATA/")


def safe_metadata(folder: Path) -> Path | None:
    """Return the product metadata when `folder` is a SAFE product, else None."""
    return next(iter(files_named(folder, _METADATA.match)), None)


def draft_of_safe(folder: Path, inspector: Inspector) -> Draft:
    """Return the draft of one SAFE product.

    The finest image of each band is taken. Numbers become reflectance with the product's own
    quantification value and, from baseline 04.00, its offset.
    """
    metadata = safe_metadata(folder)
    assert metadata is not None
    level = metadata.name.upper()[7:10]
    collection = sentinel2_collection(level)
    bare = Draft(path=str(folder), collection=collection, id=scene_id(folder.name))
    findings: list[Finding] = []
    files = _files(folder, findings)
    tile_file = next((path for path in files if _TILE.match(_below(path, folder))), None)
    papers = (metadata, *((tile_file,) if tile_file else ()))
    blocked = [found for paper in papers if (found := obstacle(paper, folder))]
    if blocked:
        return replace(bare, findings=tuple(blocked))
    try:
        product = read_xml(metadata)
        tile = read_xml(tile_file) if tile_file else None
        bands = _bands(product, level, metadata)
    except LandzichtError as error:
        return replace(bare, findings=(from_error(error, folder),))
    assets, found_in = _assets(folder, _finest_images(folder, files), bands, tile, inspector)
    findings += found_in
    uri = product.words("PRODUCT_URI") or folder.name
    moment = moment_in(
        product.words("DATATAKE_SENSING_START") or product.words("PRODUCT_START_TIME") or ""
    )
    if moment is None:
        findings.append(finding("date-missing", folder))
    missing = [name for name in bands if name not in {asset.key for asset in assets}]
    if missing:
        some = bool(assets)
        found = finding("bands-missing", folder, blocks=not some, bands=", ".join(missing))
        findings.append(found)
    return Draft(
        path=str(folder),
        collection=collection,
        id=scene_id(uri.removesuffix(".SAFE")),
        moment=moment,
        assets=tuple(assets),
        papers=papers,
        properties=_properties(product, tile),
        findings=tuple(findings),
    )


def _bands(product: Element, level: str, metadata: Path) -> dict[str, Band]:
    """Return what the numbers of each band mean in this product."""
    name = "BOA" if level == "L2A" else "RADIO"
    quantification = (
        product.number("BOA_QUANTIFICATION_VALUE") or product.number("L2A_BOA_QUANTIFICATION_VALUE")
        if level == "L2A"
        else product.number("QUANTIFICATION_VALUE")
    )
    if not quantification:
        raise BadMetadata(path=metadata, reason=_NO_QUANTIFICATION)
    added: dict[str, float] = {}
    for element in product.every(f"{name}_ADD_OFFSET"):
        place = element.attributes.get("band_id", "")
        if not (place.isdigit() and int(place) < len(BAND_IDS)):
            raise BadMetadata(path=metadata, reason=_BAD_OFFSET)
        try:
            added[BAND_IDS[int(place)]] = float(element.text)
        except ValueError as error:
            raise BadMetadata(path=metadata, reason=_BAD_OFFSET) from error
    names = [band for band in BAND_IDS if level == "L1C" or band != "B10"]
    if added and set(names) - set(added):
        raise BadMetadata(path=metadata, reason=_BAD_OFFSET)
    bands = {
        band: reflectance_band(band, quantification=quantification, added=added.get(band, 0.0))
        for band in names
    }
    return bands | ({"SCL": scl_band()} if level == "L2A" else {})


def _files(folder: Path, locked: list[Finding]) -> list[Path]:
    """Return everything below `GRANULE`, in order; `locked` gets what cannot be read."""
    granules = folder / "GRANULE"
    found = walk(granules, locked) if is_folder(granules) else ()
    return sorted(path for place in found for path in place.files)


def _below(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _assets(
    folder: Path,
    images: Mapping[str, Path],
    bands: Mapping[str, Band],
    tile: Element | None,
    inspector: Inspector,
) -> tuple[list[DraftAsset], list[Finding]]:
    assets: list[DraftAsset] = []
    findings: list[Finding] = []
    for name, band in bands.items():
        if name not in images:
            continue
        path = images[name]
        blocked = obstacle(path, folder)
        if blocked:
            findings.append(blocked)
            continue
        try:
            info = inspector.inspect(path)
        except LandzichtError as error:
            findings.append(from_error(error, path))
            continue
        info = _placed(info, tile)
        dtype = info.bands[0].dtype if info.bands else band.dtype
        assets.append(DraftAsset(key=name, info=info, index=1, band=replace(band, dtype=dtype)))
    return assets, findings


def _finest_images(folder: Path, files: Iterable[Path]) -> dict[str, Path]:
    best: dict[str, tuple[int, Path]] = {}
    for path in files:
        found = _IMAGE.search(path.name)
        if not found or not _IN_IMAGES.match(_below(path, folder)):
            continue
        name = found["band"].upper()
        metres = int(found["metres"] or NATIVE_M.get(name, 0))
        if name not in best or metres < best[name][0]:
            best[name] = (metres, path)
    return {name: path for name, (_, path) in best.items()}


def _placed(info: RasterInfo, tile: Element | None) -> RasterInfo:
    """Give an image the place that the tile's metadata tells, when it has none itself."""
    if info.grid is not None or tile is None:
        return info
    code = tile.words("HORIZONTAL_CS_CODE")
    for size in tile.every("Size"):
        resolution = size.attributes.get("resolution")
        if (size.number("NROWS"), size.number("NCOLS")) != (info.height, info.width):
            continue
        for place in tile.every("Geoposition"):
            corner = [place.number(key) for key in ("ULX", "ULY", "XDIM", "YDIM")]
            if place.attributes.get("resolution") != resolution or not code:
                continue
            if any(number is None for number in corner):
                continue
            x, y, dx, dy = (float(number or 0) for number in corner)
            grid = Grid(
                crs=canonical_crs(code),
                transform=Affine(dx, 0.0, x, 0.0, dy, y),
                height=info.height,
                width=info.width,
            )
            return replace(info, grid=grid, georeference="affine")
    return info


def _properties(product: Element, tile: Element | None) -> dict[str, Any]:
    spacecraft = (product.words("SPACECRAFT_NAME") or "Sentinel-2").lower()
    properties: dict[str, Any] = {
        "platform": spacecraft,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "eo:cloud_cover": product.number("Cloud_Coverage_Assessment"),
        "s2:processing_baseline": product.words("PROCESSING_BASELINE"),
        "s2:product_uri": product.words("PRODUCT_URI"),
        "s2:datatake_id": _attribute(product, "Datatake", "datatakeIdentifier"),
        "s2:generation_time": product.words("GENERATION_TIME"),
    }
    orbit = product.number("SENSING_ORBIT_NUMBER")
    properties["sat:relative_orbit"] = None if orbit is None else int(orbit)
    direction = product.words("SENSING_ORBIT_DIRECTION")
    properties["sat:orbit_state"] = direction.lower() if direction else None
    sun = tile.first("Mean_Sun_Angle") if tile else None
    if sun:
        zenith = sun.number("ZENITH_ANGLE")
        properties["view:sun_elevation"] = None if zenith is None else round(90 - zenith, 6)
        properties["view:sun_azimuth"] = sun.number("AZIMUTH_ANGLE")
    name = re.search(r"_T(\d\d[A-Z]{3})_", properties["s2:product_uri"] or "")
    properties["grid:code"] = f"MGRS-{name[1]}" if name else None
    return {key: value for key, value in properties.items() if value is not None}


def _attribute(product: Element, element: str, attribute: str) -> str | None:
    found = product.first(element)
    return found.attributes.get(attribute) if found else None


_NO_QUANTIFICATION = Text(
    nl="De waarde waardoor de getallen gedeeld worden (QUANTIFICATION_VALUE) ontbreekt.",
    en="The value that the numbers are divided by (QUANTIFICATION_VALUE) is missing.",
)
_BAD_OFFSET = Text(
    nl="De waarden die bij de getallen horen (ADD_OFFSET) zijn onvolledig.",
    en="The offsets of the numbers (ADD_OFFSET) are incomplete.",
)
