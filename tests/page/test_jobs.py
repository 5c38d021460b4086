"""A measurement that the operator finds too much to answer at once is a job, followed here."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request

import pytest

from landzicht.testing.serving import portal_in

pytestmark = pytest.mark.browser

LINK = "#lang=nl&l=ndvi&a=zonderland-parcels:39&v=15/52.6/5.19"


@pytest.fixture(scope="module")
def portal(seasons, tmp_path_factory):
    """The same two years of another operator, who answers nothing at once and keeps no answers."""
    folder = tmp_path_factory.mktemp("jobs") / "data"
    # Without the answers that are stored there: those come at once.
    shutil.copytree(seasons.data, folder, ignore=shutil.ignore_patterns("cache", "jobs", "*.lock"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANDZICHT_SERIES_DIRECT_MPX", "0")
        patch.setenv("LANDZICHT_SERIES_CACHE_MB", "0")
        with portal_in(folder, "--no-demo") as running:
            yield running


class Polls:
    """Questions of a page how far its job is: each held back, to be answered by the test."""

    def __init__(self, here) -> None:
        self.here, self.held = here, []
        here.page.route(re.compile(r"/api/v1/jobs/[\w-]+$"), self.hold)

    def hold(self, route) -> None:
        if route.request.method == "GET":
            self.held.append(route)
        else:
            route.continue_()

    def answer(self, **changed: object) -> None:
        """Answer the next one as the portal does, but for what is changed."""
        route = self.next()
        route.fulfill(json=route.fetch().json() | changed)

    def next(self):
        for _ in range(600):
            if self.held:
                return self.held.pop()
            self.here.page.wait_for_timeout(50)
        raise AssertionError(self.here.requests[-5:])

    def let_go(self) -> None:
        self.here.page.unroute_all()
        for route in self.held:
            route.continue_()


@pytest.fixture(scope="module")
def rows(seasons) -> list[dict]:
    """The same parcel, as another portal on the same images answers it at once."""
    feature = seasons.get("/api/v1/areas/zonderland-parcels/items/39").json()
    asked = {
        "collection": "zonderland-s2",
        "layer": "ndvi",
        "stats": ["mean", "p10", "p90"],
        "parcels": feature,
    }
    told = {"content-type": "application/json", "accept": "application/x-ndjson"}
    request = urllib.request.Request(
        f"{seasons.base}/api/v1/series", json.dumps(asked).encode(), told
    )
    with urllib.request.urlopen(request, timeout=180) as answer:  # it may compile first
        assert answer.status == 200
        return [json.loads(line) for line in answer]


def jobs_of(here) -> set[str]:
    """Return the jobs that a page asked for."""
    found = (re.search(r"/api/v1/jobs/([\w-]+)", url) for url in here.requests)
    return {one[1] for one in found if one}


def wait_until_gone(here, portal) -> None:
    """Wait until the portal keeps no job; this operator finds the doubts too much as well (413)."""
    here.page.wait_for_selector("#part-measure .busy.lz-hidden", state="attached")
    here.forgive("413")
    asked = jobs_of(here)
    assert asked
    for _ in range(100):
        kept = {path.name for path in (portal.data / "jobs").glob("*/")}
        if not asked & kept:
            return
        here.page.wait_for_timeout(50)
    raise AssertionError(asked & kept)


def test_a_job_is_followed_to_its_answer(visit, portal, rows) -> None:
    here = visit(link=None)
    polls = Polls(here)
    here.go(LINK)
    part = here.page.locator("#part-measure")
    part.get_by_text(f"0 van {len(rows)} dagen gemeten").wait_for()
    assert "veel werk" in part.get_by_role("status").filter(has_text="werk").inner_text()
    polls.answer(status="running", done=5)
    bar = part.get_by_role("progressbar", name=f"5 van {len(rows)} dagen gemeten")
    bar.wait_for()
    assert bar.evaluate("bar => [bar.value, bar.max]") == [5, len(rows)]
    polls.let_go()
    part.locator(".story p").first.wait_for()
    bar.wait_for(state="detached")
    part.locator("summary").first.click()
    cells = part.locator("tbody tr").evaluate_all(
        "all => all.map((row) => row.querySelector('td').textContent.trim())"
    )
    seen = [cell.split("?")[0].strip().replace(",", ".") for cell in cells]
    wanted = ["–" if row["mean"] is None else f"{row['mean']:.2f}" for row in reversed(rows)]
    assert seen == wanted
    wait_until_gone(here, portal)


def test_another_question_stops_the_job(visit, portal) -> None:
    here = visit(link=None)
    polls = Polls(here)
    here.go(LINK)
    polls.next()
    (first,) = jobs_of(here)
    with here.page.expect_request(
        lambda request: request.method == "DELETE" and request.url.endswith(first)
    ):
        here.page.evaluate("link => { location.hash = link; }", LINK.replace("ndvi", "moisture"))
    polls.let_go()
    here.page.locator(".story").filter(has_text="vochtigst").wait_for()
    wait_until_gone(here, portal)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_job_that_fails_says_why_and_can_be_asked_again(visit, portal, language: str) -> None:
    here = visit(link=None)
    polls = Polls(here)
    here.go(LINK.replace("lang=nl", f"lang={language}"))
    why = {
        "nl": "De schijf is vol. Vraag de beheerder.",
        "en": "The disk is full. Ask who runs this.",
    }
    polls.answer(status="failed", error={"code": "disk-failed", **why})
    alert = here.page.get_by_role("alert").filter(has_text=why[language])
    alert.wait_for()
    assert not here.page.locator("#part-measure progress").count()
    polls.let_go()
    alert.get_by_role("button").click()
    here.page.locator(".story p").first.wait_for()
    wait_until_gone(here, portal)


def test_a_long_measurement_can_be_stopped_and_begun_again(visit, portal) -> None:
    here = visit(link=None)
    polls = Polls(here)
    here.go(LINK)
    part = here.page.locator("#part-measure")
    polls.answer(status="running", done=5)
    part.get_by_role("progressbar").wait_for()
    (first,) = jobs_of(here)
    with here.page.expect_request(
        lambda request: request.method == "DELETE" and request.url.endswith(first)
    ):
        part.get_by_role("button", name="Stop met meten").click()
    part.get_by_role("status").filter(has_text="Het meten is gestopt").wait_for()
    assert not part.get_by_role("progressbar").count()
    assert not part.get_by_role("button", name="Stop met meten").count()
    polls.let_go()
    part.get_by_role("button", name="Meet opnieuw").click()
    part.locator(".story p").first.wait_for()
    assert not part.get_by_text("Het meten is gestopt").count()
    wait_until_gone(here, portal)
