"""What somebody wants to see of a collection, and what that means for pixels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery, UnknownBand, UnknownLayer
from landzicht.errors.pixels import RescaleNeeded
from landzicht.portal.maps.colours import Colours, scale_name
from landzicht.render.colormaps import DEFAULT, check_name, colormap
from landzicht.render.formula import band as band_formula
from landzicht.render.formula import parse_formula
from landzicht.render.indices import INDICES, index_formula
from landzicht.render.relief import RELIEFS, Relief
from landzicht.render.style import Channel, Style
from landzicht.render.tone import Step, tone_scale
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.kinds import Band, Collection, Layer, Scene
    from landzicht.render.formula import Formula

Range = tuple[float, float]
_RGB = 3
_DEVIATIONS = 2.0
_RELIEF_COLOURS = "gray"
MOST_CHANNELS = 16
"""Most bands or formulas in a file of values."""
_FIRST = "_b1"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A layer, or bands, or formulas; with none of these the collection's first layer."""

    layer: str | None = None
    """Name of a layer of the collection."""
    assets: tuple[str, ...] = ()
    """One or three asset keys."""
    expression: str | None = None
    """One formula, or three separated by `;`; the name of an index stands for its formula."""
    index: str | None = None
    """Name of a spectral index, `NDVI`; it says the same as that name as expression."""
    rescale: tuple[Range, ...] = ()
    """Values shown darkest and lightest: one pair for all or one for each channel."""
    colormap: str | None = None
    """Colour map, for one channel."""
    colours: Colours | None = None
    """Colours of the caller's own, for one channel."""
    tone: tuple[Step, ...] = ()
    """Gamma, contrast and saturation, one after the other."""
    relief: Relief | None = None
    """Show heights as relief."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A view of one collection, ready for pixels."""

    style: Style
    """How to paint."""
    layer: Layer | None
    """The layer it comes from, if any."""


def resolve(
    collection: Collection,
    view: View,
    newest: Callable[[], Scene | None],
    *,
    raw: bool = False,
    values_only: bool = False,
) -> Seen:
    """Find out which formulas, ranges and colours a view means.

    Args:
        collection: what is looked at.
        view: what is wanted.
        newest: gives a scene whose statistics may set the range, when nothing else does.
        raw: ranges are of stored numbers.
        values_only: no colours are wanted, so no range is needed either.

    Raises:
        UnknownLayer: the collection has no such layer.
        UnknownBand: the collection has no such band.
        UnknownColormap: there is no such colour map.
        BadFormula: a formula cannot be read.
        BadQuery: parameters that contradict each other.
        RescaleNeeded: nothing says which values to show.
    """
    layer = _layer(collection, view)
    _check_index(collection, view, raw=raw)
    formulas = _formulas(collection, view, layer, values_only=values_only)
    for key in dict.fromkeys(name for formula in formulas for name in formula.names):
        _band(collection, key)
    _check_colours(view, len(formulas))
    classes = _classes(collection, view, layer, formulas, raw=raw)
    given = view.rescale or (layer.rescale if layer else ())
    if view.relief:
        given = view.rescale or (RELIEFS[view.relief.name],)
    elif not given and is_index(collection, view):
        given = _index_ranges(view)
    if len(given) not in (0, 1, len(formulas)):
        reason = Text(nl="geef één paar: laag,hoog", en="give one pair: low,high")
        if len(formulas) > 1:
            reason = Text(
                nl=f"geef één paar of {len(formulas)} paren", en=f"give one pair or {len(formulas)}"
            )
        raise BadQuery(name="rescale", reason=reason)
    channels = []
    for number, formula in enumerate(formulas):
        if given:
            low, high = given[number % len(given)]
            if raw and not view.rescale and not view.relief:  # layers tell physical values
                low, high = _stored(collection, formula, (low, high))
        elif classes or values_only or (view.colours and view.colours.intervals):
            low, high = 0.0, 1.0
        else:
            low, high = _range(collection, formula, newest, raw=raw)
        channels.append(Channel(formula=formula, low=low, high=high))
    style = Style(
        channels=tuple(channels),
        colormap=_scale(view, layer, len(channels)),
        classes=classes,
        intervals=view.colours.intervals if view.colours else (),
        tone=view.tone if len(channels) == _RGB else (),
        relief=view.relief,
    )
    return Seen(style=style, layer=layer)


