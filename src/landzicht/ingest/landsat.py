"""Landsat Collection 2 folders, level 1 and 2, from their MTL file."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.ingest.dates import moment_in
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.landsat_collection import OLI, TM, landsat_collection, qa_band
from landzicht.ingest.mtl import read_mtl
from landzicht.ingest.naming import scene_id
from landzicht.ingest.paths import files_named, obstacle
from landzicht.kinds import Band

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from landzicht.kinds import Finding
    from landzicht.ports import Inspector

    Groups = Mapping[str, Mapping[str, str]]

_MTL = re.compile(r"^L[COTEM]\d\d_.*_MTL\.txt$", re.IGNORECASE)
_BAND = re.compile(r"^FILE_NAME_BAND_(?P<band>[0-9A-Z_]+)$")
_PLAIN_NAME = re.compile(r"^[A-Za-z0-9_.-]+$")


def landsat_metadata(folder: Path) -> Path | None:
    """Return the MTL file when `folder` is a Landsat product, else None."""
    return next(iter(files_named(folder, _MTL.match)), None)


def draft_of_landsat(folder: Path, inspector: Inspector) -> Draft:
    """Return the draft of one Landsat product.

    Level 2 numbers become surface reflectance and kelvin; level 1 numbers top-of-atmosphere
    reflectance (corrected for the sun's height) and, for thermal bands, radiance.
    """
    mtl = landsat_metadata(folder)
    assert mtl is not None
    bare = Draft(
        path=str(folder),
        collection=landsat_collection("L2" if "_L2" in mtl.name else "L1"),
        id=scene_id(mtl.name.removesuffix("_MTL.txt")),
    )
    blocked = obstacle(mtl, folder)
    if blocked:
        return replace(bare, findings=(blocked,))
    try:
        groups = read_mtl(mtl)
    except LandzichtError as error:
        return replace(bare, findings=(from_error(error, folder),))
    contents = groups.get("PRODUCT_CONTENTS", {})
    image = groups.get("IMAGE_ATTRIBUTES", {})
    level = "L2" if contents.get("PROCESSING_LEVEL", "").startswith("L2") else "L1"
    assets, findings = _assets(folder, groups, level, inspector)
    moment = moment_in(f"{image.get('DATE_ACQUIRED', '')}T{image.get('SCENE_CENTER_TIME', '')}")
    if moment is None:
        findings.append(finding("date-missing", folder))
    collection = landsat_collection(level)
    return Draft(
        path=str(folder),
        collection=replace(collection, bands=tuple(asset.band for asset in assets)),
        id=scene_id(contents.get("LANDSAT_PRODUCT_ID") or mtl.name.removesuffix("_MTL.txt")),
        moment=moment,
        assets=tuple(assets),
        papers=(mtl,),
        properties=_properties(image, contents),
        findings=tuple(findings),
    )


def _assets(
    folder: Path, groups: Groups, level: str, inspector: Inspector
) -> tuple[list[DraftAsset], list[Finding]]:
    assets: list[DraftAsset] = []
    findings: list[Finding] = []
    missing: list[str] = []
    for band, file_name in _files(groups, level):
        path = folder / file_name
        blocked = obstacle(path, folder) if _PLAIN_NAME.match(file_name) else None
        if not _PLAIN_NAME.match(file_name) or (blocked and blocked.code == "no-such-file"):
            missing.append(band.title or band.name)
            continue
        if blocked:
            findings.append(blocked)
            continue
        try:
            info = inspector.inspect(path)
        except LandzichtError as error:
            findings.append(from_error(error, path))
            continue
        dtype = info.bands[0].dtype if info.bands else band.dtype
        assets.append(
            DraftAsset(key=band.name, info=info, index=1, band=replace(band, dtype=dtype))
        )
    if missing:
        some = bool(assets)
        found = finding("bands-missing", folder, blocks=not some, bands=", ".join(missing))
        findings.append(found)
    return assets, findings


def _files(groups: Groups, level: str) -> Iterator[tuple[Band, str]]:
    contents = groups.get("PRODUCT_CONTENTS", {})
    sensor = groups.get("IMAGE_ATTRIBUTES", {}).get("SENSOR_ID", "")
    known = OLI if sensor.startswith("OLI") or sensor == "TIRS" else TM
    for key, file_name in contents.items():
        found = _BAND.match(key)
        if not found or found["band"] not in known:
            continue
        number = found["band"]
        name, centre = known[number]
        band = Band(
            name=name,
            dtype="uint16",
            nodata=0,
            common_name=name,
            wavelength_um=centre,
            title=f"B{number}" if number.isdigit() else number,
        )
        yield _scaled(band, number, groups, level), file_name
    quality = contents.get("FILE_NAME_QUALITY_L1_PIXEL")
    if quality:
        yield qa_band(), quality


def _scaled(band: Band, number: str, groups: Groups, level: str) -> Band:
    """Add scale, offset and unit out of the group that belongs to this level and kind of band."""
    if level == "L2":
        thermal = number.startswith("ST_")
        group = "SURFACE_TEMPERATURE" if thermal else "SURFACE_REFLECTANCE"
        kind, unit, share = ("TEMPERATURE", "K", 1.0) if thermal else ("REFLECTANCE", "1", 1.0)
        values = groups.get(f"LEVEL2_{group}_PARAMETERS", {})
    else:
        values = groups.get("LEVEL1_RADIOMETRIC_RESCALING", {})
        reflects = f"REFLECTANCE_MULT_BAND_{number}" in values
        kind, unit = ("REFLECTANCE", "1") if reflects else ("RADIANCE", "W.m-2.sr-1.um-1")
        elevation = _number(groups.get("IMAGE_ATTRIBUTES", {}), "SUN_ELEVATION") or 90.0
        share = math.sin(math.radians(elevation)) if reflects else 1.0
    multiply = _number(values, f"{kind}_MULT_BAND_{number}")
    add = _number(values, f"{kind}_ADD_BAND_{number}")
    if multiply is None or add is None or not share > 0:
        return band
    return replace(band, scale=multiply / share, offset=add / share, unit=unit)


def _properties(image: Mapping[str, str], contents: Mapping[str, str]) -> dict[str, Any]:
    cloud = _number(image, "CLOUD_COVER")
    properties: dict[str, Any] = {
        "platform": image.get("SPACECRAFT_ID", "landsat").lower().replace("_", "-"),
        "constellation": "landsat",
        "instruments": [part.lower() for part in image.get("SENSOR_ID", "").split("_") if part],
        "gsd": 30,
        "eo:cloud_cover": cloud if cloud is not None and cloud >= 0 else None,
        "view:sun_elevation": _number(image, "SUN_ELEVATION"),
        "view:sun_azimuth": _degrees(_number(image, "SUN_AZIMUTH")),
        "landsat:wrs_path": image.get("WRS_PATH", "").zfill(3) or None,
        "landsat:wrs_row": image.get("WRS_ROW", "").zfill(3) or None,
        "landsat:collection_number": contents.get("COLLECTION_NUMBER"),
        "landsat:collection_category": contents.get("COLLECTION_CATEGORY"),
        "landsat:correction": contents.get("PROCESSING_LEVEL"),
    }
    return {key: value for key, value in properties.items() if value is not None}


def _number(values: Mapping[str, str], name: str) -> float | None:
    try:
        number = float(values.get(name, ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _degrees(azimuth: float | None) -> float | None:
    """USGS counts from -180 to 180, STAC from 0 to 360."""
    return None if azimuth is None else azimuth % 360
