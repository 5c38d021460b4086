"""Maps on paper: everything is on the page, nothing covers anything, and the bar is true."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landzicht.render.caption import Caption, Moment, caption_height, draw_frame
from landzicht.render.drawing import Photo, Shape, Words
from landzicht.render.key import Key
from landzicht.render.metrics import width_of
from landzicht.render.paper import PAPERS, paper_of
from landzicht.render.sheet import SheetFacts, draw_sheet, length_words, round_length

PIXELS = np.full((4, 6, 3), 90, np.uint8)
SCALE = Key(
    colours=((255, 255, 220), (0, 90, 40)), ends=("0", "0,5", "1"), words=("kaal", "dicht blad")
)
CLASSES = Key(classes=tuple(((n, n, n), f"Soort nummer {n}") for n in range(12)))
KEYS = (SCALE, CLASSES, Key(sentence="De kleuren zijn gemaakt van: B04, B03, B02."))
LONG = " ".join(["Nevel en schaduw veranderen de waarden."] * 12)
TURNS = [(name, upright) for name in PAPERS for upright in (False, True)]


def facts(key=SCALE, **changes) -> SheetFacts:
    told = {
        "language": "nl",
        "title": "Hoe groen is het?",
        "date": "Zonderland · 10 juni 2025, 10:46 UTC",
        "photo": Photo(at=(0, 0), size=(1, 1), pixels=PIXELS, alt="Kaart"),
        "key": key,
        "metres": 45.9,
        "north": 2.0,
        "badge": "GESIMULEERD",
        "sections": (("Bron en licentie", "Kort. CC0-1.0."), ("Hoe zeker is dit?", LONG)),
        "scale_word": "Schaal",
        "north_word": "N",
        "key_word": "Legenda",
        "link": "http://127.0.0.1:8000/#lang=nl&c=zonderland-s2&l=ndvi&v=14/52.56/5.23",
        "link_word": "Op het scherm",
    }
    return SheetFacts(**told | changes)


def word_box(words: Words) -> shapely.Polygon:
    wide = width_of(words.text, words.size, bold=words.bold)
    left = words.at[0] - {"left": 0.0, "middle": wide / 2, "right": wide}[words.align]
    y = words.at[1]
    return shapely.box(left, y - 0.72 * words.size, left + wide, y)


@pytest.mark.parametrize(("name", "upright"), TURNS)
@pytest.mark.parametrize("key", KEYS, ids=["scale", "classes", "sentence"])
def test_words_lie_on_the_page_and_not_on_each_other(name, upright, key) -> None:
    paper = paper_of(name, upright=upright)
    drawing = draw_sheet(paper, facts(key))
    page = shapely.box(5, 5, paper.width - 5, paper.height - 5)
    place = paper.map
    map_box = shapely.box(place.x, place.y, place.x + place.width, place.y + place.height)
    boxes = [(w.text, word_box(w)) for w in drawing.marks if isinstance(w, Words) and w.text]
    for text, found in boxes:
        assert page.contains(found), text
        assert not map_box.buffer(-0.1).intersects(found), text
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        assert a.intersection(b).area < 0.01, (one, other)
    shown = " ".join(text for text, _ in boxes)
    for part in (
        "Hoe groen is het?",
        "10 juni 2025",
        "GESIMULEERD",
        "Legenda",
        "CC0-1.0",
        "1 : 46 000",
    ):
        assert part in shown


@pytest.mark.parametrize(("name", "upright"), TURNS)
def test_a3_is_a4_made_larger(name, upright) -> None:
    paper, small = paper_of(name, upright=upright), paper_of("a4", upright=upright)
    assert paper.width == pytest.approx(small.width * PAPERS[name])
    assert sorted((round(small.width), round(small.height))) == [210, 297]
    place = paper.map
    assert place.width * place.height > 0.4 * paper.width * paper.height


def bar(drawing) -> tuple[float, float]:
    """Return length in millimetres of the scale bar and its height on the page."""
    pieces = [m for m in drawing.marks if isinstance(m, Shape) and m.fill and m.edge]
    xs = [x for piece in pieces for x, _ in piece.points]
    return max(xs) - min(xs), len(pieces)


@given(st.floats(0.2, 3e5))
def test_the_bar_is_as_long_as_it_says(metres: float) -> None:
    drawing = draw_sheet(paper_of("a4", upright=False), facts(metres=metres))
    length, pieces = bar(drawing)
    assert pieces == 4
    texts = [w.text for w in drawing.marks if isinstance(w, Words)]
    (said,) = [t for t in texts if t == length_words(round_length(48 * metres), "nl")]
    number, unit = said.split()
    ground = float(number.replace(",", ".")) * {"m": 1, "km": 1000}[unit]
    assert length * metres == pytest.approx(ground, rel=1e-6)
    assert 18 <= length <= 48.001


@given(st.floats(0.01, 1e7))
def test_round_lengths(most: float) -> None:
    found = round_length(most)
    assert most / 2.5 <= found <= most * (1 + 1e-6)
    assert f"{found:.0e}"[0] in "125"


@pytest.mark.parametrize("turn", [-30.0, 0.0, 2.0, 90.0])
def test_the_arrow_points_to_the_north(turn) -> None:
    drawing = draw_sheet(paper_of("a4", upright=False), facts(north=turn))
    (arrow,) = [m for m in drawing.marks if isinstance(m, Shape) and len(m.points) == 4 and m.fill
                and not m.edge and m.fill[0] < 100]  # fmt: skip
    (tip_x, tip_y), _, (tail_x, tail_y), _ = arrow.points
    assert np.degrees(np.arctan2(tip_x - tail_x, tail_y - tip_y)) == pytest.approx(turn, abs=1e-6)


def test_an_outline_stays_on_the_map() -> None:
    paper = paper_of("a4", upright=True)
    ring = ((-0.5, 0.5), (0.5, 0.2), (1.7, 1.2), (-0.5, 0.5))
    drawing = draw_sheet(paper, facts(outline=(ring,)))
    lines = [m for m in drawing.marks if isinstance(m, Shape) and len(m.points) == len(ring)
             and m.fill is None and m.edge is not None and m.width >= 0.5]  # fmt: skip
    assert len(lines) == 2
    for x, y in lines[0].points:
        assert paper.map.x <= x <= paper.map.x + paper.map.width
        assert paper.map.y <= y <= paper.map.y + paper.map.height
    x, y = lines[0].points[1]
    assert (x - paper.map.x) / paper.map.width == pytest.approx(0.5)
    assert (y - paper.map.y) / paper.map.height == pytest.approx(0.2)


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    many = tuple((f"Kop {n}", LONG) for n in range(9))
    drawing = draw_sheet(paper_of("a4", upright=True), facts(sections=many))
    texts = [w.text for w in drawing.marks if isinstance(w, Words)]
    assert any(text.endswith("…") for text in texts)
    assert max(w.at[1] for w in drawing.marks if isinstance(w, Words)) < 297 - 5


def test_long_titles_get_smaller() -> None:
    drawing = draw_sheet(paper_of("a4", upright=True), facts(title="Een heel lange titel " * 6))
    head = next(w for w in drawing.marks if isinstance(w, Words) and w.text.startswith("Een"))
    assert width_of(head.text, head.size, bold=True) < 188


@pytest.mark.parametrize("key", KEYS, ids=["scale", "classes", "sentence"])
@pytest.mark.parametrize("width", [160, 480, 1280])
def test_frames_keep_the_map_and_differ_by_date(width, key) -> None:
    caption = Caption(
        language="nl",
        title="Hoe groen?",
        key=key,
        source="Zonderland. CC0-1.0.",
        badge="GESIMULEERD",
    )
    pixels = np.random.default_rng(1).integers(0, 256, (90, width, 3)).astype(np.uint8)
    first = draw_frame(pixels, caption, Moment(date="10 juni 2025", share=0.2), 4.0)
    later = draw_frame(pixels, caption, Moment(date="12 juli 2025", share=1.0), 4.0)
    assert first.shape == later.shape
    assert first.shape[0] == round(90 + caption_height(caption, width / 4) * 4)
    np.testing.assert_array_equal(first[:90], pixels)
    assert (first[90:] != later[90:]).any(-1).mean() > 0.001
    assert (first[94:, 4:] < 120).any(), "there are dark letters"
