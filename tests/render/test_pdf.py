"""PDF files: their structure read back by the rules of ISO 32000-1, not by our own writer."""

from __future__ import annotations

import re

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.render.drawing import Drawing, Photo, Shape, Words, box
from landzicht.render.metrics import BOLD, PLAIN, encoded, width_of, wrapped
from landzicht.render.pdf import pdf
from landzicht.testing.pdf import PdfFile

PIXELS = np.random.default_rng(3).integers(0, 256, (20, 30, 3)).astype(np.uint8)


def drawing(*marks, **options) -> Drawing:
    return Drawing(width=200, height=100, marks=marks, **{"title": "Titel (é)", **options})


def test_page_is_as_large_as_the_drawing_and_says_its_language() -> None:
    read = PdfFile(pdf(drawing(Words(at=(10, 20), text="Hallo", size=5), language="nl")))
    wide, high = map(float, re.search(rb"/MediaBox \[0 0 (\S+) (\S+)\]", read.page).groups())
    assert wide == pytest.approx(200 / 25.4 * 72, abs=0.001)
    assert high == pytest.approx(100 / 25.4 * 72, abs=0.001)
    assert b"/Lang (nl)" in read.root
    title = bytes.fromhex(re.search(rb"/Title <feff([0-9a-f]+)>", read.info)[1].decode())
    assert title.decode("utf-16-be") == "Titel (é)"


def test_words_stand_where_they_should() -> None:
    line = Words(at=(150, 40), text="2,5 km (één)", size=4, align="right", bold=True)
    read = PdfFile(pdf(drawing(line)))
    assert read.lines == ["2,5 km (één)"]
    x, y = map(float, re.search(rb"(\S+) (\S+) Td", read.content).groups())
    assert y == pytest.approx((100 - 40) / 25.4 * 72, abs=0.01)
    wide = width_of(line.text, 4, bold=True)
    assert x == pytest.approx((150 - wide) / 25.4 * 72, abs=0.01)


@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=40))
def test_any_letters_come_back(text: str) -> None:
    read = PdfFile(pdf(drawing(Words(at=(1, 1), text=text, size=3))))
    plain = text.replace("\u00a0", " ")
    assert read.lines == [plain]


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_file(text: str, title: str) -> None:
    content = pdf(
        drawing(Words(at=(1, 1), text=text, size=3, link="https://x/#" + text), title=title)
    )
    assert len(PdfFile(content).lines) == 1


def test_pictures_are_the_same_pixels() -> None:
    packed = bytes(imagecodecs.jpeg8_encode(PIXELS, level=90))
    plain = Photo(at=(10, 10), size=(60, 40), pixels=PIXELS, alt="Kaart: één")
    read = PdfFile(pdf(drawing(plain, Photo(at=(1, 1), size=(9, 6), pixels=PIXELS, jpeg=packed))))
    first, second = read.named(b"/Subtype /Image")
    np.testing.assert_array_equal(
        np.frombuffer(read.stream(first), np.uint8).reshape(PIXELS.shape), PIXELS
    )
    assert read.stream(second) == packed
    assert b"/DCTDecode" in read.objects[second]
    assert ("/Alt <feff" + "Kaart: één".encode("utf-16-be").hex() + ">").encode() in b"".join(
        read.objects.values()
    )
    assert b"q 170.079 0 0 113.386 28.346 141.732 cm /I" in read.content


def test_what_is_read_aloud_is_in_the_order_of_the_marks() -> None:
    marks = [Words(at=(1, n), text=str(n), size=2) for n in range(5)]
    read = PdfFile(pdf(drawing(box(0, 0, 9, 9, fill=(1, 2, 3)), *marks)))
    ids = [int(n) for n in re.findall(rb"/P << /MCID (\d+) >> BDC", read.content)]
    assert ids == list(range(5))
    assert read.content.startswith(b"/Artifact BMC")
    assert read.content.count(b"BDC") + read.content.count(b"BMC") == read.content.count(b"EMC")
    parents = re.search(rb"/Nums \[0 \[(.*)\]\]", read.objects[read.named(b"/Nums")[0]])[1]
    kids = [int(n) for n in re.findall(rb"(\d+) 0 R", parents)]
    assert [int(re.search(rb"/K (\d+)", read.objects[n])[1]) for n in kids] == ids


def test_links_cover_their_words() -> None:
    line = Words(at=(10, 50), text="http://x/", size=4, link="http://x/#a=(1)")
    read = PdfFile(pdf(drawing(line)))
    (link,) = read.named(b"/Subtype /Link")
    left, low, right, high = map(
        float, re.search(rb"/Rect \[(\S+) (\S+) (\S+) (\S+)\]", read.objects[link]).groups()
    )
    assert left == pytest.approx(10 / 25.4 * 72, abs=0.01)
    assert right - left == pytest.approx(width_of(line.text, 4) / 25.4 * 72, abs=0.01)
    assert low < 50 / 25.4 * 72 < high
    assert rb"/URI (http://x/#a=\(1\))" in read.objects[link]


def test_shapes_are_painted_and_closed_as_asked() -> None:
    corners = ((0, 0), (10, 0), (10, 10))
    line = Shape(points=corners, edge=(255, 0, 0), closed=False)
    content = PdfFile(pdf(drawing(line, Shape(points=corners, fill=(0, 0, 255))))).content
    first, second = content.split(b"/Artifact BMC")[1:]
    assert b" h" not in first
    assert b"1 0 0 RG" in first
    assert b" S Q" in first
    assert b"0 0 1 rg" in second
    assert b" h f* Q" in second


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert pdf(drawing(box(1, 1, 2, 2, edge=(1, 2, 3)))) == pdf(
        drawing(box(1, 1, 2, 2, edge=(1, 2, 3)))
    )


def test_widths_of_letters_are_those_of_adobe() -> None:
    """A few of the published widths of Helvetica and Helvetica-Bold."""
    known = {" ": (278, 278), "A": (667, 722), "W": (944, 944), "i": (222, 278), "m": (833, 889),
             "0": (556, 556), "é": (556, 556), "€": (556, 556), "…": (1000, 1000)}  # fmt: skip
    for letter, widths in known.items():
        (code,) = encoded(letter)
        assert (PLAIN[code - 32], BOLD[code - 32]) == widths, letter


@given(st.text(st.characters(codec="cp1252"), max_size=120), st.floats(5, 60))
def test_wrapping_loses_no_letter_and_fits(text: str, width: float) -> None:
    lines = wrapped(text, 3, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert width_of(line, 3) <= width or len(line) == 1