def _scale(view: View, layer: Layer | None, channels: int) -> str:
    """Return the colour map of one channel, with the tone in it."""
    name = view.colormap or (layer.colormap if layer else None) or DEFAULT
    if view.relief and not view.colormap:
        name = _RELIEF_COLOURS
    if view.colours and view.colours.scale:
        name = scale_name(view.colours.scale)
    colours = colormap(name)
    if not view.tone or channels != 1:
        return name
    toned = tone_scale(colours, view.tone)
    return scale_name(tuple((int(red), int(green), int(blue)) for red, green, blue in toned))


def _check_colours(view: View, channels: int) -> None:
    """Refuse colours that contradict each other or the number of channels."""
    if view.colormap is not None:
        check_name(view.colormap)
    if view.colours and (channels != 1 or view.colormap):
        reason = Text(
            nl="alleen voor één kanaal, en niet samen met colormap_name",
            en="for one channel only, and not together with colormap_name",
        )
        raise BadQuery(name="colormap", reason=reason)
    if view.colours and not view.colours.scale and view.rescale:
        reason = Text(
            nl="codes en intervallen zijn echte waarden; laat rescale weg",
            en="codes and intervals are real values; leave out rescale",
        )
        raise BadQuery(name="rescale", reason=reason)
    if view.relief and channels != 1:
        reason = Text(
            nl="reliëf is van één band met hoogten", en="relief is of one band of heights"
        )
        raise BadQuery(name="algorithm", reason=reason)


def _layer(collection: Collection, view: View) -> Layer | None:
    """Return the layer that is meant."""
    if view.layer is not None and (view.assets or view.expression):
        reason = Text(
            nl="kies layer, assets of expression", en="choose layer, assets or expression"
        )
        raise BadQuery(name="layer", reason=reason)
    if view.index and (view.layer is not None or view.assets or view.expression):
        reason = Text(nl="kies er één", en="choose one")
        raise BadQuery(name="index", reason=reason)
    if view.assets and view.expression:
        reason = Text(nl="kies assets of expression", en="choose assets or expression")
        raise BadQuery(name="assets", reason=reason)
    if view.assets or view.expression or view.index:
        return None
    if view.layer is None:
        return collection.layers[0] if collection.layers else None
    for layer in collection.layers:
        if layer.name == view.layer:
            return layer
    known = ", ".join(layer.name for layer in collection.layers)
    raise UnknownLayer(collection=collection.id, layer=view.layer[:80], known=known or "-")


def _formulas(
    collection: Collection, view: View, layer: Layer | None, *, values_only: bool
) -> tuple[Formula, ...]:
    """Return one formula or three; values may be of more."""
    expression = layer.expression if layer else view.expression or view.index
    if expression:
        parts = expression.split(";")
        if view.index:
            parts = [index_formula(view.index, collection.bands)]
        formulas = tuple(
            parse_formula(index_formula(part.strip(), collection.bands))
            if _named(collection, part)
            else _parsed(collection, part)
            for part in parts
        )
        name = "expression"
    else:
        keys = layer.assets if layer else view.assets
        if not keys and collection.bands:
            keys = (collection.bands[0].name,)
        formulas, name = tuple(band_formula(key) for key in keys), "assets"
    if values_only:
        if len(formulas) > MOST_CHANNELS:
            reason = Text(
                nl=f"geef er hoogstens {MOST_CHANNELS}", en=f"give at most {MOST_CHANNELS}"
            )
            raise BadQuery(name=name, reason=reason)
    elif len(formulas) not in (1, _RGB):
        reason = Text(nl="geef er één of drie", en="give one or three")
        raise BadQuery(name=name, reason=reason)
    return formulas


def _parsed(collection: Collection, part: str) -> Formula:
    """Read a formula; `B08_b1`, as TiTiler calls the first band of an asset, is `B08` here."""
    formula = parse_formula(part)
    known = {band.name for band in collection.bands}
    first = {name: name.removesuffix(_FIRST) for name in formula.names if name.endswith(_FIRST)}
    told = {name: key for name, key in first.items() if name not in known and key in known}
    if not told:
        return formula
    names = "|".join(re.escape(name) for name in told)
    return parse_formula(re.sub(rf"(?<!\w)({names})(?!\w)", lambda at: told[at[0]], part))


def is_index(collection: Collection, view: View) -> bool:
    """Whether all that is shown are spectral indices by name."""
    if view.index:
        return True
    return bool(view.expression) and all(
        _named(collection, part) for part in str(view.expression).split(";")
    )


