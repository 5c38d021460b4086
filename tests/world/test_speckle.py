"""Speckle against the statistics of a multi-looked radar image, and the two directions."""

from __future__ import annotations

import numpy as np
import pytest

from landzicht.world import WorldSpec
from landzicht.world.radar import LOOKS, _speckle, radar_pass, radar_passes


@pytest.fixture(scope="module")
def grains() -> np.ndarray:
    # The outermost pixels repeat themselves in the blur and are left out.
    return _speckle(np.random.default_rng(5), 514)[1:-1, 1:-1].astype(float)


def test_speckle_keeps_the_mean_and_has_the_looks(grains: np.ndarray) -> None:
    """The equivalent number of looks is the mean squared over the variance."""
    assert grains.mean() == pytest.approx(1, abs=0.01)
    assert grains.mean() ** 2 / grains.var() == pytest.approx(LOOKS, rel=0.03)
    assert grains.min() > 0


def test_speckle_has_a_long_bright_tail(grains: np.ndarray) -> None:
    """Like that of a gamma distribution, whose skewness it should have at least."""
    centred = grains - grains.mean()
    skew = (centred**3).mean() / grains.std() ** 3
    assert 1 < skew / (2 / np.sqrt(LOOKS)) < 1.5


def test_speckle_of_neighbours_is_a_little_alike_and_no_further(grains: np.ndarray) -> None:
    def alike(step: int) -> float:
        return float(np.corrcoef(grains[:, step:].ravel(), grains[:, :-step].ravel())[0, 1])

    assert 0.15 < alike(1) < 0.3
    assert abs(alike(2)) < 0.03
    assert abs(alike(7)) < 0.01


def test_evening_passes_ascend_and_morning_passes_descend_each_six_days() -> None:
    plan = sorted(radar_passes(WorldSpec(dates=60)), key=lambda one: one.moment)
    assert len(plan) == 60
    for direction, early in (("ascending", False), ("descending", True)):
        mine = [one for one in plan if one.direction == direction]
        assert len(mine) > 20
        assert all((one.moment.hour < 12) == early for one in mine)
        steps = np.diff([one.day for one in mine])
        assert (steps % 6 == 0).all()
    assert radar_pass(WorldSpec(), 6).id == "SIM_S1_ASC_20250106"
