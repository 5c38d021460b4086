"""Reflectance of crops, from a small table made beforehand with a canopy model.

The table `reflectance.npz` was made by `scripts/make_reflectance_table.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanopyTable:
    """Reflectance in ten bands over leaf area, chlorophyll, brown matter and leaf angle."""

    values: NDArray[np.float32]
    """(leaf area, chlorophyll, brown, leaf angle, band) Reflectance, 0 to 1."""
    axes: tuple[NDArray[np.float32], ...]
    """Positions along the first four axes: m²/m², µg/cm², 0-1, degrees."""

    def __call__(
        self,
        leaf_area: ArrayLike,
        chlorophyll: ArrayLike,
        brown: ArrayLike,
        leaf_angle: ArrayLike,
    ) -> NDArray[np.float32]:
        """Return `(n, band)` reflectance, linear between the points of the table."""
        given = (leaf_area, chlorophyll, brown, leaf_angle)
        wanted = np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, np.float32)) for v in given))
        flat = self.values.reshape(-1, self.values.shape[-1])
        steps = np.array((*self.values.shape[1:4], 1))
        steps = np.cumprod(steps[::-1])[::-1]
        base = np.zeros(wanted[0].shape, np.int64)
        parts = []
        for value, axis, step in zip(wanted, self.axes, steps, strict=True):
            index = np.clip(np.searchsorted(axis, value, "right") - 1, 0, len(axis) - 2)
            width = axis[index + 1] - axis[index]
            parts.append(np.clip((value - axis[index]) / width, 0, 1))
            base += index * step
        out = np.zeros((*base.shape, flat.shape[1]), np.float32)
        for corner in range(16):
            weight = np.ones(base.shape, np.float32)
            at = base.copy()
            for bit, (part, step) in enumerate(zip(parts, steps, strict=True)):
                upper = corner >> bit & 1
                weight *= part if upper else 1 - part
                at += upper * step
            out += weight[..., None] * flat[at]
        return out


_LEAF_TINT = np.array([0.76, 0.94, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], np.float32)
"""The canopy model gives more blue than surface reflectance of Dutch fields shows: B02 lies at or
below B04 there, and grass looks yellow-green rather than emerald."""


@lru_cache(maxsize=1)
def _stored() -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
    with (
        resources.files("landzicht.world").joinpath("reflectance.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        axes = {name: stored[name] for name in ("lai", "cab", "cbr", "wet", "sza", "ala")}
        return stored["lut"].astype(np.float32) * _LEAF_TINT, axes


def canopy_table(sun_zenith: float, wetness: float) -> CanopyTable:
    """Return the table for one height of the sun (degrees) and wetness of the soil (0 to 1)."""
    values, axes = _stored()
    values = _between(values, axes["sza"], sun_zenith, 4)
    values = _between(values, axes["wet"], wetness, 3)
    return CanopyTable(
        values=np.ascontiguousarray(values),
        axes=(axes["lai"], axes["cab"], axes["cbr"], axes["ala"]),
    )


def _between(
    values: NDArray[np.float32], axis: NDArray[np.float32], at: float, number: int
) -> NDArray[np.float32]:
    index = int(np.clip(np.searchsorted(axis, at, "right") - 1, 0, len(axis) - 2))
    part = np.float32(np.clip((at - axis[index]) / (axis[index + 1] - axis[index]), 0, 1))
    low, high = (np.take(values, i, axis=number) for i in (index, index + 1))
    out: NDArray[np.float32] = low + (high - low) * part
    return out
