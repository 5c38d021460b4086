"""Errors of making the simulated landscape."""

from __future__ import annotations

from landzicht.errors.base import Invalid
from landzicht.text import Text


class BadWorld(Invalid):
    """A wish for a simulated landscape that cannot be met."""

    code = "bad-world"
    what = Text(
        nl="Zonderland kan niet gemaakt worden met {name} = {value}.",
        en="Zonderland cannot be made with {name} = {value}.",
    )
    todo = Text(nl="Mogelijk is: {known}.", en="Possible: {known}.")
