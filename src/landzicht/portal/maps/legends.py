"""What a map client should know of a view: where it is, how deep, and what its colours mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landzicht.errors.pixels import OnlyWebMercator
from landzicht.grid.matrix import matrix_set
from landzicht.portal.access import visible
from landzicht.portal.maps.pictures import Unchanged, etag_of
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.scenes import Selection, newest_scene
from landzicht.render.colormaps import colormap
from landzicht.render.encode import encoder
from landzicht.render.indices import possible_indices
from landzicht.render.legend import draw_legend
from landzicht.render.picture import Picture
from landzicht.rules import Action
from landzicht.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several

    from landzicht.grid import Bounds
    from landzicht.kinds import Collection, Layer
    from landzicht.portal.maps.view import Seen
    from landzicht.portal.services import Services
    from landzicht.render.indices import Index

_EARTH_PIXEL_M = 156543.03392804097
_EVERYWHERE_ZOOM = 14
_STOPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSetRequest:
    """A view of a collection as a set of tiles, or its legend."""

    collection: str
    """Id of the collection."""
    matrix: str = "WebMercatorQuad"
    """Name of the tile matrix set."""
    view: View = field(default_factory=View)
    """What to show."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes."""
    raw: bool = False
    """Ranges are of stored numbers."""
    language: Language = "en"
    """Of the words in a legend picture."""
    who: str = "public"
    """Whom we serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSet:
    """What a map client needs before its first tile."""

    name: Text
    """Of the layer, or the collection."""
    description: Text
    """What it is and what it is not."""
    attribution: str
    """Who made the data, and the licence."""
    bounds: Bounds | None
    """Around all scenes, WGS84; None while there are none."""
    min_zoom: int
    """First zoom with tiles."""
    max_zoom: int
    """Zoom at which a pixel of the map is a pixel of the data; deeper shows nothing new."""
    simulated: bool
    """Whether it is made up."""
    version: str
    """Changes when the data do; good for the address of tiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What the colours of a view mean."""

    title: Text
    """Name of what is shown."""
    kind: str
    """`colours` (a scale), `classes` or `rgb`."""
    ranges: tuple[tuple[float, float], ...]
    """Values shown darkest and lightest, per channel."""
    channels: tuple[str, ...]
    """Formula of each channel."""
    stops: tuple[tuple[float, str], ...]
    """For a scale: `(value, "#rrggbb")` from low to high."""
    classes: tuple[tuple[float, str, Text], ...]
    """For classes: `(value, "#rrggbb", title)`."""
    low: Text | None
    """Words at the low end."""
    high: Text | None
    """Words at the high end."""
    unit: str | None
    """Unit of the values."""
    colormap: str | None
    """Name of the colour map of a scale."""
    simulated: bool
    """Whether the data are made up."""


def tile_set(services: Services, request: TileSetRequest) -> TileSet:
    """Describe a view as a set of tiles (TileJSON 3.0).

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        OnlyWebMercator: TileJSON cannot describe these tiles.
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    collection = visible(services, request.collection, Action.VIEW, request.who)
    matrix = matrix_set(request.matrix, services.matrices)
    if not matrix.is_web_mercator:
        raise OnlyWebMercator(matrix=matrix.id)
    seen = _resolve(services, collection, request)
    makers = ", ".join(name for name, _ in collection.providers)
    attribution = " — ".join(each for each in (makers, collection.license) if each)
    deepest = min(_deepest_zoom(collection), matrix.max_zoom)
    return TileSet(
        name=seen.layer.title if seen.layer else collection.title,
        description=(seen.layer and seen.layer.description) or collection.description,
        attribution=attribution,
        bounds=collection.bounds,
        min_zoom=0,
        max_zoom=deepest,
        simulated=collection.simulated,
        version=etag_of(services, request),
    )


def indices(
    services: Services, collection: str, who: str = "public"
) -> tuple[tuple[Index, str], ...]:
    """Return the spectral indices that a collection's bands allow, with their formulas.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
    """
    return possible_indices(visible(services, collection, Action.VIEW, who).bands)


