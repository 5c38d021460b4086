"""Draw the icons of the installed page from its mark: `python scripts/make_icons.py`.

Needs Chromium. Run it again only when `page/src/mark.svg` changes; the outcome is part of the
repository.
"""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGE = Path(__file__).parents[1] / "page"
GROUND = "#0d5a4c"
ICONS = (("192", 192, 1.0), ("512", 512, 1.0), ("maskable", 512, 0.72))
"""Name, size in pixels, and how much of it the mark takes: systems cut the edge of some off."""


def main() -> None:
    """Draw every icon."""
    mark = base64.b64encode((PAGE / "src/mark.svg").read_bytes()).decode()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, size, share in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = GROUND if share < 1 else "transparent"
            page.set_content(
                f"<body style='margin:0;display:grid;place-items:center;height:100vh;"
                f"background:{ground}'><img width={round(size * share)} "
                f"src='data:image/svg+xml;base64,{mark}'></body>"
            )
            path = PAGE / f"public/icons/{name}.png"
            page.screenshot(path=path, omit_background=True)
            print(path.name, path.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main()
