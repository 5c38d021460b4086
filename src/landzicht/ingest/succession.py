"""Which scene a draft succeeds: the one that was made of the same file before it was changed.

Two files of one name in two folders are two scenes. A file that has other contents than when it
was taken in is a correction: people want its numbers and not those of before.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from landzicht.ingest.earlier import earlier_id
from landzicht.ingest.findings import finding

if TYPE_CHECKING:
    from landzicht.ingest.draft import Draft
    from landzicht.ingest.land import Harbour
    from landzicht.kinds import Finding, Scene

ORIGIN = "landzicht:origin"
"""Property of a scene that tells whether a file is the one it was made of, and not where that is:
so few digits that many paths have the same."""
_DIGITS = 8


def origin_of(draft: Draft) -> str:
    """Return what tells the file or folder of a draft from others of the same name."""
    path = os.path.realpath(os.fsencode(draft.path))
    return hashlib.sha256(path).hexdigest()[:_DIGITS]


def succeeds(draft: Draft, taken: Scene | None) -> bool:
    """Whether `taken`, which has the draft's id, was made of the same file, for the same time."""
    return (
        taken is not None
        and taken.properties.get(ORIGIN) == origin_of(draft)
        and (taken.moment, taken.end) == (draft.moment, draft.end)
    )


def harbour_for(draft: Draft, taken: Scene | None, harbour: Harbour) -> Harbour:
    """Return the harbour in which a draft takes the place of the scene that it succeeds."""
    return replace(harbour, newer=True) if succeeds(draft, taken) else harbour


def is_overwritten(draft: Draft, taken: Scene) -> bool:
    """Whether nothing is left of `taken`: its files are used where they are, and were changed."""
    used = {asset.link.href for asset in draft.assets if asset.link is not None}
    return any(asset.href in used for asset in taken.assets.values())


def told_of(draft: Draft, taken: Scene, made: Scene) -> tuple[Finding, ...]:
    """Return the remark on a scene that took the place of another one, or lies beside it."""
    if made.id != draft.id:
        facts = {"id": draft.id, "scene": made.id}
        return (finding("name-taken", draft.path, blocks=False, **facts),)
    if is_overwritten(draft, taken):
        return (finding("linked-anew", draft.path, blocks=False),)
    earlier = earlier_id(taken.collection)
    return (finding("replaced", draft.path, blocks=False, collection=earlier),)
