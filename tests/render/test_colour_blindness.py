"""Colour maps for eyes that see fewer colours, simulated after Machado et al. 2009.

Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
deficiency, doi:10.1109/TVCG.2009.113; matrices for severity 1.0, on linear RGB. Lightness is L* of
CIE 1976, distance that of CIE 1976 L*a*b*.
"""

from __future__ import annotations

import numpy as np
import pytest

from landzicht.render.colormaps import COLORMAPS, DEFAULT, colormap

EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
DIVERGING = {"prgn", "brbg", "rdbu"}
NAMES = [name for name in COLORMAPS if not name.endswith("_r")]
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colours, eye):
    """L*, a*, b* of colours as an eye sees them."""
    shades = colours / 255
    linear = np.where(shades <= 0.04045, shades / 12.92, ((shades + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ EYES[eye].T, 0, 1)
    white = linear @ TO_XYZ.T / TO_XYZ.sum(axis=1)
    bent = np.where(white > (6 / 29) ** 3, np.cbrt(white), white * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = np.moveaxis(bent, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in DIVERGING])
def test_scales_get_lighter_or_darker_all_the_way(name, eye):
    """So that more and less can be told apart by lightness alone, whatever the eye."""
    light = lab(colormap(name, 64), eye)[:, 0]
    steps = np.diff(light) * np.sign(light[-1] - light[0])
    assert steps.min() > -0.35  # less than an eye can tell
    assert abs(light[-1] - light[0]) > 45


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("name", sorted(DIVERGING))
def test_both_sides_of_a_middle_can_be_told_apart(name, eye):
    seen = lab(colormap(name, 65), eye)
    light = seen[:, 0]
    assert np.diff(light[:33]).min() > -0.35
    assert np.diff(light[32:]).max() < 0.35
    # From a quarter of the way on, one side never looks as the other at the same distance.
    near, far = seen[:17], seen[:-18:-1]
    assert np.linalg.norm(near - far, axis=1).min() > 10


@pytest.mark.parametrize("eye", EYES)
def test_the_default_is_even(eye):
    """Sixteen steps of the usual colour map are all clearly different."""
    seen = lab(colormap(DEFAULT, 16), eye)
    assert np.linalg.norm(np.diff(seen, axis=0), axis=1).min() > 3


def test_a_rainbow_would_not_pass():
    """The test can tell: red, yellow, green, cyan, blue goes up and down in lightness."""
    anchors = np.array([[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255]])
    light = lab(anchors, "usual")[:, 0]
    assert np.diff(light).min() < -10
    assert np.diff(light).max() > 10
