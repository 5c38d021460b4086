"""Random fields: the irregularity of soils, water and clouds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fractal(
    rng: np.random.Generator,
    size: int,
    roughness: float,
    lowest: float = 0.0,
    grain: tuple[float, float] | None = None,
) -> NDArray[np.float32]:
    """Return a random field with a power-law spectrum; it wraps around at the edges.

    Args:
        rng: where the phases come from.
        size: rows and columns.
        roughness: exponent of the power spectrum: 0 = white noise, 3 = smooth hills.
        lowest: cycles per pixel below which nothing is left (no large shapes).
        grain: direction (radians, clockwise from a row) in which shapes are drawn out, and how
            many times; None = alike in all directions.

    Returns:
        `(size, size)`, mean 0, standard deviation 1.
    """
    down = np.fft.fftfreq(size).astype(np.float32)[:, None]
    across = np.fft.rfftfreq(size).astype(np.float32)[None]
    if grain is None:
        squared = down * down + across * across
    else:
        cosine, sine = np.float32(np.cos(grain[0])), np.float32(np.sin(grain[0]))
        along, aside = cosine * across + sine * down, cosine * down - sine * across
        squared = (along * np.float32(grain[1])) ** 2 + aside * aside
    squared[0, 0] = 1.0
    amplitude = squared ** np.float32(-roughness / 4)
    amplitude[0, 0] = 0.0
    if lowest:
        amplitude[squared < lowest * lowest] = 0.0
    # Complex normal numbers instead of unit phases: just as random, and no sine to compute.
    waves = rng.standard_normal((size, size // 2 + 1, 2), dtype=np.float32)
    spectrum = waves.view(np.complex64)[..., 0]
    spectrum *= amplitude
    field = np.fft.irfft2(spectrum, s=(size, size)).astype(np.float32, copy=False)
    field -= field.mean()
    field /= field.std()
    return field


def blur(field: NDArray[np.float32], edge: float = 0.25) -> NDArray[np.float32]:
    """Return `field` smoothed once with the kernel `(edge, 1 - 2 edge, edge)` on both axes.

    Edges repeat their last row and column. Separable and without any filter library, because
    this runs once for every band of every image.
    """
    centre = np.float32(1 - 2 * edge)
    side = np.float32(edge)
    rows = field * centre
    rows[1:] += side * field[:-1]
    rows[:-1] += side * field[1:]
    rows[0] += side * field[0]
    rows[-1] += side * field[-1]
    out = rows * centre
    out[:, 1:] += side * rows[:, :-1]
    out[:, :-1] += side * rows[:, 1:]
    out[:, 0] += side * rows[:, 0]
    out[:, -1] += side * rows[:, -1]
    return out


def halve(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of every 2 x 2 pixels."""
    rows = field[0::2] + field[1::2]
    return (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)
