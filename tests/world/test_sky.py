"""Clouds and shadows against the geometry and the rules they should follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landzicht.world import WorldSpec, acquisition, msi
from landzicht.world.materials import BANDS
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.schedule import LATITUDE, LONGITUDE, sun
from landzicht.world.sky import (
    CLEAR,
    SHADE_FROM,
    SHADOW,
    THICK,
    THICK_FROM,
    THIN,
    THIN_FROM,
    Sky,
    make_sky,
)

SPEC = WorldSpec(size=256)
RED, NEAR, SHORT = (BANDS.index(band) for band in ("B04", "B08", "B11"))


def cloudy(day: int, cloud: float, seed: int = 7, **changes: float) -> Sky:
    return make_sky(
        replace(acquisition(WorldSpec(size=256, seed=seed), day), cloud=cloud, **changes)
    )


def with_cirrus() -> Sky:
    """Return a sky of cirrus alone."""
    for day in range(3, 200, 5):
        sky = cloudy(day, 0.1)
        if sky.cirrus is not None and sky.cirrus.max() > 0.3:
            return replace(sky, cover=None, bright=None, shadow=None)
    pytest.fail("no cirrus in half a year")


def best_shift(one: np.ndarray, other: np.ndarray) -> tuple[int, int]:
    """Return the shift `(down, right)` that lays one field best on the other."""
    one, other = one - one.mean(), other - other.mean()
    match = np.fft.irfft2(np.conj(np.fft.rfft2(one)) * np.fft.rfft2(other))
    down, right = np.unravel_index(match.argmax(), match.shape)
    return tuple(int(v) - 256 if v > 128 else int(v) for v in (down, right))


def test_at_noon_the_sun_is_in_the_south() -> None:
    noon = 12 - LONGITUDE / 15
    for day, declination in ((172, 23.44), (355, -23.44), (80, 0.0), (266, 0.0)):
        zenith, azimuth = sun(day, noon)
        assert zenith == pytest.approx(LATITUDE - declination, abs=1.0)
        assert azimuth == pytest.approx(180, abs=0.5)
        assert sun(day, noon - 3)[1] < 145, "in the morning it is in the east"


@pytest.mark.parametrize(("day", "seed"), [(171, 7), (191, 3), (236, 11), (96, 5)])
@pytest.mark.parametrize("view", [(0.0, 0.0), (2.8, 104.0), (9.6, 286.0)])
def test_shadows_lie_where_sun_and_satellite_put_them(
    day: int, seed: int, view: tuple[float, float]
) -> None:
    """A cloud at a height is seen shifted away from the satellite, its shadow away from the sun."""
    sky = cloudy(day, 0.2, seed, view_zenith=view[0], view_azimuth=view[1])
    assert sky.cover is not None
    assert sky.shadow is not None
    found = best_shift(sky.cover, sky.shadow)
    # The field of clouds wraps around, and towers reach a little further.
    apart = [(one - other + 128) % 256 - 128 for one, other in zip(found, sky.shift, strict=True)]
    assert np.hypot(*apart) <= 4
    zenith, azimuth = sun(day)
    east_north = {
        name: np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])
        for name, angle in (("sun", azimuth), ("satellite", view[1]))
    }
    per_metre = -np.tan(np.radians(zenith)) * east_north["sun"]
    per_metre += np.tan(np.radians(view[0])) * east_north["satellite"]
    # Where a cloud hangs follows from the length of the shift; its direction is then known.
    length = np.hypot(*sky.shift) * 10.0
    height = length / np.hypot(*per_metre)
    assert 600 < height < 2200
    expected = height * per_metre / 10
    assert sky.shift[1] == pytest.approx(expected[0], abs=1.5)
    assert -sky.shift[0] == pytest.approx(expected[1], abs=1.5)


@pytest.mark.parametrize("cloud", [0.08, 0.3, 0.6, 0.9])
def test_there_is_as_much_thick_cloud_as_the_weather_wants(cloud: float) -> None:
    for day in (50, 171, 300):
        sky = replace(cloudy(day, cloud), cirrus=None)
        assert (sky.truth((256, 256)) == THICK).mean() == pytest.approx(cloud, abs=0.03)


def test_truth_is_opacity_and_nothing_else() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(256, 0)
    full = replace(
        cloudy(171, 0.2),
        cover=ramp,
        bright=np.ones_like(ramp),
        cirrus=np.float32(0.2) * ramp.T,
        shadow=ramp.T.copy(),
    )
    truth, opaque = full.truth((256, 256)), full.opacity()
    assert opaque is not None
    dark, light = (full.over(np.full((256, 256), v, np.float32), NEAR) for v in (0.1, 0.5))
    contrast = (light - dark) / np.float32(0.4) / (1 - full.shadow * np.float32(0.8))
    np.testing.assert_allclose(1 - contrast, opaque, atol=1e-4)
    assert (truth == np.select(
        [opaque > THICK_FROM, opaque > THIN_FROM, ramp.T > SHADE_FROM], [THICK, THIN, SHADOW], CLEAR
    )).all()  # fmt: skip


def test_what_counts_as_thin_cloud_spoils_a_measurement() -> None:
    """At the threshold the NDVI of a full crop is one or two tenths too low."""
    ground = {RED: 0.03, NEAR: 0.45}
    sky = with_cirrus()

    def ndvi(opacity: float) -> float:
        veil = replace(sky, haze=0.0, cirrus=np.full((256, 256), opacity, np.float32))
        red, near = (
            float(veil.over(np.full((256, 256), value, np.float32), band)[0, 0])
            for band, value in ground.items()
        )
        return (near - red) / (near + red)

    assert 0.1 < ndvi(0.0) - ndvi(THIN_FROM) < 0.25
    assert ndvi(THICK_FROM) < 0.3


def test_cirrus_is_thin_drawn_out_and_darker_in_the_short_wave_infrared() -> None:
    sky = with_cirrus()
    assert sky.cirrus is not None
    assert sky.cirrus.max() < 0.56
    assert (sky.cirrus < 0.02).mean() > 0.15, "never all of the image"
    black = (sky.over(np.zeros((256, 256), np.float32), band).max() for band in (NEAR, SHORT))
    near, short = black
    assert short < 0.7 * near
    waves = np.abs(np.fft.fft2(sky.cirrus - sky.cirrus.mean())) ** 2
    down, right = np.meshgrid(*[np.fft.fftfreq(256)] * 2, indexing="ij")
    ring = np.hypot(down, right) > 0.02
    spread = np.array([[(waves * a * b)[ring].sum() for a in (down, right)] for b in (down, right)])
    small, large = np.linalg.eigvalsh(spread)
    assert large > 1.4 * small


def test_the_side_towards_the_sun_is_lit() -> None:
    sky = cloudy(300, 0.25, seed=5)
    assert sky.cover is not None
    assert sky.bright is not None
    azimuth = np.radians(sun(300)[1])
    down, right = round(-6 * np.cos(azimuth)), round(6 * np.sin(azimuth))
    inside = sky.cover > 0.6
    nearer = np.roll(sky.cover, (-down, -right), (0, 1)) < 0.2
    farther = np.roll(sky.cover, (down, right), (0, 1)) < 0.2
    lit, shaded = inside & nearer & ~farther, inside & farther & ~nearer
    assert lit.sum() > 50
    assert shaded.sum() > 50
    assert sky.bright[lit].mean() > sky.bright[shaded].mean() + 0.03
    assert sky.bright[sky.cover > 0.98].mean() > sky.bright[sky.cover < 0.5].mean() + 0.2


def test_haze_is_blue() -> None:
    sky = next(s for s in (cloudy(day, 0.3) for day in range(1, 99, 5)) if s.haze > 0.006)
    sky = replace(sky, cover=None, bright=None, shadow=None, cirrus=None)
    added = [sky.over(np.zeros((4, 4), np.float32), band).max() for band in range(len(BANDS))]
    assert added == sorted(added, reverse=True)
    assert 0.006 < added[0] < 0.013
    assert added[-1] < 0.0001


@pytest.mark.parametrize("index", range(10))
def test_noise_follows_the_specified_signal_to_noise(index: int) -> None:
    rng = np.random.default_rng(3)
    for level in (0.05, 0.1, 0.4):
        even = np.full((256, 256), level, np.float32)
        sensed = msi._sense(even, index, BANDS[index], rng)
        assert sensed.shape == ((256, 256) if BANDS[index] in msi.FINE else (128, 128))
        assert sensed.mean() == pytest.approx(level, rel=0.001)
        # Noise of light grows as its square root; at 0.1 it is what was specified.
        expected = np.sqrt(level * 0.1) / float(msi._SNR[index])
        assert sensed.std() == pytest.approx(expected, rel=0.03)


def test_stored_numbers_have_the_offset_of_the_present_baseline() -> None:
    stored = msi._stored(np.array([0.0, 0.0001, 0.35, -0.05, -0.2, 7.0], np.float32))
    assert stored.tolist() == [1000, 1001, 4500, 500, 1, 65535]
    assert stored.dtype == np.uint16
    assert stored[2] * SCALE + OFFSET == pytest.approx(0.35)


def test_light_of_a_pixel_falls_on_its_neighbours() -> None:
    point = np.zeros((64, 64), np.float32)
    point[32, 32] = 50.0
    for band, side in (("B04", 0.055), ("B11", 0.0275)):
        sensed = msi._sense(point, BANDS.index(band), band, np.random.default_rng(1))
        total = 50.0 if band in msi.FINE else 12.5
        at = 32 if band in msi.FINE else 16
        assert sensed.sum() == pytest.approx(total, rel=0.02)
        assert sensed[at, at] / total == pytest.approx((1 - 2 * side) ** 2, abs=0.01)
        assert sensed[at, at + 1] / total == pytest.approx(side * (1 - 2 * side), abs=0.01)
