"""Errors of conditions: filters in CQL2."""

from __future__ import annotations

from landzicht.errors.base import Invalid, TooLarge
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


class TooManyScenes(TooLarge):
    """More scenes than are looked at closely for one place."""

    code = "too-many-scenes"
    what = Text(
        nl="Op deze plek zijn meer dan {most} opnamen; zoveel bekijken wij niet in één keer.",
        en="There are more than {most} scenes at this place; we do not look at so many at once.",
    )
    todo = Text(
        nl="Kies een kortere periode (datetime), één collectie, of een strenger filter.",
        en="Choose a shorter period (datetime), one collection, or a stricter filter.",
    )
