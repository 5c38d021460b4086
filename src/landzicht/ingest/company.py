"""What may lie together in one collection: all real, or all of one made-up land.

A map, a series or a table is made of the scenes of one collection and says of all of them together
whether they are simulated. So real and simulated ones are kept apart here, at every door, and so
are two made-up lands, that would be laid over each other as if they were one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from landzicht.errors.ingest import OtherWorld, SimulatedAndReal
from landzicht.kinds import Scene
from landzicht.stac.mark import WORLD
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from landzicht.kinds import Collection, Item
    from landzicht.ports import Catalog


class Company:
    """Who is in a collection, as far as that decides who may join."""

    def __init__(self, catalog: Catalog, collection: Collection | None) -> None:
        """Look at a collection as it is now.

        Args:
            catalog: where it is.
            collection: the collection, or None for one that is not there yet.
        """
        self._catalog = catalog
        self._collection = collection
        self._name = collection.id if collection else ""
        self._is_empty = collection is None or not collection.count
        self._world: str | None = None
        self._simulated = collection.simulated if collection else False

    def admit(self, id: str, *, simulated: bool, world: object) -> None:
        """Let a scene join; the first one in an empty collection decides about the others.

        Args:
            id: of the scene.
            simulated: whether it is.
            world: which made-up land it shows, or None when it does not say.

        Raises:
            SimulatedAndReal: the others are real, and this one is not, or the other way round.
            OtherWorld: the others show another made-up land.
        """
        place = {"scene": id[:80], "collection": self._name}
        if self._is_empty:
            self._is_empty, self._simulated = False, simulated
        elif self._simulated is not simulated:
            raise SimulatedAndReal(**place, this=_KINDS[simulated], others=_MANY[self._simulated])
        if simulated and isinstance(world, str):
            known = self._world = self._world or self._told_world() or world
            if known != world:
                raise OtherWorld(**place, world=world, known=known)

    def admit_all(self, scenes: Iterable[Scene | Item]) -> None:
        """Let scenes join one after the other; raises as `admit`."""
        for scene in scenes:
            simulated, world = facts_of(scene)
            self.admit(scene.id, simulated=simulated, world=world)

    def changed(self) -> tuple[Collection, ...]:
        """Return the collection when those who joined make another one of it, to be put with them.

        One that was empty becomes simulated with its first scenes, or stops being it.
        """
        known = self._collection
        if known is None or known.simulated is self._simulated:
            return ()
        return (replace(known, simulated=self._simulated),)

    def _told_world(self) -> str | None:
        """Return the land that a scene of the collection shows: any will do, they are all alike."""
        for stored in self._catalog.stored(self._name, "", 1) if self._name else ():
            told = orjson.loads(stored.body)["properties"].get(WORLD)
            return told if isinstance(told, str) else None
        return None


def facts_of(scene: Scene | Item) -> tuple[bool, object]:
    """Return whether a scene is simulated, and of which made-up land, or None."""
    told = scene.properties
    if isinstance(scene, Scene):
        return scene.simulated, told.get(WORLD)
    return told.get("landzicht:simulated") is True, told.get(WORLD)


_KINDS = {True: Text(nl="gesimuleerd", en="simulated"), False: Text(nl="echt", en="real")}
_MANY = {True: Text(nl="gesimuleerde", en="simulated"), False: Text(nl="echte", en="real")}
