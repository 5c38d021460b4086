"""Encoders against other decoders, colour maps, marks and legends."""

from __future__ import annotations

import io
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.pixels import UnknownColormap, UnknownFormat
from landzicht.render.colormaps import COLORMAPS, colormap
from landzicht.render.encode import encoder, jpeg, npy, png, webp
from landzicht.render.font import letters
from landzicht.render.formula import band
from landzicht.render.legend import draw_legend
from landzicht.render.mark import ROOM, WORDS, draw_mark
from landzicht.render.paint import MOST_COLOURS, Canvas, Plane, paint
from landzicht.render.style import Channel, Style

BLACK = Canvas(pixels=np.zeros((512, 512, 3), np.uint8), usable=np.ones((512, 512), np.bool_))


def canvas(height, width, seed=0, *, holes=True, palette=None):
    rng = np.random.default_rng(seed)
    usable = rng.random((height, width)) > 0.3 if holes else np.ones((height, width), np.bool_)
    if palette:
        table = np.zeros((palette + 1, 3), np.uint8)
        table[1:] = rng.integers(0, 256, (palette, 3))
        pixels = np.where(usable, rng.integers(1, palette + 1, usable.shape), 0).astype(np.uint8)
        return Canvas(pixels=pixels, usable=usable, palette=table)
    pixels = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    pixels[~usable] = 0
    return Canvas(pixels=pixels, usable=usable)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.booleans(),
    st.one_of(st.none(), st.integers(1, 255)),
    st.integers(0, 99),
)
def test_png_is_exact(height, width, holes, palette, seed):
    made = canvas(height, width, seed, holes=holes, palette=palette)
    found = imagecodecs.png_decode(png(made))
    if found.shape[-1] == 4:
        np.testing.assert_array_equal(found[..., 3] == 255, made.usable)
        found = found[..., :3]
    else:
        assert made.usable.all()
    np.testing.assert_array_equal(found[made.usable], made.true_colour()[made.usable])


@pytest.mark.parametrize("palette", [None, 40])
@pytest.mark.parametrize("holes", [True, False])
def test_webp_and_jpeg_are_near(holes, palette):
    smooth = canvas(64, 64, holes=holes, palette=palette)
    level = np.full((64, 64, 3), 90, np.uint8)
    smooth = Canvas(pixels=np.where(smooth.usable[..., None], level, 0), usable=smooth.usable)
    found = imagecodecs.webp_decode(webp(smooth))
    assert np.abs(found[..., :3][smooth.usable].astype(int) - 90).mean() < 12
    if holes:
        np.testing.assert_array_equal(found[..., 3] > 127, smooth.usable)
    plain = imagecodecs.jpeg8_decode(jpeg(smooth))
    assert plain.shape == (64, 64, 3)
    if not holes:
        assert np.abs(plain.astype(int) - 90).max() < 6


def test_jpeg_without_data_is_white():
    empty = Canvas(pixels=np.zeros((16, 16, 3), np.uint8), usable=np.zeros((16, 16), np.bool_))
    assert (imagecodecs.jpeg8_decode(jpeg(empty)) == 255).all()


def test_npy_adds_a_mask():
    values = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    usable = values[0] > 3
    found = np.load(io.BytesIO(npy(values, usable)))
    np.testing.assert_array_equal(found[1], np.where(usable, 255, 0))
    np.testing.assert_array_equal(np.isnan(found[0]), ~usable)


def test_unknown_format():
    with pytest.raises(UnknownFormat):
        encoder("gif")


@pytest.mark.parametrize("name", COLORMAPS)
def test_colour_maps_run_in_one_direction(name):
    """Lightness never turns back, so that order can be seen; diverging maps turn once."""
    colours = colormap(name, 17).astype(float)
    steps = np.sign(np.diff(colours @ [0.2126, 0.7152, 0.0722]))
    diverging = name.startswith(("prgn", "brbg", "rdbu"))
    assert (np.diff(steps) != 0).sum() == (1 if diverging else 0)
    assert colormap(name).shape == (256, 3)
    reverse = name.removesuffix("_r") if name.endswith("_r") else f"{name}_r"
    np.testing.assert_array_equal(colormap(reverse), colormap(name)[::-1])


def test_known_colours_of_viridis():
    assert colormap("viridis")[0].tolist() == [0x44, 0x01, 0x54]
    assert colormap("viridis")[255].tolist() == [0xFD, 0xE7, 0x25]


def test_unknown_colour_map():
    with pytest.raises(UnknownColormap) as caught:
        colormap("rainbow")
    assert "viridis" in caught.value.say("nl")


def one(low=0.0, high=1.0, **fields):
    return Style(channels=(Channel(formula=band("v"), low=low, high=high),), **fields)


def test_paint_one_channel():
    values = np.linspace(-0.5, 1.5, 256 * 4, dtype=np.float32).reshape(4, 256)
    usable = np.ones((4, 256), np.bool_)
    usable[0, :10] = False
    made = paint({"v": Plane(values=values, scale=1, offset=0)}, usable, one())
    assert made.pixels[0, 0] == 0
    assert made.pixels[0, 20] == 1
    assert made.pixels[-1, -1] == MOST_COLOURS
    middle = np.abs(values - 0.5).argmin()
    assert abs(int(made.pixels.ravel()[middle]) - 128) <= 1


