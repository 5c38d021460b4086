"""`landzicht ingest`: what is told, when, and what is told when it stops half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from landzicht.formats.gdal import load_rasterio

PROGRAM = str(Path(sys.executable).with_name("landzicht"))


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", **more}


def run(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "ingest", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(**more),
    )


def make_tiff(path: Path, seed: int, size: int = 32) -> Path:
    values = np.random.default_rng(seed).integers(1, 60_000, (1, size, size), dtype=np.uint16)
    with load_rasterio().open(
        path, "w", driver="GTiff", count=1, height=size, width=size, dtype="uint16",
        crs="EPSG:32631", transform=Affine(10, 0, 600_000, 0, -10, 5_700_000),
    ) as target:  # fmt: skip
        target.write(values)
    return path


@pytest.mark.parametrize(
    ("locale", "told"), [("nl_NL.UTF-8", "pad is leeg"), ("C.UTF-8", "path is empty")]
)
def test_an_empty_path_is_wrong_use(tmp_path: Path, locale: str, told: str) -> None:
    make_tiff(tmp_path / "a-20200101.tif", 1)
    for arguments in (["", "--data", tmp_path / "d"], [tmp_path, "--recipe", ""]):
        answer = subprocess.run(
            [PROGRAM, "ingest", *map(str, arguments)],
            capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path,
            env=environment(LC_ALL=locale, LANDZICHT_DATA=str(tmp_path / "d")),
        )  # fmt: skip
        assert answer.returncode == 2
        assert told in answer.stderr
        assert answer.stdout == ""


def test_a_band_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = make_tiff(tmp_path / "a-20200101.tif", 1)
    recipe = tmp_path / "x.toml"
    recipe.write_text(
        "[collection]\nid = 'x'\n[files]\npattern = '-(?P<date>\\d+)'\n[bands.a]\nindex = 5\n"
    )
    answer = run(path, "--recipe", recipe, "--data", tmp_path / "data")
    assert answer.returncode == 1
    assert "no-such-band" in answer.stdout


@pytest.mark.parametrize(
    ("locale", "told"), [("nl_NL.UTF-8", "Er is niets ingelezen"), ("C", "Nothing was taken in")]
)
def test_no_receipts_at_all_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str, told: str
) -> None:
    from click.testing import CliRunner

    from landzicht.cli.ingest import command
    from landzicht.portal import Portal

    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setattr(Portal, "ingest", lambda *_args, **_options: ())
    answer = CliRunner().invoke(command, [str(tmp_path), "--data", str(tmp_path / "data")])
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert answer.stdout == ""


SLOW = """
import signal, time
from landzicht.cli.main import main
from landzicht.errors.files import DiskFailed
from landzicht.formats import CogWriter

convert, asked = CogWriter.convert, []

def slower(self, job, target):
    asked.append(target)
    if len(asked) > 2:
        time.sleep(2)
        if BROKEN:
            raise BROKEN
    return convert(self, job, target)

CogWriter.convert = slower
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a script's background
main()
"""


def start(folder: Path, *arguments: str, broken: str = "None") -> subprocess.Popen[str]:
    """Start taking six files in; from the third on each takes seconds, or fails with an error."""
    for number in range(6):
        make_tiff(folder / f"a-2020010{number + 1}.tif", number)
    code = SLOW.replace("BROKEN", broken)
    return subprocess.Popen(
        [sys.executable, "-c", code, "ingest", str(folder), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(LANDZICHT_DATA=str(folder.parent / "data")),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_receipts_come_as_they_are_and_a_stop_says_how_to_go_on(
    folder: Path, number: int, code: int
) -> None:
    process = start(folder)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(2)]
    assert process.poll() is None  # it is still at work: the receipts did not wait for the end
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert "it goes on where it was" in err
    assert "Traceback" not in err
    told = [*lines, *out.splitlines()]
    assert all(line.startswith("added") for line in told)
    assert 2 <= len(told) < 6
    again = run(folder, "--data", folder.parent / "data")
    assert again.returncode == 0
    words = [line.split()[0] for line in again.stdout.splitlines()]
    assert sorted(set(words)) == ["added", "known"]
    assert len(words) == 6
    assert words.count("known") >= len(told)


def test_a_stop_with_json_still_gives_one_document(folder: Path) -> None:
    process = start(folder, "--json")
    while not (folder.parent / "data" / "files").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143
    assert "Stopped" in err
    receipts = json.loads(out)["receipts"]
    assert len(receipts) < 6
    assert {receipt["outcome"] for receipt in receipts} <= {"added"}


@pytest.mark.parametrize("arguments", [["--json"], []])
def test_a_failure_half_way_keeps_the_receipts_so_far(folder: Path, arguments: list[str]) -> None:
    process = start(folder, *arguments, broken="OSError(5, 'the disk')")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Error" in err
    assert "Traceback" not in err
    if arguments:
        outcomes = [receipt["outcome"] for receipt in json.loads(out)["receipts"]]
    else:
        outcomes = [line.split()[0] for line in out.splitlines()]
    assert outcomes == ["added", "added"]


def test_a_bug_that_one_file_finds_is_told_of_that_file(folder: Path) -> None:
    process = start(folder, "--json", broken="RuntimeError('a bug')")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert err.count("not foreseen") == 4
    told = [receipt for receipt in json.loads(out)["receipts"] if receipt["outcome"] == "refused"]
    assert ["a bug" in json.dumps(receipt["findings"]) for receipt in told] == [True] * 4


def test_names_that_are_no_utf8_are_told(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "in")
    os.mkdir(folder)  # noqa: PTH102 - bytes
    name = folder + b"/caf\xe9-20200101.tif"
    with open(name, "wb") as file:  # noqa: PTH123 - bytes
        file.write(b"no raster")
    plain = run(tmp_path / "in", "--data", tmp_path / "data")
    assert (plain.returncode, plain.stderr) == (1, "")
    assert "REFUSED" in plain.stdout
    told = run(tmp_path / "in", "--json", "--data", tmp_path / "data")
    assert (told.returncode, told.stderr) == (1, "")
    (receipt,) = json.loads(told.stdout)["receipts"]
    assert os.fsencode(receipt["path"]) == name


def test_signs_that_the_output_does_not_have(tmp_path: Path) -> None:
    told = run(tmp_path / "gone", "--data", tmp_path / "data", PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stderr) == (1, "")
    assert "no-such-file" in told.stdout
