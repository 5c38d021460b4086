"""How hard it is to tell crops apart: by a plain linear classifier, on seeds not used for tuning.

It is trained on what farmers declared and tested on other blocks of land, as in practice. The same
question with gradient boosting (not a dependency) is answered in docs/rooms/world.md.
"""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from landzicht.world import WorldSpec, acquisitions, landscape, observe
from landzicht.world.classify import USABLE
from landzicht.world.msi import FINE, OFFSET, SCALE

BLOCK_M = 1280.0


def series(spec: WorldSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean reflectance per parcel, date and band (gaps filled in time), crop, and fold."""
    scene = landscape(spec)
    count = len(scene.geography.parcels)
    dates = sorted(acquisitions(spec), key=lambda one: one.date)
    means = []
    for one in dates:
        image = observe(scene, one)
        usable = np.isin(image.scl, USABLE).repeat(2, 0).repeat(2, 1)
        inside = (scene.parcel >= 0) & usable
        ids = scene.parcel[inside]
        number = np.bincount(ids, minlength=count)
        row = []
        for band, values in image.bands.items():
            full = values if band in FINE else values.repeat(2, 0).repeat(2, 1)
            total = np.bincount(ids, (full * SCALE + OFFSET)[inside], count)
            row.append(np.where(number >= 4, total / np.maximum(number, 1), np.nan))
        means.append(row)
    cube = np.moveaxis(np.array(means), -1, 0)
    days = np.array([one.day for one in dates], float)
    for parcel in cube.reshape(count, len(days), -1):
        for column in parcel.T:
            seen = np.isfinite(column)
            if seen.any():
                column[:] = np.interp(days, days[seen], column[seen])
    large = (shapely.area(scene.geography.parcels) > 5000) & np.isfinite(cube).all((1, 2))
    middle = shapely.centroid(scene.geography.parcels[large])
    block = (shapely.get_x(middle) // BLOCK_M + 7 * (shapely.get_y(middle) // BLOCK_M)) % 4
    return cube[large].reshape(large.sum(), -1), scene.fields.declared[: len(large)][large], block


def accuracy(spec: WorldSpec) -> float:
    """Return the share of parcels told right, each by a model that saw other blocks only."""
    values, crop, fold = series(spec)
    values = np.concatenate([values, np.log(np.maximum(values, 1e-3))], 1)
    right = 0
    for held in np.unique(fold):
        train, test = fold != held, fold == held
        mean, spread = values[train].mean(0), values[train].std(0) + 1e-6
        known = np.clip((values[train] - mean) / spread, -4, 4)
        asked = np.clip((values[test] - mean) / spread, -4, 4)
        wanted = np.eye(crop.max() + 1)[crop[train]]
        weights = np.linalg.solve(known.T @ known + 30 * np.eye(known.shape[1]), known.T @ wanted)
        told = (asked @ weights + wanted.mean(0)).argmax(1)
        right += int((told == crop[test]).sum())
    return right / len(crop)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [104, 205, 306])
def test_real_lies_between_easy_and_hard(seed: int) -> None:
    easy, real, hard = (
        accuracy(WorldSpec(seed=seed, size=384, dates=16, difficulty=level))
        for level in ("easy", "real", "hard")
    )
    assert hard < real < easy
    assert 0.62 < real < 0.88
