"""The fused way and the long way paint the same picture, byte for byte."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.render.encode import png
from landzicht.render.formula import band, parse_formula
from landzicht.render.paint import Canvas, Plane, paint
from landzicht.render.shade import Source, can_shade, shade
from landzicht.render.style import Channel, Style

SHAPE = (40, 50)
DIFFERENCE = "(b - a) / (b + a)"


def rgb(low=0.0, high=0.3):
    channels = tuple(Channel(formula=band(key), low=low, high=high) for key in "abc")
    return Style(channels=channels)


def ratio(text=DIFFERENCE, **fields):
    return Style(channels=(Channel(formula=parse_formula(text), low=-1, high=1),), **fields)


@pytest.mark.parametrize("style", [rgb(), rgb(0.25, 0.05), ratio()], ids=["rgb", "turned", "ratio"])
@pytest.mark.parametrize("colours", [255, 223])
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    dtype=st.sampled_from(["uint8", "uint16"]),
    scaling=st.sampled_from([(1.0, 0.0), (0.0001, -0.1), (0.02, 0.0)]),
)
def test_both_ways_agree(style, colours, seed, dtype, scaling):
    chance = np.random.default_rng(seed)
    index = chance.integers(-1, 30 * 35, SHAPE).astype(np.int32)
    sources, planes = {}, {}
    usable = index >= 0
    for key in style.keys:
        values = chance.integers(0, min(np.iinfo(dtype).max, 9000), (30, 35), np.dtype(dtype))
        valid = chance.random((30, 35)) > 0.1
        whole = seed % 3 == 0
        valid |= whole
        told = None if whole else valid.ravel()
        nodata = int(values[3, 3]) if seed % 2 else None
        sources[key] = Source(
            values=values.ravel(), valid=told, scale=scaling[0], offset=scaling[1], nodata=nodata
        )
        usable &= (valid & (values != nodata)).ravel()[index]
    for key, source in sources.items():
        gathered = np.where(usable, source.values[index], 0).astype(np.float32)
        planes[key] = Plane(values=gathered, scale=scaling[0], offset=scaling[1])
    mine, seen = shade(sources, index, style, colours)
    theirs = paint(planes, usable, style, colours)
    assert seen == usable.sum()
    np.testing.assert_array_equal(mine.usable, theirs.usable)
    np.testing.assert_array_equal(mine.pixels, theirs.pixels)
    if theirs.palette is not None:
        np.testing.assert_array_equal(mine.palette, theirs.palette)


def test_what_it_knows():
    whole = dict.fromkeys("abc", "uint16")
    assert can_shade(rgb(), whole)
    assert can_shade(ratio(), whole)
    assert not can_shade(rgb(), {**whole, "c": "uint8"})
    assert not can_shade(rgb(), {**whole, "c": "float32"})
    assert not can_shade(ratio("(b - a) / (b + c)"), whole)
    assert not can_shade(ratio("(a - a) / (a + a)"), whole)
    assert not can_shade(ratio("b / a"), whole)
    assert not can_shade(ratio(classes=((1.0, (0, 0, 0)),)), whole)


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    spread=st.sampled_from([0.0, 0.3, 4.0, 60.0, 1e4]),
    holes=st.booleans(),
    palette=st.booleans(),
    seed=st.integers(0, 10**6),
)
def test_png_of_both_packers_is_exact(height, width, spread, holes, palette, seed):
    chance = np.random.default_rng(seed)
    usable = chance.random((height, width)) > (0.3 if holes else -1.0)
    shape = (height, width) if palette else (height, width, 3)
    pixels = chance.normal(120, spread, shape).astype(np.int64).astype(np.uint8)
    pixels[~usable] = 0
    table = chance.integers(0, 256, (256, 3), np.uint8) if palette else None
    canvas = Canvas(pixels=pixels, usable=usable, palette=table)
    found = []
    for ready in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("landzicht.kernels.warm.is_ready", lambda ready=ready: ready)
            found.append(imagecodecs.png_decode(png(canvas)))
    np.testing.assert_array_equal(*found)
    np.testing.assert_array_equal(found[0][..., :3][usable], canvas.true_colour()[usable])
