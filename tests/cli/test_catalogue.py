"""`landzicht catalogue` from the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.errors.files import DiskFailed
from landzicht.errors.portal import BadSettings
from landzicht.errors.records import NotEmbedded
from landzicht.portal.settings import load_settings
from landzicht.records import SqliteCatalog
from landzicht.testing.scenes import make_collection, make_scene


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    with SqliteCatalog(folder / "catalogue.sqlite") as catalog:
        catalog.put([make_collection()], [make_scene("a"), make_scene("b")])
    return folder


def run(*arguments, **options):
    return CliRunner().invoke(group, ["catalogue", *map(str, arguments)], **options)


def count(folder):
    with SqliteCatalog(folder / "catalogue.sqlite") as catalog:
        return catalog.collection("polder").count


def test_move_to_another_folder(data, tmp_path):
    done = run("move", "--to", tmp_path / "new", "--data", data, "--json")
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)
    assert (told["collection"], told["copied"], told["kept"]) == ("polder", 2, 0)
    assert count(tmp_path / "new") == 2
    again = run("move", "--to", tmp_path / "new", "--data", data, env={"LANG": "nl_NL"})
    assert "0 overgezet, 2 stonden er al" in again.output


def test_export_import_and_back_up(data, tmp_path):
    for target in ("x.parquet", "folder"):
        assert run("export", tmp_path / target, "--data", data).exit_code == 0
        done = run("import", tmp_path / target, "--data", tmp_path / f"new-{target}", "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["taken"] == 2
    assert run("backup", tmp_path / "copy.sqlite", "--data", data).exit_code == 0
    (tmp_path / "restored").mkdir()
    (tmp_path / "copy.sqlite").rename(tmp_path / "restored" / "catalogue.sqlite")
    assert count(tmp_path / "restored") == 2


def test_import_tells_what_it_refused(data, tmp_path):
    (tmp_path / "x.ndjson").write_text('{"id": "a b"}\nno JSON\n')
    report = tmp_path / "report.ndjson"
    done = run("import", tmp_path / "x.ndjson", "--data", data, "--report", report)
    assert done.exit_code == 1
    first, second = map(json.loads, report.read_text().splitlines())
    assert first["place"] == "x.ndjson:1"
    assert {"id", "geometry", "assets", "properties"} <= {r["field"] for r in first["reasons"]}
    assert second["place"] == "x.ndjson:2"
    assert "x.ndjson:2" in done.stderr


def test_a_report_has_every_refused_item(data, tmp_path):
    """Also beyond what is kept in memory, and what is printed says that there are more."""
    (tmp_path / "x.ndjson").write_text('{"id": "a b"}\n' * 1500)
    report = tmp_path / "report.ndjson"
    flags = ("--data", data, "--report", report)
    done = run("import", tmp_path / "x.ndjson", *flags, env={"LANG": "nl_NL"})
    assert done.exit_code == 1
    places = [json.loads(line)["place"] for line in report.read_text().splitlines()]
    assert places == [f"x.ndjson:{n}" for n in range(1, 1501)]
    assert done.stderr.count("REFUSED") == 20
    assert "nog 1480" in done.stderr
    told = json.loads(run("import", tmp_path / "x.ndjson", "--data", data, "--json").stdout)
    assert (told["refused"], len(told["told"])) == (1500, 1000)


def test_a_report_that_cannot_be_written_is_told(data, tmp_path):
    (tmp_path / "x.ndjson").write_text("{}")
    flags = ("--data", data, "--report", tmp_path / "x.ndjson" / "report")
    assert isinstance(run("import", tmp_path / "x.ndjson", *flags).exception, DiskFailed)
    done = run("import", tmp_path / "x.ndjson", "--data", data, "--report", "/dev/full")
    assert isinstance(done.exception, DiskFailed)


def test_clean_looks_first(data):
    done = run("clean", "--data", data)
    assert done.exit_code == 0
    assert "--remove" in done.output
    assert json.loads(run("clean", "--data", data, "--remove", "--json").stdout)["removed"] == 0


def test_a_server_is_backed_up_by_its_own_tools(data, tmp_path):
    env = {"LANDZICHT_CATALOGUE": "postgresql://someone:secret@127.0.0.1:1/db"}
    done = run("backup", tmp_path / "copy", "--data", data, env=env)
    assert isinstance(done.exception, NotEmbedded)


@pytest.mark.parametrize(
    "value", ["mysql://a:secret@b/c", "postgresql:", "http://[::1", "postgres"]
)
def test_a_wrong_catalogue_is_refused_without_repeating_it(tmp_path, monkeypatch, value):
    monkeypatch.setenv("LANDZICHT_CATALOGUE", value)
    with pytest.raises(BadSettings) as failure:
        load_settings(tmp_path)
    assert "secret" not in failure.value.say("nl")
    for target in ("mysql://a:secret@b/c", "", " "):
        done = run("move", "--to", target, "--data", tmp_path)
        assert isinstance(done.exception, BadSettings)


def test_the_setting_chooses_the_store(tmp_path, monkeypatch):
    assert load_settings(tmp_path).catalogue == "sqlite"
    monkeypatch.setenv("LANDZICHT_CATALOGUE", "postgresql://u@h/db")
    assert load_settings(tmp_path).catalogue == "postgresql://u@h/db"
