"""What lies under the images: areas with names, PDOK's map when allowed, and the Dutch grid."""

from __future__ import annotations

import math
import random
import urllib.request
from pathlib import Path

import imagecodecs
import numpy as np
import pyproj
import pytest

from landzicht.testing.node import run_page
from landzicht.testing.serving import portal_in

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parents[2] / "page"
DAY = "2025-06-10"
PROJECT = """
import { fromRd, toRd } from 'PAGE/lib/rd.ts';
const answer = (places) => places.map(([lon, lat]) => {
  const there = toRd(lon, lat);
  return [...there, ...fromRd(...there)];
});
"""
# EPSG:28992 by PROJ, with the same seven numbers from Bessel to WGS84.
BY_PROJ = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
    "+step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=565.2369 +y=50.0087 +z=465.658 "
    "+rx=-0.406857330322398 +ry=0.350732676542563 +rz=-1.8703473836068 +s=4.0812 "
    "+convention=position_vector +step +inv +proj=cart +ellps=bessel +step +proj=sterea "
    "+lat_0=52.1561605555556 +lon_0=5.38763888888889 +k=0.9999079 +x_0=155000 +y_0=463000 "
    "+ellps=bessel"
)


def screen(visit) -> np.ndarray:
    visit.settle()
    clip = {"x": 600, "y": 110, "width": 440, "height": 420}
    return imagecodecs.png_decode(visit.page.screenshot(clip=clip))[..., :3].astype(float)


def test_dutch_grid_is_that_of_proj(tmp_path) -> None:
    chance = random.Random()
    places = [(chance.uniform(2, 8), chance.uniform(50, 54.5)) for _ in range(300)]
    places += [(chance.uniform(-12, 22), chance.uniform(42, 61)) for _ in range(100)]
    found = np.array(run_page(PAGE, tmp_path, PROJECT, places))
    there = pyproj.Transformer.from_pipeline(BY_PROJ)
    truth = np.array([there.transform(*place) for place in places])
    assert np.abs(found[:, :2] - truth).max() < 0.001
    assert np.abs(found[:, 2:] - np.array(places)).max() < 1e-7
    official = pyproj.Transformer.from_crs(4326, 28992, always_xy=True)
    near = np.array([official.transform(*place) for place in places[:300]])
    assert np.hypot(*(found[:300, :2] - near).T).max() < 1.0


def test_switching_to_rd_keeps_the_place_and_uses_the_grid_of_the_server(visit) -> None:
    here = visit(f"#lang=nl&l=visual&d={DAY}&v=13.00/52.58700/5.22200")
    before = screen(here)
    here.page.get_by_text("Ondergrond en kaartvlak").click()
    here.page.get_by_label("Nederland (RD)").check()
    here.wait_for_link("crs=rd")
    here.settle()
    asked = [url for url in here.requests if "NetherlandsRDNewQuad" in url]
    assert asked
    zoom, lat, lon = (float(part) for part in here.link.split("v=")[1].split("/"))
    assert (lat, lon) == pytest.approx((52.587, 5.222), abs=1e-4)
    assert zoom == pytest.approx(13, abs=0.02)
    after = screen(here)
    assert after.std() > 8
    # The same place at the same scale, only laid otherwise: blurred, they look alike.
    smooth = [shot.reshape(20, 21, 20, 22, 3).mean(axis=(1, 3)) for shot in (before, after)]
    assert np.corrcoef(smooth[0].ravel(), smooth[1].ravel())[0, 1] > 0.6


def test_rd_with_colours_of_the_device(visit) -> None:
    here = visit(f"#lang=nl&l=ndvi&d={DAY}&crs=rd&p=magma&v=13.00/52.58700/5.22200")
    assert [url for url in here.requests if "NetherlandsRDNewQuad" in url and ".bands" in url]
    assert screen(here).std() > 8
    here.page.mouse.move(840, 320)
    here.page.wait_for_timeout(300)
    value = here.page.locator("aside .big").inner_text().replace(",", ".")
    assert math.isfinite(float(value))


def test_registered_areas_are_drawn_with_their_names(visit) -> None:
    here = visit(f"#lang=nl&l=ndvi&d={DAY}&g=-&v=13.00/52.58700/5.22200")
    here.page.wait_for_timeout(600)
    bare = screen(here)
    assert not [url for url in here.requests if "/items" in url]
    here.page.get_by_text("Ondergrond en kaartvlak").click()
    choice = here.page.get_by_label("Gebieden op de kaart")
    choice.select_option("zonderland-municipalities")
    here.wait_for_link("g=zonderland-municipalities")
    here.page.wait_for_timeout(1200)
    drawn = screen(here)
    changed = (np.abs(drawn - bare).sum(axis=-1) > 30).sum()
    assert 300 < changed < 0.3 * drawn[..., 0].size
    choice.select_option("-")
    here.wait_for_link("g=-")
    here.page.wait_for_timeout(600)
    assert np.abs(screen(here) - bare).mean() < 1


def test_zonderland_shows_its_own_places_without_being_asked(visit) -> None:
    here = visit(f"#lang=nl&d={DAY}")
    here.page.wait_for_function(
        "() => performance.getEntriesByType('resource')"
        ".some((one) => one.name.includes('/areas/zonderland-municipalities/items'))"
    )


def test_other_servers_are_not_asked_when_the_operator_did_not_allow_it(visit) -> None:
    here = visit(f"#lang=nl&d={DAY}&base=brt")
    here.page.wait_for_timeout(500)
    here.page.get_by_text("Ondergrond en kaartvlak").click()
    assert not here.page.get_by_label("Topografische kaart van PDOK").count()
    with urllib.request.urlopen(here.base) as answer:
        assert "pdok" not in answer.headers["content-security-policy"]
    # The fixture tells at the end that no other server was asked.


@pytest.fixture
def allowing(portal, monkeypatch: pytest.MonkeyPatch):
    """The same data, served by an operator who allows the map of PDOK."""
    monkeypatch.setenv("LANDZICHT_BASE_MAPS", "brt")
    with portal_in(portal.data, "--no-demo") as running:
        yield running


def test_pdok_lies_under_the_image_when_it_is_switched_on(visit, allowing) -> None:
    """The portal's own status and policy let it; only PDOK itself, outside, is played."""
    here = visit(link=None)
    here.base = allowing.base
    pixel = imagecodecs.png_encode(np.full((256, 256, 3), (250, 0, 250), np.uint8))
    asked: list[str] = []

    def tile(route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="image/png", body=bytes(pixel))

    here.page.route("https://service.pdok.nl/**", tile)
    here.go(f"#lang=nl&d={DAY}&v=13.00/52.58700/5.10000")
    here.settle()
    here.page.get_by_text("Ondergrond en kaartvlak").click()
    assert not asked
    here.page.get_by_label("Topografische kaart van PDOK").check()
    here.wait_for_link("base=brt")
    here.page.wait_for_timeout(800)
    assert asked
    assert all("/EPSG:3857/" in url for url in asked)
    shot = screen(here)
    assert (shot[..., 1] < 40).mean() > 0.3, "the other map is not to be seen"
    assert "Kadaster" in here.page.locator(".credit").inner_text()
    here.requests[:] = [url for url in here.requests if "pdok" not in url]
