"""The words of a CQL2 text."""

from __future__ import annotations

import re
from typing import NamedTuple

from landzicht.errors.filters import BadFilter
from landzicht.text import Text

_WORDS = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<text>'(?:''|\\'|[^'])*')
  | (?P<quoted>"(?:""|[^"])*")
  | (?P<name>[^\W\d][\w:.]*|:[\w:.]+)
  | (?P<sign><>|<=|>=|[=<>+\-*/%^(),])
  | (?P<end>$)
  )""",
    re.VERBOSE,
)
_STRANGE = Text(nl="dit teken hoort hier niet", en="this character does not belong here")


class Word(NamedTuple):
    """A word and where it stands."""

    kind: str
    """`number`, `text`, `quoted`, `name`, `sign` or `end`."""
    text: str
    """As written; of texts and quoted names what they mean."""
    place: int
    """Counted from 1."""

    @property
    def lower(self) -> str:
        """A plain name or sign in lower case; else nothing, so that it equals no keyword."""
        return self.text.lower() if self.kind in {"name", "sign"} else ""


def split(text: str) -> list[Word]:
    """Return the words of a text, the last one of kind `end`.

    Raises:
        BadFilter: a character that can begin no word.
    """
    words: list[Word] = []
    place = 0
    while not words or words[-1].kind != "end":
        found = _WORDS.match(text, place)
        if found is None:
            start = place + len(text[place:]) - len(text[place:].lstrip())
            raise BadFilter(place=start + 1, reason=_STRANGE)
        kind = found.lastgroup or "end"
        words.append(Word(kind, _meaning(kind, found[kind]), found.start(kind) + 1))
        place = found.end()
    return words


def _meaning(kind: str, told: str) -> str:
    if kind == "text":
        return told[1:-1].replace("''", "'").replace("\\'", "'")
    if kind == "quoted":
        return told[1:-1].replace('""', '"')
    return told
