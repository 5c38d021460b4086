"""The frame of a reference page; everything put into it is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landzicht.text import Language


def document(language: Language, title: str, body: str) -> str:
    """Return a whole HTML page.

    Args:
        language: of the page.
        title: plain text.
        body: HTML whose every foreign piece has been escaped.
    """
    home = "Naar de kaart" if language == "nl" else "To the map"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<title>{escape(title)} – Landzicht</title><link rel="stylesheet" href="/docs/style.css">'
        f'</head><body><header><a href="/">Landzicht</a> <a href="/">{home}</a> '
        '<a href="/docs">API</a> <a href="/docs/errors">'
        f"{'Fouten' if language == 'nl' else 'Errors'}</a></header>"
        f"<main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
