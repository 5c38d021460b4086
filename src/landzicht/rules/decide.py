"""The one decision that every read of catalogue and pixels passes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


class Action(StrEnum):
    """What somebody wants to do with data (terms of ODRL 2.2 in our own words)."""

    DISCOVER = "discover"
    """Know that it exists: lists, search, counts."""
    VIEW = "view"
    """Look at pictures of it."""
    MEASURE = "measure"
    """Get values from it."""
    DOWNLOAD = "download"
    """Get the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Who wants to do what, for which purpose."""

    action: Action
    """What."""
    who: str = "public"
    """Whom we serve; `public` = anybody, not logged in."""
    purpose: str | None = None
    """What for, when told."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, with the reason in words."""

    allowed: bool
    """Whether the use may go on."""
    reason: Text
    """Why, for the person who asked."""
    duties: tuple[str, ...] = ()
    """What must be done when allowed (attribution, coarser pixels, …); none yet."""


class Policy(Protocol):
    """One rule of an owner. None = this rule has nothing to say about the use."""

    def judge(self, use: Use, collection: str) -> Decision | None:
        """Judge a use of one collection."""
        ...


PUBLIC = Decision(True, Text(nl="Open gegevens.", en="Open data."))


def decide(use: Use, collection: str, policies: Sequence[Policy] = ()) -> Decision:
    """Decide whether `use` of `collection` is allowed.

    A refusal of any policy wins; without any policy that speaks, data are public.

    Args:
        use: who, what, what for.
        collection: id of the collection; scenes and pixels follow their collection.
        policies: rules that hold in this portal.
    """
    verdicts = [verdict for policy in policies if (verdict := policy.judge(use, collection))]
    for verdict in verdicts:
        if not verdict.allowed:
            return verdict
    return verdicts[0] if verdicts else PUBLIC
