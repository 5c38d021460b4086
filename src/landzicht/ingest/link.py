"""Scenes whose files are used where they are: on other computers, or below the linked folders."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landzicht.ingest.bands import STORABLE, fits
from landzicht.ingest.findings import finding
from landzicht.ingest.linked_fields import grid_of_fields
from landzicht.ingest.zarr import size_of
from landzicht.kinds import OWN_MASKS, Asset, Link, RasterBand, RasterInfo, is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landzicht.grid import Grid
    from landzicht.ingest.draft import Draft, DraftAsset
    from landzicht.kinds import Finding
    from landzicht.ports import Linker

_DRIVERS = frozenset({"GTiff", "JP2OpenJPEG", "netCDF", "Zarr"})
_SHA256 = re.compile(r"^1220([0-9a-f]{64})\Z")
_MULTIHASH = re.compile(r"^[0-9a-f]{4,140}\Z")


def look(
    href: str, fields: Mapping[str, Any], properties: Mapping[str, Any], linker: Linker
) -> tuple[RasterInfo, Link]:
    """Return what is known of an asset on another computer.

    When the item tells grid and number type of all bands, nothing is asked of that computer;
    else the header is read, which takes one or two requests.

    Args:
        href: address, as the item has it.
        fields: of the asset.
        properties: of the item; fields of the asset win.
        linker: looks at headers.

    Raises:
        LandzichtError: the address is bad or not allowed, or the file cannot be read.
    """
    address = linker.find(href)
    checksum = str(fields.get("file:checksum") or "").lower()
    checksum = checksum if _MULTIHASH.match(checksum) else ""
    size = fields.get("file:size")
    told = grid_of_fields({**properties, **fields})
    types = _types(fields)
    if told is None or not types:
        info, link = linker.inspect(address)
        return info, replace(link, checksum=checksum)
    link = Link(
        href=address,
        checksum=checksum,
        size=size if isinstance(size, int) and 0 < size < 2**60 else 0,
    )
    return _info(address, told, types), link


def _types(fields: Mapping[str, Any]) -> list[str]:
    """Return the numpy name of the numbers of each band; none unless all are told."""
    bands = fields.get("bands") or fields.get("raster:bands")
    tables = bands if isinstance(bands, list) and bands else [{}]
    found = []
    for table in tables:
        own = table.get("data_type") if isinstance(table, dict) else None
        told = own or fields.get("data_type") or fields.get("raster:data_type")
        if told not in STORABLE:
            return []
        found.append(str(told))
    return found


def _info(address: str, grid: Grid, types: list[str]) -> RasterInfo:
    from pathlib import Path

    bands = tuple(
        RasterBand(
            index=place + 1,
            dtype=dtype,
            nodata=None,
            scale=1.0,
            offset=0.0,
            description=None,
            colour="gray",
            colours=(),
        )
        for place, dtype in enumerate(types)
    )
    return RasterInfo(
        path=Path(address),
        driver="GTiff",
        subdataset=None,
        grid=grid,
        georeference="affine",
        height=grid.height,
        width=grid.width,
        block=(0, 0),
        bands=bands,
        mask="none",
    )


def linked(draft: Draft, linker: Linker) -> Draft:
    """Return a draft whose files are to be used where they are, or with findings why not."""
    findings: list[Finding] = []
    assets = []
    for asset in draft.assets:
        info = asset.info
        if asset.link is None:
            href = linker.place(info.path)
            if href is None:
                findings.append(finding("not-linkable", info.path))
            else:
                asset = replace(asset, link=Link(href=href, size=_size(info.path)))  # noqa: PLW2901 - the same asset, with its link
        if info.driver not in _DRIVERS:
            findings.append(finding("link-kind", info.path, kind=info.driver))
        assets.append(asset)
    unique = {(one.code, one.path): one for one in findings}
    return replace(
        draft, assets=tuple(assets), linked=True, findings=(*draft.findings, *unique.values())
    )


def digest_of_link(link: Link) -> str:
    """Return what a file on another computer is known by, hexadecimal.

    Its address, and what names its bytes best: their checksum, else what the server calls them.
    """
    told = [link.href, link.checksum or link.etag, link.size]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def linked_assets(
    draft: Draft, digests: Mapping[str, str], sample: Callable[[Asset], Mapping[str, float]]
) -> dict[str, Asset]:
    """Return the assets of a scene whose files stay where they are.

    Args:
        draft: with a link for each asset.
        digests: SHA-256 by address, of files of this computer.
        sample: gives approximate statistics of an asset; reads a small overview.

    Raises:
        LandzichtError: pixels cannot be read.
    """
    made = {}
    for asset in draft.assets:
        plain = _asset(asset, digests)
        made[asset.key] = replace(plain, statistics=sample(plain))
    return made


def _asset(asset: DraftAsset, digests: Mapping[str, str]) -> Asset:
    link, info = asset.link, asset.info
    assert link is not None
    assert info.grid is not None
    known = _SHA256.match(link.checksum)
    digest = known[1] if known else ""
    band = asset.band if fits(asset.band.nodata, asset.band.dtype) else None
    return Asset(
        key=asset.key,
        href=link.href,
        band=band or replace(asset.band, nodata=None),
        grid=info.grid,
        size=link.size,
        sha256=digest if is_remote(link.href) else digests[link.href],
        index=asset.index,
        array=info.subdataset,
        has_mask=info.mask in OWN_MASKS,
        etag=link.etag,
    )


def _size(path: Path) -> int:
    try:
        return size_of(path)
    except OSError:
        return 0
