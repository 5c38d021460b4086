"""The one gate between a request and a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.errors.catalogue import UnknownCollection
from landzicht.portal.memory import recall_collection
from landzicht.rules import Action, Use, decide

if TYPE_CHECKING:
    from landzicht.kinds import Collection
    from landzicht.portal.services import Services


def visible(services: Services, collection: str, action: Action, who: str = "public") -> Collection:
    """Return a collection that may be used so; one that may not be is as if it did not exist.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
    """
    _check(services, collection, action, who)
    return services.catalog.collection(collection)


def visible_version(
    services: Services, collection: str, action: Action, who: str = "public"
) -> tuple[Collection, str]:
    """Return the same as `visible`, remembered, and the version that it has now.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
    """
    _check(services, collection, action, who)
    version = services.catalog.version(collection)
    return recall_collection(services, collection, version), version


def _check(services: Services, collection: str, action: Action, who: str) -> None:
    if not decide(Use(action=action, who=who), collection, services.policies).allowed:
        raise UnknownCollection(collection=collection)
