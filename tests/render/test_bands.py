"""Raw band tiles: a reader written from the documentation gives back what went in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.render.bands import RawBand, pack_bands
from landzicht.testing.bands import read_bands


@st.composite
def made_up(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    kind = draw(st.sampled_from(["small", "wide", "float", "negative", "flat", "codes", "int32"]))
    values = {
        "small": lambda: rng.integers(0, 255, shape),
        "wide": lambda: rng.integers(0, 65_536, shape),
        "float": lambda: rng.normal(0.3, 0.1, shape),
        "negative": lambda: rng.normal(-12, 4, shape),
        "flat": lambda: np.full(shape, rng.integers(0, 9000)),
        "codes": lambda: rng.integers(0, 3000, shape),
        "int32": lambda: rng.integers(-(2**31), 2**31, shape),
    }[kind]()
    values = values.astype(np.float64 if kind == "int32" else np.float32)
    if kind == "float" and draw(st.booleans()):
        values[rng.random(shape) < 0.2] = np.nan
    scale, offset = draw(st.sampled_from([(1.0, 0.0), (1e-4, -0.1), (0.01, 273.15), (-2.0, 5.0)]))
    usable = rng.random(shape) < draw(st.sampled_from([0.0, 0.7, 1.0]))
    band = RawBand(name="a b", values=values, scale=scale, offset=offset, codes=kind == "codes")
    return band, usable


@settings(max_examples=200, deadline=None)
@given(made_up(), st.sampled_from([8, 16]))
def test_what_is_read_is_what_went_in(made, depth):
    band, usable = made
    header, planes = read_bands(pack_bands([band], usable, depth, {}))
    told, found = header["bands"][0], planes["a b"]
    dtype = band.values.dtype.type
    truth = band.values * dtype(band.scale) + dtype(band.offset)
    known = usable & np.isfinite(band.values)
    np.testing.assert_array_equal(np.isnan(found), ~known)
    assert found.dtype == truth.dtype
    if told["curve"] == "whole":
        assert told["error"] == 0
        np.testing.assert_array_equal(found[known], truth[known])
        return
    assert not band.codes
    rounding = 4 * np.finfo(dtype).eps * max(1.0, np.abs(truth[known]).max(initial=0))
    off = np.abs(found - truth)[known].max(initial=0)
    assert off <= told["error"] + rounding
    # The law of the documentation: half a step of `linear`, a whole one of `sqrt`.
    steps = 2 ** told["bits"] - 2
    spread = (told["high"] - told["low"]) * abs(band.scale)
    widest = spread / steps if told["curve"] == "sqrt" else spread / steps / 2
    assert told["error"] <= widest * (1 + 1 / steps) + rounding


def test_what_the_header_says():
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    band = RawBand(name="B04", values=values, unit="1")
    content = pack_bands([band, band], np.ones((3, 4), np.bool_), 8, {"scenes": ["s1"]})
    header, _ = read_bands(content)
    assert (header["width"], header["height"], header["version"]) == (4, 3, 1)
    assert header["scenes"] == ["s1"]
    first, second = header["bands"]
    assert (first["name"], first["unit"], first["bits"], first["curve"]) == ("B04", "1", 8, "whole")
    assert second["start"] == first["length"]
    assert int.from_bytes(content[4:8], "little") % 8 == 0


@pytest.mark.parametrize("depth", [8, 16])
def test_reflectance_keeps_its_meaning(depth):
    """NDVI from 8 bits is off by at most 0.02, and usually by less than 0.005."""
    rng = np.random.default_rng(2)
    red = np.clip(rng.normal(900, 300, (256, 256)), 200, 6000).round().astype(np.float32)
    nir = np.clip(rng.normal(3200, 700, (256, 256)), 400, 8000).round().astype(np.float32)
    usable = np.ones(red.shape, np.bool_)
    bands = [
        RawBand(name=name, values=values, scale=1e-4)
        for name, values in (("B04", red), ("B08", nir))
    ]
    _, found = read_bands(pack_bands(bands, usable, depth, {}))
    ndvi = (found["B08"] - found["B04"]) / (found["B08"] + found["B04"])
    off = np.abs(ndvi - (nir - red) / (nir + red))
    assert off.max() <= (0.02 if depth == 8 else 1e-6)
    assert np.quantile(off, 0.99) <= (0.01 if depth == 8 else 1e-6)


def test_a_band_is_small_enough_to_send():
    """A smooth field with noise: 8 bits take at most 55 kB for 256 x 256."""
    rng = np.random.default_rng(1)
    down, across = np.mgrid[0:256, 0:256]
    field = 1800 + 500 * np.sin(down / 20) * np.cos(across / 25) + rng.normal(0, 120, (256, 256))
    band = RawBand(name="B04", values=field.round().astype(np.float32), scale=1e-4)
    assert len(pack_bands([band], np.ones((256, 256), np.bool_), 8, {})) < 55_000
    assert len(pack_bands([band], np.ones((256, 256), np.bool_), 16, {})) < 95_000
