"""What is known of all parcels on all dates, gathered date by date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray


class Means:
    """Means of all parcels on all dates, for what can be told once the last date has come."""

    def __init__(self, parcels: int, moments: Sequence[datetime]) -> None:
        """Make room for the means of so many parcels on these dates, in order of time."""
        self._days = np.array([moment.toordinal() for moment in moments], np.float64)
        shape = (parcels, len(moments))
        self._values, self._valid = np.full(shape, np.nan), np.zeros(shape)

    def learn(
        self,
        date: int,
        parcels: NDArray[np.intp],
        means: NDArray[np.float64],
        valid: NDArray[np.float64],
    ) -> None:
        """Take the means of a date, NaN where nothing counts, and the valid shares of parcels."""
        self._values[parcels, date] = means
        self._valid[parcels, date] = valid
