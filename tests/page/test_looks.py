"""The page looks as it did: five states on four widths, with room for other fonts.

`LANDZICHT_REFERENCES=1 pytest tests/page/test_looks.py` writes the pictures anew, to be looked at
before they are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "references"
WRITE = "LANDZICHT_REFERENCES"
LAPTOP, PHONE, TABLET, WIDE = (1366, 768), (360, 740), (768, 1024), (2560, 1300)
BLOCK = 6
"""Screen pixels that become one: letters of another font are the same shade of grey then."""
FAR, MOST_FAR, MOST_MEAN = 36, 0.06, 7.0
"""A block differs from this on; how many may; how much all may differ (0 to 255)."""


def open_saving(here) -> None:
    here.page.locator(".share .open").click()
    here.page.get_by_role("dialog").get_by_role("button", name="Kaart op papier").click()


def compared(here) -> None:
    here.page.locator(".label").wait_for()


STATES = {
    "laptop": (LAPTOP, "#lang=nl&l=ndvi&d=2025-06-10", "light", lambda here: None),
    "phone": (PHONE, "#lang=en&l=visual&d=2025-06-10", "dark", lambda here: None),
    "tablet": (TABLET, "#lang=en&l=ndvi&d=2025-06-10", "light", lambda here: None),
    "wide": (WIDE, "#lang=nl&l=ndvi&d=2025-08-09&cmp=swipe:2025-04-26:50", "dark", compared),
    "saving": (LAPTOP, "#lang=nl&l=visual&d=2025-04-26", "light", open_saving),
}


def coarse(pixels: np.ndarray) -> np.ndarray:
    """Return the mean colour of blocks."""
    high, wide = (side // BLOCK * BLOCK for side in pixels.shape[:2])
    blocks = pixels[:high, :wide, :3].astype(np.float32)
    return blocks.reshape(high // BLOCK, BLOCK, wide // BLOCK, BLOCK, 3).mean((1, 3))


@pytest.mark.parametrize("state", STATES)
def test_it_looks_as_it_did(visit, state: str) -> None:
    size, link, scheme, reach = STATES[state]
    here = visit(link, size=size, color_scheme=scheme)
    here.page.wait_for_load_state("networkidle")
    reach(here)
    here.page.mouse.move(2, size[1] - 2)
    here.page.wait_for_timeout(400)
    found = coarse(imagecodecs.png_decode(here.page.screenshot()))
    path = FOLDER / f"{state}.webp"
    if os.environ.get(WRITE):
        path.parent.mkdir(exist_ok=True)
        packed = imagecodecs.webp_encode(np.rint(found).astype(np.uint8), lossless=True)
        path.write_bytes(packed)
    known = imagecodecs.webp_decode(path.read_bytes())[..., :3].astype(np.float32)
    assert known.shape == found.shape
    away = np.abs(found - known).max(-1)
    assert away.mean() <= MOST_MEAN, state
    assert (away > FAR).mean() <= MOST_FAR, state
    assert path.stat().st_size <= 60_000


def test_the_map_is_not_blank(visit) -> None:
    """Where the image lies, colours differ; a page without its map would pass many other tests."""
    here = visit("#lang=nl&l=visual&d=2025-06-10")
    box = here.page.locator("#map").bounding_box()
    clip = {"x": box["width"] * 0.45, "y": box["height"] * 0.3, "width": 240, "height": 180}
    pixels = imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3]
    assert pixels.reshape(-1, 3).std(0).min() > 6
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 500
