"""What readers read is plain: short sentences, no jargon, and each abbreviation is explained."""

from __future__ import annotations

import re
import statistics
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from landzicht.testing.node import run_page
from landzicht.text import LANGUAGES, Language
from landzicht.web.pages.shell import read_text

PAGE = Path(__file__).parents[2] / "page"
TEXTS = ("help", "access", "privacy", "algorithms", "missing")
# Every function of words gets something to say for each of its values.
WORDS = """
import { WORDS } from 'PAGE/lib/words/index.ts';
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return texts(value(...Array(value.length).fill('12')));
  return Object.values(value as object).flatMap(texts);
}
const answer = () =>
  Object.fromEntries(Object.entries(WORDS).map(([language, words]) => [language, texts(words)]));
"""
MEAN_WORDS, MOST_WORDS = 15, 30
FEWEST = 3
"""Shorter pieces are labels, no sentences."""
JARGON: dict[Language, tuple[str, ...]] = {
    "nl": (
        "raster", "resolutie", "metadata", "viewport", "bounding box", "AOI", "extent", "query",
        "endpoint", "renderen", "rendering", "parsen", "pixel", "dataset", "backend", "frontend",
        "request", "API", "polygoon", "feature", "toolbar", "layer", "basemap", "temporeel",
        "spectraal", "multispectraal", "composiet", "mozaïek", "radiometrisch", "georeferentie",
        "projectie", "CRS", "EPSG", "implementeren", "faciliteren", "utiliseren", "optimaliseren",
        "parametriseren", "configureren", "functionaliteit", "middels", "teneinde", "derhalve",
        "ten behoeve van", "met betrekking tot", "conform", "betreffende", "dient u",
    ),
    "en": (
        "raster", "metadata", "viewport", "bounding box", "AOI", "extent", "query", "endpoint",
        "render", "rendering", "parse", "dataset", "backend", "frontend", "API", "polygon",
        "feature", "toolbar", "temporal", "spectral", "multispectral", "composite", "mosaic",
        "radiometric", "georeference", "CRS", "EPSG", "utilize", "utilise", "leverage",
        "facilitate", "functionality", "in order to", "prior to", "with regard to", "pursuant",
        "aforementioned", "configure", "parameter", "subsequently", "commence",
    ),
}  # fmt: skip
"""Words of the trade and of offices; a plain word says the same."""
FOR_EXPERTS = {"algorithms"}
"""A register that the law asks for names methods by their names."""
KNOWN = {
    *("A3", "A4", "PDF", "PNG", "GIF", "MB", "UTC", "OK", "ZIP", "WCAG", "AA", "SAFE", "QGIS"),
    *("GESIMULEERD", "SIMULATED", "NL", "EN", "CC0", "WebGL", "WebP", "JavaScript"),
    *("MapLibre", "Leaflet", "Landzicht", "Zonderland"),
}
"""Abbreviations that are names, or that everybody knows."""


def sentences(text: str) -> list[str]:
    """Return the pieces of a text that are sentences."""
    parts = re.split(r"(?<=[.!?:;…])[”’)]?\s+|\n+", text)
    return [part for part in parts if len(part.split()) >= FEWEST and part[-1:] in ".!?…”’)"]


@cache
def plain(name: str, language: Language) -> str:
    """Return a plain page as a reader sees it, one block a line."""
    source = re.sub(r"(?s)<(svg|pre|code|kbd)\b.*?</\1>", " ", read_text(name, language))
    blocks = re.sub(r"</(p|li|h\d|dd|dt|td|th|tr)>", "\n", source)
    return unescape(re.sub(r"<[^>]+>", "", blocks))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, list[str]]:
    """All texts of the map page."""
    return run_page(PAGE, tmp_path_factory.mktemp("words"), WORDS, None)


def lengths(texts: list[str]) -> dict[str, int]:
    return {each: len(each.split()) for text in texts for each in sentences(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_the_page_are_short(words, language: Language) -> None:
    found = lengths(words[language])
    assert len(found) > 80
    assert statistics.mean(found.values()) <= MEAN_WORDS
    assert [each for each, count in found.items() if count > MOST_WORDS] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TEXTS)
def test_sentences_of_a_plain_page_are_short(name: str, language: Language) -> None:
    found = lengths([plain(name, language)])
    assert statistics.mean(found.values()) <= MEAN_WORDS
    assert [each for each, count in found.items() if count > MOST_WORDS] == []


def jargon(text: str, language: Language) -> list[str]:
    """Return the banned words in a text; also those that begin longer ones, as plurals do."""
    found = []
    for word in JARGON[language]:
        case = re.NOFLAG if word.isupper() else re.IGNORECASE
        if re.search(rf"\b{re.escape(word)}(s|en|n|d|ed|ing)?\b", text, case):
            found.append(word)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_jargon(words, language: Language) -> None:
    assert {text: found for text in words[language] if (found := jargon(text, language))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(set(TEXTS) - FOR_EXPERTS))
def test_a_plain_page_has_no_jargon(name: str, language: Language) -> None:
    assert jargon(plain(name, language), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_abbreviations_stand_in_the_glossary(words, language: Language) -> None:
    glossary = " ".join(re.findall(r"<dt>(.*?)</dt>", read_text("help", language)))
    explained = KNOWN | set(re.findall(r"[\w-]+", glossary))
    used = {
        word
        for text in words[language]
        for word in re.findall(r"\b(?:[A-Z][a-z]*){2,}\d*\b|\b[A-Z]{2,}\d*\b", text)
        if not re.fullmatch(r"B\d\d", word)
    }
    assert sorted(used - explained) == []


def test_the_checks_find_what_they_look_for() -> None:
    assert jargon("De rasters zijn klaar.", "nl") == ["raster"]
    assert jargon("Kaart van het gebied", "nl") == []
    assert sentences("Kies een dag. Kijk naar de kaart!\nLaag") == [
        "Kies een dag.", "Kijk naar de kaart!",
    ]  # fmt: skip
