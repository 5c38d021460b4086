"""The values at one place."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.blocks.ahead import points_soon
from landzicht.errors.catalogue import BadQuery, NothingHere
from landzicht.grid import Bounds, Window
from landzicht.grid.crs import WGS84, is_geographic, transformer
from landzicht.mosaic.clear import clear_reader
from landzicht.portal.access import visible
from landzicht.portal.maps.best import judging_mask
from landzicht.portal.maps.derive import FIRST
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.scenes import (
    BEST,
    Selection,
    find_scenes,
    is_simulated,
    mask_of,
    newest_scene,
)
from landzicht.render.evaluate import evaluate
from landzicht.render.formula import parse_formula
from landzicht.rules import Action
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from landzicht.kinds import Asset, Collection, Scene
    from landzicht.portal.services import Services
    from landzicht.ports import Reader
    from landzicht.render.formula import Formula

_DIGITS = 12
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRequest:
    """The values at one place."""

    collection: str
    """Id of the collection."""
    lon: float
    """Longitude, WGS84 degrees, -180 to 180."""
    lat: float
    """Latitude, WGS84 degrees, -90 to 90."""
    view: View | None = None
    """What to compute; None = every band and every layer of one channel."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes; the newest with a value is taken, as on the map."""
    raw: bool = False
    """Stored numbers instead of physical values."""
    who: str = "public"
    """Whom we serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One number at a place."""

    name: str
    """Band, layer or formula."""
    value: float | None
    """The number, or None when there is none here."""
    unit: str | None = None
    """Its unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointAnswer:
    """What one scene says about a place."""

    collection: str
    """Id of the collection."""
    lon: float
    """As asked."""
    lat: float
    """As asked."""
    scene: str
    """Id of the scene that was read."""
    moment: datetime
    """When it was made, UTC."""
    simulated: bool
    """Whether it is made up."""
    valid: bool
    """Whether everything that was asked for has a value here."""
    bands: tuple[Value, ...]
    """Pixel values."""
    layers: tuple[Value, ...]
    """Computed values."""


def point(services: Services, request: PointRequest) -> PointAnswer:
    """Read the values at one place from full-size pixels, without resampling.

    The newest scene with a value is taken; when none has one, the newest that covers the place.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        NothingHere: no scene of the selection covers this place.
        BadQuery: the place is not on Earth.
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    collection = visible(services, request.collection, Action.MEASURE, request.who)
    if not (-180 <= request.lon <= 180 and -90 <= request.lat <= 90):
        reason = Text(
            nl="lengte van -180 tot 180 en breedte van -90 tot 90",
            en="longitude from -180 to 180 and latitude from -90 to 90",
        )
        raise BadQuery(name="lon,lat", reason=reason)
    formulas = _formulas(services, collection, request)
    keys = tuple(dict.fromkeys(key for formula in formulas.values() for key in formula.names))
    lon, lat = request.lon, request.lat
    around = Bounds(
        max(-180.0, lon - _NEAR),
        max(-90.0, lat - _NEAR),
        min(180.0, lon + _NEAR),
        min(90.0, lat + _NEAR),
    )
    selection = _at_a_place(collection, request.selection)
    mask = mask_of(collection, selection)
    first: tuple[Scene, dict[str, float | None]] | None = None
    for scene in find_scenes(services, collection, selection, (around,)):
        wanted = keys or tuple(scene.assets)
        reader = clear_reader(services.reader, scene, mask) if mask else services.reader
        if reader is None:
            continue
        found = _pixels(reader, scene, wanted, request)
        if found is None:
            continue
        known = [value is not None for value in found.values()]
        if all(known) if keys else any(known):
            return _answer(collection, request, scene, found, formulas)
        first = first or (scene, found)
    if first is None:
        raise NothingHere(collection=collection.id)
    return _answer(collection, request, *first, formulas)


def _at_a_place(collection: Collection, selection: Selection) -> Selection:
    """Return what a selection means for one place: the best scene is the newest clear one.

    Raises:
        BadQuery: observations are to be combined, or the collection has no classification.
    """
    if selection.rule != FIRST:
        reason = Text(
            nl="op één plaats telt de eerste bruikbare opname; vraag een klein venster (bbox)",
            en="at one place the first usable scene counts; ask for a small window (bbox)",
        )
        raise BadQuery(name="pixel_selection", reason=reason)
    if selection.order == BEST:
        judging_mask(collection)
        return replace(selection, order="newest", clear=True)
    return selection


