"""Lines made ready by other processes: exactly what one process makes of them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from pathlib import Path

import pytest

from landzicht.errors.records import BadExchange
from landzicht.portal.catalogue import exchange, exchange_items, exchange_ready
from landzicht.portal.catalogue.exchange import import_items
from landzicht.records import SqliteCatalog
from landzicht.runners import Processes

LINES = 1200
_TABLES = ("scene", "body", "box", "fact")
_CORNERS = [[5, 52], [6, 52], [6, 53], [5, 52]]


def an_item(number):
    """Return a plain item; some replace earlier ones, with other contents."""
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"item-{number % 1000}",
        "collection": f"theirs-{number % 3}",
        "geometry": {"type": "Polygon", "coordinates": [_CORNERS]},
        "bbox": [5, 52, 6, 53],
        "properties": {"datetime": "2025-06-08T10:40:00Z", "number": number, "x": None},
        "links": [{"rel": "self", "href": "a"}, {"rel": "license", "href": "b"}],
        "assets": {"a": {"href": "https://example.nl/a.tif", "landzicht:file": "files/x"}},
    }


def a_line(number):
    """Return a line: most are good, some empty, wrong in many ways, or not kept by the index."""
    told = an_item(number)
    kind = number % 37
    if kind == 1:
        return "{no JSON"
    if kind == 2:
        return ""
    if kind == 3:  # many reasons
        told |= {"id": 3, "geometry": None, "assets": {"/": {"href": "", "roles": [1]}}}
    if kind == 4:  # passes the first look, but reaches round the Earth
        ring = [[-300, 0], [300, 0], [300, 5], [-300, 0]]
        told |= {"geometry": {"type": "Polygon", "coordinates": [ring]}, "bbox": [-180, 0, 180, 5]}
    if number % 700 == 30:  # simulated among real ones
        told["properties"] = {**told["properties"], "landzicht:simulated": True}
    if kind == 6:  # crosses itself, so that it is mended
        told["geometry"] = {
            "type": "Polygon",
            "coordinates": [[[5, 52], [6, 53], [6, 52], [5, 53], [5, 52]]],
        }
    text = json.dumps(told)
    return text.replace('"x": null', '"x":' + "[" * 300 + "]" * 300) if kind == 7 else text


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "items.ndjson"
    path.write_text("\n".join(map(a_line, range(LINES))))
    return path


@pytest.fixture
def helped(monkeypatch):
    """Have others help with any file, some lines at a time, in batches that end anywhere."""
    monkeypatch.setattr(exchange_ready, "_LARGE", 0)
    monkeypatch.setattr(exchange_items, "_PART", 50_000)
    monkeypatch.setattr(exchange, "BATCH", 700)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def taken_in(folder, source):
    """Return all rows of the catalogue, and the report with each refused line and its reasons."""
    refused, told = [], []
    with SqliteCatalog(folder / "c.sqlite") as catalog:
        tell = lambda *each: told.append(each)  # noqa: E731 - one line
        report = import_items(catalog, source, folder, tell, refused.append)
    with closing(sqlite3.connect(folder / "c.sqlite")) as db:
        rows = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES}
        columns = "id, body, count, t0, t1, longest, x0, x1, y0, y1, u0, u1"
        rows["collection"] = db.execute(f"SELECT {columns} FROM collection").fetchall()
    reasons = [(each.place, str(each.error), each.error.say("nl")) for each in refused]
    return rows, report.taken, reasons, told


@pytest.fixture(scope="module")
def alone(source, tmp_path_factory):
    """What one process makes of the same lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _: {0})
        patch.setattr(exchange, "BATCH", 700)
        return taken_in(tmp_path_factory.mktemp("alone"), source)


