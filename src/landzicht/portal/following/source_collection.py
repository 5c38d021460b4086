"""What an API says of a collection that no profile knows, as a collection of ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import LandzichtError
from landzicht.formats.remote.parts import Lasting, Passing
from landzicht.portal.land import wrong_in_layer
from landzicht.stac import read_collection
from landzicht.stac.foreign_collection import read_foreign_collection
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.formats.remote import Fetcher
    from landzicht.kinds import Collection
    from landzicht.portal.services import Services
    from landzicht.sources.source import Source

_LONGEST = 2_000


def collection_of_api(
    services: Services, fetcher: Fetcher, source: Source, into: str
) -> Collection | None:
    """Return the collection that a source is put in, with title, licence and layers.

    What is here already stays as it is. Another Landzicht tells its layers and mask, which are
    taken over as far as they make sense; of other APIs title, description, licence and providers.

    Returns:
        None when nothing is known: it then gets what its first image tells.
    """
    known = next((one for one in services.catalog.collections() if one.id == into), None)
    if known is not None:
        return known
    try:
        told = fetcher.json(f"{source.place}/collections/{source.collection}")
    except (Passing, Lasting, LandzichtError):
        return None
    return _ours(told, into) or _theirs(told, into)


def _ours(told: dict[str, Any], into: str) -> Collection | None:
    """Return the collection of another Landzicht, or None when it is none."""
    if "landzicht:title" not in told:
        return None
    try:
        found = read_collection(orjson.dumps(told))
        names = [band.name for band in found.bands]
        layers = tuple(
            one
            for one in found.layers
            if set(one.assets) <= set(names) and not list(wrong_in_layer(one, names))
        )
    except (LandzichtError, ValueError, TypeError, AttributeError, KeyError):
        return None
    mask = found.mask if found.mask and found.mask.asset in names else None
    return replace(
        found, id=into, layers=layers, mask=mask, bounds=None, span=None, count=0, extra={}
    )


def _theirs(told: dict[str, Any], into: str) -> Collection | None:
    try:
        found = read_foreign_collection({**told, "id": into})
    except LandzichtError:
        return None
    return replace(
        found,
        title=_short(found.title),
        description=_short(found.description),
        bands=(),
        layers=(),
        mask=None,
        bounds=None,
        span=None,
        count=0,
        extra={},
    )


def _short(text: Text) -> Text:
    return Text(nl=text.nl[:_LONGEST], en=text.en[:_LONGEST])
