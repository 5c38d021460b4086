"""The part of the page `/actualiteit` that tells of the sources that are followed."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from landzicht.text import Text, long_date
from landzicht.web.pages.freshness import ago

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from landzicht.portal.following.source_status import SourceStatus
    from landzicht.text import Language

_HEAD = Text(nl="Bronnen die het portaal volgt", en="Sources that the portal follows")
_PROGRAMS = Text(
    nl="Voor programma’s: <a href='/api/v1/sources'>dezelfde gegevens als JSON</a>.",
    en="For programs: <a href='/api/v1/sources'>the same facts as JSON</a>.",
)
_STATE = Text(nl="Toestand", en="State")
_NEWEST = Text(nl="Nieuwste beeld", en="Newest image")
_NONE = Text(nl="nog geen", en="none yet")
_ERROR = Text(nl="Wat er mis is", en="What is wrong")
_COUNTS = Text(nl="Beelden", en="Images")
_COUNTED = Text(
    nl="{ins} binnen, {skipped} overgeslagen, {failed} mislukt",
    en="{ins} in, {skipped} skipped, {failed} failed",
)
_GAPS = Text(nl="Ontbreekt", en="Missing")
_FAILED = Text(nl="Mislukt", en="Failed")
_REMARKS = Text(nl="Opvallend", en="Odd")
_MORE = Text(nl=" en nog {count}", en=" and {count} more")
_SHOWN = 8


def sources_part(told: Sequence[SourceStatus], language: Language) -> str:
    """Return the part, or nothing when nothing is followed; all that sources say is escaped."""
    if not told:
        return ""
    parts = "\n".join(_source(one, language) for one in told)
    head, programs = escape(_HEAD.say(language)), _PROGRAMS.say(language)
    return f"<section><h2>{head}</h2>\n{parts}\n<p>{programs}</p></section>"


def _source(told: SourceStatus, language: Language) -> str:
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(told, language)
    )
    return f"<article><h3>{escape(told.title.say(language))}</h3><dl>{facts}</dl></article>"


def _facts(told: SourceStatus, language: Language) -> Iterator[tuple[str, str]]:
    yield _STATE.say(language), told.state.say(language)
    if told.error is not None:
        yield _ERROR.say(language), told.error.say(language)
    newest = _NONE.say(language)
    if told.last and told.lag_days is not None:
        day = long_date(datetime.fromisoformat(told.last), language)
        newest = f"{day} ({ago(told.lag_days, language)})"
    yield _NEWEST.say(language), newest
    counts = {"ins": told.counts.get("in", 0)}
    counts |= {name: told.counts.get(name, 0) for name in ("skipped", "failed")}
    yield _COUNTS.say(language), _COUNTED.say(language, **counts)
    if told.gaps:
        days = [long_date(datetime.fromisoformat(day), language) for day in told.gaps[:_SHOWN]]
        rest = len(told.gaps) - len(days)
        more = _MORE.say(language, count=rest) if rest else ""
        yield _GAPS.say(language), ", ".join(days) + more
    for one in told.failures[:_SHOWN]:
        yield _FAILED.say(language), f"{one['key']}: {one[language]}"
    for one in told.remarks[:_SHOWN]:
        yield _REMARKS.say(language), str(one[language])
