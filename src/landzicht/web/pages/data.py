"""The page `/data`: what can be looked at, as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from landzicht.text import Text, long_date

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.kinds import Collection
    from landzicht.text import Language

TITLE = Text(nl="Welke gegevens zijn er?", en="Which data are there?")
SIMULATED = Text(nl="GESIMULEERD", en="SIMULATED")
_SIMULATED_LONG = Text(
    nl="Door een computer gemaakt. Geen echt satellietbeeld.",
    en="Made by a computer. Not a real satellite image.",
)
_INTRO = Text(
    nl="Dit zijn de verzamelingen in dit portaal. U mag ze bekijken en downloaden.",
    en="These are the collections in this portal. You may look at them and download them.",
)
_NONE = Text(
    nl="Er zijn nog geen gegevens. De beheerder zet ze erin met <code>landzicht ingest</code>.",
    en="There are no data yet. The operator puts them in with <code>landzicht ingest</code>.",
)
_PROGRAMS = Text(
    nl="Voor programma’s is er de <a href='/stac'>STAC-catalogus</a> en een "
    "<a href='/docs'>beschrijving van alle adressen</a>.",
    en="Programs can use the <a href='/stac'>STAC catalogue</a> and a "
    "<a href='/docs'>description of all addresses</a>.",
)


def data_page(collections: Iterable[Collection], language: Language) -> str:
    """Return the body of the page; the texts of collections are foreign, so they are escaped."""
    parts = [_collection(one, language) for one in collections]
    shown = "\n".join(parts) or f"<p>{_NONE.say(language)}</p>"
    intro = f"<p>{_INTRO.say(language)}</p>\n" if parts else ""
    return f"{intro}{shown}\n<p>{_PROGRAMS.say(language)}</p>"


def _collection(collection: Collection, language: Language) -> str:
    is_dutch = language == "nl"
    badge = f' <span class="badge">{SIMULATED.say(language)}</span>' if collection.simulated else ""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in facts_of(collection, language)
    )
    layers = ", ".join(escape(layer.title.say(language)) for layer in collection.layers)
    address = quote(collection.id, safe="")
    on_map = "Bekijk op de kaart" if is_dutch else "Look at the map"
    scenes = "Lijst van beelden (STAC)" if is_dutch else "List of scenes (STAC)"
    record = "Alles over deze gegevens" if is_dutch else "All about these data"
    shows = "U kunt zien" if is_dutch else "You can see"
    return (
        f"<article><h2>{escape(collection.title.say(language))}{badge}</h2>"
        f"<p>{escape(collection.description.say(language))}</p>"
        + (f"<p>{shows}: {layers}.</p>" if layers else "")
        + f'<dl>{facts}</dl><p class="links">'
        f'<a class="button" href="/#lang={language}&amp;c={address}">{on_map}</a> '
        f'<a href="/data/{address}?lang={language}">{record}</a> '
        f'<a href="/stac/collections/{address}/items">{scenes}</a></p></article>'
    )


def facts_of(collection: Collection, language: Language) -> Iterable[tuple[str, str]]:
    """Yield name and value of what a reader should know of a collection, as plain text."""
    is_dutch = language == "nl"
    if collection.simulated:
        yield ("Soort" if is_dutch else "Kind", _SIMULATED_LONG.say(language))
    if collection.sources:
        yield ("Bron" if is_dutch else "Source", "; ".join(collection.sources))
    span = collection.span
    if span and span.start and span.end:
        first, last = long_date(span.start, language), long_date(span.end, language)
        period = f"{first} t/m {last}" if is_dutch else f"{first} to {last}"
        yield ("Periode" if is_dutch else "Period", first if first == last else period)
    yield ("Aantal beelden" if is_dutch else "Number of scenes", str(collection.count))
    if collection.resolution_m:
        size = f"{collection.resolution_m:g}".replace(".", "," if is_dutch else ".")
        yield ("Beeldpunt" if is_dutch else "Pixel", f"{size} × {size} m")
    other = "zie de bron" if is_dutch else "see the source"
    licence = other if collection.license == "other" else collection.license
    yield ("Licentie" if is_dutch else "Licence", licence)
