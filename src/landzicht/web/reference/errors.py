"""Every error of the portal with its code, in words."""

from __future__ import annotations

import importlib
import pkgutil
from html import escape
from typing import TYPE_CHECKING

import landzicht.errors
from landzicht.errors import LandzichtError
from landzicht.web.problems import STATUS
from landzicht.web.reference.document import document

if TYPE_CHECKING:
    from landzicht.text import Language


def errors_page(language: Language) -> str:
    """Return the page with all errors, by family; each can be linked to by its code."""
    title = "Foutmeldingen" if language == "nl" else "Errors"
    sections = "".join(_family(family, status, language) for family, status in STATUS)
    return document(language, title, sections)


def all_errors() -> list[type[LandzichtError]]:
    """Return every class of the error tree that has a code of its own."""
    for module in pkgutil.iter_modules(landzicht.errors.__path__):
        importlib.import_module(f"landzicht.errors.{module.name}")
    found: list[type[LandzichtError]] = []
    waiting = list(LandzichtError.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found.append(kind)
    return sorted(found, key=lambda kind: kind.code)


def _family(family: type[LandzichtError], status: int, language: Language) -> str:
    members = [kind for kind in all_errors() if issubclass(kind, family)]
    entries = "".join(_entry(kind, language) for kind in members)
    return f"<section><h2>{status} {escape(family.__name__)}</h2><dl>{entries}</dl></section>"


def _entry(kind: type[LandzichtError], language: Language) -> str:
    sentences = " ".join(
        text.say(language) for text in (kind.what, kind.why, kind.todo) if text is not None
    )
    return (
        f'<dt id="{escape(kind.code)}"><code>{escape(kind.code)}</code></dt>'
        f"<dd>{escape(sentences)}</dd>"
    )
