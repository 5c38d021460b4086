"""Map tiles: from an address to the bytes of a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landzicht.blocks.resample import RESAMPLINGS
from landzicht.errors.catalogue import BadQuery
from landzicht.grid.matrix import matrix_set
from landzicht.grid.place import world_boxes
from landzicht.mosaic.fill import Want
from landzicht.portal.access import visible_version
from landzicht.portal.finish import VALUES, Order, action_of, make
from landzicht.portal.memory import recall_scenes
from landzicht.portal.pictures import Unchanged, etag_of
from landzicht.portal.scenes import Selection, mask_of, newest_scene
from landzicht.portal.view import View, resolve
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several

    from landzicht.grid import Grid
    from landzicht.kinds import Collection
    from landzicht.portal.services import Services
    from landzicht.render.picture import Picture
    from landzicht.render.style import Style

__all__ = ["RESAMPLINGS", "SIZES", "TileRequest", "Unchanged", "tile"]
SIZES = (256, 512)
"""Tile sizes in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRequest:
    """One tile of a map."""

    collection: str
    """Id of the collection."""
    matrix: str = "WebMercatorQuad"
    """Name of the tile matrix set."""
    z: int
    """Zoom."""
    x: int
    """Column, from the west."""
    y: int
    """Row, from the north."""
    ending: str = "png"
    """`png`, `webp`, `jpg`, `npy` or `tif`."""
    size: int = 256
    """Width and height in pixels: 256 or 512."""
    view: View = field(default_factory=View)
    """What to show."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes."""
    resampling: str = "nearest"
    """One of `RESAMPLINGS`."""
    raw: bool = False
    """Stored numbers instead of physical values, in formulas, ranges, `.npy` and `.tif`."""
    mark: bool = True
    """Draw the words that simulated data carry; False only for pixel tests on this computer."""
    who: str = "public"
    """Whom we serve."""


def tile(services: Services, request: TileRequest, known: Several[str] = ()) -> Picture | Unchanged:
    """Make a map tile, or take it from those that are kept.

    Args:
        services: adapters of the portal.
        request: which tile.
        known: etags of pictures that the caller has; no pixel is read when ours is one of them.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        NoSuchTile: the address lies outside the tile matrix set.
        StoredFileFailed: a file is gone or damaged.
        LandzichtError: any of those of `landzicht.portal.view.resolve`.
    """
    action = action_of(request.ending)
    found, version = visible_version(services, request.collection, action, request.who)
    target = _check(services, request)
    style = _style(services, found, version, request)
    etag = etag_of(services, request, version)
    if etag in known:
        return Unchanged(etag)

    mask = mask_of(found, request.selection)

    def made() -> Picture:
        boxes = world_boxes(target)
        scenes = recall_scenes(services, found, version, request.selection, boxes)
        want = Want(
            keys=style.keys,
            target=target,
            resampling=request.resampling,
            mask=mask,
            raw=request.raw,
            most_pixels=services.settings.max_pixels,
        )
        order = Order(ending=request.ending, style=style, want=want, etag=etag, mark=request.mark)
        return make(services, found, scenes, order)

    return services.pictures.get(etag, made)


def _check(services: Services, request: TileRequest) -> Grid:
    """Return the pixels of the tile, after checking what a wrong caller may send."""
    for name, value, possible in (
        ("size", request.size, SIZES),
        ("resampling", request.resampling, RESAMPLINGS),
    ):
        if value not in possible:
            listed = ", ".join(str(each) for each in possible)
            reason = Text(nl=f"kies uit {listed}", en=f"choose one of {listed}")
            raise BadQuery(name=name, reason=reason)
    matrix = matrix_set(request.matrix, services.matrices)
    return matrix.tile(request.z, request.x, request.y, request.size)


def _style(services: Services, collection: Collection, version: str, request: TileRequest) -> Style:
    """Return how to paint; worked out once for all tiles of a map."""
    values_only = request.ending in VALUES
    style: Style = services.memory.get(
        (
            "style",
            collection.id,
            version,
            request.view,
            request.selection,
            request.raw,
            values_only,
        ),
        lambda: (
            resolve(
                collection,
                request.view,
                lambda: newest_scene(services, collection, request.selection),
                raw=request.raw,
                values_only=values_only,
            ).style
        ),
    )
    return style
