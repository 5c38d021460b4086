"""Drawings as pixels: shapes against shapely, letters by their widths and places."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landzicht.render.drawing import Drawing, Photo, Shape, Words, box
from landzicht.render.metrics import width_of
from landzicht.render.raster import rasterize

PER_MM = 8.0


def drawn(*marks, size=(60.0, 30.0), per_mm=PER_MM):
    width, height = size
    return rasterize(Drawing(width=width, height=height, marks=marks, title=""), per_mm)


def ink(pixels):
    """How dark `(y, x)`: 0 = paper, 1 = black."""
    return 1 - pixels.mean(-1) / 255


@given(
    st.lists(st.tuples(st.floats(-5, 65), st.floats(-5, 35)), min_size=3, max_size=3, unique=True)
)
def test_a_triangle_covers_its_area(points) -> None:
    triangle = shapely.Polygon(points)
    inside = triangle.intersection(shapely.box(0, 0, 60, 30))
    found = ink(drawn(Shape(points=tuple(points), fill=(0, 0, 0)))).sum() / PER_MM**2
    assert found == pytest.approx(inside.area, abs=0.02 * inside.length + 0.1)


@given(st.floats(0, 50), st.floats(0, 25), st.floats(5, 60), st.floats(5, 30))
def test_a_line_is_as_long_and_wide_as_asked(x0, y0, x1, y1) -> None:
    line = shapely.LineString([(x0, y0), (x1, y1)]).buffer(0.5)
    shape = Shape(points=((x0, y0), (x1, y1)), edge=(0, 0, 0), width=1.0, closed=False)
    found = ink(drawn(shape)).sum() / PER_MM**2
    seen = line.intersection(shapely.box(0, 0, 60, 30))
    assert found == pytest.approx(seen.area, rel=0.05, abs=0.2)


def test_a_box_ends_where_it_should() -> None:
    dark = ink(drawn(box(10, 5, 20, 10, fill=(0, 0, 0)))) > 0.5
    rows, columns = np.nonzero(dark)
    assert (columns.min(), columns.max() + 1) == (80, 240)
    assert (rows.min(), rows.max() + 1) == (40, 120)


def test_what_lies_outside_harms_nothing() -> None:
    far = box(-50, -50, 10, 10, fill=(0, 0, 0))
    words = [Words(at=at, text="Hallo", size=6) for at in ((-20, 4), (58, 29), (200, 100))]
    photo = Photo(at=(55, 25), size=(20, 20), pixels=np.zeros((4, 4, 3), np.uint8))
    pixels = drawn(far, *words, photo)
    assert ink(pixels)[230:, 470:].all()


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("size", [2.5, 4.0, 9.0])
def test_a_line_of_text_is_as_wide_as_in_the_pdf(size: float, bold: bool) -> None:
    text = "Hoe groen is HHH?"
    dark = ink(drawn(Words(at=(2, 20), text=text, size=size, bold=bold), size=(120, 30))) > 0.3
    columns = np.nonzero(dark.any(0))[0]
    wide = width_of(text, size, bold=bold)
    assert (columns.max() - columns.min()) / PER_MM == pytest.approx(wide, rel=0.05, abs=0.3)
    assert columns.min() / PER_MM == pytest.approx(2, abs=0.15 * size)
    capital = dark[:, : int((2 + 0.7 * size) * PER_MM)]
    tall = np.nonzero(capital.any(1))[0]
    assert tall.max() / PER_MM == pytest.approx(20, abs=0.35)
    assert (tall.max() - tall.min()) / PER_MM == pytest.approx(0.72 * size, rel=0.15)


@pytest.mark.parametrize(("align", "share"), [("left", 0), ("middle", 0.5), ("right", 1)])
def test_text_is_aligned(align, share) -> None:
    dark = ink(drawn(Words(at=(30, 20), text="HHHH", size=5, align=align))) > 0.3
    columns = np.nonzero(dark.any(0))[0] / PER_MM
    wide = width_of("HHHH", 5)
    middle = (columns.min() + columns.max()) / 2
    assert middle == pytest.approx(30 - (share - 0.5) * wide, abs=0.3)


def test_letters_differ_and_unknown_ones_are_a_question_mark() -> None:
    seen = {}
    for letter in "abcdeéëoöQ8B€²":
        pixels = drawn(Words(at=(5, 20), text=letter, size=9)).tobytes()
        assert pixels not in seen.values(), letter
        seen[letter] = pixels
    strange = drawn(Words(at=(5, 20), text="?", size=9))
    np.testing.assert_array_equal(drawn(Words(at=(5, 20), text="漢", size=9)), strange)


def test_a_picture_keeps_its_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (80, 160, 3)).astype(np.uint8)
    found = drawn(Photo(at=(10, 5), size=(20, 10), pixels=pixels))
    np.testing.assert_array_equal(found[40:120, 80:240], pixels)
