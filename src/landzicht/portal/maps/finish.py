"""From a mosaic to the bytes that somebody asked for: pictures, `.npy`, GeoTIFF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.errors.pixels import UnknownFormat
from landzicht.kinds import Band, BandKind, Block, format_instant
from landzicht.mosaic.fill import fill
from landzicht.portal.maps.derive import FIRST, derive, planes_of
from landzicht.portal.maps.quick import quick
from landzicht.portal.scenes import is_simulated
from landzicht.render.bands import BANDS, DEPTHS, RawBand, pack_bands
from landzicht.render.encode import ENCODERS, NPY, encoder, npy
from landzicht.render.formula import Name
from landzicht.render.formula import band as band_formula
from landzicht.render.mark import ROOM, draw_mark
from landzicht.render.paint import MOST_COLOURS, Canvas, paint, paint_intervals, values_of
from landzicht.render.picture import Picture
from landzicht.render.style import Channel, Style
from landzicht.render.tone import tone_canvas
from landzicht.rules import Action

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from landzicht.kinds import Collection, Scene
    from landzicht.mosaic.fill import Mosaic, Want
    from landzicht.portal.services import Services

GEOTIFF = "image/tiff; application=geotiff"
"""Media type of `.tif` (OGC 19-008)."""
VALUES = ("npy", "tif", "bands")
"""File endings that give values, not colours."""
ENDINGS = (*ENCODERS, *VALUES)
"""All that can be asked for."""
_MOST_NAME = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to make of a mosaic."""

    ending: str
    """`png`, `webp`, `jpg`, `npy`, `tif` or `bands`."""
    style: Style
    """Which channels, and how to paint them."""
    want: Want
    """What the mosaic was asked for."""
    etag: str
    """Of the answer."""
    mark: bool = True
    """Draw the words that simulated data carry."""
    rule: str = FIRST
    """How many observations become one: `FIRST`, or one of `landzicht.mosaic.combine.RULES`."""
    depth: int = DEPTHS[0]
    """Bits of a number in `.bands`."""


def action_of(ending: str) -> Action:
    """Return what somebody does who asks for such a file.

    Raises:
        UnknownFormat: we make no such files.
    """
    if ending in VALUES:
        return Action.MEASURE
    if ending not in ENCODERS:
        raise UnknownFormat(format=ending[:20], known=", ".join(ENDINGS))
    return Action.VIEW


def make(
    services: Services, collection: Collection, scenes: tuple[Scene, ...], order: Order
) -> Picture:
    """Return what was ordered, made of these scenes, best first; the short way where that is one.

    Raises:
        TooManyPixels: a file without overviews, seen from too far.
        StoredFileFailed: a file is gone or damaged.
    """
    if order.ending == "bands":  # the bands that the style needs, not what it makes of them
        order = replace(order, style=_of_bands(order.style))
    if order.rule != FIRST or order.style.relief:
        mosaic, style = derive(scenes, order.want, order.style, order.rule, services.reader)
        return finish(services, collection, mosaic, replace(order, style=style))
    if order.ending in ENCODERS and order.style.is_plain:
        found = quick(scenes, order.want, order.style, services.reader, _room(collection, order))
        if found is not None:
            canvas, scene = found
            return _picture(collection, canvas, (scene,), order)
    return finish(services, collection, fill(scenes, order.want, services.reader), order)


def finish(services: Services, collection: Collection, mosaic: Mosaic, order: Order) -> Picture:
    """Return the bytes of a mosaic in the form that was ordered."""
    if order.ending in ENCODERS:
        colours = _room(collection, order)(*mosaic.scenes)
        canvas = paint_mosaic(mosaic, order.style, order.want, colours)
        return _picture(collection, canvas, mosaic.scenes, order)
    content, media_type = b"", NPY
    if order.ending == "npy":
        content = npy_of(mosaic, order.style, order.want)
    elif order.ending == "bands":
        media_type = BANDS
        content = _bands(collection, mosaic, order)
    else:
        media_type = GEOTIFF
        content = _geotiff(services, collection, mosaic, order)
    return _told(collection, content, media_type, mosaic.scenes, order)


def _room(collection: Collection, order: Order) -> Callable[..., int]:
    """Return what tells how many colours are left beside the mark that scenes may need."""

    def colours(*scenes: Scene) -> int:
        marked = order.mark and is_simulated(collection, scenes)
        return MOST_COLOURS - ROOM if marked else MOST_COLOURS

    return colours


def _picture(
    collection: Collection, canvas: Canvas, scenes: tuple[Scene, ...], order: Order
) -> Picture:
    """Encode a picture, marked where that is needed."""
    media_type, encode = encoder(order.ending)
    marked = order.mark and is_simulated(collection, scenes)
    content = encode(draw_mark(canvas) if marked else canvas)
    return _told(collection, content, media_type, scenes, order)


def _told(
    collection: Collection,
    content: bytes,
    media_type: str,
    scenes: tuple[Scene, ...],
    order: Order,
) -> Picture:
    return Picture(
        content=content,
        media_type=media_type,
        etag=order.etag,
        scenes=tuple(scene.id for scene in scenes),
        simulated=is_simulated(collection, scenes),
    )


