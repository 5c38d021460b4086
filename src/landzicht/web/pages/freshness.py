"""The page `/actualiteit`: how fresh each collection is, as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from landzicht.text import Text, long_date
from landzicht.web.pages.data import SIMULATED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from landzicht.portal.catalogue.freshness import Freshness
    from landzicht.text import Language

TITLE = Text(nl="Hoe actueel zijn de gegevens?", en="How up to date are the data?")
_INTRO = Text(
    nl="Een satelliet komt in een vast ritme langs. Hier staat per verzameling wat het nieuwste "
    "beeld is, en van welke dagen een beeld werd verwacht maar er niet is.",
    en="A satellite passes in a fixed rhythm. For each collection this page tells the newest "
    "image, and on which days an image was expected that is not there.",
)
_HERE = Text(
    nl="Alleen beelden van de gevraagde plek tellen mee.",
    en="Only images of the place that was asked for count.",
)
_EVERYWHERE = Text(
    nl="Waar meer banen langskomen kan de ene verbergen dat de andere ontbreekt; zet daarom "
    "?bbox=west,zuid,oost,noord achter het adres om één plek te zien.",
    en="Where several orbits pass, one can hide that another is missing; so put "
    "?bbox=west,south,east,north behind the address to see one place.",
)
_LATE = Text(
    nl="een beeld dat al minstens twee dagen geleden werd verwacht, is er nog niet",
    en="an image that was expected two days ago or earlier is not there yet",
)
_NONE = Text(nl="Er zijn nog geen gegevens.", en="There are no data yet.")
_PROGRAMS = Text(
    nl="Voor programma’s: <a href='/api/v1/freshness'>dezelfde cijfers als JSON</a>.",
    en="For programs: <a href='/api/v1/freshness'>the same figures as JSON</a>.",
)
_SHOWN = 12


def freshness_page(told: Iterable[Freshness], language: Language, *, here: bool = False) -> str:
    """Return the body of the page; the texts of collections are foreign, so they are escaped.

    Args:
        told: of each collection.
        language: of the page.
        here: whether it is about a place alone.
    """
    parts = [_collection(one, language) for one in told]
    shown = "\n".join(parts) or f"<p>{_NONE.say(language)}</p>"
    place = (_HERE if here else _EVERYWHERE).say(language)
    intro = f"<p>{_INTRO.say(language)} {place}</p>"
    return f"{intro}\n{shown}\n<p>{_PROGRAMS.say(language)}</p>"


def _collection(told: Freshness, language: Language) -> str:
    simulated = told.collection.simulated
    badge = f' <span class="badge">{SIMULATED.say(language)}</span>' if simulated else ""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(told, language)
    )
    title = escape(told.collection.title.say(language))
    return f"<article><h2>{title}{badge}</h2><dl>{facts}</dl></article>"


def _facts(told: Freshness, language: Language) -> Iterable[tuple[str, str]]:
    dutch = language == "nl"
    newest = "Nieuwste beeld" if dutch else "Newest image"
    if told.last is None or told.lag_days is None:
        yield newest, ("nog geen" if dutch else "none yet")
        return
    yield newest, f"{_day(told.last, language)} ({ago(told.lag_days, language)})"
    if told.late:
        yield ("Te laat" if dutch else "Late"), _LATE.say(language)
    rhythm = "Ritme" if dutch else "Rhythm"
    if told.rhythm is None:
        yield rhythm, ("geen vast ritme te zien" if dutch else "no fixed rhythm to be seen")
        return
    passes, cycle = len(told.rhythm.offsets), told.rhythm.cycle
    yield rhythm, _rhythm(passes, cycle).say(language)
    days = [_day(day, language) for day in told.missing[:_SHOWN]]
    more = told.gaps - len(days)
    tail = (f" en nog {more}" if dutch else f" and {more} more") if more else ""
    missing = "Ontbreekt" if dutch else "Missing"
    yield missing, ((", ".join(days) + tail) if days else ("niets" if dutch else "nothing"))
    if told.next is not None:
        yield ("Volgende verwacht" if dutch else "Next expected"), _day(told.next, language)


def ago(lag_days: float, language: Language) -> str:
    """Return how long ago, in whole days."""
    days = max(0, round(lag_days))
    if days == 0:
        return _TODAY.say(language)
    one = Text(nl="1 dag geleden", en="1 day ago")
    several = Text(nl=f"{days} dagen geleden", en=f"{days} days ago")
    return (one if days == 1 else several).say(language)


def _rhythm(passes: int, cycle: int) -> Text:
    if cycle == 1:
        return Text(nl="elke dag", en="every day")
    if passes == 1:
        return Text(nl=f"eens per {cycle} dagen", en=f"once in {cycle} days")
    return Text(nl=f"{passes} keer per {cycle} dagen", en=f"{passes} times in {cycle} days")


_TODAY = Text(nl="minder dan een dag geleden", en="less than a day ago")


def _day(day: date, language: Language) -> str:
    return long_date(day, language)
