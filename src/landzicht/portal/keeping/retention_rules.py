"""What is kept of each collection: `retention.toml` in the data folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landzicht.errors.disk import read_reason
from landzicht.errors.retention import BadRetention, NoRetention
from landzicht.text import Text

if TYPE_CHECKING:
    from pathlib import Path

FILE = "retention.toml"
_MOST_BYTES = 1_000_000
_MOST_MONTHS = 1_200
_MOST_BEST = 1_000
_KEYS = ("keep_months", "best_per_month", "area")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is kept of one collection."""

    collection: str
    """Its id."""
    keep_months: int
    """All images of so many months back are kept, 1 or more."""
    best_per_month: int = 0
    """Of each older month and place the clearest so many are kept; 0 = none."""
    area: str = ""
    """Where they must be clear: registered areas, a box or a GeoJSON file; images elsewhere are
    left alone. Empty = everywhere, by the cloud cover of the whole image."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "collection": self.collection,
            "keep_months": self.keep_months,
            "best_per_month": self.best_per_month,
            "area": self.area,
        }


def read_rules(data: Path) -> tuple[Rule, ...]:
    """Return the rules of a data folder, by collection.

    Raises:
        NoRetention: there is no file.
        BadRetention: it cannot be read, or says something that we do not know.
    """
    path = data / FILE
    try:
        content = path.read_bytes()
        if len(content) > _MOST_BYTES:
            raise BadRetention(path=path, reason=_TOO_LARGE)
        told = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError as error:
        raise NoRetention(path=path) from error
    except OSError as error:
        raise BadRetention(path=path, reason=read_reason(error)) from error
    except (ValueError, RecursionError) as error:  # tomllib's and UTF-8's own are ValueErrors
        detail = str(error)[:200]
        raise BadRetention(path=path, reason=Text(nl=detail, en=detail)) from error
    try:
        return _rules(told)
    except _WrongError as error:
        raise BadRetention(path=path, reason=error.text) from error


class _WrongError(ValueError):
    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def _rules(told: dict[str, Any]) -> tuple[Rule, ...]:
    collections = told.pop("collections", None)
    if told or not isinstance(collections, dict):
        raise _WrongError(_TOP)
    return tuple(_rule(str(name), collections[name]) for name in sorted(collections))


def _rule(collection: str, told: object) -> Rule:
    if not isinstance(told, dict) or not set(told) <= set(_KEYS):
        raise _WrongError(_UNKNOWN.fill(collection=collection, known=", ".join(_KEYS)))
    area = told.get("area", "")
    if not isinstance(area, str):
        raise _WrongError(_AREA.fill(collection=collection))
    return Rule(
        collection=collection,
        keep_months=_whole(collection, told, "keep_months", 1, _MOST_MONTHS),
        best_per_month=_whole(collection, {"best_per_month": 0} | told, "best_per_month", 0),
        area=area,
    )


def _whole(
    collection: str, told: dict[str, Any], name: str, least: int, most: int = _MOST_BEST
) -> int:
    number = told.get(name)
    if type(number) is not int or not least <= number <= most:
        raise _WrongError(_NUMBER.fill(collection=collection, name=name, least=least, most=most))
    return number


_TOO_LARGE = Text(nl="het bestand is te groot", en="the file is too large")
_TOP = Text(
    nl="er horen alleen tabellen [collections.ID] in te staan",
    en="it should have tables [collections.ID] only",
)
_UNKNOWN = Text(nl="{collection} kent alleen {known}", en="{collection} has the keys {known} only")
_AREA = Text(nl="area van {collection} is geen tekst", en="area of {collection} is no text")
_NUMBER = Text(
    nl="{name} van {collection} moet een geheel getal van {least} tot {most} zijn",
    en="{name} of {collection} must be a whole number from {least} to {most}",
)
