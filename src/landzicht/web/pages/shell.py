"""The frame of a plain page: everything that is not a page's own text is made and escaped here."""

from __future__ import annotations

from html import escape
from importlib import resources
from typing import TYPE_CHECKING

from landzicht.text import LANGUAGES, Text, preferred_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.text import Language

NAMES: dict[str, Text] = {
    "/": Text(nl="Kaart", en="Map"),
    "/data": Text(nl="Gegevens", en="Data"),
    "/actualiteit": Text(nl="Actualiteit", en="Freshness"),
    "/uitleg": Text(nl="Uitleg", en="Help"),
    "/toegankelijkheid": Text(nl="Toegankelijkheid", en="Accessibility"),
    "/docs": Text(nl="Voor ontwikkelaars", en="For developers"),
}
MORE: dict[str, Text] = {
    "/privacy": Text(nl="Privacy", en="Privacy"),
    "/algoritmes": Text(nl="Rekenregels", en="Computations"),
}
"""Pages that are named at the bottom only."""
_SKIP = Text(nl="Ga naar de inhoud", en="Skip to the content")
_PAGES = Text(nl="Pagina’s", en="Pages")
_OTHER = Text(nl="English", en="Nederlands")


def chosen_language(query: Mapping[str, str], accept_language: str | None) -> Language:
    """Return the language of a plain page: what the address asks for, or else the browser."""
    asked = query.get("lang")
    return next((one for one in LANGUAGES if one == asked), preferred_language(accept_language))


def page(language: Language, path: str, title: Text, body: str) -> str:
    """Return a whole page.

    Args:
        language: of the page.
        path: address of the page, for the links to it.
        title: plain text; becomes the heading.
        body: HTML of which every foreign piece has been escaped.
    """
    other: Language = "en" if language == "nl" else "nl"
    links = "".join(_link(to, language, is_here=to == path) for to in NAMES)
    name = escape(title.say(language))
    more = "".join(f"<li>{_link(to, language, is_here=to == path)}</li>" for to in MORE)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name} – Landzicht</title>\n"
        '<link rel="icon" type="image/svg+xml" href="/static/mark.svg">\n'
        '<link rel="stylesheet" href="/static/plain.css">\n'
        '<link rel="stylesheet" href="/theme.css">\n'
        f'</head>\n<body>\n<a class="skip" href="#content">{_SKIP.say(language)}</a>\n'
        f'<header><a class="home" href="/#lang={language}">'
        '<img src="/static/mark.svg" alt="" width="36" height="36">Landzicht</a>'
        f'<nav aria-label="{_PAGES.say(language)}">{links}</nav>'
        f'<a class="other" lang="{other}" hreflang="{other}" '
        f'href="{escape(path)}?lang={other}">{_OTHER.say(language)}</a></header>\n'
        f'<main id="content"><h1>{name}</h1>\n{body}\n</main>\n'
        f"<footer><ul>{more}</ul></footer>\n</body>\n</html>\n"
    )


def read_text(name: str, language: Language) -> str:
    """Return the HTML of one of our own texts, as written in `texts/`."""
    texts = resources.files("landzicht.web.pages").joinpath("texts")
    return texts.joinpath(f"{name}.{language}.html").read_text(encoding="utf-8")


def _link(path: str, language: Language, *, is_here: bool) -> str:
    mark = "#" if path == "/" else "?"
    here = ' aria-current="page"' if is_here else ""
    return f'<a href="{path}{mark}lang={language}"{here}>{(NAMES | MORE)[path].say(language)}</a>'
