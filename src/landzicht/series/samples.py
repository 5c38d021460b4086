"""Values of parcels that several cells have a part of, kept until all of them have come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.series.statistics import Statistics


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Values of some parcels that count, one after the other."""

    members: NDArray[np.intp]
    """Numbers of the parcels."""
    starts: NDArray[np.int64]
    """`(member + 1,)`, where each begins."""
    values: NDArray[np.float64]
    """Physical values."""
    share: NDArray[np.float32]
    """Weights."""

    def take(self, numbers: NDArray[np.intp]) -> Sample:
        """Return some of the parcels."""
        starts, places = _places(self.starts, numbers)
        return Sample(
            members=self.members[numbers],
            starts=starts,
            values=self.values[places],
            share=self.share[places],
        )


def usable_of(whole: Sample, usable: NDArray[np.bool_], numbers: NDArray[np.intp]) -> Sample:
    """Return the values that count of some parcels.

    Args:
        whole: all values.
        usable: `(n,)`, True = counts.
        numbers: which of the parcels.
    """
    starts, places = _places(whole.starts, numbers)
    kept = usable[places]
    places = places[kept]
    return Sample(
        members=whole.members[numbers],
        starts=np.concatenate(([0], np.cumsum(kept)))[starts].astype(np.int64),
        values=whole.values[places],
        share=whole.share[places],
    )


def joined(parts: list[Sample]) -> Sample:
    """Return samples as one, in which each parcel stands once, with all its values.

    Parts keep their order, so the sums are always the same; the list is emptied on the way, so
    that values are not in memory twice longer than it takes.
    """
    members = np.unique(np.concatenate([part.members for part in parts]))
    sizes = np.zeros(members.size, np.int64)
    for part in parts:
        sizes[np.searchsorted(members, part.members)] += np.diff(part.starts)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    values, share = np.empty(starts[-1]), np.empty(starts[-1], np.float32)
    free = starts[:-1].copy()
    while parts:
        part = parts.pop(0)
        at = np.searchsorted(members, part.members)
        own = np.diff(part.starts)
        places = np.arange(part.values.size) + np.repeat(free[at] - part.starts[:-1], own)
        values[places], share[places] = part.values, part.share
        free[at] += own
    return Sample(members=members, starts=starts, values=values, share=share)


class Waiting:
    """Values that percentiles need, until no further cell has any of their parcel."""

    def __init__(self, wanted: Statistics) -> None:
        """Begin with nothing."""
        self._shares = np.array(wanted.quantiles)
        self._parts: list[Sample] = []

    def add(
        self, sample: Sample, closes: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Take values; return parcels that are complete, and their percentiles.

        Args:
            sample: what a cell has.
            closes: `(member,)`, True = no later cell has a part of it.
        """
        self._parts.append(sample)
        return self._done(sample.members[closes])

    def close(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return all parcels that are left, and their percentiles."""
        parts, self._parts = self._parts, []
        return self._percentiles(parts)

    def _done(self, members: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        done, left = [], []
        for part in self._parts:
            hit = np.isin(part.members, members)
            if hit.all():
                done.append(part)
            elif hit.any():
                done.append(part.take(np.flatnonzero(hit)))
                left.append(part.take(np.flatnonzero(~hit)))
            else:
                left.append(part)
        self._parts = left
        return self._percentiles(done)

    def _percentiles(self, parts: list[Sample]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        from landzicht.kernels.zonal import quantiles

        if not parts:
            return np.empty(0, np.intp), np.empty((0, self._shares.size))
        one = joined(parts)
        usable = np.ones(one.values.size, np.bool_)
        found = quantiles(one.starts, one.values, one.share, usable, self._shares)
        return one.members, found


def _places(
    starts: NDArray[np.int64], numbers: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each of some groups begins when they alone are kept, and their places."""
    sizes = np.diff(starts)[numbers]
    begins = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return begins, np.arange(begins[-1]) + np.repeat(starts[:-1][numbers] - begins[:-1], sizes)
