"""The steps that the machine of `landzicht.kernels.formula` knows. Nothing here imports numba."""

from __future__ import annotations

MOST_BANDS = 16
"""Bands that the machine can read."""
LOAD, STORE, ADD, SUBTRACT, MULTIPLY, DIVIDE, ABSOLUTE, ROOT = range(8)
"""Steps with numbers: from a band, to the answer, and arithmetic."""
LOWEST, HIGHEST, LESS, NOT_MORE, EQUAL, UNEQUAL, CHOOSE = range(8, 15)
"""Choices, and conditions: 1, 0, or NaN when it is about something unknown."""
