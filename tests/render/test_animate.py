"""Films: read back by libwebp and giflib."""

from __future__ import annotations

import re
import struct

import imagecodecs
import numpy as np
import pytest

from landzicht.errors.pixels import UnknownFormat
from landzicht.render.animate import film_maker, gif, webp


def scene(number: int, shape=(60, 90)):
    """Smooth pictures that differ."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    planes = (x * 2 + number * 20, y * 3, 120 + 0 * x)
    return np.stack(planes, -1).clip(0, 255).astype(np.uint8)


FRAMES = [(scene(number), 300 + 100 * number) for number in range(4)]


@pytest.mark.parametrize("shape", [(60, 90), (1, 1), (7, 256), (301, 3)])
def test_webp_holds_every_frame_and_its_time(shape) -> None:
    frames = [(scene(number, shape), ms) for number, (_, ms) in enumerate(FRAMES)]
    content = webp(frames)
    assert struct.unpack_from("<I", content, 4)[0] == len(content) - 8
    for number, (pixels, _) in enumerate(frames):
        found = imagecodecs.webp_decode(content, index=number)
        assert found.shape[:2] == shape
        away = np.abs(found[..., :3].astype(int) - pixels).mean()
        still = imagecodecs.webp_decode(
            imagecodecs.webp_encode(pixels, level=82, lossless=False, method=2)
        )
        assert away == pytest.approx(np.abs(still.astype(int) - pixels).mean(), abs=0.01)
    times = [
        int.from_bytes(content[at.end() + 16 : at.end() + 19], "little")
        for at in re.finditer(rb"ANMF", content)
    ]
    assert times == [ms for _, ms in frames]


def test_gif_holds_every_frame_and_its_time() -> None:
    content = gif(FRAMES)
    found = imagecodecs.gif_decode(content)
    assert found.shape[0] == len(FRAMES)
    for each, (pixels, _) in zip(found, FRAMES, strict=True):
        assert np.abs(each[..., :3].astype(int) - pixels).mean() < 6
    times = [struct.unpack_from("<H", content, at.end())[0]
             for at in re.finditer(rb"\x21\xf9\x04\x04", content)]  # fmt: skip
    assert times == [30, 40, 50, 60]
    assert b"NETSCAPE2.0\x03\x01\x00\x00\x00" in content  # for ever


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (257, 3)])
@pytest.mark.parametrize("colours", [1, 2, 200])
def test_gif_of_any_size_and_few_colours_keeps_them(shape, colours) -> None:
    rng = np.random.default_rng(colours)
    known = (rng.integers(0, 32, (colours, 3)) * 8 + 4).astype(np.uint8)
    frames = [(known[rng.integers(0, colours, shape)], 100) for _ in range(2)]
    found = np.asarray(imagecodecs.gif_decode(gif(frames)))[..., :3]
    for each, (pixels, _) in zip(found, frames, strict=True):
        assert np.abs(each.astype(int) - pixels).max() <= (24 if colours > 150 else 8)


def test_other_endings_are_refused() -> None:
    with pytest.raises(UnknownFormat):
        film_maker("mp4")