def _formulas(
    services: Services, collection: Collection, request: PointRequest
) -> Mapping[str, Formula]:
    """Return the formulas of the view by name; none when everything is wanted."""
    if request.view is None:
        return {}
    if request.view.relief:
        reason = Text(
            nl="reliëf bestaat alleen in beelden; vraag hier de hoogte zelf",
            en="relief exists in pictures only; ask for the height itself here",
        )
        raise BadQuery(name="algorithm", reason=reason)
    seen = resolve(
        collection,
        request.view,
        lambda: newest_scene(services, collection, request.selection),
        values_only=True,
    )
    channels = seen.style.channels
    if request.view.index:
        return {request.view.index.upper(): channels[0].formula}
    if seen.layer and len(channels) == 1:
        return {seen.layer.name: channels[0].formula}
    return {channel.formula.text: channel.formula for channel in channels}


def _pixels(
    reader: Reader, scene: Scene, keys: Sequence[str], request: PointRequest
) -> dict[str, float | None] | None:
    """Return the value of each band at the place; None when the scene does not reach it."""
    found: dict[str, float | None] = {}
    places = {}
    for key in keys:
        asset = scene.assets.get(key)
        where = pixel_at(asset, request.lon, request.lat) if asset else None
        if asset is not None and where is not None:
            places[key] = (asset, where)
    points_soon(reader, list(places.values()))
    for key, (asset, where) in places.items():
        block = reader.read(asset, 0, where)
        scale, offset = (1.0, 0.0) if request.raw else (asset.band.scale, asset.band.offset)
        stored = block.values[0, 0, 0]
        found[key] = float(stored) * scale + offset if block.valid[0, 0, 0] else None
    if not found:
        return None
    return {key: found.get(key) for key in keys}


def pixel_at(asset: Asset, lon: float, lat: float) -> Window | None:
    """Return the pixel of full size under a place (WGS84 degrees), or None outside the image."""
    grid = asset.grid
    x, y = lon, lat
    if grid.crs != WGS84:
        x, y = transformer(WGS84, grid.crs).transform(lon, lat)
    turns = (0.0, 360.0, -360.0) if is_geographic(grid.crs) else (0.0,)
    for turn in turns:
        column, row = ~grid.transform @ (x + turn, y)
        if 0 <= column < grid.width and 0 <= row < grid.height:
            return Window(math.floor(row), math.floor(column), 1, 1)
    return None


def _answer(
    collection: Collection,
    request: PointRequest,
    scene: Scene,
    found: Mapping[str, float | None],
    formulas: Mapping[str, Formula],
) -> PointAnswer:
    units = {band.name: band.unit for band in collection.bands}
    wanted = formulas or {
        layer.name: parse_formula(layer.expression)
        for layer in collection.layers
        if layer.expression and ";" not in layer.expression
    }
    by_layer = {layer.name: layer.unit for layer in collection.layers}
    layers = tuple(
        Value(name=name, value=_compute(formula, found), unit=by_layer.get(name))
        for name, formula in wanted.items()
        if formula.text != name or name not in units
    )
    bands = tuple(
        Value(name=key, value=_tidy(value), unit=None if request.raw else units.get(key))
        for key, value in found.items()
    )
    asked = (*bands, *layers) if formulas else bands
    return PointAnswer(
        collection=collection.id,
        lon=request.lon,
        lat=request.lat,
        scene=scene.id,
        moment=scene.moment,
        simulated=is_simulated(collection, (scene,)),
        valid=all(each.value is not None for each in asked),
        bands=bands,
        layers=layers,
    )


def _compute(formula: Formula, found: Mapping[str, float | None]) -> float | None:
    if any(found.get(name) is None for name in formula.names):
        return None
    bands: dict[str, Any] = {name: np.array([found[name]]) for name in formula.names}
    return _tidy(float(evaluate(formula, bands)[0]))


def _tidy(value: float | None) -> float | None:
    """Drop the noise that scaling leaves (0.12340000000000001), and what JSON cannot say."""
    if value is None or not math.isfinite(value):
        return None
    return value if value.is_integer() else float(f"{value:.{_DIGITS}g}")