def _index_ranges(view: View) -> tuple[Range, ...]:
    """Return the range that is usual for each index."""
    names = view.index or view.expression or ""
    return tuple(INDICES[part.strip().upper()].range for part in names.split(";"))


def _named(collection: Collection, part: str) -> bool:
    """Whether a formula is just the name of an index; a band of that name goes first."""
    name = part.strip()
    return name.upper() in INDICES and all(band.name != name for band in collection.bands)


def _check_index(collection: Collection, view: View, *, raw: bool) -> None:
    if raw and is_index(collection, view):
        reason = Text(
            nl="een index rekent met reflecties, niet met opgeslagen getallen",
            en="an index is computed from reflectances, not from stored numbers",
        )
        raise BadQuery(name="raw", reason=reason)


def _band(collection: Collection, key: str) -> Band:
    for band in collection.bands:
        if band.name == key:
            return band
    known = ", ".join(band.name for band in collection.bands)
    raise UnknownBand(collection=collection.id, band=key[:80], known=known or "-")


def _classes(
    collection: Collection,
    view: View,
    layer: Layer | None,
    formulas: tuple[Formula, ...],
    *,
    raw: bool,
) -> tuple[tuple[float, tuple[int, int, int]], ...]:
    """Return the colours of codes: those of the layer, else the palette of the source file."""
    if view.colours:
        return view.colours.codes
    if view.colormap or view.rescale or view.relief or len(formulas) != 1:
        return ()
    if layer and layer.classes:
        return tuple((float(value), _rgb(colour)) for value, colour, _ in layer.classes)
    if (layer and (layer.colormap or layer.rescale)) or len(formulas[0].names) != 1:
        return ()
    band = _band(collection, formulas[0].names[0])
    if (layer and layer.expression) or view.expression:
        return ()
    scale, offset = (1.0, 0.0) if raw else (band.scale, band.offset)
    return tuple(
        (value * scale + offset, (red, green, blue))
        for value, (red, green, blue, alpha) in band.colours
        if alpha
    )


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#")[:6])
    return red, green, blue


def _range(
    collection: Collection,
    formula: Formula,
    newest: Callable[[], Scene | None],
    *,
    raw: bool,
) -> Range:
    """Return a range that suits a channel, without looking at the tile.

    The same for all tiles of a request, so that neighbours match.
    """
    known = _known_range(collection, formula)
    if known is None and len(formula.names) == 1 and formula.text == formula.names[0]:
        known = _usual_range(collection, _band(collection, formula.names[0]), newest)
    if known is None:
        raise RescaleNeeded(channel=formula.text[:80])
    return _stored(collection, formula, known) if raw else known


def _stored(collection: Collection, formula: Formula, known: Range) -> Range:
    """Return a range of physical values in the stored numbers of a band; a formula has none."""
    if formula.names and formula.text == formula.names[0]:
        band = _band(collection, formula.names[0])
        low, high = ((value - band.offset) / band.scale for value in known)
        return low, high
    return known


def _known_range(collection: Collection, formula: Formula) -> Range | None:
    """Return the range that a layer of the collection has for this formula or band."""
    for layer in collection.layers:
        if not layer.rescale:
            continue
        if layer.expression and layer.expression.strip() == formula.text.strip():
            return layer.rescale[0]
        if formula.text in layer.assets:
            return layer.rescale[layer.assets.index(formula.text) % len(layer.rescale)]
    return None


def _usual_range(
    collection: Collection, band: Band, newest: Callable[[], Scene | None]
) -> Range | None:
    """Return the range of 8 bits, of bands alike in true colour, or of the newest scene."""
    if band.dtype == "uint8":
        return band.offset, 255 * band.scale + band.offset
    meaning = (band.dtype, band.scale, band.offset, band.unit)
    alike = {
        each.name
        for each in collection.bands
        if (each.dtype, each.scale, each.offset, each.unit) == meaning
    }
    for layer in collection.layers:
        if len(layer.assets) == _RGB and layer.rescale and set(layer.assets) <= alike:
            return layer.rescale[0]
    scene = newest()
    told = scene.assets[band.name].statistics if scene and band.name in scene.assets else {}
    if not {"mean", "stddev", "minimum", "maximum"} <= told.keys():
        return None
    low = max(told["minimum"], told["mean"] - _DEVIATIONS * told["stddev"])
    high = min(told["maximum"], told["mean"] + _DEVIATIONS * told["stddev"])
    return (low, high) if math.isfinite(high - low) and low < high else None
