"""What the page costs: bytes of each part, and requests at the first look and at a change."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

import landzicht

DIST = Path(landzicht.__file__).parent / "web/dist"
FIRST_JS, FIRST_CSS, WHOLE = 190_000, 12_000, 4_000_000
LAZY = {
    "draw": 60_000,
    "Measure": 26_000,
    "Save": 12_000,
    "layer": 26_000,
    "_virtual_world": 200_000,
}
"""Chunk that is fetched when it is needed → most bytes of it, packed."""
PHONE = (360, 740)


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.fixture(scope="module")
def built() -> Path:
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: python hatch_build.py")
    return DIST


def test_bytes_of_the_first_look(built: Path) -> None:
    index = (built / "index.html").read_text()
    names = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', index))
    sizes = {name: packed(built / name[1:]) for name in names}
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= FIRST_JS
    assert sum(size for name, size in sizes.items() if name.endswith(".css")) <= FIRST_CSS


def test_bytes_of_what_comes_later(built: Path) -> None:
    for name, most in LAZY.items():
        (path,) = (built / "assets").glob(f"{name}-*.js")
        assert packed(path) <= most, name
        assert f"/{path.name}" not in (built / "index.html").read_text(), f"{name} is not lazy"


def test_bytes_of_all(built: Path) -> None:
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) <= WHOLE


@pytest.mark.browser
def test_requests_of_a_visit(visit) -> None:
    """The first look, another layer, and the same layer again: what is asked for each."""
    here = visit("#lang=nl&l=visual&d=2025-06-10", size=PHONE)
    here.page.wait_for_load_state("networkidle")
    kinds = Counter(
        "tile" if "WebMercatorQuad" in url else "file" if "/assets/" in url else "answer"
        for url in here.requests
    )
    assert kinds["file"] <= 24, kinds
    assert kinds["answer"] <= 18, kinds
    assert kinds["tile"] <= 40, kinds  # what is in view, and the days before and after
    # Files of the page are kept by the browser for ever: those are no requests to the portal.
    lasting = Counter(
        url for url in here.requests if "/point/" not in url and "/assets/" not in url
    )
    address, times = lasting.most_common(1)[0]
    assert times <= 2, f"asked for again and again: {address}"


@pytest.mark.browser
def test_a_look_costs_few_bytes(visit) -> None:
    here = visit("")
    told = here.page.evaluate(
        """() => performance.getEntriesByType('resource')
          .filter(({ name }) => name.includes('/assets/') && name.endsWith('.js'))
          .map(({ encodedBodySize }) => encodedBodySize)"""
    )
    # Brotli on the way, with the base map that comes after the first paint.
    assert sum(told) <= 380_000
    shift = here.page.evaluate(
        """() => new Promise((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => done(sum), 300);
        })"""
    )
    assert shift <= 0.001, "something moved while the page came"
