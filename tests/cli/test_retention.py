"""`landzicht retention`: look, do exactly that, bring back; in two languages."""

from __future__ import annotations

import json
import os
import re

import pytest
from click.testing import CliRunner

from landzicht.cli.main import group
from landzicht.portal import open_portal
from landzicht.testing.photos import noise_photo


@pytest.fixture
def data(tmp_path):
    with open_portal(tmp_path / "data") as portal:
        portal.ingest([noise_photo(tmp_path / f"a-200401{n:02}.tif", n) for n in range(1, 5)])
    return tmp_path / "data"


def run(*arguments: object, language: str = "en", code: int = 0) -> str:
    env = {**os.environ, "LANG": f"{language}_NL.UTF-8", "LANGUAGE": language, "LC_ALL": ""}
    answer = CliRunner().invoke(group, [str(each) for each in arguments], env=env)
    if code:
        assert answer.exception is not None
        return f"{answer.output}{answer.exception}"
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    return answer.output


def test_from_rules_to_undo(data) -> None:
    without = run("retention", "plan", "--data", data, code=1)
    assert "retention.toml" in without
    (data / "retention.toml").write_text("[collections.a]\nkeep_months = 12\nbest_per_month = 1\n")
    shown = run("retention", "plan", "--data", data)
    assert shown.count("- a/a-200401") == 3
    found = re.search(r"landzicht retention apply (\w{12})", shown)
    assert found
    told = json.loads(run("retention", "plan", "--data", data, "--json"))
    assert told["id"] == found[1]
    assert len(told["leaving"]) == 3
    assert "changed" in type_of("retention", "apply", "0" * 12, "--data", data)
    done = run("retention", "apply", found[1], "--data", data)
    assert "3 images removed" in done
    assert "younger than a day" in done
    back = re.search(r"retention undo ([\w-]+)", done)
    assert back
    listed = json.loads(run("retention", "bin", "--data", data, "--json"))
    assert [each["run"] for each in listed["removals"]] == [back[1]]
    assert "3 images brought back" in run("retention", "undo", back[1], "--data", data)
    assert "The bin is empty" in run("retention", "bin", "--data", data)
    with open_portal(data) as portal:
        assert portal.collection("a").count == 4


def type_of(*arguments: object) -> str:
    answer = CliRunner().invoke(group, [str(each) for each in arguments])
    return getattr(answer.exception, "code", "").replace("plan-", "")


def test_the_bin_is_emptied_on_request(data) -> None:
    (data / "retention.toml").write_text("[collections.a]\nkeep_months = 12\n")
    plan = json.loads(run("retention", "plan", "--data", data, "--json"))
    done = json.loads(run("retention", "apply", plan["id"], "--data", data, "--json"))
    assert done["scenes"] == 4
    assert json.loads(run("retention", "bin", "--empty", "--data", data, "--json")) == {"freed": 0}
    assert "unknown-removal" in type_of("retention", "undo", done["run"], "--data", data)
