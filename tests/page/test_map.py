"""The map page as people use it: look, choose, read, share, by mouse, finger and keyboard."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

pytestmark = pytest.mark.browser

PHONE = (390, 844)


def picture(visit) -> np.ndarray:
    """Return the middle of the map as it is painted."""
    width, height = (visit.page.viewport_size[side] for side in ("width", "height"))
    middle = {"x": width // 2, "y": height // 4, "width": width // 4, "height": height // 4}
    return imagecodecs.png_decode(visit.page.screenshot(clip=middle))[..., :3].astype(float)


def dates_asked(addresses: list[str]) -> set[str]:
    return {part for url in addresses for part in url.split("&") if part.startswith("datetime=")}


def test_shows_an_image_that_is_marked_as_simulated(tab) -> None:
    here = tab()
    assert picture(here).std() > 8, "the map is blank"
    assert "GESIMULEERD" in here.page.locator(".stamp").inner_text()
    assert here.page.get_by_role("heading", name="Landzicht").is_visible()
    assert any("size=512" in url for url in here.tiles)


def test_without_a_mouse_the_value_is_that_of_the_middle(tab) -> None:
    here = tab(size=PHONE)
    assert here.page.locator(".cross").is_visible()
    here.page.locator("aside .bands").first.wait_for(state="attached")
    here.page.get_by_text("Midden van de kaart").wait_for()


def test_the_place_in_the_middle_stays_there_when_the_sheet_comes_up(tab) -> None:
    here = tab("#lang=nl&l=ndvi&v=14.00/52.58000/5.23000", size=PHONE)
    cross = here.page.locator(".cross")
    here.page.wait_for_load_state("networkidle")
    here.page.wait_for_timeout(600)  # the map comes to rest, and then the link follows
    low, link = cross.bounding_box()["y"], here.link
    for step in (1, -1):
        here.page.locator(".toggle").click()
        here.page.wait_for_timeout(600)  # the map comes to rest, and then the link follows
        assert here.link == link
        assert (low - cross.bounding_box()["y"] > 100) is (step == 1)


MEASURE_LINES = """() => {
  [window.screens, window.frames] = [0, 0];
  const canvas = CanvasRenderingContext2D.prototype;
  const { moveTo, lineTo } = canvas;
  canvas.clearRect = new Proxy(canvas.clearRect, {
    apply: (clear, canvas, box) => {
      window.frames += 1;
      return clear.apply(canvas, box);
    },
  });
  canvas.moveTo = function (x, y) {
    this.at = [x, y];
    moveTo.call(this, x, y);
  };
  canvas.lineTo = function (x, y) {
    const [fromX, fromY] = this.at ?? [x, y];
    window.screens += Math.hypot(x - fromX, y - fromY) / innerWidth;
    this.at = [x, y];
    lineTo.call(this, x, y);
  };
}"""


def test_only_what_is_in_view_is_drawn(tab) -> None:
    """Each frame of a move draws the coasts and borders here, not those of the whole world."""
    here = tab("#lang=nl&l=ndvi&v=12.00/52.58000/5.23000")
    here.page.evaluate(MEASURE_LINES)
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.wait_for_timeout(300)
    drawn = here.page.evaluate("screens / frames")
    assert 0 < drawn < 6_000, here.page.evaluate("[screens, frames]")


def test_the_legend_stays_in_sight_when_another_part_is_open(tab) -> None:
    here = tab("#lang=nl&l=ndvi")
    brief = here.page.locator(".peek .scale")
    assert brief.count() == 0, "the whole legend is there"
    here.page.get_by_role("button", name="Vergelijk", exact=True).click()
    brief.wait_for()
    assert brief.inner_text().split("\n") == ["Kaal", "Dicht blad"]
    assert "gradient" in brief.locator(".ramp").evaluate("e => getComputedStyle(e).backgroundImage")


def test_language_switches_everything_and_stays(tab) -> None:
    here = tab()
    here.page.get_by_role("button", name="English").click()
    assert here.page.evaluate("document.documentElement.lang") == "en"
    assert here.page.get_by_role("group", name="What do you want to see?").is_visible()
    assert here.page.get_by_label("Natural colours").is_checked()
    assert "SIMULATED" in here.page.locator(".stamp").inner_text()
    assert "Base map" in here.page.locator(".credit").inner_text()
    here.wait_for_link("lang=en")
    here.go()
    here.settle()
    assert here.page.evaluate("document.documentElement.lang") == "en"


def test_link_restores_what_was_shared(tab) -> None:
    link = "#lang=en&c=zonderland-s2&l=ndvi&d=2025-07-10&v=13.00/52.59000/5.21000"
    here = tab(link)
    assert here.page.get_by_label("How green is it?").is_checked()
    assert here.page.locator("input[name=day]:checked").get_attribute("value") == "2025-07-10"
    assert dates_asked(here.tiles) >= {"datetime=2025-07-10"}
    assert all("layer=ndvi" in url for url in here.tiles)
    here.wait_for_link("v=13.00/52.59000/5.21000")
    assert not here.page.locator(".banners .line").count()


def test_another_link_in_the_same_tab_is_followed(tab) -> None:
    here = tab()
    here.page.evaluate("location.hash = '#lang=en&l=water&d=2025-04-26&v=12/52.6/5.2'")
    here.page.wait_for_selector("input[name=layer][value=water]:checked")
    here.wait_for_link("d=2025-04-26")
    assert here.page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize(
    "link",
    [
        "#lang=nl&c=gone&l=nothing&d=1999-01-01&v=99/900/x",
        "#lang=nl&l=<script>alert(1)</script>",
        "#lang=nl&d=2025-04-27",
    ],
)
def test_broken_link_shows_the_nearest_and_says_so(tab, link: str) -> None:
    here = tab(link)
    assert "link klopt niet" in here.page.locator(".banners").inner_text()
    here.page.locator(".banners").get_by_role("button", name="Sluit").click()
    assert not here.page.locator(".banners .line").count()
    assert picture(here).std() > 8


@pytest.mark.parametrize("link", ["#%%%", "#lang=xx&v=1/2", "#&&&=", "#d=2025-99-99"])
def test_nonsense_in_the_link_does_no_harm(tab, link: str) -> None:
    here = tab(link)
    assert here.page.locator("input[name=day]:checked").count() == 1


def test_keyboard_steps_through_the_dates(tab) -> None:
    here = tab("#lang=nl&d=2025-07-10")
    before = picture(here)
    here.page.locator("input[name=day]:checked").focus()
    here.page.keyboard.press("ArrowLeft")
    here.wait_for_link("d=2025-06-10")
    here.settle()
    assert "datetime=2025-06-10" in dates_asked(here.tiles)
    assert np.abs(picture(here) - before).mean() > 1
    assert "10 juni 2025" in here.page.locator("#dates").inner_text()


def test_buttons_step_and_stop_at_the_ends(tab) -> None:
    here = tab("#lang=nl&d=2025-04-26")
    back = here.page.get_by_role("button", name="Vorige dag met beeld")
    on = here.page.get_by_role("button", name="Volgende dag met beeld")
    assert back.is_disabled()
    for date in ("2025-06-10", "2025-08-09"):  # the tenth of July is cloudy
        on.click()
        here.wait_for_link(f"d={date}")
    assert on.is_disabled()


def test_neighbours_are_fetched_ahead(tab) -> None:
    here = tab("#lang=nl&d=2025-06-10")
    here.page.wait_for_function(
        "() => ['2025-04-26', '2025-08-09'].every((date) =>"
        " performance.getEntriesByType('resource')"
        ".some((entry) => entry.name.includes('datetime=' + date)))"
    )


def test_old_image_stays_until_the_new_one_is_complete(tab) -> None:
    here = tab("#lang=nl&d=2025-07-10")
    held = []

    def hold(route) -> None:
        held.append(route)

    here.page.route("**/WebMercatorQuad/**layer=ndvi**", hold)
    here.page.get_by_label("Hoe groen is het?").check()
    here.page.wait_for_selector("#map[data-state=busy]")
    here.page.wait_for_timeout(500)
    assert picture(here).std() > 8, "the map went blank while the new image was loading"
    for route in held:
        route.continue_()
    here.page.unroute_all()


def test_layer_has_words_at_both_ends(tab) -> None:
    here = tab()
    here.page.get_by_label("Hoe groen is het?").check()
    here.settle()
    ends = here.page.locator(".ends").inner_text().lower()
    assert "kaal" in ends
    assert "0,95" in ends
    assert "gradient" in here.page.locator(".ramp").evaluate("e => e.style.background")


def test_value_under_the_mouse_and_its_mark(tab) -> None:
    here = tab("#lang=nl&l=ndvi&d=2025-06-10")
    box = here.page.locator("#map").bounding_box()
    here.page.mouse.move(box["width"] * 0.6, box["height"] * 0.4)
    here.page.wait_for_selector("aside .big")
    number = float(here.page.locator("aside .big").inner_text().replace(",", "."))
    assert -1 <= number <= 1
    assert here.page.locator(".ramp .mark").count() == 1
    here.page.mouse.move(40, 300)
    here.page.wait_for_selector("aside .big", state="detached")


def test_keyboard_moves_the_map_and_reads_the_centre(tab) -> None:
    here = tab("#lang=nl&l=ndvi&d=2025-06-10")
    before = here.page.evaluate("location.hash")
    here.page.locator("#map").focus()
    here.page.keyboard.press("ArrowRight")
    here.page.wait_for_function("before => location.hash !== before", arg=before)
    here.page.wait_for_selector("aside .big")
    assert here.page.locator(".cross").is_visible()
    assert "Midden van de kaart" in here.page.locator("aside").inner_text()
    here.page.keyboard.press("Tab")
    assert here.page.evaluate("document.activeElement.id") != "map", "the map is a keyboard trap"


def test_share_gives_the_link_of_what_is_shown(tab) -> None:
    here = tab("#lang=en&l=moisture")
    here.wait_for_link("l=moisture")
    here.page.get_by_role("button", name="Share", exact=True).click()
    shared = here.page.get_by_label("Link to this map").input_value()
    assert shared == here.page.url
    here.page.get_by_role("button", name="Copy").first.click()
    here.page.get_by_role("status").get_by_text("The link was copied.", exact=True).wait_for()
    here.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    here.page.get_by_role("button", name="Copy").first.click()
    here.page.get_by_role("status").get_by_text("Copying did not work.").wait_for()
    selected = here.page.get_by_label("Link to this map").evaluate(
        "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    )
    assert selected == shared
    here.page.keyboard.press("Escape")
    assert not here.page.get_by_label("Link to this map").is_visible()


def test_about_tells_where_it_comes_from(tab) -> None:
    here = tab()
    here.page.get_by_text("Over deze kaart").click()
    here.page.get_by_text("CC0-1.0").first.wait_for()
    told = here.page.locator("aside").inner_text()
    for part in ("Gesimuleerd", "CC0-1.0", "10 meter", "Zonderland"):
        assert part in told


def test_zoom_buttons_are_large_enough_and_work(tab) -> None:
    here = tab()
    here.wait_for_link("v=")
    zoom = float(here.link.split("v=")[1].split("/")[0])
    button = here.page.get_by_role("button", name="Zoom in")
    box = button.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    button.click()
    here.page.wait_for_function(
        "zoom => Number(location.hash.split('v=')[1].split('/')[0]) > zoom + 0.9", arg=zoom
    )


def test_phone_sheet_opens_and_closes(tab) -> None:
    here = tab(size=PHONE)
    toggle = here.page.get_by_role("button", name="Meer")
    assert toggle.get_attribute("aria-expanded") == "false"
    assert not here.page.get_by_label("Hoe groen is het?").is_visible()
    toggle.click()
    here.page.get_by_label("Hoe groen is het?").check()
    here.settle()
    here.page.keyboard.press("Escape")
    assert here.page.get_by_role("button", name="Meer").get_attribute("aria-expanded") == "false"


@pytest.mark.parametrize("size", [(320, 640), PHONE, (640, 360), (768, 1024)])
def test_no_sideways_scroll(tab, size: tuple[int, int]) -> None:
    here = tab(size=size)
    width = here.page.evaluate(
        "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
    )
    assert width <= size[0]
    outside = here.page.evaluate(
        "[...document.querySelectorAll('button, header, #dates, .stamp, .toggle')]"
        ".filter((e) => !e.closest('.strip') && e.offsetParent !== null)"
        ".map((e) => [e.className, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.right > innerWidth + 1 || box.left < -1).map(([name]) => name)"
    )
    assert outside == []


def test_without_javascript_there_is_a_way_on(visit) -> None:
    here = visit(link=None, java_script_enabled=False)
    here.go()
    here.page.get_by_role("link", name="zien welke gegevens er zijn").click()
    assert "Zonderland" in here.page.locator("main").inner_text()
