"""Map tiles: from an address to the bytes of a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.catalogue import BadQuery
from landzicht.grid.matrix import matrix_set
from landzicht.grid.place import world_boxes
from landzicht.mosaic.fill import Want, fill
from landzicht.portal.access import visible
from landzicht.portal.pictures import Unchanged, etag_of
from landzicht.portal.scenes import Selection, find_scenes, is_simulated, newest_scene
from landzicht.portal.view import View, resolve
from landzicht.render.encode import NPY, encoder, npy
from landzicht.render.mark import ROOM, draw_mark
from landzicht.render.paint import MOST_COLOURS, Canvas, Plane, channel_values, paint
from landzicht.render.picture import Picture
from landzicht.rules import Action
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several
    from collections.abc import Mapping

    from landzicht.grid import Grid
    from landzicht.kinds import Collection
    from landzicht.mosaic.fill import Mosaic
    from landzicht.portal.services import Services
    from landzicht.render.style import Style

__all__ = ["RESAMPLINGS", "SIZES", "TileRequest", "Unchanged", "tile"]
SIZES = (256, 512)
"""Tile sizes in pixels."""
RESAMPLINGS = ("nearest", "bilinear")
"""Ways to find a value between pixels."""


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
    """`png`, `webp`, `jpg` or `npy`."""
    size: int = 256
    """Width and height in pixels: 256 or 512."""
    view: View = field(default_factory=View)
    """What to show."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes."""
    resampling: str = "nearest"
    """`nearest` or `bilinear`."""
    raw: bool = False
    """Stored numbers instead of physical values, in formulas, ranges and `.npy`."""
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
    action = Action.MEASURE if request.ending == "npy" else Action.VIEW
    collection = visible(services, request.collection, action, request.who)
    target = _check(services, request)
    style = _style(services, collection, request)
    etag = etag_of(services, request)
    if etag in known:
        return Unchanged(etag)
    return services.pictures.get(
        etag, lambda: _make(services, collection, request, target, style, etag)
    )


def planes_of(mosaic: Mosaic, *, raw: bool) -> dict[str, Plane]:
    """Return the bands of a mosaic as painting needs them."""
    planes = {}
    for key, (values, band) in mosaic.bands.items():
        scale, offset = (1.0, 0.0) if raw else (band.scale, band.offset)
        planes[key] = Plane(values=values, scale=scale, offset=offset)
    return planes


def _check(services: Services, request: TileRequest) -> Grid:
    """Return the pixels of the tile, after checking what a wrong caller may send."""
    if request.ending != "npy":
        encoder(request.ending)
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


def _style(services: Services, collection: Collection, request: TileRequest) -> Style:
    return resolve(
        collection,
        request.view,
        lambda: newest_scene(services, collection, request.selection),
        raw=request.raw,
        values_only=request.ending == "npy",
    ).style


def _make(
    services: Services,
    collection: Collection,
    request: TileRequest,
    target: Grid,
    style: Style,
    etag: str,
) -> Picture:
    scenes = find_scenes(services, collection, request.selection, world_boxes(target))
    want = Want(
        keys=style.keys,
        target=target,
        smooth=request.resampling == "bilinear",
        raw=request.raw,
        most_pixels=services.settings.max_pixels,
    )
    mosaic = fill(scenes, want, services.reader)
    simulated = is_simulated(collection, mosaic.scenes)
    facts: Mapping[str, Any] = {
        "etag": etag,
        "scenes": tuple(scene.id for scene in mosaic.scenes),
        "simulated": simulated,
    }
    if request.ending == "npy":
        return Picture(content=_values(mosaic, style, want), media_type=NPY, **facts)
    marked = simulated and request.mark
    media_type, encode = encoder(request.ending)
    canvas = _paint(mosaic, style, want, MOST_COLOURS - ROOM if marked else MOST_COLOURS)
    content = encode(draw_mark(canvas) if marked else canvas)
    return Picture(content=content, media_type=media_type, **facts)


def _paint(mosaic: Mosaic, style: Style, want: Want, colours: int) -> Canvas:
    """Return the colours of a mosaic; all see-through when it is empty."""
    if mosaic.bands:
        return paint(planes_of(mosaic, raw=want.raw), mosaic.usable, style, colours)
    if len(style.channels) == 1:
        palette = np.zeros((1, 3), np.uint8)
        return Canvas(
            pixels=np.zeros(want.target.shape, np.uint8), usable=mosaic.usable, palette=palette
        )
    pixels = np.zeros((*want.target.shape, len(style.channels)), np.uint8)
    return Canvas(pixels=pixels, usable=mosaic.usable)


def _values(mosaic: Mosaic, style: Style, want: Want) -> bytes:
    """Return the channels of a mosaic as `.npy`."""
    if not mosaic.bands:
        empty = np.full((len(style.channels), *want.target.shape), np.nan, np.float32)
        return npy(empty, mosaic.usable)
    planes = planes_of(mosaic, raw=want.raw)
    usable, channels = mosaic.usable, []
    for channel in style.channels:
        values, shown = channel_values(planes, mosaic.usable, channel)
        usable = usable & shown
        channels.append(values)
    return npy(np.stack(channels), usable)
