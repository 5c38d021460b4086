"""What a collection becomes when a scene joins it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.kinds import BandKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from landzicht.ingest.draft import Draft
    from landzicht.kinds import Asset, Band, Collection, Layer

STRETCH = 2.0
"""Standard deviations on either side of the mean that a layer shows by default."""


def joined(known: Collection | None, draft: Draft, assets: Mapping[str, Asset]) -> Collection:
    """Return the collection as it is after the draft's scene joined it.

    What is there stays as it is (somebody may have chosen it with care) and only what is missing
    is added; but a recipe says how things must be, so it wins.

    Args:
        known: the collection in the catalogue, or None when it is new.
        draft: what joins.
        assets: the stored files of the draft, by key.
    """
    described = {band.name: band for band in draft.collection.bands}
    bands = [
        replace(described.get(key, asset.band), dtype=asset.band.dtype)
        for key, asset in assets.items()
    ]
    extra = [band for band in draft.collection.bands if band.dtype and band.name not in assets]
    fresh = replace(
        draft.collection,
        bands=(*_in_order(draft.collection.bands, bands), *extra),
        layers=tuple(_stretched(layer, assets) for layer in draft.collection.layers),
        simulated=draft.simulated,
        resolution_m=draft.collection.resolution_m or _resolution(assets),
    )
    if known is None:
        return fresh
    first, second = (fresh, known) if draft.by_recipe else (known, fresh)
    return replace(
        first,
        bands=_union(first.bands, second.bands),
        layers=_layers(first.layers, second.layers),
        simulated=known.simulated if known.count else fresh.simulated,
        bounds=known.bounds,
        span=known.span,
        count=known.count,
    )


def _in_order(order: Iterable[Band], bands: list[Band]) -> list[Band]:
    places = {band.name: place for place, band in enumerate(order)}
    return sorted(bands, key=lambda band: places.get(band.name, len(places)))


def _union(first: tuple[Band, ...], second: tuple[Band, ...]) -> tuple[Band, ...]:
    names = {band.name for band in first}
    return (*first, *(band for band in second if band.name not in names))


def _layers(first: tuple[Layer, ...], second: tuple[Layer, ...]) -> tuple[Layer, ...]:
    names = {layer.name for layer in first}
    return (*first, *(layer for layer in second if layer.name not in names))


def _stretched(layer: Layer, assets: Mapping[str, Asset]) -> Layer:
    """Fill in the range of a layer that names none, from the statistics of its assets."""
    shown = [assets[key] for key in layer.assets if key in assets]
    if layer.rescale or layer.classes or not shown or len(shown) != len(layer.assets):
        return layer
    ranges = [_range(asset) for asset in shown]
    if any(one is None for one in ranges):
        return layer
    return replace(layer, rescale=tuple(one for one in ranges if one is not None))


def _range(asset: Asset) -> tuple[float, float] | None:
    told = asset.statistics
    if not {"minimum", "maximum", "mean", "stddev"} <= told.keys():
        return None
    if asset.band.kind is BandKind.CATEGORICAL:
        low, high = told["minimum"], told["maximum"]
    else:
        low = max(told["minimum"], told["mean"] - STRETCH * told["stddev"])
        high = min(told["maximum"], told["mean"] + STRETCH * told["stddev"])
    return (low, high) if low < high else (low, low + 1.0)


def _resolution(assets: Mapping[str, Asset]) -> float | None:
    """Finest pixel in metres; degrees count as on the equator."""
    from landzicht.grid.crs import is_geographic

    metres = [
        min(asset.grid.resolution) * (111_320.0 if is_geographic(asset.grid.crs) else 1.0)
        for asset in assets.values()
    ]
    return round(min(metres), 3) if metres else None
