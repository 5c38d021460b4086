"""Colours made on the device: the server's colours, without any request, with or without a card."""

from __future__ import annotations

import json
import random
import re
import shutil
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import imagecodecs
import numpy as np
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from landzicht.render.colormaps import COLORMAPS, colormap
from landzicht.testing.formulas import expected, random_formula
from landzicht.testing.node import run_page

pytestmark = pytest.mark.browser

PAGE = Path(__file__).parents[2] / "page"
TILE = "tiles/zonderland-s2/WebMercatorQuad/12/2107/1342"
DAY = "2025-06-10"
PHONE = (390, 844)
# As if software were a graphics card, and quick: else the page rightly leaves it alone.
CARD = """
const context = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return context.call(this, kind, options && { ...options, failIfMajorPerformanceCaveat: false });
};
const told = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === 0x9246 ? 'Test card' : told.call(this, name);
};
const draw = WebGL2RenderingContext.prototype.drawArrays;
window.drawn = 0;
WebGL2RenderingContext.prototype.drawArrays = function (...all) {
  window.drawn += 1;
  return draw.apply(this, all);
};
"""
PAINT = """
import { readBands, valuesOf } from 'PAGE/lib/bands.ts';
import { evaluate } from 'PAGE/lib/evaluate.ts';
import { parseFormula } from 'PAGE/lib/formula.ts';
import { colour } from 'PAGE/lib/colour/paint.ts';
import { coloursOf } from 'PAGE/lib/colour/palettes.ts';
import { readFileSync, writeFileSync } from 'node:fs';

async function answer({ tile, looks, out, palettes }) {
  const bytes = readFileSync(tile);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const { header, numbers } = await readBands(buffer);
  const bands = {};
  for (const band of header.bands) {
    const table = valuesOf(band);
    bands[band.name] = Float32Array.from(numbers[band.name], (number) => table[number]);
  }
  const { width, height } = header;
  const pictures = looks.map(({ formulas, ranges, palette }) => {
    const read = formulas.map(parseFormula);
    const planes = read.map((formula) => evaluate(formula, bands));
    const pixels = new Uint32Array(width * height);
    colour({ width, height, planes }, { formulas: read, ranges, palette, classes: [] }, pixels);
    return Buffer.from(pixels.buffer);
  });
  writeFileSync(out, Buffer.concat(pictures));
  return palettes.map((name) => [...coloursOf(name, 255)]);
}
"""


def fetch(base: str, path: str, **query: object) -> bytes:
    with urllib.request.urlopen(f"{base}/{path}?{urlencode(query, doseq=True)}") as answer:
        return answer.read()


