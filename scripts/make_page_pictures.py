"""Make the pictures and figures of `docs/page.md`: `python scripts/make_page_pictures.py`.

Needs Chromium and the built page. It makes a Zonderland of its own in a temporary folder, serves
it, and looks at it as a visitor would.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import imagecodecs
from playwright.sync_api import Page, sync_playwright

import landzicht
from landzicht.kinds import Span
from landzicht.portal import open_portal
from landzicht.portal.demo import make_demo
from landzicht.portal.maps.sheets import SheetRequest
from landzicht.portal.maps.view import View
from landzicht.portal.scenes import Selection
from landzicht.portal.settings import load_settings
from landzicht.testing.serving import portal_in
from landzicht.world import WorldSpec

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
PAGE = ROOT / "docs/page.md"
DIST = Path(landzicht.__file__).parent / "web/dist"
LAPTOP, PHONE, TABLET, WIDE = (1366, 768), (360, 740), (768, 1024), (2560, 1300)
QUALITY = 70
DAY, LATE = "2025-06-10", "2025-08-09"


def main() -> None:
    """Make everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demo(load_settings(folder), WorldSpec(size=768, dates=12))
        _sheet(folder)
        with portal_in(folder, "--no-demo") as running, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            arguments = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            for picture, size, link, scheme, reach in (
                ("page-laptop", LAPTOP, f"#lang=en&l=ndvi&d={DAY}", "light", None),
                ("page-phone", PHONE, f"#lang=nl&l=visual&d={DAY}", "dark", None),
                ("page-tablet", TABLET, f"#lang=nl&l=moisture&d={DAY}", "light", None),
                ("page-wide", WIDE, f"#lang=en&l=ndvi&d={LATE}&cmp=swipe:{DAY}:50", "dark", None),
                ("page-save", LAPTOP, f"#lang=en&l=visual&d={DAY}", "light", _open_saving),
            ):
                context = browser.new_context(
                    viewport={"width": size[0], "height": size[1]},
                    color_scheme=scheme,
                    is_mobile=size == PHONE,
                    has_touch=size == PHONE,
                    reduced_motion="reduce",
                    service_workers="block",
                )
                page = context.new_page()
                page.goto(f"{running.base}/{link}")
                page.wait_for_selector("#map[data-state=complete]")
                page.wait_for_selector("#dates:not(.early)", state="attached")
                page.wait_for_load_state("networkidle")
                if reach:
                    reach(page)
                page.wait_for_timeout(600)
                _keep(picture, imagecodecs.png_decode(page.screenshot()))
                context.close()
            browser.close()
    _figures()


def _open_saving(page: Page) -> None:
    page.locator(".share .open").click()
    page.get_by_role("button", name="Map on paper").click()


def _sheet(folder: Path) -> None:
    with open_portal(folder) as portal:
        wanted = SheetRequest(
            collection=portal.collections()[0].id,
            view=View(layer="ndvi"),
            selection=Selection(span=Span.parse(DAY)),
            ending="png",
            dpi=85,
        )
        made: Any = portal.sheet(wanted)
        _keep("page-sheet", imagecodecs.png_decode(made.content))


def _keep(name: str, pixels: Any) -> None:  # noqa: ANN401 - pixels of imagecodecs
    path = IMAGES / f"{name}.webp"
    path.write_bytes(imagecodecs.webp_encode(pixels[..., :3].copy(), level=QUALITY, lossless=False))
    print(path.name, path.stat().st_size)


def _figures() -> None:
    """Write what the page weighs into the table of the documentation."""
    index = (DIST / "index.html").read_text()
    first = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', index))
    whole = sum(path.stat().st_size for path in DIST.rglob("*") if path.is_file())
    rows = {
        "first JavaScript": _kilobytes(name for name in first if name.endswith(".js")),
        "first CSS": _kilobytes(name for name in first if name.endswith(".css")),
        "drawing, when it is needed": _chunk("draw"),
        "measuring, when it is needed": _chunk("Measure"),
        "saving, when it is needed": _chunk("Save"),
        "whole folder, not packed": f"{whole / 1e6:.1f} MB",
    }
    text = PAGE.read_text()
    for name, value in rows.items():
        text = re.sub(rf"(\| {re.escape(name)} \| [^|]+\| )[^|]+\|", rf"\g<1>{value} |", text)
        print(f"{name}: {value}")
    PAGE.write_text(text)


def _chunk(name: str) -> str:
    (path,) = (DIST / "assets").glob(f"{name}-*.js")
    return _kilobytes([f"/assets/{path.name}"])


def _kilobytes(names: Any) -> str:  # noqa: ANN401 - any iterable of names
    total = sum(len(gzip.compress((DIST / name[1:]).read_bytes(), 9)) for name in names)
    return f"{total / 1000:.0f} kB"


if __name__ == "__main__":
    main()
