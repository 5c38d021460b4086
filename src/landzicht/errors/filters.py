"""Errors of conditions: filters in CQL2."""

from __future__ import annotations

from landzicht.errors.base import Invalid
from landzicht.text import Text


class BadFilter(Invalid):
    """A CQL2 expression that cannot be read, or that asks what cannot be."""

    code = "bad-filter"
    what = Text(
        nl="Het filter klopt niet, bij {place}: {reason}.",
        en="The filter is wrong, at {place}: {reason}.",
    )
    todo = Text(
        nl="Schrijf bijvoorbeeld: eo:cloud_cover < 20 AND platform = 'sentinel-2a'.",
        en="Write for example: eo:cloud_cover < 20 AND platform = 'sentinel-2a'.",
    )
