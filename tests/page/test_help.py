"""The help tells of every part of the page, and the privacy page of everything that is kept."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from landzicht.testing.node import run_page
from landzicht.text import LANGUAGES
from landzicht.web.pages.shell import read_text

PAGE = Path(__file__).parents[2] / "page"
TITLES = """
import { WORDS } from 'PAGE/lib/words/index.ts';
const answer = () => Object.fromEntries(Object.entries(WORDS).map(([language, words]) => [
  language,
  [words.asking.title, words.where.title, words.layers, words.dates, words.compare,
   words.measuring.title, words.saving.title, words.about, words.adjust, words.ground,
   words.where.search, words.where.here, words.where.draw, words.where.upload, words.where.typed,
   words.where.add, words.alsoCloudy, words.swipe, words.side, words.difference,
   words.playing.short, words.measuring.csv, words.saving.experts, words.value,
   words.asking.cards.self.title],
]));
"""
KEYS = ("Tab", "Enter", "Esc", "Backspace", "+", "-")


def seen(name: str, language: str) -> str:
    """Return what a reader sees of a text, on one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", read_text(name, language))))


@pytest.fixture(scope="module")
def titles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    return run_page(PAGE, tmp_path_factory.mktemp("words"), TITLES, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_the_page_is_explained(titles, language: str) -> None:
    told = seen("help", language).lower()
    assert [title for title in titles[language] if title.lower() not in told] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_has_a_heading_of_its_own(titles, language: str) -> None:
    headings = re.findall(r'<h3 class="panel"><svg.*?</svg>(.*?)</h3>', read_text("help", language))
    assert set(titles[language][:8]) <= set(headings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_told(language: str) -> None:
    named = re.findall(r"<kbd>(.*?)</kbd>", read_text("help", language))
    assert set(KEYS) <= set(named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stays_on_the_device_is_told(language: str) -> None:
    """Each name under which the page stores something stands on the privacy page."""
    stored = {
        name
        for path in (PAGE / "src").rglob("*.ts")
        if "localStorage.setItem" in (text := path.read_text())
        for name in re.findall(r"'(landzicht\.[a-z]+)'", text)
    }
    assert len(stored) >= 3
    assert stored <= set(re.findall(r"<code>(.*?)</code>", read_text("privacy", language)))
