"""The look of an organisation on the real pages: colours, logo, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landzicht.testing.serving import Running, portal_in

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "docs/themes/example.css"
BLUE, LIGHT_BLUE = "rgb(11, 79, 138)", "rgb(143, 196, 242)"
COLOUR = "e => getComputedStyle(e).backgroundColor"


@pytest.fixture(scope="module")
def themed(portal: Running) -> Iterator[Running]:
    """The same data served by another process, with the example theme."""
    with portal_in(portal.data, "--no-demo", "--theme", str(EXAMPLE)) as running:
        yield running


@pytest.mark.parametrize(("scheme", "colour"), [("light", BLUE), ("dark", LIGHT_BLUE)])
def test_colours_and_logo(visit, themed, scheme: str, colour: str) -> None:
    here = visit(link=None, color_scheme=scheme)
    here.base = themed.base
    here.go("#lang=nl")
    here.settle()
    pressed = here.page.locator(".languages button[aria-pressed=true]")
    assert pressed.evaluate(COLOUR) == colour
    logo = here.page.locator("header img").evaluate("e => getComputedStyle(e).content")
    assert logo.startswith('url("data:image/svg+xml')
    here.go("data?lang=nl")
    button = here.page.get_by_role("link", name="Bekijk op de kaart").first
    assert button.evaluate(COLOUR) == colour
    assert "data:image/svg+xml" in here.page.locator(".home img").evaluate(
        "e => getComputedStyle(e).content"
    )


def test_without_a_theme_it_is_our_own_look(visit) -> None:
    here = visit("#lang=nl")
    assert here.page.locator("header img").evaluate("e => getComputedStyle(e).content") == "normal"
    pressed = here.page.locator(".languages button[aria-pressed=true]")
    assert pressed.evaluate(COLOUR) == "rgb(13, 90, 76)"
