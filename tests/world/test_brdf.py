"""The kernel model against its own laws, published values, and a correction that undoes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.testing.worlds import polder
from landzicht.world import WorldSpec, acquisition, observe
from landzicht.world.brdf import Light, gain, li_sparse, ross_thick, swath, tilt
from landzicht.world.materials import BANDS, Material
from landzicht.world.msi import OFFSET, SCALE

SPEC = WorldSpec(size=256)
angles = st.floats(0, 70)
turns = st.floats(-360, 360)


@given(sun=angles)
def test_kernels_are_zero_straight_up_and_down(sun: float) -> None:
    assert ross_thick(0, 0, 0) == pytest.approx(0, abs=1e-12)
    assert li_sparse(0, 0, 0) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(gain(sun, 0.0, 33.0), 1, atol=1e-12)


@given(sun=angles, view=angles, apart=turns)
def test_kernels_are_reciprocal_and_symmetric(sun: float, view: float, apart: float) -> None:
    s, v, a = np.radians([sun, view, apart])
    for kernel in (ross_thick, li_sparse):
        assert kernel(s, v, a) == pytest.approx(kernel(v, s, a), abs=1e-9)
        assert kernel(s, v, a) == pytest.approx(kernel(s, v, -a), abs=1e-9)
    assert ross_thick(s, v, a) == pytest.approx(_ross(sun, view, apart), abs=1e-9)


def _ross(sun: float, view: float, apart: float) -> float:
    """Return the Ross-Thick kernel, written out anew from vectors."""

    def towards(zenith: float, azimuth: float) -> np.ndarray:
        z, a = np.radians([zenith, azimuth])
        return np.array([np.sin(z) * np.sin(a), np.sin(z) * np.cos(a), np.cos(z)])

    one, other = towards(sun, 0), towards(view, apart)
    xi = np.arccos(np.clip(one @ other, -1, 1))
    return float(((np.pi / 2 - xi) * np.cos(xi) + np.sin(xi)) / (one[2] + other[2]) - np.pi / 4)


def test_light_from_behind_is_brightest() -> None:
    """The hot spot: with the sun behind the satellite land is brighter than anywhere else."""
    view = np.linspace(-60, 60, 121)
    ratio = gain(35.0, np.abs(view), np.where(view > 0, 0.0, 180.0))
    assert (view[ratio.argmax(0)] > 20).all()
    assert (ratio[100] > ratio[20]).all()


def test_view_angle_changes_over_the_swath() -> None:
    seen = swath(acquisition(SPEC, 161))
    middle = seen.zenith(*seen.middle)
    assert middle == pytest.approx(2.8, abs=1e-9)
    towards = np.radians(seen.view_azimuth)
    step = 10_000 * np.array([np.sin(towards), -np.cos(towards)])
    nearer = seen.zenith(*(np.array(seen.middle) + step))
    assert 0.6 < middle - nearer < 0.9, "degrees in ten kilometres"
    beyond = seen.zenith(*(np.array(seen.middle) + 6 * step))
    assert beyond < 0, "the other side of the ground track"


@pytest.mark.parametrize("day", [20, 104, 161, 300])
def test_a_plane_is_enough_on_one_map(day: int) -> None:
    spec = WorldSpec(size=1024)
    for taken in (acquisition(spec, day), acquisition(spec, day - day % 5 + 4)):
        light = Light.of(taken, None)
        seen = swath(taken)
        x, y = np.meshgrid([5.0, 2605.0, 10235.0], [5.0, 7005.0, 10235.0])
        exact = seen.gain(x, y)
        rows, columns = (y / 10).astype(int), (x / 10).astype(int)
        for band in range(len(BANDS)):
            told = light.middle[band] * light.across(band)[rows, columns]
            np.testing.assert_allclose(told, exact[..., band], atol=1.5e-3)
        _, slope = tilt(seen)
        assert np.abs(slope).max() * 10_240 > 0.001, "it does vary over the map"


def test_a_published_correction_undoes_it() -> None:
    """Dividing by the c-factor of each image brings two views of one field together."""
    scene = polder().scene
    above = replace(acquisition(SPEC, 161), cloud=0.0, view_zenith=0.5)
    aside = replace(above, view_zenith=10.5, view_azimuth=286.0)
    land = np.isin(scene.parcel, np.flatnonzero(scene.fields.crop[: scene.parcel.max() + 1] >= 0))
    land &= scene.parcel >= 0
    before, after = [], []
    for index, band in ((2, "B04"), (6, "B08")):
        means = []
        for taken in (above, aside):
            values = observe(scene, taken).bands[band] * SCALE + OFFSET
            seen = swath(taken)
            means.append((values[land].mean(), gain(seen.sun_zenith, seen.view_zenith,
                          seen.sun_azimuth - seen.view_azimuth)[index]))  # fmt: skip
        before.append(means[1][0] / means[0][0] - 1)
        after.append((means[1][0] / means[1][1]) / (means[0][0] / means[0][1]) - 1)
    assert min(np.abs(before)) > 0.03
    assert max(np.abs(after)) < 0.004


def test_water_has_no_leaves() -> None:
    light = Light.of(acquisition(SPEC, 164), None)
    values = np.ones((len(Material) + 3, 10), np.float32)
    told = light.on(values)
    np.testing.assert_array_equal(told[[Material.RIVER, Material.SEA, Material.POOL]], 1)
    assert (told[Material.TREE] != 1).all()
