"""Layers as the `renders` of a STAC collection (render extension v2.0.0)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from landzicht.kinds import Layer
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_]\w*")
_TEXTS = ("description", "low", "high")


def write_layer(layer: Layer, bands: tuple[str, ...]) -> dict[str, Any]:
    """Return a layer as a render that other clients can follow.

    Args:
        layer: the layer.
        bands: names of the bands of the collection. A render must list its assets: for a formula
            these are the bands that occur in it.
    """
    fields: dict[str, Any] = {"title": layer.title.en, "assets": layer.assets}
    if layer.expression is not None:
        used = set(_NAME.findall(layer.expression))
        fields["assets"] = [band for band in bands if band in used]
        fields["expression"] = layer.expression
        if layer.assets:
            fields["landzicht:assets"] = layer.assets
    if layer.rescale:
        fields["rescale"] = layer.rescale
    if layer.colormap is not None:
        fields["colormap_name"] = layer.colormap
    if layer.classes:
        fields["colormap"] = {str(value): colour for value, colour, _ in layer.classes}
        fields["landzicht:classes"] = [
            [value, colour, write_text(title)] for value, colour, title in layer.classes
        ]
    if layer.unit is not None:
        fields["landzicht:unit"] = layer.unit
    fields["landzicht:title"] = write_text(layer.title)
    for name in _TEXTS:
        text: Text | None = getattr(layer, name)
        if text is not None:
            fields[f"landzicht:{name}"] = write_text(text)
    return fields


def read_layer(name: str, fields: Mapping[str, Any]) -> Layer:
    """Return the layer that `write_layer` wrote."""
    assets = fields.get("landzicht:assets", ()) if "expression" in fields else fields["assets"]
    texts = {
        each: read_text(fields[f"landzicht:{each}"])
        for each in _TEXTS
        if f"landzicht:{each}" in fields
    }
    return Layer(
        name=name,
        title=read_text(fields["landzicht:title"]),
        description=texts.get("description"),
        assets=tuple(assets),
        expression=fields.get("expression"),
        rescale=tuple((low, high) for low, high in fields.get("rescale", ())),
        colormap=fields.get("colormap_name"),
        low=texts.get("low"),
        high=texts.get("high"),
        unit=fields.get("landzicht:unit"),
        classes=tuple(
            (value, colour, read_text(title))
            for value, colour, title in fields.get("landzicht:classes", ())
        ),
    )


def write_text(text: Text) -> dict[str, str]:
    """Return both languages as JSON."""
    return {"nl": text.nl, "en": text.en}


def read_text(fields: Mapping[str, str]) -> Text:
    """Return the text that `write_text` wrote."""
    return Text(nl=fields["nl"], en=fields["en"])
