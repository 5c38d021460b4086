"""Missed clouds, which a series shows by itself: it dips once and is back at the next date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landzicht.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_VALID = 0.5
"""Share of a parcel that must be clear; of less, the rest of the cloud is usually there too."""
NEAR_CLOUD = 0.98
"""Below this share a cloud was seen on the parcel, so that less of a dip is believed."""
REACH_DAYS = 45.0
"""Neighbours in time further away than this say nothing about a date."""
DEEP, SHALLOW = 0.14, 0.05
"""Depth of a dip in a vegetation index: without a cloud on the parcel, and with one.

Chosen on one Zonderland (seed 7); how well it does on others is in `tests/series`."""
NOISE = 0.02
"""By so much a dip is lower than both its neighbours: the first value after a harvest is not."""

CLOUD_SEEN = Text(
    nl="lager dan ervoor en erna, en een deel van het perceel lag onder wolken",
    en="lower than before and after, and part of the parcel was under cloud",
)
DIP = Text(
    nl="veel lager dan ervoor en erna: waarschijnlijk een gemiste wolk of schaduw",
    en="much lower than before and after: probably a missed cloud or shadow",
)
HARDLY_SEEN = Text(
    nl="minder dan de helft van het perceel was te zien",
    en="less than half of the parcel could be seen",
)
REASONS: tuple[Text | None, ...] = (None, CLOUD_SEEN, DIP, HARDLY_SEEN)
"""Why a value is doubted, by the codes of `Doubts`."""
_SEEN, _DIP, _HARDLY = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doubts:
    """Which values are doubted; the values themselves stay."""

    code: NDArray[np.int8]
    """`(parcel, date)`: place in `REASONS`, 0 = not doubted, or no value."""
    depth: NDArray[np.float64]
    """`(parcel, date)`: how far below its neighbours, in the unit of the values; NaN = no dip."""

    @property
    def flagged(self) -> NDArray[np.bool_]:
        """`(parcel, date)`: True = doubted."""
        return np.asarray(self.code > 0)

    @property
    def clouded(self) -> NDArray[np.bool_]:
        """`(parcel, date)`: True = a cloud was seen on the parcel too.

        A dip under a sky that looked clear may as well be grass that was mown.
        """
        return np.isin(self.code, (_SEEN, _HARDLY))


def doubts(
    days: NDArray[np.float64], values: NDArray[np.float64], valid: NDArray[np.float64]
) -> Doubts:
    """Find values that a missed cloud or shadow probably spoilt.

    A three-point test: each value that is lower than both its neighbours is compared with the line
    between them, the deepest dip first. One-sided, because clouds and shadows lower a vegetation
    index and never raise it. Two spoilt dates in a row are found one after the other, as long as
    they differ. It cannot tell a cloud from a mowing that has grown back by the next date.

    Args:
        days: `(date,)`, rising.
        values: `(parcel, date)`, a vegetation index, NaN = gap.
        valid: `(parcel, date)`, share 0-1 of the parcel that was clear.
    """
    from landzicht.kernels.dips import find_dips

    known = np.isfinite(values)
    hardly = known & (valid < LEAST_VALID)
    limits = np.where(valid < NEAR_CLOUD, SHALLOW, DEEP)
    depth = np.empty(values.shape)
    trusted = np.where(hardly, np.nan, values)
    find_dips(days.astype(np.float64), trusted, limits, REACH_DAYS, NOISE, depth)
    code = np.zeros(values.shape, np.int8)
    dips = np.isfinite(depth)
    code[dips] = np.where(valid[dips] < NEAR_CLOUD, _SEEN, _DIP)
    code[hardly] = _HARDLY
    return Doubts(code=code, depth=depth)
