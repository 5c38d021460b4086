"""Names of parameters: one that an address does not have is told, not passed over.

OGC API Features wants this (`/req/core/query-param-unknown`), and a misspelt `datetime` that is not
looked at gives scenes of all years. What an address knows is what its description lists.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from landzicht.errors.catalogue import BadQuery
from landzicht.text import Text
from landzicht.web.stac import describe, describe_more

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORM = "f"
_FORMS = frozenset(
    {"json", "geojson", *(kind.lower() for kind in (describe.JSON, describe.GEOJSON))}
)
_MOST_TOLD = 5
_LONGEST = 80
"""Letters of a name that are told again."""


def _described(*routes: dict[str, Any]) -> frozenset[str]:
    told = [each for route in routes for each in route["openapi_extra"]["parameters"]]
    return frozenset(each["name"] for each in told if each["in"] == "query")


SEARCH = _described(describe.SEARCH_GET)
ITEMS = _described(describe.ITEMS)
COLLECTIONS = _described(describe_more.COLLECTIONS)
COUNTS = _described(describe_more.AGGREGATE) | SEARCH
"""What makes no difference to a count (`limit`, `sortby`) may come along with a search."""


def check_names(asked: Iterable[str], known: frozenset[str], *, form: str | None = None) -> None:
    """Refuse names that an address does not have.

    Args:
        asked: names of the parameters, or of the members of a body.
        known: those that there are.
        form: value of `f`, with which other servers are asked for a form of answer; ours is JSON.

    Raises:
        BadQuery: a name that there is not, with the one that it resembles.
    """
    if form is not None and form.lower() not in _FORMS:
        raise BadQuery(name=_FORM, reason=_ONLY_JSON)
    unknown = sorted(set(asked) - known - ({_FORM} if form is not None else set()))
    if not unknown:
        return
    name = ", ".join(each[:_LONGEST] for each in unknown[:_MOST_TOLD])
    near = get_close_matches(unknown[0][:_LONGEST].lower(), sorted(known), n=1)
    raise BadQuery(name=name, reason=_NEAR.fill(near=near[0]) if near else _NONE)


_NONE = Text(nl="zo'n parameter is er hier niet", en="there is no such parameter here")
_NEAR = Text(
    nl="zo'n parameter is er hier niet; misschien is {near} bedoeld",
    en="there is no such parameter here; perhaps {near} is meant",
)
_ONLY_JSON = Text(nl="alleen json is mogelijk", en="only json is possible")
