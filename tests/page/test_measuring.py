"""Measuring: what the page says equals what the portal measured, in words, chart and file."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import urllib.request
from datetime import date
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

PARCEL = "39"
SEEN = 0.5
LONGEST_GAP = 45


@pytest.fixture(scope="module")
def portal(seasons):
    return seasons


@pytest.fixture(scope="module")
def measured(portal):
    """The same parcel as the portal itself measures it: the oracle."""
    feature = portal.get(f"/api/v1/areas/zonderland-parcels/items/{PARCEL}").json()
    asked = {
        "collection": "zonderland-s2",
        "layer": "ndvi",
        "stats": ["mean", "p10", "p90"],
        "parcels": feature,
    }
    rows = [json.loads(line) for line in post(portal, "/api/v1/series", asked).splitlines()]
    told = json.loads(
        post(
            portal,
            "/api/v1/series/insight",
            {"collection": "zonderland-s2", "layer": "ndvi", "parcel": feature},
        )
    )
    doubted = {each["datetime"][:10] for each in told["series"] if each["flagged"]}
    return [
        row | {"date": row["datetime"][:10], "doubt": row["datetime"][:10] in doubted}
        for row in rows
    ]


def post(portal, path: str, body: object) -> str:
    request = urllib.request.Request(
        portal.base + path,
        json.dumps(body).encode(),
        {"content-type": "application/json", "accept": "application/x-ndjson, application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def here(stay):
    """One parcel, measured, in Dutch."""
    page = stay(f"#lang=nl&l=ndvi&a=zonderland-parcels:{PARCEL}&v=15/52.6/5.19")
    page.page.wait_for_selector(".story p")
    return page


def test_numbers_and_what_they_tell_are_asked_at_once(visit):
    """The second question does not wait for the answer to the first."""
    arrived = visit("#lang=nl&l=ndvi&v=15/52.6/5.19")
    held = []  # until the other question was asked
    arrived.page.route("**/api/v1/series", lambda route: held.append(route))  # noqa: PLW0108 - Playwright keeps notes on what it calls
    with arrived.page.expect_request("**/api/v1/series/insight"):
        arrived.page.evaluate("a => { location.hash += a }", f"&a=zonderland-parcels:{PARCEL}")
    assert not arrived.page.locator(".story p").count()
    for route in held:
        route.continue_()
    arrived.page.wait_for_selector(".story p")


def seen_of(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["mean"] is not None and row["valid"] >= SEEN]


def number(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-"))


def test_the_sentence_is_made_of_the_numbers(here, measured):
    sure = [row for row in seen_of(measured) if not row["doubt"]]
    last = sure[-1]
    peak = max(
        (row for row in sure if row["date"][:4] == last["date"][:4]), key=lambda row: row["mean"]
    )
    first = here.page.locator(".story p").first.inner_text()
    told = re.fullmatch(r"Op (\d+) (\w+) was perceel 39 het groenst \((\d,\d\d)\)\.", first)
    assert int(told[1]) == int(peak["date"][8:])
    assert number(told[3]) == round(peak["mean"], 2)
    whole = here.page.locator(".story").inner_text()
    assert f"{last['mean']:.2f}".replace(".", ",") in whole


def test_the_comparison_with_a_year_ago_is_right(here, measured):
    sure = [row for row in seen_of(measured) if not row["doubt"]]
    last = sure[-1]
    ago = f"{int(last['date'][:4]) - 1}{last['date'][4:]}"
    near = [row for row in seen_of(measured) if abs(days(row["date"], ago)) <= 10]
    assert near, "the world of this test has an image a year before"
    before = min(near, key=lambda row: abs(days(row["date"], ago)))["mean"]
    told = here.page.locator(".story p").last.inner_text()
    difference = last["mean"] - before
    if abs(difference) < 0.03 * 0.95:
        assert told == "Nu ongeveer gelijk aan vorig jaar."
        return
    assert ("lager" if difference < 0 else "hoger") in told
    size = re.search(r"Nu ([\d,]+)(\s?%)?", told)
    if size[2]:
        assert number(size[1]) == pytest.approx(abs(difference) / before * 100, abs=8)
    else:
        assert number(size[1]) == pytest.approx(abs(difference), abs=0.03)


def days(one: str, other: str) -> int:
    return (date.fromisoformat(one) - date.fromisoformat(other)).days


def test_the_table_has_every_day(here, measured):
    here.page.locator("#part-measure summary").first.click()
    rows = here.page.locator("#part-measure tbody tr")
    assert rows.count() == len(measured)
    for index, row in enumerate(reversed(measured)):
        cells = rows.nth(index).locator("td").all_inner_texts()
        wanted = [row["mean"], row["p10"], row["p90"]]
        for cell, value in zip(cells, wanted, strict=False):
            shown = cell.split("?")[0].strip()
            assert (
                shown == "–" if value is None else number(shown) == pytest.approx(value, abs=0.0051)
            )
        assert number(cells[3].rstrip("%\xa0 ")) == pytest.approx(row["valid"] * 100, abs=0.51)


def test_the_chart_breaks_where_nothing_was_seen(here, measured):
    """Between two observations far apart there is no line."""
    newest = measured[-1]["date"]
    start = f"{int(newest[:4]) - 1}{newest[4:]}"
    year = [row for row in seen_of(measured) if row["date"] >= start and not row["doubt"]]
    runs = 1 + sum(
        days(later["date"], row["date"]) > LONGEST_GAP for row, later in itertools.pairwise(year)
    )
    path = here.page.locator(".line.s0 path").get_attribute("d")
    assert path.count("M") == runs > 1
    assert path.count("L") == len(year) - runs
    dots = here.page.locator(".line.s0 circle").count()
    assert dots == len([row for row in seen_of(measured) if row["date"] >= start])
    assert (
        here.page.locator("figure svg").get_attribute("aria-label").startswith("Grafiek: Hoe groen")
    )
    assert here.page.locator(".before").count() == 1


def test_a_day_in_the_chart_is_shown_on_the_map(here, measured):
    svg = here.page.locator("figure svg")
    dot = here.page.locator(".line.s0 circle").nth(1)
    box, frame = dot.bounding_box(), svg.bounding_box()
    svg.click(position={"x": box["x"] - frame["x"] + 3, "y": 40})
    newest = measured[-1]["date"]
    start = f"{int(newest[:4]) - 1}{newest[4:]}"
    wanted = [row["date"] for row in seen_of(measured) if row["date"] >= start][1]
    here.wait_for_link(f"d={wanted}")
    assert here.page.locator(".told").inner_text().startswith(f"{int(wanted[8:])} ")


@pytest.mark.parametrize(("language", "delimiter", "decimal"), [("nl", ";", ","), ("en", ",", ".")])
def test_the_file_opens_in_excel(here, measured, language, delimiter, decimal):
    here.page.get_by_role("button", name="English" if language == "en" else "Nederlands").click()
    with here.page.expect_download() as saved:
        here.page.locator("#part-measure").get_by_role("button", name="CSV").click()
    body = Path(saved.value.path()).read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=delimiter)
    assert len(rows) == len(measured)
    assert len({len(row) for row in (head, *rows)}) == 1
    for row, wanted in zip(rows, measured, strict=True):
        assert row[1] == wanted["date"]
        assert row[7] == wanted["scene"]
        assert row[8] == wanted["method"]
        assert row[9] in {"ja", "yes"}
        if wanted["mean"] is None:
            assert row[2] == ""
        else:
            assert float(row[2].replace(decimal, ".")) == pytest.approx(wanted["mean"], abs=1e-6)
    here.page.get_by_role("button", name="Nederlands").click()


def test_several_places_are_compared(visit):
    here = visit("#lang=nl&l=ndvi&a=zonderland-parcels:39+zonderland-parcels:26&v=14/52.6/5.2")
    here.page.wait_for_selector(".story p:nth-child(2)")
    told = here.page.locator(".story").inner_text()
    assert "A (perceel 39)" in told
    assert "B (perceel 26)" in told
    names = here.page.locator("#part-measure tbody th").all_inner_texts()
    assert names == ["A: Perceel 39", "B: Perceel 26"]
    assert here.page.locator("figure .line").count() == 2
    assert sorted(here.page.locator(".end").all_text_contents()) == ["A", "B"]
    dashes = here.page.locator("figure .line").evaluate_all(
        "all => all.map((e) => getComputedStyle(e).strokeDasharray)"
    )
    assert len(set(dashes)) == 2, "lines differ in more than their colour"


def test_a_picture_asks_what_to_measure(visit):
    here = visit("#lang=nl&l=visual&a=zonderland-parcels:39&v=15/52.6/5.19")
    here.page.wait_for_selector(".story p")
    assert "het groenst" in here.page.locator(".story").inner_text()
    here.page.get_by_label("Wat meten wij?").select_option(label="Hoe vochtig is het gewas?")
    here.page.locator(".story").filter(has_text="het vochtigst").wait_for()
    # Another layer on the map is another question.
    here.page.get_by_role("button", name=re.compile("Wat wilt u zien")).click()
    here.page.get_by_label("Waar staat water?").check()
    here.page.get_by_role("button", name="Meet").click()
    here.page.locator(".story").filter(has_text="het meeste water").wait_for()


def test_a_formula_of_ones_own_is_measured(visit, measured):
    """The formula of the layer gives the numbers of the layer."""
    here = visit("#lang=nl&f=(B08-B04)/(B08%2BB04)&a=zonderland-parcels:39&v=15/52.6/5.19")
    here.page.wait_for_selector(".story p")
    seen = seen_of(measured)
    peak = max(
        (row for row in seen if row["date"][:4] == seen[-1]["date"][:4]),
        key=lambda row: row["mean"],
    )
    first = here.page.locator(".story p").first.inner_text()
    told = re.fullmatch(
        r"Op (\d+) \w+ was de waarde van perceel 39 het hoogst \((\d,\d\d)\)\.", first
    )
    assert (int(told[1]), number(told[2])) == (int(peak["date"][8:]), round(peak["mean"], 2))


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("nl", "Niet te lezen: 2 beelden ({days}). Het bestand is weg."),
        ("en", "Could not be read: 2 images ({days}). Het bestand is weg."),
    ],
)
def test_images_that_cannot_be_read_are_told(visit, measured, language: str, says: str) -> None:
    """Rows with an error, as the portal gives of a file that is gone, are no gap without a word."""
    gone = [measured[1]["datetime"], measured[3]["datetime"]]

    def broken(route) -> None:
        rows = [json.loads(line) for line in route.fetch().text().splitlines()]
        for row in rows:
            if row.get("datetime") in gone:
                empty = dict.fromkeys(("mean", "p10", "p90", "count", "valid"))
                told = {"error": "stored-file-failed", "detail": "Het bestand is weg."}
                row.update(empty | told)
        body = "\n".join(json.dumps(row) for row in rows)
        route.fulfill(content_type="application/x-ndjson", body=body)

    here = visit(link=None)
    here.page.route("**/api/v1/series", broken)
    here.go(f"#lang={language}&l=ndvi&a=zonderland-parcels:{PARCEL}&v=15/52.6/5.19")
    told = here.page.locator("#part-measure .unread").inner_text()
    start, _, rest = says.partition("{days}")
    assert told.startswith(start)
    assert told.endswith(rest)
    assert told.count(gone[0][:4]) >= 1
    here.page.locator("#part-measure .story p").first.wait_for()
    table = {"nl": "Tabel", "en": "Table"}[language]
    seen = here.page.locator("#part-measure summary").filter(has_text=f"{table} (").inner_text()
    assert f"({len(measured) - 2})" in seen


def test_how_even_a_place_is(visit, portal, measured) -> None:
    """The bars are the histogram of the portal; the table says the same to who cannot see them."""
    seen = seen_of(measured)[-1]
    feature = portal.get(f"/api/v1/areas/zonderland-parcels/items/{PARCEL}").json()
    layer = next(
        each
        for each in portal.get("/api/v1/collections").json()["collections"][0]["layers"]
        if each["name"] == "ndvi"
    )
    low, high = layer["rescale"][0]
    asked = {
        "collection": "zonderland-s2",
        "layer": "ndvi",
        "datetime": seen["date"],
        "stats": ["mean"],
        "histogram": [low + n / 12 * (high - low) for n in range(13)],
        "parcels": feature,
    }
    row = json.loads(post(portal, "/api/v1/series", asked).splitlines()[0])
    wanted = [count / row["count"] * 100 for count in row["histogram"]]
    here = visit(f"#lang=nl&l=ndvi&d={seen['date']}&a=zonderland-parcels:{PARCEL}&v=15/52.6/5.19")
    here.page.get_by_text("Hoe gelijk is deze plek?").click()
    table = here.page.get_by_role("table", name="Hoe gelijk is deze plek?")
    table.wait_for()
    shares = [number(text.rstrip("% \xa0")) for text in table.locator("td").all_inner_texts()]
    assert shares == pytest.approx(wanted, abs=0.51)
    told = here.page.locator("#part-measure details .most").inner_text()
    assert number(re.search(r"\(([\d,]+)", told)[1]) == pytest.approx(max(wanted), abs=0.51)
    tall = here.page.locator("#part-measure details rect").evaluate_all(
        "all => all.map((one) => one.height.baseVal.value)"
    )
    scale = max(tall) / max(wanted)
    assert tall == pytest.approx([share * scale for share in wanted], abs=0.5)
