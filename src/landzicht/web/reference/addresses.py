"""The OpenAPI document as a page that a person can read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from landzicht.web.reference.document import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.text import Language

METHODS = ("get", "post", "put", "patch", "delete")


def addresses_page(openapi: dict[str, Any], language: Language) -> str:
    """Return the page with all addresses, by group."""
    dutch = language == "nl"
    groups: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                group = (operation.get("tags") or ["-"])[0]
                groups.setdefault(group, []).append(_operation(method, path, operation))
    lead = (
        "Alle adressen van dit portaal. Machines lezen <a href='/openapi.json'>openapi.json</a>."
        if dutch
        else "All addresses of this portal. Machines read <a href='/openapi.json'>openapi.json</a>."
    )
    sections = (
        f"<section><h2>{escape(group)}</h2>{''.join(parts)}</section>"
        for group, parts in groups.items()
    )
    title = "Adressen van de API" if dutch else "Addresses of the API"
    return document(language, title, f"<p>{lead}</p>{''.join(sections)}")


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    link = escape(path)
    if method == "get" and "{" not in path:
        link = f'<a href="{link}">{link}</a>'
    return (
        f"<article><h3><code>{method.upper()}</code> {link}</h3>"
        f"<p><strong>{escape(operation.get('summary', ''))}</strong></p>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        f"{_parameters(operation.get('parameters', ()))}</article>"
    )


def _parameters(parameters: Iterable[dict[str, Any]]) -> str:
    rows = "".join(
        f"<tr><th scope='row'><code>{escape(parameter['name'])}</code></th>"
        f"<td>{escape(parameter['in'])}</td>"
        f"<td>{escape(parameter.get('description', ''))}</td></tr>"
        for parameter in parameters
    )
    return f"<table>{rows}</table>" if rows else ""
