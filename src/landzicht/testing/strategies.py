"""Hypothesis strategies for the nouns of the domain; needs hypothesis to be installed."""

from __future__ import annotations

import copy
import math
from datetime import UTC, datetime
from typing import Any

from affine import Affine
from hypothesis import strategies as st

from landzicht.grid import Bounds, Grid
from landzicht.kinds import Asset, Band, BandKind, Collection, Layer, Mask, Scene, Span
from landzicht.testing.scenes import box_geometry
from landzicht.text import Text

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
ids = st.text(_LETTERS, min_size=1, max_size=12)
"""Ids of collections and scenes."""
words = st.text(st.characters(codec="utf-8"), max_size=20)
"""Any text that JSON can hold."""
finite = st.floats(allow_nan=False, allow_infinity=False)
"""Numbers that JSON can hold."""
texts = st.builds(Text, nl=words, en=words)
moments = st.datetimes(
    min_value=datetime(1950, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone itself
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
"""Times of observation, UTC."""
_digests = st.text("0123456789abcdef", min_size=64, max_size=64)
_keys = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs"]), min_size=1).filter(
    lambda key: len(key) <= 30 and not set(key) & set("/\\") and bool(key.strip(". "))
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
_colours = st.tuples(*[st.integers(0, 255)] * 4)


def optional(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    """Return the strategy, or nothing."""
    return st.none() | strategy


def bands(name: st.SearchStrategy[str] = _keys) -> st.SearchStrategy[Band]:
    """Return any band."""
    return st.builds(
        Band,
        name=name,
        dtype=st.sampled_from(["uint8", "int16", "uint16", "float32", "complex64", "bool"]),
        kind=st.sampled_from(BandKind),
        nodata=st.none() | finite | st.sampled_from([math.nan, math.inf, -math.inf]),
        scale=finite,
        offset=finite,
        unit=optional(words),
        common_name=optional(words) | st.sampled_from(["red", "nir"]),
        title=optional(words),
        wavelength_um=st.none() | finite,
        colours=st.lists(st.tuples(st.integers(0, 255), _colours), max_size=3).map(tuple),
    )


_THIN = 1e-6
"""Degrees; a decimetre."""


@st.composite
def boxes(draw: st.DrawFn, *, whole: bool = False) -> Bounds:
    """Return a WGS84 box with an area; one in about four crosses the antimeridian.

    Args:
        draw: given by hypothesis.
        whole: only whole degrees, so that boxes often share an edge.
    """
    number = (lambda low, high: st.integers(low, high).map(float)) if whole else st.floats
    south, north = sorted(draw(st.tuples(number(-90.0, 90.0), number(-90.0, 90.0))))
    west, east = sorted(draw(st.tuples(number(-180.0, 180.0), number(-180.0, 180.0))))
    if draw(st.integers(0, 3)) == 0 and west < east:
        west, east = east, west
    return Bounds(west, south, east, north)


_grids = st.builds(
    Grid,
    crs=st.sampled_from(["EPSG:32631", "EPSG:28992", "IAU_2015:30100", 'PROJCRS["own: 1",…]']),
    transform=st.tuples(*[finite] * 6).map(lambda six: Affine(*six)),
    height=st.integers(1, 2**31),
    width=st.integers(1, 2**31),
)


@st.composite
def _assets(draw: st.DrawFn) -> dict[str, Asset]:
    keys = draw(st.lists(_keys, unique=True, max_size=3))
    return {
        key: Asset(
            key=key,
            href=draw(words),
            band=draw(bands(st.just(key))),
            grid=draw(_grids),
            size=draw(st.integers(0, 2**50)),
            sha256=draw(_digests),
            statistics=draw(st.dictionaries(st.sampled_from(["minimum", "mean"]), finite)),
            index=draw(st.integers(1, 12)),
            array=draw(st.none() | words),
            has_mask=draw(st.booleans()),
        )
        for key in keys
    }


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Return any scene whose footprint is its box, which has an area."""
    bounds = draw(
        boxes().filter(lambda box: box.north - box.south > _THIN < abs(box.east - box.west))
    )
    names = words.filter(
        lambda name: (
            not name.startswith(("landzicht:", "proj:"))
            and name not in {"datetime", "start_datetime", "end_datetime"}
        )
    )
    marks = st.dictionaries(st.sampled_from(["title", "platform"]), words | st.just("SIMULATED"))
    moment = draw(moments)
    return Scene(
        id=draw(ids),
        collection=draw(ids),
        moment=moment,
        end=draw(st.none() | moments.map(lambda other: max(moment, other))),
        bounds=bounds,
        footprint=box_geometry(bounds),
        assets=draw(_assets()),
        source=draw(_digests),
        properties={**draw(st.dictionaries(names, _json, max_size=4)), **draw(marks)},
        simulated=draw(st.booleans()),
    )


def layers(name: st.SearchStrategy[str] = ids) -> st.SearchStrategy[Layer]:
    """Return any layer."""
    return st.builds(
        Layer,
        name=name,
        title=texts,
        description=st.none() | texts,
        assets=st.lists(_keys, max_size=3).map(tuple),
        expression=optional(words),
        rescale=st.lists(st.tuples(finite, finite), max_size=3).map(tuple),
        colormap=optional(words),
        low=st.none() | texts,
        high=st.none() | texts,
        unit=optional(words),
        classes=st.lists(st.tuples(st.integers(0, 255), words, texts), max_size=3).map(tuple),
    )


@st.composite
def collections(draw: st.DrawFn) -> Collection:
    """Return any collection, extents included."""
    start, end = sorted(draw(st.tuples(moments, moments)))
    span = st.sampled_from([None, Span(start, end), Span(start, None), Span(None, end)])
    people = st.tuples(words, st.lists(words, max_size=2).map(tuple))
    valid = st.lists(st.integers(0, 255), max_size=3).map(tuple)
    return Collection(
        id=draw(ids),
        title=draw(texts),
        description=draw(texts),
        license=draw(words),
        providers=draw(st.lists(people, max_size=2).map(tuple)),
        keywords=draw(st.lists(words, max_size=3).map(tuple)),
        bands=draw(st.lists(bands(), max_size=3, unique_by=lambda b: b.name).map(tuple)),
        layers=draw(st.lists(layers(), max_size=3, unique_by=lambda a: a.name).map(tuple)),
        mask=draw(st.none() | st.builds(Mask, asset=_keys, valid=valid)),
        resolution_m=draw(st.none() | finite),
        simulated=draw(st.booleans()),
        bounds=draw(st.none() | boxes()),
        span=draw(span),
        count=draw(st.integers(0, 10**9)),
        sources=draw(st.lists(words, max_size=2).map(tuple)),
    )


_ODD = ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2025-06-08t10:40:60z", 2**70)
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | words | st.sampled_from(_ODD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.sampled_from(["type", "rel", "nl", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)
"""What a program may get for JSON, from those that know no better or mean no good."""


@st.composite
def bent(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """Return something good with other values in one to three places, however deep."""
    told = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        place: Any = told
        while place:
            names = list(place) if isinstance(place, dict) else range(len(place))
            name = draw(st.sampled_from(names))
            if isinstance(place[name], dict | list) and place[name] and draw(st.booleans()):
                place = place[name]
                continue
            if isinstance(place, dict) and draw(st.booleans()):
                del place[name]
            else:
                place[name] = draw(anything)
            break
    return told
