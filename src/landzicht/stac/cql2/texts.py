"""What CQL2 does with texts: patterns, and comparing without case or accents."""

from __future__ import annotations

import unicodedata


def fold_case(text: str) -> str:
    """Return a text in which upper and lower case are equal (`CASEI`)."""
    return text.casefold()


def drop_accents(text: str) -> str:
    """Return a text without accents (`ACCENTI`): é becomes e."""
    parts = unicodedata.normalize("NFD", text)
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain)


def is_like(text: str, pattern: str) -> bool:
    r"""Whether a text is like a pattern: `%` any letters, `_` one letter, `\` before one of these.

    The time is at most the product of both lengths, whatever the pattern: no way back is kept but
    to the last `%`.
    """
    parts = _parts(pattern)
    at, part, star, mark = 0, 0, -1, 0
    while at < len(text):
        if part < len(parts) and parts[part] in ("_", "=" + text[at]):
            at, part = at + 1, part + 1
        elif part < len(parts) and parts[part] == "%":
            star, mark, part = part, at, part + 1
        elif star >= 0:
            mark += 1
            at, part = mark, star + 1
        else:
            return False
    return all(each == "%" for each in parts[part:])


def _parts(pattern: str) -> list[str]:
    """Return `%`, `_`, or `=` and a letter, for each part of a pattern."""
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            parts.append("=" + next(letters, "\\"))
        elif letter in "%_":
            parts.append(letter)
        else:
            parts.append("=" + letter)
    return parts
