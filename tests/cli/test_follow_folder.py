"""`landzicht follow FOLDER --once`: what a user of the command line sees."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.testing.photos import noise_photo


def run(*arguments: object) -> tuple[int, str]:
    answer = CliRunner().invoke(group, [str(each) for each in arguments])
    return answer.exit_code, answer.output


def test_once_takes_in_what_there_is(tmp_path) -> None:
    drop, data = tmp_path / "drop", tmp_path / "data"
    noise_photo(drop / "a-20250601.tif", 1)
    (drop / "b.tif").write_bytes(b"no image")
    options = ("--data", data, "--once", "--settle", "0.2", "--collection", "mine")
    code, told = run("follow", drop, *options)
    assert code == 1
    assert "in      a-20250601.tif → mine/a-20250601" in told
    assert "FAILED  b.tif" in told
    (drop / "b.tif").unlink()
    assert run("follow", drop, *options) == (0, "")
    code, told = run("follow", "--list", "--data", data, "--json")
    (source,) = json.loads(told)["sources"]
    assert (source["kind"], source["counts"]["in"], source["counts"]["failed"]) == ("folder", 1, 0)


def test_a_folder_of_any_name_and_its_path_is_not_told(tmp_path) -> None:
    drop, data = tmp_path / "geheim" / "数据", tmp_path / "data"
    noise_photo(drop / "é-20250601.tif", 1)
    code, _ = run("follow", drop, "--data", data, "--once", "--settle", "0")
    assert code == 0
    _, told = run("follow", "--list", "--data", data, "--json")
    assert "geheim" not in told
    (source,) = json.loads(told)["sources"]
    assert source["id"].startswith("folder-")
    assert source["counts"]["in"] == 1


def test_it_goes_on_until_it_is_stopped(tmp_path) -> None:
    drop, data = tmp_path / "drop", tmp_path / "data"
    drop.mkdir()
    program = "from landzicht.cli.main import main; main()"
    command = [sys.executable, "-c", program, "follow", str(drop), "--data", str(data)]
    command += ["--settle", "0.2", "--every", "1"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    follower = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert follower.stdout is not None
    noise_photo(drop / "a-20250601.tif", 1)
    assert "a-20250601.tif" in follower.stdout.readline()
    follower.send_signal(signal.SIGTERM)
    started = time.monotonic()
    follower.communicate(timeout=60)
    assert time.monotonic() - started < 15
    assert follower.returncode in (0, 1)
    assert list(Path(data, "files").glob("??/*.tif"))
