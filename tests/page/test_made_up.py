"""What is made up stands apart from what is real, and shows its last year first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from landzicht.portal import open_portal
from landzicht.portal.settings import Settings
from landzicht.testing.scenes import make_collection
from landzicht.testing.serving import Running, portal_in
from landzicht.text import Text

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(seasons, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two years of Zonderland beside a collection that is not simulated."""
    folder = tmp_path_factory.mktemp("both") / "data"
    shutil.copytree(seasons.data, folder, ignore=shutil.ignore_patterns("cache", "jobs", "*.lock"))
    with open_portal(Settings(data=folder)) as opened:
        title = Text(nl="Echt land", en="Real land")
        opened.services.catalog.put([make_collection("real", title=title)], [])
    with portal_in(folder, "--no-demo") as running:
        yield running


@pytest.mark.parametrize(("language", "word"), [("nl", "GESIMULEERD"), ("en", "SIMULATED")])
def test_what_is_made_up_has_a_place_of_its_own_in_the_list(visit, language, word) -> None:
    here = visit(f"#lang={language}&c=zonderland-s2")
    choice = here.page.locator("select#collection")
    assert choice.locator(f"optgroup[label={word}] option").count() == 1
    assert choice.locator("> option").all_inner_texts() == [
        {"nl": "Echt land", "en": "Real land"}[language]
    ]
    assert choice.input_value() == "zonderland-s2"


def test_of_two_years_the_last_is_shown_first(visit) -> None:
    """Then there is a year before to compare with."""
    here = visit("#lang=nl&c=zonderland-s2")
    here.wait_for_link("d=2025-04-26")
