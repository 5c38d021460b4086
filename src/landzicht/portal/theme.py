"""The look of an organisation: one CSS file, checked before anybody gets it."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from landzicht.errors.portal import BadTheme
from landzicht.text import Text

MOST_BYTES = 300_000
"""Largest theme, with a logo in it."""
_KINDS = r"data:(?:image/(?:svg\+xml|png|webp|jpeg|gif)|font/woff2)(?:;[a-z0-9=;-]+)?,"
_DATA = re.compile(
    rf"""url\(\s*(?:"{_KINDS}[^"\n]*"|'{_KINDS}[^'\n]*'|{_KINDS}[^"'()\s]*)\s*\)""",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_TEXT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_LARGE = Text(nl="hij is groter dan {most} bytes", en="it is larger than {most} bytes")
_CODING = Text(nl="hij is geen UTF-8", en="it is not UTF-8")
_ABSENT = Text(nl="het bestand is niet te lezen", en="the file cannot be read")
_EMPTY = Text(nl="er staat geen CSS in", en="there is no CSS in it")
_UNBALANCED = Text(nl="de accolades kloppen niet", en="the braces do not match")
_PAGE = Text(nl="dit is een webpagina, geen CSS", en="this is a web page, not CSS")
_IMPORT = Text(
    nl="@import haalt iets van elders; zet alles in één bestand",
    en="@import fetches something from elsewhere; put all in one file",
)
_ELSEWHERE = Text(
    nl="een adres van elders (“{part}”); zet een plaatje erin als data:image/…",
    en="an address elsewhere (“{part}”); put a picture into it as data:image/…",
)
_ESCAPES = Text(
    nl="een schuine streep (\\) verbergt wat er staat; laat die weg",
    en="a backslash (\\) hides what is there; leave it out",
)
_FETCHES = re.compile(
    r"\b(?:url|src|image|image-set|-webkit-image-set|element)\s*\([^)]{0,60}", re.IGNORECASE
)
log = logging.getLogger("landzicht.portal")


def read_theme(path: str | Path) -> bytes:
    """Return the theme in a file: CSS that fetches nothing.

    Raises:
        BadTheme: it is not a theme, or would fetch something from elsewhere; `reason` says what.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadTheme(path=path, reason=_ABSENT) from error
    if len(content) > MOST_BYTES:
        raise BadTheme(path=path, reason=_LARGE.fill(most=f"{MOST_BYTES:,}"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTheme(path=path, reason=_CODING) from error
    reason = _problem(text)
    if reason is not None:
        raise BadTheme(path=path, reason=reason)
    return content


def theme_or_none(path: str) -> bytes:
    """Return the theme in a file, or nothing: while serving, a theme must never stop the portal."""
    if not path:
        return b""
    try:
        return read_theme(path)
    except BadTheme as error:
        log.warning("%s", error)
        return b""


def _problem(text: str) -> Text | None:
    """Return what is wrong with a theme, or None."""
    bare = _DATA.sub("none", _COMMENT.sub(" ", text))
    found = _FETCHES.search(bare)
    rules = _TEXT.sub("''", bare)
    checks = (
        (re.search(r"<\s*[!/a-z]", rules, re.IGNORECASE) is not None, _PAGE),
        ("\\" in bare, _ESCAPES),
        (re.search(r"@\s*(?:import|charset|namespace)", bare, re.IGNORECASE) is not None, _IMPORT),
        (found is not None, _ELSEWHERE.fill(part=found[0][:60] if found else "")),
        ("://" in bare, _ELSEWHERE.fill(part="://")),
        (not _is_balanced(rules), _UNBALANCED),
        ("{" not in rules, _EMPTY),
    )
    return next((reason for is_wrong, reason in checks if is_wrong), None)


def _is_balanced(rules: str) -> bool:
    depth = 0
    for sign in re.findall("[{}]", rules):
        depth += 1 if sign == "{" else -1
        if depth < 0:
            return False
    return depth == 0
