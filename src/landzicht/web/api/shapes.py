"""Collections and dates as the page reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.kinds import format_instant

if TYPE_CHECKING:
    from landzicht.kinds import Collection, Layer
    from landzicht.text import Text


def collection_shape(collection: Collection, base: str) -> dict[str, Any]:
    """Return one collection with its layers, texts in both languages."""
    span = collection.span
    ends = (span.start, span.end) if span else (None, None)
    return {
        "id": collection.id,
        "title": _text(collection.title),
        "description": _text(collection.description),
        "simulated": collection.simulated,
        "license": collection.license,
        "resolution_m": collection.resolution_m,
        "bounds": collection.bounds.as_list() if collection.bounds else None,
        "span": [format_instant(end) if end else None for end in ends],
        "count": collection.count,
        "sources": list(collection.sources),
        "providers": [name for name, _ in collection.providers],
        "bands": [
            {
                "name": band.name,
                "title": band.title,
                "unit": band.unit,
                "common_name": band.common_name,
            }
            for band in collection.bands
        ],
        "layers": [layer_shape(layer, collection.id, base) for layer in collection.layers],
    }


def layer_shape(layer: Layer, collection: str, base: str) -> dict[str, Any]:
    """Return one layer: what it shows, and where its legend is."""
    return {
        "name": layer.name,
        "title": _text(layer.title),
        "description": _text(layer.description),
        "low": _text(layer.low),
        "high": _text(layer.high),
        "unit": layer.unit,
        "kind": layer_kind(layer),
        "assets": list(layer.assets),
        "expression": layer.expression,
        "rescale": [list(pair) for pair in layer.rescale],
        "colormap": layer.colormap,
        "classes": [
            {"value": value, "colour": colour, "title": _text(title)}
            for value, colour, title in layer.classes
        ],
        "legend": f"{base}/tiles/{collection}/legend.json?layer={layer.name}",
    }


def layer_kind(layer: Layer) -> str:
    """Return `classes`, `rgb` or `ramp`: how a legend of the layer looks."""
    if layer.classes:
        return "classes"
    return "rgb" if len(layer.assets) == 3 else "ramp"


def _text(text: Text | None) -> dict[str, str] | None:
    return {"nl": text.nl, "en": text.en} if text else None
