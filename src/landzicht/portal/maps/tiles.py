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
from landzicht.portal.maps.best import best_scenes, judging_cell, judging_mask
from landzicht.portal.maps.derive import grown
from landzicht.portal.maps.finish import VALUES, Order, action_of, make
from landzicht.portal.maps.pictures import Unchanged, etag_of
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.memory import recall_scenes
from landzicht.portal.scenes import BEST, Selection, mask_of, newest_scene
from landzicht.render.bands import DEPTHS
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several

    from landzicht.grid import Grid
    from landzicht.kinds import Collection, Scene
    from landzicht.portal.services import Services
    from landzicht.render.picture import Picture
    from landzicht.render.style import Style

__all__ = ["RESAMPLINGS", "SIZES", "TileRequest", "Unchanged", "tile"]
SIZES = (256, 512)
"""Tile sizes in pixels."""
MOST_BUFFER = 64
"""Most pixels to add at an edge."""


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
    """`png`, `webp`, `jpg`, `npy`, `tif` or `bands`."""
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
    buffer: int = 0
    """Pixels to add at each edge, 0 to `MOST_BUFFER`."""
    depth: int = DEPTHS[0]
    """Bits of a number in `.bands`: 8 (rounded, for looking) or 16."""
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
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    action = action_of(request.ending)
    found, version = visible_version(services, request.collection, action, request.who)
    target = _check(services, request)
    style = _style(services, found, version, request)
    etag = etag_of(services, request, version)
    if etag in known:
        return Unchanged(etag)

    mask = mask_of(found, request.selection)
    if request.selection.order == BEST:
        judging_mask(found)

    def made() -> Picture:
        scenes = _scenes(services, found, version, request, target)
        want = Want(
            keys=style.keys,
            target=target,
            resampling=request.resampling,
            mask=mask,
            raw=request.raw,
            most_pixels=services.settings.max_pixels,
        )
        order = Order(
            ending=request.ending,
            style=style,
            want=want,
            etag=etag,
            mark=request.mark,
            rule=request.selection.rule,
            depth=request.depth,
        )
        return make(services, found, scenes, order)

    return services.pictures.get(etag, made)


def _scenes(
    services: Services, collection: Collection, version: str, request: TileRequest, target: Grid
) -> tuple[Scene, ...]:
    """Return the scenes to make a tile of, those on top first."""
    if request.selection.order != BEST:
        boxes = world_boxes(target)
        return recall_scenes(services, collection, version, request.selection, boxes)
    matrix = matrix_set(request.matrix, services.matrices)
    cell = judging_cell(matrix, request.z, request.x, request.y)
    return best_scenes(services, collection, version, request.selection, cell)


def _check(services: Services, request: TileRequest) -> Grid:
    """Return the pixels of the tile, after checking what a wrong caller may send."""
    for name, value, possible in (
        ("size", request.size, SIZES),
        ("resampling", request.resampling, RESAMPLINGS),
        ("depth", request.depth, DEPTHS),
    ):
        if value not in possible:
            listed = ", ".join(str(each) for each in possible)
            reason = Text(nl=f"kies uit {listed}", en=f"choose one of {listed}")
            raise BadQuery(name=name, reason=reason)
    matrix = matrix_set(request.matrix, services.matrices)
    target = matrix.tile(request.z, request.x, request.y, request.size)
    if not 0 <= request.buffer <= MOST_BUFFER:
        reason = Text(nl=f"kies 0 tot en met {MOST_BUFFER}", en=f"choose 0 to {MOST_BUFFER}")
        raise BadQuery(name="buffer", reason=reason)
    return grown(target, request.buffer) if request.buffer else target


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
