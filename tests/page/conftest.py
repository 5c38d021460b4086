"""A small Zonderland behind a real server, and a real browser in front of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from landzicht.testing.serving import Running, portal_in

ROOT = Path(__file__).parents[2]
DIST = ROOT / "src/landzicht/web/dist"
# No GPU: the page must not need one, and software WebGL starves a machine with few cores.
FLAGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
MAKE = """
import sys
from landzicht.portal.demo import make_demo
from landzicht.portal.settings import load_settings
from landzicht.world import WorldSpec
size, dates, years = map(int, sys.argv[2:])
make_demo(load_settings(sys.argv[1]), WorldSpec(size=size, dates=dates, years=years))
"""
LAPTOP = (1366, 768)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test in the browser a second time when it fails, and tell so (decision 13).

    A browser on a machine with other work to do sometimes loses a key, a frame or a request. No
    more than five in a run are forgiven (`make test`): what is broken fails more often than that.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Four images of a small polder, served as anybody serves theirs."""
    folder = make_world(tmp_path_factory.mktemp("page"), size=384, dates=4, years=1)
    with portal_in(folder, "--no-demo") as running:
        yield running


@pytest.fixture(scope="session")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two years of a smaller polder, six images each: enough to measure through time."""
    folder = make_world(tmp_path_factory.mktemp("seasons"), size=256, dates=6, years=2)
    with portal_in(folder, "--no-demo") as running:
        yield running


def make_world(folder: Path, *, size: int, dates: int, years: int) -> Path:
    """Make a Zonderland in a data folder, or skip when there is no page to look at it with."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built: python hatch_build.py")
    told = [str(folder), str(size), str(dates), str(years)]
    subprocess.run([sys.executable, "-c", MAKE, *told], check=True)
    return folder


@dataclass
class Visit:
    """A page that is open in the browser, and what it did wrong."""

    page: Any
    base: str
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    start: int = 0
    """How many requests there were before the page was opened."""
    forgiven: tuple[str, ...] = ()
    """Parts of errors that belong to what a test does, heard before or after."""

    def go(self, link: str = "") -> None:
        self.page.goto(f"{self.base}/{link}")

    def settle(self) -> None:
        """Wait until the picture is complete, and known which days can be used here."""
        self.page.wait_for_selector("#map[data-state=complete]")
        self.page.wait_for_selector("#dates:not(.early)", state="attached")

    def hear(self, told: Any) -> None:
        """Keep what the console tells; that a place has no image (404) is an answer, no error."""
        if "Service Worker registration blocked by Playwright" in told.text:
            return  # as we asked
        if "GPU stall due to ReadPixels" in told.text:
            return  # a hint about speed, of software that plays a graphics card
        if any(part in told.text for part in self.forgiven):
            return
        if told.type in {"error", "warning"} and "/point/" not in told.location["url"]:
            self.errors.append(told.text)

    def forgive(self, *parts: str) -> None:
        """Leave out errors with one of these in them, also those the console has yet to tell."""
        self.forgiven += parts
        self.errors[:] = [told for told in self.errors if not any(part in told for part in parts)]

    @property
    def link(self) -> str:
        return str(self.page.evaluate("location.hash"))

    def wait_for_link(self, part: str) -> None:
        self.page.wait_for_function("part => location.hash.includes(part)", arg=part)

    @property
    def tiles(self) -> list[str]:
        return [url for url in self.requests[self.start :] if "WebMercatorQuad" in url]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    # One for a module: while it lives, no other asyncio can run in this thread.
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not here: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Any, portal: Running) -> Iterator[Callable[..., Visit]]:
    """Open pages; at the end none may have written an error to the console."""
    yield from _visits(browser, portal)


@pytest.fixture(scope="module")
def stay(browser: Any, portal: Running) -> Iterator[Callable[..., Visit]]:
    """Open pages that last as long as the module: for many short tests on one page."""
    yield from _visits(browser, portal)


@pytest.fixture(scope="module")
def tabs() -> dict[tuple[int, int], Visit]:
    return {}


@pytest.fixture
def tab(stay: Callable[..., Visit], tabs: dict[Any, Visit]) -> Iterator[Callable[..., Visit]]:
    """Open a page as `visit` does, one at a time, in a tab that knows its files: twice as quick.

    Nothing of the test before is left: no storage, no routes, no page, no place of the mouse.
    """

    def open_page(link: str | None = "#lang=nl", size: tuple[int, int] = LAPTOP) -> Visit:
        one = tabs.get(size)
        if one is None:
            one = tabs[size] = stay(None, size)
        else:
            one.page.unroute_all()
            one.page.evaluate("localStorage.clear(); sessionStorage.clear()")
            one.page.mouse.move(0, 0)
            one.page.goto("about:blank")
            one.start, one.forgiven = len(one.requests), ()
        if link is not None:
            one.go(link)
            one.settle()
        return one

    yield open_page
    for one in tabs.values():
        told, one.errors = one.errors, []  # one test is to blame, not all that follow
        assert told == []


def _visits(browser: Any, portal: Running) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def open_page(
        link: str | None = "#lang=nl", size: tuple[int, int] = LAPTOP, **options: Any
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            is_mobile=size[0] < 600,
            has_touch=size[0] < 600,
            **{"reduced_motion": "reduce", "service_workers": "block", **options},
        )
        context.set_default_timeout(60_000)  # a busy machine is no error
        one = Visit(context.new_page(), portal.base)
        visits.append(one)
        one.page.on("pageerror", lambda error: one.errors.append(str(error)))
        one.page.on("console", one.hear)
        one.page.on("request", lambda request: one.requests.append(request.url))
        if link is not None:
            one.go(link)
            one.settle()
        return one

    yield open_page
    for one in visits:
        one.page.context.close()
        assert one.errors == []
        outside = [url for url in one.requests if not url.startswith((one.base, "blob:", "data:"))]
        assert outside == []
