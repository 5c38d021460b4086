"""How quick the page is for a first visitor: `python benchmarks/page/measure.py [ROUNDS]`.

Serves a Zonderland of its own and opens it in Chromium, each round in a new browser context, so
with an empty cache. Chromium draws without a graphics card and shares the processor with the
server: real devices are quicker. Writes `docs/benchmarks/page.md`.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from landzicht.portal.demo import make_demo
from landzicht.portal.settings import load_settings
from landzicht.testing.serving import portal_in
from landzicht.world import WorldSpec

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/page.json"
DOCS = ROOT / "docs/benchmarks/page.md"
HEAD = """# The page: how fast

Made by `benchmarks/page/measure.py`; do not edit. A first visit with an empty cache to a portal on
the same machine: middle of {rounds} visits, and the slowest. Chromium {chromium} without a graphics
card on {processors} processors, which it shares with the server. What the page weighs stands in
[the page](../page.md) and is held by tests, as is axe: 0 violations in the states, languages and
widths that they visit. *Met* is about the middle.

| what | middle | slowest | goal | met? |
| --- | ---: | ---: | ---: | --- |
"""
NOTES = {
    "largest thing on the screen (LCP), ms": (
        "LCP leaves the map out, as browsers do with a canvas."
    ),
    "tap on a place to sentence and chart, ms": (
        "A tap is told by the clock of the page: from the finger that comes down until sentence\n"
        "and line are painted. A quarter of a second of it waits for a second tap, which would\n"
        "zoom; what is asked of the portal goes out meanwhile."
    ),
    "slowest tap or key (INP), ms": (
        "INP is the slowest of a question, a layer, a day, parts of the panel and letters typed\n"
        "in search: from the event to the next painted frame, as the browser tells it (`event`\n"
        "entries of 16 ms and more)."
    ),
    "longest task, ms": (
        "Long tasks keep the page from answering for more than 50 ms. They are counted until the\n"
        "image is complete; the longest is that of the whole visit."
    ),
}
"""What is measured → what a reader must know of it."""
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
GOALS = {
    "first words on the screen, ms": 1000,
    "first piece of the image has come, ms": 1000,
    "whole image on the map, ms": None,
    "largest thing on the screen (LCP), ms": 2500,
    "shift of what is on the screen (CLS)": 0,
    "requests until then": None,
    "kB until then, packed": None,
    "long tasks until then": None,
    "another day, fetched ahead, ms": 150,
    "tap on a place to sentence and chart, ms": 700,
    "brightness moved to picture, ms": 250,
    "requests for that": 0,
    "slowest tap or key (INP), ms": 150,
    "longest task, ms": 100,
}
WATCH = """
window.told = { shift: 0, complete: null, largest: 0, slowest: 0, tasks: [] };
const watch = (type, each, more = {}) => new PerformanceObserver((list) =>
  list.getEntries().forEach(each)).observe({ type, buffered: true, ...more });