def drawn(page) -> None:
    """Wait until the picture is complete and the names of areas lie on it."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    page.wait_for_selector("#map[data-state=complete]")


def screen(visit) -> np.ndarray:
    """Return the part of the map that holds the image, without panels."""
    drawn(visit.page)
    clip = {"x": 600, "y": 110, "width": 440, "height": 420}
    return imagecodecs.png_decode(visit.page.screenshot(clip=clip))[..., :3].astype(float)


def bands_asked(visit) -> list[str]:
    return [url for url in visit.requests if ".bands" in url]


def look(visit, link: str) -> None:
    """Follow another link in the same page."""
    visit.settle()
    visit.page.evaluate("link => { location.hash = link; }", link)
    with suppress(PlaywrightTimeout):  # what is there already is painted between two looks
        visit.page.wait_for_selector("#map[data-state=busy]", timeout=1500)
    visit.settle()


def test_palettes_are_those_of_the_server(tmp_path, portal) -> None:
    names = [name for name in COLORMAPS if name != "nothing"]
    tile = tmp_path / "tile"
    tile.write_bytes(fetch(portal.base, f"{TILE}.bands", assets="B04", datetime=DAY))
    given = {"tile": str(tile), "looks": [], "out": str(tmp_path / "out"), "palettes": names}
    for name, page in zip(names, run_page(PAGE, tmp_path, PAINT, given), strict=True):
        off = np.abs(np.array(page).reshape(-1, 3) - colormap(name, 255).astype(int))
        assert off.max() <= 1, name


def test_pixels_are_those_of_the_server_for_any_formula_and_palette(tmp_path, portal) -> None:
    chance = random.Random()
    tile = tmp_path / "tile"
    query = {"datetime": DAY, "size": 256}
    bands = fetch(portal.base, f"{TILE}.bands", assets=["B04", "B08"], depth=16, **query)
    tile.write_bytes(bands)
    looks, truth = [], []
    while len(looks) < 24:
        formula = random_formula(chance).replace('"a b"', "B04").replace("pi", "B08")
        low = chance.uniform(-2, 2)
        span = chance.choice([0.1, 0.5, 1, 3])
        palette = chance.choice(COLORMAPS)
        if "tree" not in expected(formula):
            continue
        looks.append({"formulas": [formula], "ranges": [[low, low + span]], "palette": palette})
        asked = {**query, "expression": formula, "rescale": f"{low},{low + span}"}
        asked |= {"colormap_name": palette, "mark": "false"}
        truth.append(imagecodecs.png_decode(fetch(portal.base, f"{TILE}.png", **asked)))
    three = {"formulas": ["B08", "B04", "B04*2"], "ranges": [[0, 0.5], [0, 0.3], [0.1, 0.4]]}
    looks.append({**three, "palette": "viridis"})
    asked = {"expression": "B08;B04;B04*2", "rescale": "0,0.5,0,0.3,0.1,0.4", "mark": "false"}
    truth.append(imagecodecs.png_decode(fetch(portal.base, f"{TILE}.png", **query, **asked)))
    out = tmp_path / "out"
    run_page(
        PAGE, tmp_path, PAINT, {"tile": str(tile), "looks": looks, "out": str(out), "palettes": []}
    )
    pages = np.fromfile(out, np.uint8).reshape(len(looks), 256, 256, 4)
    for look, page, server in zip(looks, pages, truth, strict=True):
        full = rgba(server)
        np.testing.assert_array_equal(page[..., 3] > 0, full[..., 3] > 0, err_msg=str(look))
        seen = full[..., 3] > 0
        off = np.abs(page[..., :3].astype(int) - full[..., :3])[seen]
        # A value between two colours may be rounded to either: one step of the palette at most.
        assert off.max(initial=0) <= 8, look
        if len(np.unique(full[seen])) > 30:  # few colours: all of one may lie between two
            assert np.quantile(off, 0.99) <= 1, look


def rgba(picture: np.ndarray) -> np.ndarray:
    if picture.ndim == 2:
        picture = np.stack([picture] * 3, axis=-1)
    if picture.shape[-1] == 3:
        alpha = np.full((*picture.shape[:2], 1), 255, np.uint8)
        picture = np.concatenate([picture, alpha], axis=-1)
    return picture.astype(int)


@pytest.mark.parametrize("way", ["card", "processor"])
def test_restyling_asks_for_nothing(visit, way: str) -> None:
    here = visit(link=None)
    if way == "card":
        here.page.add_init_script(CARD)
    here.go(f"#lang=nl&l=ndvi&d={DAY}")
    here.settle()
    assert here.tiles
    assert all(".webp" in url for url in here.tiles), "the first picture is small"
    here.page.get_by_text("Kleuren aanpassen").click()
    slider = here.page.get_by_label("Eind van de kleuren")
    slider.wait_for()
    assert not bands_asked(here), "looking at the sliders costs nothing yet"
    slider.focus()
    here.page.keyboard.press("ArrowLeft")
    here.wait_for_link("b=")
    here.settle()
    asked = bands_asked(here)
    assert asked
    assert {key for url in asked for key in re.findall(r"assets=(\w+)", url)} == {"B04", "B08"}
    here.page.wait_for_timeout(800)
    before, drawn = list(here.requests), here.page.evaluate("window.drawn ?? 0")
    first = screen(here)
    for _ in range(10):
        here.page.keyboard.press("ArrowLeft")
    for palette in ("magma", "prgn", "cividis"):
        here.page.get_by_label(palette, exact=True).check(force=True)
        here.wait_for_link(f"p={palette}")
    here.page.get_by_label("Formule").fill("B08 / (B04 + B08) - 0.1")
    here.page.keyboard.press("Enter")
    here.wait_for_link("f=B08")
    here.page.wait_for_timeout(800)
    assert np.abs(screen(here) - first).mean() > 5
    new = [url for url in here.requests[len(before) :] if "/tiles/" in url or "/api/" in url]
    assert new == []
    if way == "card":
        assert here.page.evaluate("window.drawn") > drawn + 12
    here.forgive("ReadPixels")


def test_card_processor_and_server_show_the_same(visit, browser) -> None:
    view = "v=13.00/52.58700/5.22200"
    looks = [
        f"#lang=nl&l=ndvi&d={DAY}&f=B08%2FB04&b=0,12&p=magma&{view}",
        f"#lang=nl&l=ndvi&d={DAY}&f=where(B08>0.3,B08,nan)&b=0.1,0.6&p=rdbu_r&{view}",
        f"#lang=nl&l=visual&d={DAY}&b=0.02,0.2&{view}",
    ]
    shots = []
    for script in (CARD, ""):
        here = visit(link=None)
        here.page.add_init_script(script)
        here.go(looks[0])
        shots.append([screen(here)])
        for one in looks[1:]:
            look(here, one)
            shots[-1].append(screen(here))
        assert (here.page.evaluate("window.drawn ?? 0") > 0) == (script == CARD)
        here.forgive("ReadPixels")
    for card, processor in zip(*shots, strict=True):
        assert card.std() > 8
        assert np.abs(card - processor).max() <= 2
    plain = visit(f"#lang=nl&l=ndvi&d={DAY}&{view}")
    server = screen(plain)
    look(plain, f"#lang=nl&l=ndvi&d={DAY}&p=ylgn&{view}")
    off = np.abs(screen(plain) - server)
    # WebP of the server loses a little, and the two marks here are set in other letters.
    assert np.median(off) <= 2
    rest = np.sort(off.ravel())[: int(0.98 * off.size)]  # the letters of two marks are the others
    assert rest.mean() < 4


TAKEN = """
const paint = WebGL2RenderingContext.prototype.drawArrays;
WebGL2RenderingContext.prototype.drawArrays = function (...all) {
  this.getExtension('WEBGL_lose_context').loseContext();
  return paint.apply(this, all);
};
"""
"""A device short of memory: the card is taken away while it draws."""


def test_a_card_that_is_taken_away_leaves_no_hole(visit) -> None:
    link = f"#lang=nl&l=ndvi&d={DAY}&f=B08-B04&b=0,0.5&p=viridis&v=13.00/52.58700/5.22200"
    shots = []
    for script in ("", CARD + TAKEN):
        here = visit(link=None)
        here.page.add_init_script(script)
        here.go(link)
        shots.append(screen(here))
        here.forgive("CONTEXT_LOST")
    assert here.page.evaluate("window.drawn") > 0
    assert shots[0].std() > 8
    assert np.abs(shots[0] - shots[1]).max() <= 2


def test_without_any_webgl_the_map_is_the_same(playwright_flags, visit) -> None:
    link = f"#lang=nl&l=ndvi&d={DAY}&f=B08-B04&b=0,0.5&p=viridis&v=13.00/52.58700/5.22200"
    here = visit(link)
    plain = screen(here)
    bare = playwright_flags("--disable-3d-apis")
    bare.goto(f"{here.base}/{link}")
    drawn(bare)
    assert bare.evaluate("!document.createElement('canvas').getContext('webgl2')")
    clip = {"x": 600, "y": 110, "width": 440, "height": 420}
    shot = imagecodecs.png_decode(bare.screenshot(clip=clip))[..., :3].astype(float)
    assert plain.std() > 8
    assert np.abs(shot - plain).max() <= 2


@pytest.fixture
def playwright_flags(browser):
    """Open a page in a browser with other flags, closed at the end."""
    flags = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
    others = []

    def open_page(*more: str):
        kind = browser.browser_type
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        one = kind.launch(executable_path=path, args=[*flags, *more])
        others.append(one)
        page = one.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
        page.set_default_timeout(20_000)
        return page

    yield open_page
    for one in others:
        one.close()


def test_value_needs_no_request_and_is_that_of_the_server(tab) -> None:
    here = tab(f"#lang=en&l=ndvi&d={DAY}&p=cividis&v=13.00/52.58700/5.20000")
    map_box = here.page.locator("#map").bounding_box()
    before = len(here.requests)
    found = {}
    for x, y in ((900, 200), (960, 330), (1000, 300), (930, 420)):
        here.page.mouse.move(map_box["x"] + x, map_box["y"] + y)
        here.page.wait_for_timeout(120)
        told = here.page.locator("aside .peek section").inner_text()
        found[x, y] = told
    assert not [url for url in here.requests[before:] if "/point/" in url]
    # The centre of the view by keyboard: the server must say the same of the same place.
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.wait_for_timeout(900)
    told = here.page.locator("aside .big").inner_text()
    zoom, lat, lon = here.link.split("v=")[1].split("/")
    body = fetch(here.base, f"tiles/zonderland-s2/point/{lon},{lat}", layer="ndvi", datetime=DAY)
    value = next(iter(json.loads(body)["values"].values()))
    assert float(told) == pytest.approx(value, abs=0.0051)
    assert zoom == "13.00"
    assert len(set(found.values())) > 1


def test_a_phone_gets_fewer_bits_and_says_so(visit) -> None:
    here = visit(f"#lang=nl&l=ndvi&d={DAY}&p=cividis", size=PHONE)
    assert all("depth=8" in url for url in bands_asked(here))
    here.page.locator("aside .big").wait_for()
    here.page.get_by_role("button", name="Meer").click()
    here.page.get_by_text("Waarden zijn afgerond").wait_for()


TYPOS = [
    ("nl", "(B08-B04", "klopt niet op positie 9: het haakje van positie 1 gaat niet dicht"),
    ("en", "B08 + wortel(B04)", "wrong at position 7: no function “wortel”"),
    ("nl", "B08/B99", "Band “B99” is er niet"),
    ("en", "1 + 1", "there is no band in it"),
]


def test_a_typo_in_the_formula_is_told_and_the_map_stays(tab) -> None:
    here = tab(f"#lang=nl&l=ndvi&d={DAY}&p=magma&g=-")
    before = screen(here)
    field = here.page.locator("#formula")
    for language, typed, told in TYPOS:
        here.page.locator(f"header [lang={language}]").click()
        field.fill(typed)
        field.press("Enter")
        here.page.get_by_role("alert").filter(has_text=told).wait_for()
        assert field.get_attribute("aria-invalid") == "true"
        assert np.abs(screen(here) - before).max() == 0
        assert "f=" not in here.link
    field.fill("B08-B04")
    field.press("Enter")
    here.wait_for_link("f=B08-B04")
    assert not here.page.locator("#formula-problem").inner_text()


def test_a_link_carries_formula_palette_and_brightness(tab) -> None:
    here = tab(f"#lang=nl&l=ndvi&d={DAY}&f=(B08-B03)%2F(B08%2BB03)&b=-0.2,0.7&p=brbg")
    assert here.page.locator("#formula").input_value() == "(B08-B03)/(B08+B03)"
    assert here.page.get_by_label("brbg", exact=True).is_checked()
    assert "Eigen formule" in here.page.locator("aside").inner_text()
    here.page.get_by_role("button", name="Terug naar de gewone kleuren").click()
    here.page.wait_for_function("() => !location.hash.includes('f=')")
    here.settle()
    assert "Eigen formule" not in here.page.locator("aside").inner_text()


BROKEN = ["f=(B08-", "f=__import__('os')", "f=B99%2B1", "b=1,0", "b=x", "p=<b>", "b=1e999,2"]


def test_a_broken_look_in_a_link_shows_the_layer_and_says_so(tab) -> None:
    here = tab(f"#lang=nl&l=ndvi&d={DAY}&{BROKEN[0]}")
    told = here.page.locator(".banners").get_by_text("link klopt niet")
    for part in BROKEN:
        here.page.evaluate("link => { location.hash = link; }", f"#lang=nl&l=ndvi&d={DAY}&{part}")
        told.wait_for()
        assert screen(here).std() > 8, part
        here.page.locator(".banners").get_by_role("button", name="Sluit").click()
        told.wait_for(state="detached")


def test_simulated_pictures_carry_their_mark(visit) -> None:
    """Colours made here are marked as those of the server are."""
    link = f"#lang=nl&l=ndvi&d={DAY}&f=B08*0%2BB04*0&b=0,1&p=gray_r&v=13.00/52.58700/5.22200"
    marked = screen(visit(link))

    def real(route) -> None:
        body = route.fetch().json()
        for each in body["collections"]:
            each["simulated"] = False
        route.fulfill(json=body)

    here = visit(link=None)
    here.page.route("**/api/v1/collections", real)
    here.go(link)
    plain = screen(here)
    # One value everywhere is one colour, but for the words.
    assert (np.abs(marked - plain).sum(axis=-1) > 40).sum() > 300


def test_where_raw_bands_are_not_for_everybody_the_server_paints(visit) -> None:
    here = visit(link=None)
    here.page.route("**/*.bands**", lambda route: route.fulfill(status=403, body="{}"))
    here.go(f"#lang=nl&l=ndvi&d={DAY}&f=B08-B04&b=0,0.5&p=magma")
    here.settle()
    painted = [url for url in here.tiles if ".webp" in url]
    assert painted
    assert all("expression=B08-B04" in url and "colormap_name=magma" in url for url in painted)
    assert screen(here).std() > 8
    here.forgive("403")


def test_band_tiles_that_fail_can_be_tried_again(visit) -> None:
    here = visit(link=None)
    here.page.route("**/*.bands**", lambda route: route.fulfill(status=500, body="{}"))
    here.go(f"#lang=nl&l=ndvi&d={DAY}&p=magma")
    here.page.get_by_text("Dit beeld kon niet worden geladen").wait_for()
    here.page.unroute_all()
    here.page.get_by_role("button", name="Probeer opnieuw").click()
    here.page.get_by_text("Dit beeld kon niet worden geladen").wait_for(state="detached")
    assert screen(here).std() > 8
    here.forgive("500")
