"""Simulated data say so in every field that a person reads; the author's words are kept beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGINAL = "landzicht:original"
"""Field that keeps what the author wrote, so that reading gives back exactly that."""
WORLD = "landzicht:world"
"""Property of a scene that tells which made-up land it shows; two are never laid together."""
_EN, _NL = "SIMULATED", "GESIMULEERD"
_BOTH = f"{_EN} / {_NL}"
_MARKED = ("title", "platform")


def mark_text(text: Text) -> Text:
    """Return `text` with SIMULATED and GESIMULEERD in it."""
    return Text(
        nl=text.nl if _NL in text.nl else f"{_NL}: {text.nl}",
        en=text.en if _EN in text.en else f"{_EN}: {text.en}",
    )


def mark_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of an item with `title` and `platform` that cannot mislead."""
    title, platform = properties.get("title"), properties.get("platform")
    if not (isinstance(title, str) and _EN in title):
        title = f"{_BOTH}: {title}" if isinstance(title, str) else _BOTH
    if not (isinstance(platform, str) and platform.lower().startswith("simulated")):
        platform = f"simulated {platform}" if isinstance(platform, str) else "simulated"
    original = {name: properties[name] for name in _MARKED if name in properties}
    return {**properties, "title": title, "platform": platform, ORIGINAL: original}


def unmark_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties as the author wrote them."""
    original = properties[ORIGINAL]
    dropped = {ORIGINAL, *_MARKED} - original.keys()
    return {n: original.get(n, v) for n, v in properties.items() if n not in dropped}


def as_meant(told: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties that a reader sent back, without the marks that only the answer had.

    Args:
        told: properties of an item as somebody read and then changed them.
        known: what the author wrote; `mark_properties` made the answer of it.
    """
    shown = mark_properties(known)
    same = {name for name in _MARKED if told.get(name) == shown[name]}
    return {
        name: known[name] if name in same else value
        for name, value in told.items()
        if name not in same or name in known
    }