watch('largest-contentful-paint', ({ startTime }) => { told.largest = startTime; });
watch('longtask', ({ startTime, duration }) => told.tasks.push([startTime, duration]));
watch('event', ({ duration, interactionId }) => {
  if (interactionId) told.slowest = Math.max(told.slowest, duration);
}, { durationThreshold: 16 });
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) told.shift += each.value;
}).observe({ type: 'layout-shift', buffered: true });
new MutationObserver(() => {
  const map = document.getElementById('map');
  if (map?.dataset.state === 'complete') told.complete ??= performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
FIRST = """() => {
  const all = performance.getEntriesByType('resource').filter((e) => e.startTime < told.complete);
  const tile = all.filter((e) => e.name.includes('/tiles/') && e.name.includes('.webp'));
  return [
    performance.getEntriesByName('first-contentful-paint')[0].startTime,
    Math.min(...tile.map((e) => e.responseEnd)),
    told.complete,
    told.largest,
    told.shift,
    all.length + 1,
    all.reduce((sum, e) => sum + e.transferSize, 0) / 1000,
    told.tasks.filter(([start]) => start < told.complete).length,
  ];
}"""
UNTIL = """async ([act, done]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const before = performance.getEntriesByType('resource').length;
  const start = performance.now();
  eval(act);
  await frame();
  while (!eval(done)) await frame();
  await frame();
  const asked = performance.getEntriesByType('resource').slice(before);
  return [performance.now() - start, asked.filter((e) => e.name.includes('/tiles/')).length];
}"""
TAPPED = """() => {
  const frame = () => new Promise(requestAnimationFrame);
  const has = (what) => document.querySelector(`#part-measure ${what}`);
  told.tapped = new Promise((done) => document.addEventListener('pointerdown', async (event) => {
    while (!has('.story p') || !has('figure svg .line path')) await frame();
    await frame();
    done(performance.now() - event.timeStamp);
  }, { capture: true, once: true }));
}"""
COMPLETE = "document.getElementById('map').dataset.state === 'complete'"


def visit(browser: Browser, base: str) -> list[float]:
    """Return what one first visit measures, in the order of `GOALS`."""
    context = browser.new_context(
        viewport=LAPTOP, locale="en-GB", service_workers="block", bypass_csp=True
    )
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(base)
    page.wait_for_function("told.complete")
    found: list[float] = page.evaluate(FIRST)
    settle(page)
    step = "document.querySelector('#dates .step:last-of-type').click()"
    day = "document.querySelector('#dates input:checked').value"
    now = page.evaluate(day)
    if page.locator("#dates .step").last.is_disabled():
        step = "document.querySelector('#dates .step').click()"
    found.append(page.evaluate(UNTIL, [step, f"{day} !== '{now}' && {COMPLETE}"])[0])
    settle(page)
    found.append(tap(page))
    slow, tasks = answers(page)
    page.goto(f"{base}/#l=ndvi&lang=en")
    page.reload()
    page.wait_for_function("told.complete")
    found += [*brightness(page), slow, tasks]
    context.close()
    return found


def answers(page: Page) -> tuple[float, float]:
    """Return milliseconds of the slowest answer to a tap or a key, and of the longest task."""
    settle(page)
    for name in ("What do you want to know?", "What do you want to see?"):
        page.get_by_role("button", name=name).click()
    page.get_by_role("radio", name="How moist").check(force=True)
    page.wait_for_function(COMPLETE)
    page.locator("input[name=day]:checked").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(COMPLETE)
    page.get_by_role("button", name="Where?").click()
    page.locator("#place-search").press_sequentially("ver")
    page.locator("#place-found li").first.wait_for()
    page.get_by_role("button", name="Compare", exact=True).click()
    page.get_by_role("radio", name="Swipe").check()
    settle(page)
    told = page.evaluate("[told.slowest, Math.max(0, ...told.tasks.map(([, long]) => long))]")
    return float(told[0]), float(told[1])


def settle(page: Page) -> None:
    """Wait until nothing is fetched any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)


def tap(page: Page) -> float:
    """Return milliseconds from a tap on the land until its sentence and its line are painted.

    By the clock of the page: who asks from outside asks twice in a second.
    """
    page.mouse.move(800, 300)
    page.evaluate(TAPPED)
    page.mouse.click(800, 300)
    return float(page.evaluate("told.tapped"))


def brightness(page: Page) -> list[float]:
    """Return milliseconds to the picture and requests when a colour is moved the second time."""
    page.get_by_text("Change the colours").click()
    page.locator("#range-1").fill("0.7")
    settle(page)
    act = (
        "const s = document.getElementById('range-1'); s.value = '0.8'; "
        "s.dispatchEvent(new Event('input', { bubbles: true }))"
    )
    told: list[float] = page.evaluate(UNTIL, [act, COMPLETE])
    return told


def table(result: dict[str, Any]) -> str:
    """Return the page of the documentation."""
    lines = HEAD.format(**result).splitlines()
    missed = []
    for name, values in result["found"].items():
        goal = GOALS[name]
        digits = 3 if "CLS" in name else 0
        middle = statistics.median(values)
        cells = [f"{value:.{digits}f}" for value in (middle, max(values))]
        cells += ["", ""] if goal is None else [str(goal), "yes" if middle <= goal else "**no**"]
        if goal is not None and middle > goal:
            missed.append(f"{name.rsplit(', ms', 1)[0]} ({cells[0]} against {goal})")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    told = [f"Goals that are missed: {'; '.join(missed)}." if missed else "All goals are met."]
    told += [note for name, note in NOTES.items() if name in result["found"]]
    return "\n".join(lines) + "\n\n" + "\n\n".join(told) + "\n"


def main() -> None:
    """Measure and write."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demo(load_settings(folder), WorldSpec(size=768, dates=12))
        with portal_in(folder, "--no-demo") as running, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            visit(browser, running.base)  # the server has been visited before
            visits = [visit(browser, running.base) for _ in range(rounds)]
            version = browser.version
            browser.close()
    found = dict(zip(GOALS, map(list, zip(*visits, strict=True)), strict=True))
    result = {
        "rounds": rounds, "chromium": version, "processors": os.cpu_count(),
        "python": platform.python_version(), "found": found,
    }  # fmt: skip
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    DOCS.write_text(table(result))
    print(table(result))


if __name__ == "__main__":
    main()
