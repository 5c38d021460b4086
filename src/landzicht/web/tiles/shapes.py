"""The answers as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.kinds import format_instant

if TYPE_CHECKING:
    from landzicht.grid.matrix import TileMatrixSet
    from landzicht.portal.maps.legends import Legend, TileSet
    from landzicht.portal.maps.points import PointAnswer, Value
    from landzicht.render.indices import Index
    from landzicht.text import Language, Text


def tilejson_shape(told: TileSet, address: str, language: Language) -> dict[str, Any]:
    """Return a TileJSON 3.0.0 document."""
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": told.name.say(language),
        "description": told.description.say(language),
        "version": "1.0.0",
        "attribution": told.attribution,
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": told.min_zoom,
        "maxzoom": told.max_zoom,
        "landzicht:simulated": told.simulated,
        "landzicht:version": told.version,
    }
    if told.bounds:
        west, south, east, north = told.bounds.as_list()
        if west > east:  # TileJSON knows no boxes across the antimeridian
            west, east = -180.0, 180.0
        document["bounds"] = [west, south, east, north]
        zoom = min(told.max_zoom, max(told.min_zoom, told.max_zoom - 3))
        document["center"] = [(west + east) / 2, (south + north) / 2, zoom]
    return document


def set_shape(matrix: TileMatrixSet, base: str) -> dict[str, Any]:
    """Return an entry of the list of tile matrix sets (OGC API - Tiles, 20-057, 7.2)."""
    told = matrix.as_dict()
    address = f"{base}/tiles/tileMatrixSets/{matrix.id}"
    rel = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
    link = {"rel": rel, "type": "application/json", "href": address}
    known = {"uri": matrix.uri} if matrix.uri else {}
    return {"id": matrix.id, "title": matrix.title, **known, "crs": told["crs"], "links": [link]}


def index_shape(index: Index, formula: str) -> dict[str, Any]:
    """Return a spectral index, with its formula over asset keys."""
    told = {"name": index.name, "title": _both(index.title)}
    return told | {"formula": index.formula, "expression": formula, "source": index.source}


def legend_shape(told: Legend) -> dict[str, Any]:
    """Return a legend for drawing by the client."""
    return {
        "title": _both(told.title),
        "kind": told.kind,
        "channels": [
            {"formula": formula, "low": low, "high": high}
            for formula, (low, high) in zip(told.channels, told.ranges, strict=True)
        ],
        "colormap_name": told.colormap,
        "stops": [{"value": value, "colour": colour} for value, colour in told.stops],
        "classes": [
            {"value": value, "colour": colour, "title": _both(title)}
            for value, colour, title in told.classes
        ],
        "low": _both(told.low),
        "high": _both(told.high),
        "unit": told.unit,
        "simulated": told.simulated,
    }


def point_shape(told: PointAnswer) -> dict[str, Any]:
    """Return the values at a place; `values` holds what was asked for, by name."""
    asked = told.layers or told.bands
    return {
        "collection": told.collection,
        "lon": told.lon,
        "lat": told.lat,
        "scene": told.scene,
        "datetime": format_instant(told.moment),
        "simulated": told.simulated,
        "valid": told.valid,
        "values": {each.name: each.value for each in asked},
        "unit": asked[0].unit if asked else None,
        "bands": [_value(each) for each in told.bands],
        "layers": [_value(each) for each in told.layers],
    }


def _value(each: Value) -> dict[str, Any]:
    return {"name": each.name, "value": each.value, "unit": each.unit}


def _both(text: Text | None) -> dict[str, str] | None:
    return {"nl": text.nl, "en": text.en} if text else None