def paint_mosaic(mosaic: Mosaic, style: Style, want: Want, colours: int) -> Canvas:
    """Return the colours of a mosaic; all see-through when it is empty."""
    if mosaic.bands:
        planes = planes_of(mosaic, raw=want.raw)
        if style.intervals:
            return paint_intervals(planes, mosaic.usable, style)
        canvas = paint(planes, mosaic.usable, style, colours)
        return tone_canvas(canvas, style.tone) if style.tone else canvas
    if len(style.channels) == 1:
        palette = np.zeros((1, 3), np.uint8)
        return Canvas(
            pixels=np.zeros(want.target.shape, np.uint8), usable=mosaic.usable, palette=palette
        )
    pixels = np.zeros((*want.target.shape, len(style.channels)), np.uint8)
    return Canvas(pixels=pixels, usable=mosaic.usable)


def npy_of(mosaic: Mosaic, style: Style, want: Want) -> bytes:
    """Return the channels of a mosaic as `.npy`."""
    return npy(*_values(mosaic, style, want))


def _values(mosaic: Mosaic, style: Style, want: Want) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the channels of a mosaic `(channel, y, x)`, and where all of them have a value."""
    if not mosaic.bands:
        shape = (len(style.channels), *want.target.shape)
        return np.full(shape, np.nan, np.float32), mosaic.usable
    return values_of(planes_of(mosaic, raw=want.raw), mosaic.usable, style.channels)


def _of_bands(style: Style) -> Style:
    """Return a style that shows the bands which another needs."""
    if style.relief:  # what is made of heights is the band
        return style
    keys = (Channel(formula=band_formula(key), low=0.0, high=1.0) for key in style.keys)
    return Style(channels=tuple(keys))


def _bands(collection: Collection, mosaic: Mosaic, order: Order) -> bytes:
    """Return a raw band tile."""
    known = {band.name: band for band in collection.bands}
    packed = []
    for channel in order.style.channels:
        name = channel.formula.text
        empty = np.zeros(order.want.target.shape, np.float32)
        values, band = mosaic.bands.get(name, (empty, Band(name=name, dtype="float32")))
        told = known.get(name, band)
        codes = told.kind is BandKind.CATEGORICAL and order.rule == FIRST
        raw = RawBand(name=name, values=values, unit=told.unit, codes=codes)
        if not order.want.raw:
            raw = replace(raw, scale=band.scale, offset=band.offset)
        packed.append(raw)
    about = {
        "collection": collection.id,
        "license": collection.license,
        "scenes": [scene.id for scene in mosaic.scenes],
        "datetimes": [format_instant(scene.moment) for scene in mosaic.scenes],
        "simulated": is_simulated(collection, mosaic.scenes),
    }
    return pack_bands(packed, mosaic.usable, order.depth, about)


def _geotiff(services: Services, collection: Collection, mosaic: Mosaic, order: Order) -> bytes:
    values, usable = _values(mosaic, order.style, order.want)
    bands = [_band(collection, channel) for channel in order.style.channels]
    stored = _stored_dtype(mosaic, order)
    if stored is not None:
        told = [mosaic.bands[channel.formula.text][1] for channel in order.style.channels]
        bands = [replace(band, name=key.name) for band, key in zip(told, bands, strict=True)]
        if stored.kind in "iu":  # a cubic filter may overshoot
            limits = np.iinfo(stored)
            values = np.clip(np.rint(np.nan_to_num(values)), limits.min, limits.max)
        values = values.astype(stored)
    elif values.dtype != np.float64:
        values = values.astype(np.float32)
    block = Block(
        values=values,
        valid=np.broadcast_to(usable, values.shape),
        grid=order.want.target,
        bands=tuple(bands),
    )
    return services.writer.export(block, _tags(collection, mosaic))


def _stored_dtype(mosaic: Mosaic, order: Order) -> np.dtype[Any] | None:
    """Return the dtype of stored numbers, when these are wanted as they are."""
    channels = order.style.channels
    plain = all(isinstance(channel.formula.tree, Name) for channel in channels)
    if not (order.want.raw and plain and mosaic.bands):
        return None
    names = [mosaic.bands[channel.formula.text][1].dtype for channel in channels]
    return np.result_type(*names)


def _band(collection: Collection, channel: Channel) -> Band:
    """Describe a channel of physical values."""
    name = channel.formula.text[:_MOST_NAME]
    known = {band.name: band for band in collection.bands}
    unit = known[name].unit if name in known else None
    return Band(name=name, dtype="float32", nodata=float("nan"), unit=unit)


def _tags(collection: Collection, mosaic: Mosaic) -> dict[str, str]:
    """Tell in the file what it was made of."""
    tags = {"COLLECTION": collection.id, "LICENSE": collection.license}
    if mosaic.scenes:
        tags["SCENES"] = ",".join(scene.id for scene in mosaic.scenes)
        tags["DATETIMES"] = ",".join(format_instant(scene.moment) for scene in mosaic.scenes)
    if is_simulated(collection, mosaic.scenes):
        tags["SIMULATED"] = "YES"
    return tags
