"""Everything that is wrong with a draft, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors import LandzichtError
from landzicht.errors.files import UnknownCrs
from landzicht.ingest.bands import STORABLE, fits
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.footprint import footprint
from landzicht.ingest.paths import files_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from landzicht.grid import Bounds, Grid
    from landzicht.ingest.draft import Draft, DraftAsset
    from landzicht.kinds import Finding

_PLACES = {
    "none": "not-georeferenced",
    "gcps": "only-control-points",
    "rpcs": "only-sensor-model",
    "foreign": "not-on-earth",
    "unknown": "unknown-crs",
}


_WORLD_FILES = frozenset({".tfw", ".tifw", ".tiffw", ".wld", ".jgw", ".j2w"})


def _has_world_file(path: Path) -> bool:
    """Whether a file with six numbers lies beside an image: a place without a system."""
    return bool(
        files_named(
            path.parent,
            lambda name: (
                name[: len(path.stem)] == path.stem
                and name[len(path.stem) :].lower() in _WORLD_FILES
            ),
        )
    )


def check(draft: Draft) -> tuple[Finding, ...]:
    """Return all findings about a draft: those of sniffing, then those of looking closely.

    Each is told once for each file, however many bands the file has.
    """
    found = [*draft.findings, *_check_assets(draft), *_check_together(draft)]
    if draft.moment is None and draft.assets:
        found.append(finding("date-missing", draft.path))
    unique: dict[tuple[str, str, str], Finding] = {}
    for one in found:
        place = "" if one.code == "date-missing" else one.path
        unique.setdefault((one.code, place, one.message.en), one)
    return tuple(unique.values())


def _check_assets(draft: Draft) -> Iterator[Finding]:
    for asset in draft.assets:
        info = asset.info
        if info.grid is None:
            code = _PLACES.get(info.georeference, "not-georeferenced")
            if code == "not-georeferenced" and _has_world_file(info.path):
                code = "only-world-file"
            yield finding(code, info.path, name=info.path.name)
        else:
            yield from _check_place(asset, info.grid)
        band = asset.band
        if band.dtype not in STORABLE:
            yield finding("dtype", info.path, band=asset.key, dtype=band.dtype)
        header = info.bands[asset.index - 1].nodata
        for nodata in dict.fromkeys((band.nodata, header if band.nodata is None else None)):
            if band.dtype in STORABLE and not fits(nodata, band.dtype):
                facts = {"nodata": nodata, "dtype": band.dtype}
                yield finding("nodata-ignored", info.path, blocks=False, **facts)


def _check_place(asset: DraftAsset, grid: Grid) -> Iterator[Finding]:
    try:
        footprint(grid)
    except UnknownCrs:
        yield finding("unknown-crs", asset.info.path)
    except LandzichtError as error:
        yield from_error(error, asset.info.path)


def _check_together(draft: Draft) -> Iterator[Finding]:
    seen: set[str] = set()
    for asset in draft.assets:
        if asset.key in seen:
            yield finding("band-twice", draft.path, band=asset.key)
        seen.add(asset.key)
    placed = [(asset, asset.info.grid) for asset in draft.assets if asset.info.grid is not None]
    for asset, grid in placed[1:]:
        first, reference = placed[0]
        if not _same_place(reference, grid):
            yield finding("bands-apart", draft.path, first=first.key, other=asset.key)
            return


def _same_place(one: Grid, other: Grid) -> bool:
    """Whether two grids cover the same ground to within one pixel of the coarser."""
    if one.crs != other.crs:
        return False
    slack = max(*one.resolution, *other.resolution)
    return _gap(one.bounds, other.bounds) <= slack


def _gap(a: Bounds, b: Bounds) -> float:
    return max(
        abs(a.west - b.west),
        abs(a.south - b.south),
        abs(a.east - b.east),
        abs(a.north - b.north),
    )
