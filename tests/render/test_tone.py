"""Tone against what rio-color's successor gives, and recipes that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.catalogue import BadQuery
from landzicht.render.colormaps import colormap
from landzicht.render.tone import read_tone, tone, tone_scale

COLOURS = np.array(
    [
        [0, 0, 0],
        [255, 255, 255],
        [10, 200, 90],
        [128, 128, 128],
        [250, 20, 30],
        [3, 5, 8],
        [77, 140, 60],
        [200, 180, 20],
    ],
    np.uint8,
)
THEIRS = {
    "gamma RGB 1.5": [
        [0, 0, 0],
        [255, 255, 255],
        [29, 216, 127],
        [161, 161, 161],
        [251, 46, 61],
        [13, 18, 25],
        [114, 170, 97],
        [216, 202, 46],
    ],
    "gamma g 0.8, gamma b 2.2": [
        [0, 0, 0],
        [255, 255, 255],
        [10, 188, 158],
        [128, 107, 186],
        [250, 10, 96],
        [3, 1, 52],
        [77, 120, 132],
        [200, 164, 80],
    ],
    "sigmoidal RGB 10 0.35": [
        [0, 0, 0],
        [255, 255, 255],
        [3, 252, 125],
        [208, 208, 208],
        [254, 8, 15],
        [0, 1, 2],
        [92, 223, 55],
        [252, 248, 8],
    ],
    "sigmoidal RG -6 0.4": [
        [0, 0, 0],
        [255, 255, 255],
        [16, 156, 90],
        [107, 107, 128],
        [232, 29, 30],
        [5, 8, 8],
        [76, 114, 60],
        [156, 140, 20],
    ],
    "sigmoidal B 20 0": [
        [0, 0, 0],
        [255, 255, 255],
        [10, 200, 254],
        [128, 128, 254],
        [250, 20, 210],
        [3, 5, 77],
        [77, 140, 250],
        [200, 180, 167],
    ],
    "saturation 1.3": [
        [0, 0, 0],
        [254, 255, 254],
        [0, 205, 59],
        [127, 128, 127],
        [255, 0, 0],
        [2, 5, 8],
        [52, 143, 34],
        [199, 180, 0],
    ],
    "saturation 0": [
        [0, 0, 0],
        [255, 255, 255],
        [173, 173, 173],
        [128, 128, 128],
        [126, 126, 126],
        [4, 4, 4],
        [125, 125, 125],
        [178, 178, 178],
    ],
    "Gamma RGB 1.7 Saturation 1.2 Sigmoidal RGB 15 0.35": [
        [0, 0, 0],
        [254, 255, 254],
        [0, 254, 228],
        [252, 252, 252],
        [255, 0, 35],
        [2, 4, 8],
        [210, 253, 148],
        [254, 254, 0],
    ],
}
"""What color-operations 0.2 makes of these colours, step after step, as rio-tiler calls it."""


@pytest.mark.parametrize("recipe", THEIRS)
def test_equals_color_operations(recipe):
    np.testing.assert_array_equal(tone(COLOURS, read_tone(recipe)), THEIRS[recipe])


@pytest.mark.parametrize(
    "recipe", ["gamma RGB 1", "saturation 1", "sigmoidal rgb 0 0.5", "gamma r 1 gamma g 1"]
)
def test_steps_that_change_nothing(recipe):
    every = np.random.default_rng(0).integers(0, 256, (50, 40, 3)).astype(np.uint8)
    before = every.copy()
    off = np.abs(tone(every, read_tone(recipe)).astype(int) - every)
    assert off.max() <= 1  # 8 bits are cut off after each step
    np.testing.assert_array_equal(every, before)


@given(st.floats(0.2, 5), st.floats(0.1, 20), st.floats(0.05, 0.95))
def test_curves_never_turn_round(gamma, contrast, middle):
    grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    found = tone(
        grey, read_tone(f"gamma RGB {gamma:.4f} sigmoidal RGB {contrast:.4f} {middle:.4f}")
    )
    assert (np.diff(found[:, 0].astype(int)) >= 0).all()
    assert found[0, 0] == 0
    assert found[-1, 0] >= 254


def test_one_channel_gets_its_tone_before_its_colours():
    colours = colormap("viridis")
    found = tone_scale(colours, read_tone("gamma RGB 2"))
    np.testing.assert_array_equal(found[64], colours[int((64 / 255) ** 0.5 * 255)])
    np.testing.assert_array_equal(found[[0, 255]], colours[[0, 255]])
    with pytest.raises(BadQuery):
        tone_scale(colours, read_tone("saturation 2"))


@pytest.mark.parametrize(
    "text",
    [
        "", ",", "gamma", "gamma RGB", "gamma X 1", "gamma RGB 0", "gamma RGB -1", "gamma RGB nan",
        "gamma RGB inf", "gamma RGB 1e3", "sigmoidal RGB 5", "sigmoidal RGB 5 2", "saturation -1",
        "saturation", "hue 3", "gamma RGB 1 2", "saturation 1 " * 9, "g" * 500,
    ],
)  # fmt: skip
def test_wrong_recipes(text):
    with pytest.raises(BadQuery):
        read_tone(text)


@given(st.text(alphabet="gamsiturdoln RGBrgb0.5,-e", max_size=60))
def test_any_text_is_a_recipe_or_refused(text):
    try:
        steps = read_tone(text)
    except BadQuery:
        return
    assert tone(COLOURS, steps).shape == COLOURS.shape
