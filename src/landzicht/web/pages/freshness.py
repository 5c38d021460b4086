"""The page `/actualiteit`: how fresh each collection is, as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from landzicht.text import Text, long_date
from landzicht.web.pages.data import SIMULATED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from landzicht.portal.freshness import Freshness
    from landzicht.text import Language

TITLE = Text(nl="Hoe actueel zijn de gegevens?", en="How up to date are the data?")
_INTRO = Text(
    nl="Een satelliet komt in een vast ritme langs. Hier staat per verzameling wat het nieuwste "
    "beeld is, en van welke dagen een beeld werd verwacht maar er niet is.",
    en="A satellite passes in a fixed rhythm. For each collection this page tells the newest "
    "image, and on which days an image was expected that is not there.",
)
_NONE = Text(nl="Er zijn nog geen gegevens.", en="There are no data yet.")
_PROGRAMS = Text(
    nl="Voor programma’s: <a href='/api/v1/freshness'>dezelfde cijfers als JSON</a>.",
    en="For programs: <a href='/api/v1/freshness'>the same figures as JSON</a>.",
)
_SHOWN = 12


def freshness_page(told: Iterable[Freshness], language: Language) -> str:
    """Return the body of the page; the texts of collections are foreign, so they are escaped."""
    parts = [_collection(one, language) for one in told]
    shown = "\n".join(parts) or f"<p>{_NONE.say(language)}</p>"
    return f"<p>{_INTRO.say(language)}</p>\n{shown}\n<p>{_PROGRAMS.say(language)}</p>"


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
    ago = f"{told.lag_days:.0f} dagen geleden" if dutch else f"{told.lag_days:.0f} days ago"
    yield newest, f"{_day(told.last, language)} ({ago})"
    rhythm = "Ritme" if dutch else "Rhythm"
    if told.rhythm is None:
        yield rhythm, ("geen vast ritme te zien" if dutch else "no fixed rhythm to be seen")
        return
    passes, cycle = len(told.rhythm.offsets), told.rhythm.cycle
    yield rhythm, (f"{passes} keer per {cycle} dagen" if dutch else f"{passes} in {cycle} days")
    days = [_day(day, language) for day in told.missing[:_SHOWN]]
    more = len(told.missing) - len(days)
    tail = (f" en nog {more}" if dutch else f" and {more} more") if more else ""
    missing = "Ontbreekt" if dutch else "Missing"
    yield missing, ((", ".join(days) + tail) if days else ("niets" if dutch else "nothing"))
    if told.next is not None:
        yield ("Volgende verwacht" if dutch else "Next expected"), _day(told.next, language)


def _day(day: date, language: Language) -> str:
    return long_date(day, language)
