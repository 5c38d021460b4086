"""The command line: what it prints, where, and the exit codes that scripts can trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import landzicht
from landzicht.cli.failures import explain, language
from landzicht.cli.main import COMMANDS, group
from landzicht.errors import Broken, SourceFailed
from landzicht.errors.catalogue import UnknownLayer

PROGRAM = str(Path(sys.executable).with_name("landzicht"))


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )


def test_version() -> None:
    told = run("--version")
    assert told.returncode == 0
    assert landzicht.__version__ in told.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    told = CliRunner().invoke(group, [name, "--help"])
    assert told.exit_code == 0
    assert told.output.startswith("Usage:")
    command = group.get_command(click.Context(group), name)
    assert command
    assert command.get_short_help_str(200)
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help or option.name in {"seed", "year", "limit", "workers"}, option.name


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["search", "--limit", "many"], ["ingest"], ["up", "--port", "x"]]
)
def test_wrong_use_is_2_with_a_hint(arguments: list[str]) -> None:
    told = run(*arguments)
    assert told.returncode == 2
    assert "Usage" in told.stderr
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


def test_errors_follow_the_locale(tmp_path: Path) -> None:
    dutch = run("search", "--bbox", "1,2", "--data", tmp_path, LC_ALL="nl_NL.UTF-8")
    english = run("search", "--bbox", "1,2", "--data", tmp_path, LC_ALL="en_GB.UTF-8")
    assert dutch.returncode == english.returncode == 2
    assert dutch.stderr.startswith("Fout (bad-bbox)")
    assert english.stderr.startswith("Error (bad-bbox)")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownLayer(collection="a", layer="b", known="c"), 2),
        (SourceFailed(), 1),
        (Broken(), 1),
        (PermissionError(13, "Permission denied", "/somewhere"), 1),
        (RuntimeError("a bug"), 1),
    ],
)
def test_every_failure_has_its_exit_code_and_no_traceback(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(error) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err
    assert "Traceback" not in told.err


def test_a_bug_shows_where_on_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDZICHT_DEBUG", "1")
    explain(RuntimeError("a bug"))
    assert "RuntimeError: a bug" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LC_ALL": "nl_NL.UTF-8"}, "nl"),
        ({"LC_ALL": "", "LANG": "nl_BE"}, "nl"),
        ({"LC_ALL": "en_US", "LANG": "nl_NL"}, "en"),
        ({"LC_ALL": "C"}, "en"),
    ],
)
def test_language(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_search_in_an_empty_portal(tmp_path: Path) -> None:
    told = run("search", "--data", tmp_path)
    assert (told.returncode, told.stdout) == (0, "")
    found = json.loads(run("search", "--json", "--data", tmp_path).stdout)
    assert found == {"type": "FeatureCollection", "features": []}


def test_data_folder_from_the_environment(tmp_path: Path) -> None:
    run("search", LANDZICHT_DATA=str(tmp_path / "here"))
    assert (tmp_path / "here" / "catalogue.sqlite").is_file()


def test_doctor_tells_that_all_is_well(tmp_path: Path) -> None:
    told = run("doctor", "--json", "--data", tmp_path)
    checks = {check["name"]: check for check in json.loads(told.stdout)["checks"]}
    assert told.returncode == 0, told.stdout
    assert checks["GDAL limits"]["state"] == "ok"
    assert checks["catalogue"]["state"] == "ok"
    assert str(tmp_path) in run("doctor", "--data", tmp_path).stdout


def test_doctor_finds_a_damaged_catalogue(tmp_path: Path) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(b"this is not a database" * 100)
    told = run("doctor", "--json", "--data", tmp_path)
    checks = {check["name"]: check for check in json.loads(told.stdout)["checks"]}
    assert told.returncode == 1
    assert checks["catalogue"]["state"] == "fail"


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    told = run("search", "--data", path / "below")
    assert told.returncode == 1
    assert "disk-failed" in told.stderr


def test_a_world_as_files(tmp_path: Path) -> None:
    told = run("world", tmp_path / "w", "--size", 128, "--dates", 2, "--workers", 1, "--json")
    assert told.returncode == 0, told.stderr
    manifest = json.loads(told.stdout)
    assert len(manifest["images"]) == 2
    again = run("world", tmp_path / "again", "--size", 128, "--dates", 2, "--workers", 2)
    assert "SIMULATED" in again.stdout
    for path in (tmp_path / "w" / "images").rglob("*.tif"):
        twin = tmp_path / "again" / path.relative_to(tmp_path / "w")
        assert path.read_bytes() == twin.read_bytes()


def test_a_world_that_cannot_be(tmp_path: Path) -> None:
    told = run("world", tmp_path / "w", "--size", 7)
    assert told.returncode == 2
    assert "bad-world" in told.stderr


def test_nothing_is_said_when_nobody_listens_any_more(tmp_path: Path) -> None:
    command = f"{PROGRAM} search --json --data {tmp_path} | true"
    told = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert told.returncode in {0, 1}
    assert told.stderr == ""