def test_paint_scales_stored_numbers():
    stored = np.array([[0, 5000, 10000]], np.float32)
    made = paint(
        {"v": Plane(values=stored, scale=0.0001, offset=-0.1)},
        np.ones((1, 3), np.bool_),
        one(-0.1, 0.9),
    )
    np.testing.assert_array_equal(made.pixels, [[1, 128, 255]])


def test_letters_are_all_there():
    drawn = {letters(chr(code)).tobytes() for code in range(33, 127)}
    assert len(drawn) == 94
    assert letters("é").tobytes() == letters("e").tobytes()
    assert letters("漢").tobytes() == letters("?").tobytes()
    assert letters("AB", 2).shape == (16, 24)


@pytest.mark.parametrize("palette", [None, 3, 255 - ROOM, 255])
@pytest.mark.parametrize("size", [256, 512, 40])
def test_mark_can_be_read(palette, size):
    plain = canvas(size, size, holes=False, palette=palette)
    dim = np.full_like(plain.true_colour(), 60)
    plain = plain if palette else replace(plain, pixels=dim)
    if palette:
        plain = replace(plain, palette=np.full_like(plain.palette, 60))
    marked = draw_mark(plain)
    if palette and palette + 1 + ROOM <= 256:
        assert marked.palette is not None
        assert len(marked.palette) <= 256
    light = marked.true_colour()[..., 0] > 120
    scale = max(1, size // 256)
    words = letters(WORDS, scale)[:, :-scale]
    if size >= 256:
        rows, columns = np.nonzero(light)
        top, left = rows.min(), columns.min()
        part = light[top : top + words.shape[0], left : left + words.shape[1]]
        ink = words[: part.shape[0]][:, : part.shape[1]]
        np.testing.assert_array_equal(part, ink[np.nonzero(ink.any(axis=1))[0][0] :][: len(part)])
    else:
        assert light.any()


def test_mark_stands_at_the_same_place_in_every_tile():
    places = []
    for seed in range(3):
        plain = replace(
            canvas(256, 256, seed, holes=False), pixels=np.full((256, 256, 3), 20 * seed, np.uint8)
        )
        places.append(draw_mark(plain).pixels[..., 0] > 20 * seed)
    np.testing.assert_array_equal(places[0], places[1])
    np.testing.assert_array_equal(places[1], places[2])


def marked_part(rows: slice, columns: slice) -> np.ndarray:
    """Return the grown mask of a tile of which only a part can be seen."""
    usable = np.zeros((512, 512), np.bool_)
    usable[rows, columns] = True
    return draw_mark(replace(BLACK, usable=usable)).usable


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (slice(0, 300), slice(0, 512)),
        (slice(200, 512), slice(0, 330)),
        (slice(0, 60), slice(180, 512)),
        (slice(230, 290), slice(11, 311)),
        (slice(490, 512), slice(0, 512)),
        (slice(0, 512), slice(0, 30)),
        (slice(100, 512), slice(490, 512)),
        (slice(150, 355), slice(307, 512)),
    ],
    ids=[
        "above",
        "left",
        "corner",
        "middle",
        "below",
        "upright",
        "upright at the right",
        "two lines",
    ],
)
def test_mark_moves_onto_the_part_that_can_be_seen(rows, columns):
    shown = np.zeros((512, 512), np.bool_)
    shown[rows, columns] = True
    np.testing.assert_array_equal(marked_part(rows, columns), shown)


PART = np.zeros((512, 512), np.bool_)


@pytest.mark.parametrize(
    ("rows", "columns", "lies"),
    [
        (slice(200, 300), slice(200, 300), True),
        (slice(0, 200), slice(500, 512), False),
        (slice(100, 220), slice(0, 9), False),
        (slice(0, 12), slice(0, 512), False),
        (slice(506, 512), slice(300, 512), False),
    ],
    ids=["small", "right", "left", "above", "below"],
)
def test_mark_stays_whole_where_there_is_no_room_for_it(rows, columns, lies):
    """On a small image, but beside a sliver of one that goes on in the next tile."""
    few = PART.copy()
    few[rows, columns] = True
    light = draw_mark(replace(BLACK, usable=few)).pixels[..., 0] > 0
    assert light.sum() == (draw_mark(BLACK).pixels[..., 0] > 0).sum()
    assert (light & few).any() == lies


def test_mark_on_see_through_pixels_is_seen():
    made = canvas(256, 256, holes=True, palette=100)
    marked = draw_mark(made)
    assert (marked.usable & ~made.usable).any()
    assert (marked.pixels[marked.usable] != 0).all()


def test_nothing_needs_no_mark():
    empty = Canvas(pixels=np.zeros((256, 256, 3), np.uint8), usable=np.zeros((256, 256), np.bool_))
    assert draw_mark(empty) is empty


def test_legends():
    bar = draw_legend(one(), "NDVI", ["-1", "0", "1"], simulated=False)
    assert (bar.pixels != 255).any()
    plain = one(classes=((1.0, (255, 0, 0)), (2.0, (0, 0, 255))))
    classes = draw_legend(plain, "Grondgebruik", ["gras", "bouwland"], simulated=False)
    flat = classes.pixels.reshape(-1, 3).tolist()
    assert [255, 0, 0] in flat
    assert [0, 0, 255] in flat
    marked = draw_legend(one(), "NDVI", ["-1", "0", "1"], simulated=True)
    assert marked.pixels.shape[0] > bar.pixels.shape[0]
    long = draw_legend(one(), "x" * 5000, ["y" * 5000, ""], simulated=True)
    assert max(long.pixels.shape) < 2000
