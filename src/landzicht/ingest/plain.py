"""Files without any description: single and multi-band rasters, and folders of bands per date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from landzicht.errors import LandzichtError
from landzicht.ingest.bands import header_band
from landzicht.ingest.dates import when_in, when_in_tags
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.guard import drafted, found_in
from landzicht.ingest.naming import band_name, collection_id, name_parts, scene_id
from landzicht.ingest.paths import obstacle, open_file
from landzicht.ingest.plain_layers import plain_layers
from landzicht.kinds import Collection
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from landzicht.ingest.dates import When
    from landzicht.ingest.naming import NameParts
    from landzicht.kinds import Finding, RasterInfo
    from landzicht.ports import Inspector

_AERIAL = 20.0
"""Metres or degrees of a pixel; who looks from further away has more than four bands."""
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"ustar")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _File:
    path: Path
    info: RasterInfo
    parts: NameParts
    when: When | None


def drafts_of_files(
    paths: Sequence[Path], inspector: Inspector, given: When | None, root: Path | None = None
) -> Iterator[Draft]:
    """Yield a draft for each scene among the files, and one for each that cannot be read.

    Files of one folder that differ only by the name of a band, with the same date, are one scene.

    Args:
        paths: raster files.
        inspector: reads headers.
        given: the date from the command line; wins over names and headers.
        root: folder that all of them must really lie in; None = anywhere.
    """
    groups: dict[object, list[_File]] = {}
    for path in paths:
        try:
            file = _look(path, inspector, given, root)
        except Exception as error:  # noqa: BLE001 - whatever one file does; it is told and logged
            yield refused(path, found_in(error, path))
            continue
        if isinstance(file, _File):
            groups.setdefault(_group_key(file), []).append(file)
        else:
            yield refused(path, file)
    for group in groups.values():
        names = [str(file.parts.band).lower() for file in group]
        # When one of the bands occurs twice: rather one scene each than one of the two.
        parts = [group] if len(set(names)) == len(group) else [[file] for file in group]
        for part in parts:
            yield drafted(partial(_draft, part), part[0].path, refused)


def _look(
    path: Path, inspector: Inspector, given: When | None, root: Path | None
) -> _File | Finding:
    """Return what a file is, or why it cannot be taken in."""
    blocked = obstacle(path, root)
    if blocked:
        return blocked
    try:
        info = inspector.inspect(path)
    except LandzichtError as error:
        return finding("archive", path) if _is_archive(path) else from_error(error, path)
    if not info.bands:
        arrays = ", ".join(info.subdatasets[:20]) or "?"
        return finding("container", path, names=arrays)
    return _File(
        path=path,
        info=info,
        parts=name_parts(path.stem),
        when=given or when_in(path.stem) or when_in_tags(info.tags),
    )


def _group_key(file: _File) -> object:
    if file.parts.band is None or len(file.info.bands) != 1:
        return file.path
    return (file.path.parent, file.parts.rest, file.when)


def _draft(group: list[_File]) -> Draft:
    first = group[0]
    several = len(group) > 1
    assets = _named([asset for file in group for asset in _assets(file)])
    when = first.when
    path = first.path.parent if several else first.path
    name = first.parts.rest or first.path.parent.name
    stem = first.path.stem
    if several:
        stem = f"{name}-{when[0]:%Y%m%d}" if when else name
    findings = [] if when else [finding("date-missing", path)]
    findings += [_fourth(file) for file in group if _is_doubtful(file.info)]
    return Draft(
        path=str(path),
        collection=plain_collection(name, assets),
        id=scene_id(stem),
        moment=when[0] if when else None,
        end=when[1] if when else None,
        assets=assets,
        own_collection=False,
        own_names=False,
        simulated=any(file.info.tags.get("SIMULATED") == "YES" for file in group),
        findings=tuple(findings),
    )


def _is_doubtful(info: RasterInfo) -> bool:
    """Whether the fourth band of a GeoTIFF in metres may be infrared that nobody marked so."""
    is_fine = info.grid is not None and max(info.grid.resolution) < _AERIAL
    return info.driver == "GTiff" and info.mask == "alpha" and len(info.bands) == 4 and is_fine


def _fourth(file: _File) -> Finding:
    return finding("fourth-is-transparency", file.path, blocks=False, name=file.path.name)


def _named(assets: list[DraftAsset]) -> tuple[DraftAsset, ...]:
    """Add the colours that `B02`, `B03` and `B04` are on both Sentinel-2 and Landsat 8 and 9.

    Only when written with a zero, as those who make such files do; and `B08` is near infrared
    only beside `B8A`, which Landsat does not have. Older Landsats number otherwise.
    """
    colours = {"B02": "blue", "B03": "green", "B04": "red", "B8A": "nir08"}
    if any(asset.key == "B8A" for asset in assets):
        colours["B08"] = "nir"
    return tuple(
        replace(asset, band=replace(asset.band, common_name=colours[asset.key]))
        if asset.key in colours and asset.band.common_name is None
        else asset
        for asset in assets
    )


def plain_collection(name: str, assets: Sequence[DraftAsset]) -> Collection:
    """Return a collection for files that we know nothing else about."""
    title = Text(nl=name, en=name)
    return Collection(
        id=collection_id(name),
        title=title,
        description=Text(
            nl="Ingelezen bestanden zonder verdere beschrijving.",
            en="Files taken in without further description.",
        ),
        bands=tuple(asset.band for asset in assets),
        layers=plain_layers(assets),
    )


def _assets(file: _File) -> Iterator[DraftAsset]:
    planes = file.info.bands[:-1] if file.info.mask == "alpha" else file.info.bands
    taken: set[str] = set()
    for plane in planes:
        if len(planes) == 1:
            name = file.parts.band or plane.description or file.parts.rest
        elif plane.colour in ("red", "green", "blue"):
            name = plane.colour
        else:
            name = plane.description or f"band{plane.index}"
        name = band_name(name or "data")
        if name in taken:
            name = f"{name}_{plane.index}"
        taken.add(name)
        yield DraftAsset(key=name, info=file.info, index=plane.index, band=header_band(name, plane))


def refused(path: Path, found: Finding) -> Draft:
    """Return the draft of something that cannot be taken in."""
    name = path.stem or "x"
    return Draft(
        path=str(path),
        collection=plain_collection(name, ()),
        id=scene_id(name),
        findings=(found,),
    )


def _is_archive(path: Path) -> bool:
    try:
        with open_file(path) as file:
            head = file.read(264)
    except OSError:
        return False
    return head.startswith(_ARCHIVES[:-1]) or head[257:262] == _ARCHIVES[-1]
