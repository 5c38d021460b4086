"""The table of one overpass while cells fill it, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from landzicht.series.samples import Waiting
from landzicht.series.statistics import PLAIN, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.errors import SourceFailed
    from landzicht.series.measure import Answer
    from landzicht.series.statistics import Statistics


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Failure:
    """Parcels that were not measured, because pixels of theirs cannot be read."""

    scene: str
    """Id of the scene."""
    members: NDArray[np.intp]
    """Numbers of the parcels."""
    error: SourceFailed
    """What is the matter with its file."""


class Sheet:
    """What all parcels have at one overpass, from the cells that came so far."""

    def __init__(self, count: int, wanted: Statistics) -> None:
        """Begin with nothing for `count` parcels."""
        bins = max(0, len(wanted.edges) - 1)
        columns = len(wanted.columns)
        self._wanted = wanted
        self.table = np.full((count, columns + bins), np.nan)
        """`(parcel, column)`, as of `summarise`; whole after `settle`."""
        self.table[:, 0] = 0.0
        self.table[:, columns:] = 0.0
        self._nothing = self.table[0].copy() if count else np.empty(0)
        self._quantiles = slice(len(PLAIN), columns)
        self._waiting = Waiting(wanted)
        self.seen = np.zeros(count)
        """`(parcel,)`, pixels that hold data, cloud or not."""
        self._which = np.zeros(count, np.intp)
        self._known: list[tuple[str, ...]] = [()]
        """Scenes that a parcel may have; `_which` tells the number of its entry here."""
        self._fresh: list[Failure] = []
        self._failures: list[Failure] = []
        self._failed = np.full(count, -1)

    def add(self, scene: str, told: Answer | Failure) -> None:
        """Add what a cell of a scene says; parcels that cross cells are put together here."""
        if isinstance(told, Failure):
            self._fresh.append(told)
            return
        members, whole = told.members, told.whole
        self.table[members[whole]] = told.table[whole]
        split = members[~whole]
        if split.size:
            self.table[split] = merge(self.table[split], told.table[~whole], self._wanted)
        if told.rest is not None:
            self._put(*self._waiting.add(told.rest, told.closes[~whole]))
        self.seen[members] += told.seen  # a cell has each parcel once
        self._failed[members[told.seen > 0]] = -1
        self._add_scene(members, scene)

    def settle(self) -> None:
        """Say that for now no more cells come: finish what waits, forget what is only half."""
        self._put(*self._waiting.close())
        for failure in self._fresh:
            self._drop(failure)
        self._fresh = []

    def _put(self, members: NDArray[np.intp], quantiles: NDArray[np.float64]) -> None:
        self.table[members, self._quantiles] = quantiles

    def _drop(self, failure: Failure) -> None:
        """Forget what other cells say of these parcels: half a parcel is not told."""
        self.table[failure.members] = self._nothing
        self.seen[failure.members] = 0.0
        self._failed[failure.members] = len(self._failures)
        self._failures.append(failure)
        self._which[failure.members] = 0

    def _add_scene(self, members: NDArray[np.intp], scene: str) -> None:
        """Tell that pixels of these parcels come from a scene."""
        before = self._which[members]
        if members.size and (before == before[0]).all():  # as good as always
            self._which[members] = self._number_with(before[0], scene)
            return
        for number in np.unique(before).tolist():
            self._which[members[before == number]] = self._number_with(number, scene)

    def _number_with(self, number: int, scene: str) -> int:
        """Return the number of an entry of `_known` to which a scene is added."""
        scenes = self._known[number]
        if scene in scenes:
            return number
        scenes = (*scenes, scene)
        if scenes not in self._known:
            self._known.append(scenes)
        return self._known.index(scenes)

    @property
    def scenes(self) -> tuple[tuple[str, ...], ...]:
        """Ids of the scenes that gave the pixels of each parcel; empty for none."""
        return tuple(map(self._known.__getitem__, self._which.tolist()))

    def failures(self) -> tuple[Failure, ...]:
        """Return the failures that no other scene made good."""
        left = []
        for number, failure in enumerate(self._failures):
            members = np.flatnonzero(self._failed == number)
            if members.size:
                left.append(replace(failure, members=members))
            self._which[members] = 0
        return tuple(left)
