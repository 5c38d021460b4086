"""The five-diagonal solver against a dense one."""

import numpy as np
import pytest

from landzicht.kernels.whittaker import smooth


def dense(values, weights, penalty):
    """Return the line and the diagonal of the inverse with full matrices."""
    steps = values.size
    differences = np.diff(np.eye(steps), 2, axis=0)
    inverse = np.linalg.inv(np.diag(weights) + penalty * differences.T @ differences)
    return inverse @ (weights * values), np.diag(inverse)


@pytest.mark.parametrize("steps", [3, 4, 5, 40, 200])
@pytest.mark.parametrize("penalty", [0.1, 10.0, 1e5])
def test_it_solves_what_numpy_solves(steps: int, penalty: float) -> None:
    rng = np.random.default_rng(steps)
    values = rng.normal(size=(6, steps))
    weights = rng.uniform(0.25, 1, values.shape) * (rng.random(values.shape) < 0.4)
    weights[:, [0, -1]] = 1.0
    values[weights == 0] = np.nan
    line, spread = np.empty((2, *values.shape))
    smooth(values, weights, np.full(6, penalty), line, spread)
    for row in range(6):
        wanted = dense(np.nan_to_num(values[row]), weights[row], penalty)
        np.testing.assert_allclose(line[row], wanted[0], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(spread[row], wanted[1], rtol=1e-5)


def test_each_series_has_its_own_penalty() -> None:
    rng = np.random.default_rng(1)
    values, weights = np.tile(rng.normal(size=30), (2, 1)), np.ones((2, 30))
    line, spread = np.empty((2, 2, 30))
    smooth(values, weights, np.array([1.0, 1e4]), line, spread)
    assert np.abs(np.diff(line[0], 2)).sum() > 20 * np.abs(np.diff(line[1], 2)).sum()


def test_a_straight_line_stays_as_it_is() -> None:
    values, weights = np.arange(50.0)[None] * 0.3 - 2, np.zeros((1, 50))
    weights[0, [0, 7, 20, 49]] = 1
    line, spread = np.empty((2, 1, 50))
    smooth(values, weights, np.array([1e3]), line, spread)
    np.testing.assert_allclose(line, values, atol=1e-6)


def test_one_observation_makes_no_line() -> None:
    weights = np.zeros((1, 9))
    weights[0, 4] = 1
    line, spread = np.zeros((2, 1, 9))
    smooth(np.ones((1, 9)), weights, np.array([10.0]), line, spread)
    assert np.isnan(line).all()
    assert np.isnan(spread).all()
