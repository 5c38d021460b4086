"""Make the pictures of `docs/journeys.md`: `python scripts/make_journey_pictures.py`.

Needs Chromium and the built page. It makes a Zonderland of two years in a temporary folder, serves
it, and goes the four journeys as a visitor would.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import imagecodecs
import shapely
from playwright.sync_api import Page, sync_playwright

from landzicht.portal.demo import make_demo
from landzicht.portal.settings import load_settings
from landzicht.testing.serving import Running, portal_in
from landzicht.world import WorldSpec

IMAGES = Path(__file__).parents[1] / "docs/images"
LAPTOP, PHONE = (1366, 768), (360, 740)
QUALITY = 62
PARCEL = "17"
SITES = 38


def main() -> None:
    """Make everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demo(load_settings(folder), WorldSpec(size=512, dates=12, years=2))
        with portal_in(folder, "--no-demo") as running, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            arguments = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            fields = running.get("/api/v1/areas/zonderland-parcels/items?limit=1000").json()
            sites = folder / "locaties.csv"
            sites.write_text(_table(fields["features"]))
            yard = _inside(next(each for each in fields["features"] if each["id"] == PARCEL))
            for picture, size, go in (
                ("journey-farmer", PHONE, lambda page: _farmer(page, yard)),
                ("journey-planner", LAPTOP, _planner),
                ("journey-analyst", LAPTOP, lambda page: _analyst(page, sites)),
                ("journey-teacher", LAPTOP, _teacher),
            ):
                context = browser.new_context(
                    viewport={"width": size[0], "height": size[1]},
                    is_mobile=size == PHONE,
                    has_touch=size == PHONE,
                    reduced_motion="reduce",
                    service_workers="block",
                    locale="en-GB",
                    permissions=["geolocation"],
                    geolocation={"longitude": yard[0], "latitude": yard[1]},
                )
                page = context.new_page()
                _arrive(page, running)
                go(page)
                page.wait_for_selector("#map[data-state=complete]")
                page.wait_for_selector("#dates:not(.early)", state="attached")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(800)
                _keep(picture, imagecodecs.png_decode(page.screenshot()))
                context.close()
            browser.close()


def _arrive(page: Page, running: Running) -> None:
    page.goto(running.base)
    page.wait_for_selector("#map[data-state=complete]")
    page.wait_for_selector("#dates:not(.early)", state="attached")


def _farmer(page: Page, yard: tuple[float, float]) -> None:
    del yard  # the device tells it
    page.get_by_role("button", name="How is my crop doing?").click()
    page.get_by_role("button", name="My place").click()
    page.wait_for_selector(".story p")


def _planner(page: Page) -> None:
    page.get_by_role("button", name="Where is little green?").click()
    page.wait_for_selector(".story p")


def _analyst(page: Page, sites: Path) -> None:
    page.get_by_role("button", name="Follow my sites").click()
    page.set_input_files("input[type=file]", sites)
    page.wait_for_selector(".story p")
    page.get_by_role("button", name="Change").click()


def _teacher(page: Page) -> None:
    page.get_by_role("button", name="Class example").click()
    page.get_by_role("button", name="Copy the link for the class").wait_for()


def _table(features: list[dict[str, Any]]) -> str:
    lines = ["name,lat,lon"]
    for number, feature in enumerate(features[:SITES], 1):
        x, y = _inside(feature)
        lines.append(f"Quay {number},{y:.6f},{x:.6f}")
    return "\n".join([*lines, "Elsewhere 1,51.0,4.0", "Elsewhere 2,51.1,4.1"])


def _inside(feature: dict[str, Any]) -> tuple[float, float]:
    point = shapely.geometry.shape(feature["geometry"]).representative_point()
    return point.x, point.y


def _keep(name: str, pixels: Any) -> None:  # noqa: ANN401 - pixels of imagecodecs
    path = IMAGES / f"{name}.webp"
    path.write_bytes(imagecodecs.webp_encode(pixels[..., :3].copy(), level=QUALITY, lossless=False))
    print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
