"""Ways of looking at bands of which we know no more than their headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.kinds import Layer
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landzicht.ingest.draft import DraftAsset
    from landzicht.kinds import Band

MOST_LAYERS = 16
"""Single-band layers shown of a file with very many bands."""
_PHOTO = (0.0, 255.0)


def plain_layers(assets: Sequence[DraftAsset]) -> tuple[Layer, ...]:
    """Return layers: colours where the bands are colours, then each band by itself.

    A layer without `rescale` gets its range from the first scene's statistics.
    """
    by_colour = _by_colour(assets)
    layers: list[Layer] = []
    red, green, blue = (by_colour.get(name) for name in ("red", "green", "blue"))
    near = next((by_colour[name] for name in ("nir", "nir08") if name in by_colour), None)
    if red and green and blue:
        layers.append(_composite("visual", _VISUAL, (red, green, blue)))
    elif len(assets) >= 3:
        three = [asset.band for asset in assets[:3]]
        layers.append(_composite("first-three", _FIRST, (three[0], three[1], three[2])))
    if near and red:
        formula = f"({near.name}-{red.name})/({near.name}+{red.name})"
        layers.append(
            Layer(
                name="ndvi",
                title=_NDVI,
                expression=formula,
                rescale=((-0.2, 1.0),),
                colormap="ylgn",
            )
        )
        if green:
            layers.append(_composite("false-colour", _FALSE, (near, red, green)))
    layers += [_single(asset.band) for asset in assets[:MOST_LAYERS]]
    names: set[str] = set()
    return tuple(
        layer
        for layer in layers
        if not (layer.name in names or names.add(layer.name))  # type: ignore[func-returns-value]
    )


def _by_colour(assets: Sequence[DraftAsset]) -> dict[str, Band]:
    """Bands by common name; in a photo by GDAL’s colour, with near infrared as the fourth."""
    found: dict[str, Band] = {}
    for asset in assets:
        colour = asset.info.bands[asset.index - 1].colour
        name = asset.band.common_name or (colour if colour in ("red", "green", "blue") else None)
        if name:
            found.setdefault(name, asset.band)
    return found


def _composite(name: str, title: Text, bands: tuple[Band, Band, Band]) -> Layer:
    photo = all(band.dtype == "uint8" and band.scale == 1 and not band.offset for band in bands)
    return Layer(
        name=name,
        title=title,
        assets=tuple(band.name for band in bands),
        rescale=(_PHOTO,) if photo else (),
    )


def _single(band: Band) -> Layer:
    title = band.title or band.name
    classes = tuple(
        (value, f"#{r:02x}{g:02x}{b:02x}", Text(nl=str(value), en=str(value)))
        for value, (r, g, b, alpha) in band.colours
        if alpha and value != band.nodata
    )
    return Layer(
        name=band.name,
        title=Text(nl=title, en=title),
        assets=(band.name,),
        classes=classes,
        colormap=None if classes else "viridis",
        unit=band.unit,
    )


_VISUAL = Text(nl="Ware kleuren", en="True colour")
_FALSE = Text(nl="Valse kleuren (nabij-infrarood)", en="False colour (near infrared)")
_FIRST = Text(nl="Eerste drie banden als kleur", en="First three bands as colour")
_NDVI = Text(nl="Groen (NDVI)", en="Greenness (NDVI)")