def legend(services: Services, request: TileSetRequest) -> Legend:
    """Tell what the colours of a view mean.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    collection = visible(services, request.collection, Action.VIEW, request.who)
    seen = _resolve(services, collection, request)
    style, layer = seen.style, seen.layer
    swatched = bool(style.classes or style.intervals)
    scale = len(style.channels) == 1 and not swatched
    kind = "colours" if scale else "classes" if swatched else "rgb"
    first = style.channels[0]
    return Legend(
        title=_title(seen),
        kind=kind,
        ranges=tuple((channel.low, channel.high) for channel in style.channels),
        channels=tuple(channel.formula.text for channel in style.channels),
        stops=_stops(style.colormap, first.low, first.high) if scale else (),
        classes=_classes(seen),
        low=layer.low if layer else None,
        high=layer.high if layer else None,
        unit=_unit(collection, layer, first.formula.text) if style.relief is None else None,
        colormap=style.colormap if scale and not style.colormap.startswith("#") else None,
        simulated=collection.simulated,
    )


def legend_picture(
    services: Services, request: TileSetRequest, known: Several[str] = ()
) -> Picture | Unchanged:
    """Draw the legend of a view as PNG.

    Args:
        services: adapters of the portal.
        request: which view.
        known: etags of pictures that the caller has.

    Raises:
        LandzichtError: as `legend`.
    """
    told = legend(services, request)
    etag = etag_of(services, request)
    if etag in known:
        return Unchanged(etag)
    media_type, encode = encoder("png")
    collection = visible(services, request.collection, Action.VIEW, request.who)
    style = _resolve(services, collection, request).style
    say = request.language
    if told.kind == "colours":
        low, high = told.ranges[0]
        unit = f" {told.unit}" if told.unit and told.unit != "1" else ""
        labels = [f"{value:.4g}{unit}" for value in (low, (low + high) / 2, high)]
        if say == "nl":
            labels = [label.replace(".", ",") for label in labels]
    elif told.kind == "classes":
        labels = [title.say(say) for _, _, title in told.classes]
    else:
        ranges = zip(told.channels, told.ranges, strict=True)
        labels = [f"{name}: {low:.4g} - {high:.4g}" for name, (low, high) in ranges]
    words = (told.low.say(say) if told.low else "", told.high.say(say) if told.high else "")
    canvas = draw_legend(style, told.title.say(say), labels, words, simulated=told.simulated)
    return Picture(
        content=encode(canvas), media_type=media_type, etag=etag, simulated=told.simulated
    )


def _resolve(services: Services, collection: Collection, request: TileSetRequest) -> Seen:
    return resolve(
        collection,
        request.view,
        lambda: newest_scene(services, collection, request.selection),
        raw=request.raw,
    )


def _deepest_zoom(collection: Collection) -> int:
    """Return the zoom at which map pixels are as small as those of the data."""
    if not collection.resolution_m:
        return _EVERYWHERE_ZOOM
    box = collection.bounds
    latitude = math.radians((box.south + box.north) / 2) if box else 0.0
    pixel = _EARTH_PIXEL_M * max(0.05, math.cos(latitude))
    return max(0, math.ceil(math.log2(pixel / collection.resolution_m) - 0.1))


def _stops(name: str, low: float, high: float) -> tuple[tuple[float, str], ...]:
    colours = colormap(name, _STOPS + 1)
    values = [low + (high - low) * number / _STOPS for number in range(_STOPS + 1)]
    return tuple(
        (float(f"{value:.6g}"), _hex(*(int(part) for part in colour)))
        for value, colour in zip(values, colours, strict=True)
    )


def _title(seen: Seen) -> Text:
    if seen.layer:
        return seen.layer.title
    told = ", ".join(channel.formula.text for channel in seen.style.channels)
    return _plain(f"{seen.style.relief.name}: {told}" if seen.style.relief else told)


def _classes(seen: Seen) -> tuple[tuple[float, str, Text], ...]:
    if seen.style.intervals:
        return tuple(
            (low, _hex(*colour), _plain(f"{low:g} – {high:g}"))
            for low, high, colour in seen.style.intervals
        )
    titles = {value: title for value, _, title in seen.layer.classes} if seen.layer else {}
    return tuple(
        (value, _hex(*colour), titles.get(int(value)) or _plain(f"{value:g}"))
        for value, colour in seen.style.classes
    )


def _unit(collection: Collection, layer: Layer | None, key: str) -> str | None:
    if layer and layer.unit:
        return layer.unit
    return next((band.unit for band in collection.bands if band.name == key), None)


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"


def _plain(text: str) -> Text:
    return Text(nl=text, en=text)
