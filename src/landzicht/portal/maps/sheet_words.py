"""The words on maps on paper and in films, and their legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.render.key import Key
from landzicht.text import Text, long_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from landzicht.kinds import Collection, Scene
    from landzicht.portal.maps.legends import Legend
    from landzicht.portal.maps.view import View
    from landzicht.text import Language

BADGE = Text(nl="GESIMULEERD – geen echt beeld", en="SIMULATED – not a real image")
ALT = Text(nl="Kaart: {layer}, {date}.", en="Map: {layer}, {date}.")
SCALE = Text(nl="Schaal", en="Scale")
KEY = Text(nl="Legenda", en="Legend")
LINK = Text(nl="Bekijk deze kaart op het scherm", en="See this map on screen")
LONG_LINK = Text(
    nl="De link is te lang voor papier. U vindt hem op het scherm, bij Deel.",
    en="The link is too long for paper. You find it on the screen, at Share.",
)
_ABOUT = Text(nl="Wat ziet u?", en="What do you see?")
_SURE = Text(nl="Hoe zeker is dit?", en="How certain is this?")
_PIXEL = Text(
    nl="Eén beeldpunt is {size} bij {size} m op de grond; wat kleiner is, ziet u niet.",
    en="One pixel is {size} by {size} m on the ground; what is smaller cannot be seen.",
)
_CARE = Text(
    nl="Nevel, schaduw en de stand van zon en satelliet veranderen de waarden. Er is niet ter "
    "plaatse gemeten. Neem geen besluit op dit beeld alleen.",
    en="Haze, shadow and the position of sun and satellite change the values. Nothing was measured "
    "on the ground. Do not decide on this image alone.",
)
_MADE_UP = Text(
    nl="Deze beelden zijn door een computer gemaakt. De plek bestaat niet zo.",
    en="These images were made by a computer. The place does not exist like this.",
)
_SOURCE = Text(nl="Bron en licentie", en="Source and licence")
_UNKNOWN = Text(nl="Bron niet opgegeven", en="Source not given")
_LICENCE = Text(nl="Licentie: {name}.", en="Licence: {name}.")
_OTHER = Text(nl="zie de bron", en="see the source")
_SCENES = Text(nl="Beelden: {names}.", en="Images: {names}.")
_MORE = Text(nl="en nog {count}", en="and {count} more")
_MADE_WITH = Text(nl="Gemaakt met Landzicht.", en="Made with Landzicht.")
_NATURAL = Text(nl="De kleuren zijn gemaakt van: {bands}.", en="The colours are made of: {bands}.")
_FORMULA = Text(nl="Formule: {formula}.", en="Formula: {formula}.")
_SHOWN_SCENES = 3


def moments(found: Sequence[datetime], language: Language) -> str:
    """Return when images were made: `26 april 2025, 10:46 UTC`, or the first and last day."""
    if not found:
        return ""
    first, last = min(found), max(found)
    if first == last:
        return f"{long_date(last, language)}, {last:%H:%M} UTC"
    if first.date() == last.date():
        return long_date(last, language)
    to = "tot en met" if language == "nl" else "to"
    return f"{long_date(first, language)} {to} {long_date(last, language)}"


def key_of(told: Legend, language: Language) -> Key:
    """Return a legend in one language."""
    if told.kind == "colours":
        low, high = told.ranges[0]
        unit = f" {told.unit}" if told.unit and told.unit != "1" else ""
        ends = tuple(_number(each, language) + unit for each in (low, (low + high) / 2, high))
        words = tuple(word.say(language) if word else "" for word in (told.low, told.high))
        colours = tuple(_rgb(colour) for _, colour in told.stops)
        return Key(colours=colours, ends=ends, words=(words[0], words[1]))
    if told.kind == "classes":
        return Key(
            classes=tuple((_rgb(colour), title.say(language)) for _, colour, title in told.classes)
        )
    return Key(sentence=_NATURAL.say(language, bands=", ".join(told.channels)))


def sections(
    collection: Collection,
    told: Legend,
    scenes: Sequence[Scene],
    view: View,
    *,
    simulated: bool,
    language: Language,
) -> tuple[tuple[str, str], ...]:
    """Return heading and text of what a reader must know of a map."""
    about = _about(collection, view, language)
    if told.kind == "colours" and (view.expression or view.index):
        about.append(_FORMULA.say(language, formula=told.channels[0][:200]))
    sure = [_MADE_UP.say(language)] if simulated else []
    if collection.resolution_m:
        sure.append(_PIXEL.say(language, size=_number(collection.resolution_m, language)))
    sure.append(_CARE.say(language))
    found = [
        (_SOURCE.say(language), _source(collection, scenes, language)),
        (_SURE.say(language), " ".join(sure)),
    ]
    if about:
        found.insert(0, (_ABOUT.say(language), " ".join(about)))
    return tuple(found)


def _about(collection: Collection, view: View, language: Language) -> list[str]:
    """Return what the layer says of itself."""
    if view.assets or view.expression or view.index:
        return []
    named = (each for each in collection.layers if view.layer in (None, each.name))
    layer = next(named, None)
    return [layer.description.say(language)] if layer and layer.description else []


def source_line(collection: Collection, language: Language) -> str:
    """Return who made the data, and the licence, as one line."""
    makers = "; ".join(collection.sources) or "; ".join(name for name, _ in collection.providers)
    licence = _OTHER.say(language) if collection.license == "other" else collection.license
    told = makers or _UNKNOWN.say(language)
    return f"{told.rstrip('.')}. {_LICENCE.say(language, name=licence)}"


def _source(collection: Collection, scenes: Sequence[Scene], language: Language) -> str:
    parts = [source_line(collection, language)]
    names = [scene.id for scene in scenes[:_SHOWN_SCENES]]
    if len(scenes) > _SHOWN_SCENES:
        names.append(_MORE.say(language, count=len(scenes) - _SHOWN_SCENES))
    if names:
        parts.append(_SCENES.say(language, names=", ".join(names)))
    parts.append(_MADE_WITH.say(language))
    return " ".join(parts)


def _number(value: float, language: Language) -> str:
    text = f"{value:.3g}"
    return text.replace(".", ",") if language == "nl" else text


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
