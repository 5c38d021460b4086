"""Without a connection: the last seen area is there, says so, and all goes on by itself."""

from __future__ import annotations

import json
import time

import imagecodecs
import numpy as np
import pytest

pytestmark = pytest.mark.browser

READY = """async () => {
  const { active } = await navigator.serviceWorker.ready;
  return active?.state;
}"""
KEPT = """async (least) => {
  const cache = await caches.open('seen-1');
  const tiles = (await cache.keys()).filter(({ url }) => url.includes('/WebMercatorQuad/'));
  return tiles.length >= least;
}"""
COUNT = "async () => (await (await caches.open('seen-1')).keys()).length"
FILL = """async (count) => {
  const cache = await caches.open('seen-1');
  const urls = Array.from({ length: count }, (_, i) => `/tiles/old/WebMercatorQuad/9/9/${i}?x=1`);
  await Promise.all(urls.map((url) => cache.put(url, new Response('x'))));
}"""
HAS = """async (path) => {
  const keys = await (await caches.open('seen-1')).keys();
  return keys.some(({ url }) => url.includes(path));
}"""
MOST = 600


def seen_before(visit, link: str):
    """Open a page that a worker keeps, and wait until it has kept what is in view."""
    here = visit(link, service_workers="allow")
    assert here.page.evaluate(READY) in {"activating", "activated"}
    here.page.wait_for_function(KEPT, arg=4)
    return here


def picture(here) -> np.ndarray:
    """Return the pixels in the middle of the map, where the image lies."""
    clip = {"x": 600, "y": 130, "width": 440, "height": 280}
    return imagecodecs.png_decode(here.page.screenshot(clip=clip))[..., :3].astype(float)


OFFLINE = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to")
"""What a browser writes down of requests that find nobody."""


def test_the_last_seen_area_is_there_without_a_connection(visit) -> None:
    here = seen_before(visit, "#lang=nl&l=ndvi&d=2025-06-10")
    here.wait_for_link("v=")
    here.page.wait_for_timeout(600)
    link = here.link
    context = here.page.context
    context.set_offline(True)
    here.page.reload()
    here.settle()
    here.page.get_by_text("U bent offline").wait_for()
    assert "U ziet wat u het laatst bekeek" in here.page.locator("main").inner_text()
    assert here.link == link
    assert here.page.get_by_label("Hoe groen is het?").is_checked()
    assert not here.page.get_by_text("De server antwoordt niet").is_visible()
    assert picture(here).std() > 8, "there is a picture on the map"
    # An app on a home screen starts without a link.
    here.page.goto(here.base + "/")
    here.settle()
    assert "l=ndvi" in here.link
    # What was kept may be old by now, so the lists are asked for anew.
    with here.page.expect_request("**/api/v1/collections", timeout=20_000):
        context.set_offline(False)
    here.page.get_by_text("U bent offline").wait_for(state="detached", timeout=15_000)
    here.forgive(*OFFLINE)


def test_a_signal_that_is_too_weak_shows_what_was_kept(visit) -> None:
    """The portal takes each question and answers none; the map is there, and says so."""
    here = seen_before(visit, "#lang=nl&l=ndvi&d=2025-06-10")
    here.wait_for_link("v=")
    here.page.wait_for_timeout(600)
    held = []

    def hold(route) -> None:
        held.append(route)

    here.page.context.route("**/*", hold)
    start = time.monotonic()
    here.page.reload(wait_until="commit")
    here.settle()
    took = time.monotonic() - start
    here.page.get_by_text("De verbinding is zwak").wait_for()
    assert "U ziet wat u het laatst bekeek" in here.page.locator("main").inner_text()
    assert picture(here).std() > 8
    assert 3 < took < 15, "one long wait, and then short ones"
    assert any("/tiles/" in route.request.url for route in held), "it was asked all the same"
    here.page.context.unroute_all()  # and all that was held goes on
    here.page.get_by_text("De verbinding is zwak").wait_for(state="detached", timeout=20_000)
    here.forgive(*OFFLINE)


def test_what_is_kept_stays_small_also_when_a_worker_lives_short(visit) -> None:
    here = seen_before(visit, "#lang=nl&l=ndvi&d=2025-06-10")
    here.page.evaluate(FILL, MOST + 80)
    assert here.page.evaluate(COUNT) > MOST
    here.page.evaluate("fetch('/api/v1/status?once')")  # one answer more, and all is tidied
    here.page.wait_for_function(f"async () => (await ({COUNT})()) <= {MOST}")
    assert here.page.evaluate(HAS, "status?once"), "the oldest go, not the newest"


def test_what_the_portal_says_now_goes_first(visit) -> None:
    """Nothing kept is shown while there is a connection: neither the page nor the lists."""
    here = seen_before(visit, "#lang=en&l=ndvi")

    def changed(route) -> None:
        body = route.fetch().json()
        body["collections"][0]["title"] = {"nl": "Nieuw", "en": "Brand new"}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    def updated(route) -> None:
        html = route.fetch().text().replace("<html ", "<html data-version='new' ")
        route.fulfill(status=200, content_type="text/html", body=html)

    here.page.context.route("**/api/v1/collections", changed)
    here.page.context.route(f"{here.base}/", updated)
    here.page.reload()
    here.settle()
    assert here.page.title().startswith("Brand new")
    assert here.page.locator("html").get_attribute("data-version") == "new", "no old page"


def test_the_installed_page_has_what_browsers_ask_for(visit) -> None:
    here = visit("#lang=nl")
    manifest = here.page.request.get(f"{here.base}/manifest.webmanifest").json()
    assert manifest["start_url"] == manifest["scope"] == "/"
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        answer = here.page.request.get(here.base + icon["src"])
        assert answer.headers["content-type"] == "image/png"
        width = int.from_bytes(answer.body()[16:20])
        assert icon["sizes"] == f"{width}x{width}"
    purposes = {icon.get("purpose", "any") for icon in manifest["icons"]}
    assert purposes == {"any", "maskable"}
    assert here.page.locator("link[rel=manifest]").count() == 1
    worker = here.page.request.get(f"{here.base}/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    shell = json.loads(worker.text().split("\n")[0].removeprefix("const SHELL = ").rstrip(";"))
    for file in shell["files"]:
        assert here.page.request.get(here.base + file).status == 200, file
