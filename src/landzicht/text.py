"""A sentence in the two languages of the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
_MONTHS = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One message in Dutch and in English.

    Both are always present, so that no dialect has to think about a missing translation.
    """

    nl: str
    """Dutch, at language level B1."""
    en: str
    """English, plain."""

    def say(self, language: Language = "en", **facts: object) -> str:
        """Return the sentence in `language`, with `{name}` places filled from `facts`.

        A fact that is itself a `Text` is said in the same language.
        """
        sentence = self.nl if language == "nl" else self.en
        said = {k: v.say(language) if isinstance(v, Text) else v for k, v in facts.items()}
        return sentence.format_map(_Facts(said)) if facts else sentence

    def fill(self, **facts: object) -> Text:
        """Return a new text with `{name}` places filled in both languages."""
        return Text(nl=self.say("nl", **facts), en=self.say("en", **facts))


class _Facts(dict[str, object]):
    """A message must never fail because a fact is missing: show the gap instead."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def preferred_language(accept_language: str | None) -> Language:
    """Choose Dutch or English from an HTTP `Accept-Language` header (RFC 9110, 12.5.4).

    Anything we do not understand gives English; a malformed header is never an error.
    """
    best: tuple[float, Language] = (0.0, "en")
    for part in (accept_language or "")[:1000].split(","):
        tag, _, weight = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        for language in LANGUAGES:
            if primary == language and quality > best[0]:
                best = (quality, language)
    return best[1]


def long_date(day: date, language: Language) -> str:
    """Return a date as people write it: `26 april 2025`."""
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"