def test_helpers_make_the_same_catalogue_and_report(source, alone, helped, tmp_path, monkeypatch):
    parts = []
    asked = Processes.map
    monkeypatch.setattr(
        Processes, "map", lambda *given: (parts.append(each) or each for each in asked(*given))
    )
    assert taken_in(tmp_path, source) == alone
    assert len(parts) > 10, "others helped"
    rows, taken, reasons, told = alone
    assert len(rows["scene"]) > 800
    assert sorted(int(place.split(":")[1]) - 1 for place, *_ in reasons) == [
        number for number in range(LINES) if number % 37 in {1, 3, 4, 7} or number % 700 == 30
    ]
    assert taken == LINES - len(reasons) - len(range(2, LINES, 37))
    assert told[0] == ("items.ndjson", 1000, 1000)
    many = next(text for place, text, _ in reasons if place == "items.ndjson:4")
    assert all(field in many for field in ("id", "geometry", "assets./.href", "assets./.roles"))


def test_without_helpers_the_rest_is_done_here(source, alone, helped, tmp_path, monkeypatch):
    """As when one is killed for its memory, or when no process can be started at all."""

    def breaks(_, job, parts):
        for number, part in enumerate(parts):
            if number == 3:
                raise BrokenProcessPool
            yield job(part)

    monkeypatch.setattr(Processes, "map", breaks)
    assert taken_in(tmp_path, source) == alone


def test_a_line_without_end_is_told_after_those_before_it(helped, tmp_path, monkeypatch):
    source = tmp_path / "items.ndjson"
    source.write_text("\n".join(map(a_line, range(1, 200))) + "\n" + "x" * 9000 + "\n{}\n")
    monkeypatch.setattr(exchange_items, "_LONGEST_LINE", 5000)
    monkeypatch.setattr(Processes, "map", lambda _, job, parts: map(job, parts))
    refused = []
    with (
        SqliteCatalog(tmp_path / "c.sqlite") as catalog,
        pytest.raises(BadExchange, match=r"items\.ndjson:200.*too long"),
    ):
        import_items(catalog, source, tmp_path, write=refused.append)
    assert refused[-1].place == "items.ndjson:192", "its value is nested too deeply"


_CHILD = """
import os, sys, time
from pathlib import Path
from landzicht.portal.catalogue import exchange, exchange_items
from landzicht.portal.catalogue import exchange_ready
from landzicht.records import SqliteCatalog
folder = Path(sys.argv[1])
exchange_ready._LARGE, exchange_items._PART, exchange.BATCH = 0, 50_000, 300
exchange.TOLD_EACH = 300
os.sched_getaffinity = lambda _: {0, 1}
with SqliteCatalog(folder / "c.sqlite") as catalog:
    # Slowly, so that it is half-way when it is killed.
    exchange.import_items(catalog, folder / "items.ndjson", folder, lambda *_: time.sleep(0.1))
"""


def below(process):
    """Return the processes that one has started, and those that they started."""
    found = []
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        for child in listed.read_text().split():
            found += [int(child), *below(int(child))]
    return found


def count(folder):
    with closing(sqlite3.connect(f"file:{folder}/c.sqlite?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*), max(rid) FROM scene").fetchone()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes as Linux does")
def test_killed_half_way_it_leaves_whole_batches_and_no_helpers(tmp_path):
    lines = [json.dumps({**an_item(n), "id": f"item-{n}"}) for n in range(6000)]
    (tmp_path / "items.ndjson").write_text("\n".join(lines))
    child = subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path)])
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if count(tmp_path)[0] >= 600:
                break
        except sqlite3.Error:
            pass  # not there yet
        time.sleep(0.01)
    helpers = below(child.pid)
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    assert len(helpers) >= 2
    end = time.monotonic() + 60
    while any(Path(f"/proc/{each}").exists() for each in helpers) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [each for each in helpers if Path(f"/proc/{each}").exists()], "they have ended too"
    there, last = count(tmp_path)
    assert there == last
    assert there % 300 == 0
    assert 600 <= there < 6000
    with SqliteCatalog(tmp_path / "c.sqlite") as catalog:
        assert import_items(catalog, tmp_path / "items.ndjson", tmp_path).taken == 6000
        assert sum(each.count for each in catalog.collections()) == 6000
