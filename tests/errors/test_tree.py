"""The whole tree: every error has a code of its own, both languages, and a next step."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
import re

import pytest

import landzicht.errors
from landzicht.errors import LandzichtError
from landzicht.errors.base import Broken, Denied, Empty, Invalid, Missing, SourceFailed, TooLarge

FAMILIES = (Invalid, Missing, Denied, Empty, TooLarge, SourceFailed, Broken)


def _all() -> list[type[LandzichtError]]:
    for module in pkgutil.iter_modules(landzicht.errors.__path__):
        importlib.import_module(f"landzicht.errors.{module.name}")
    found: list[type[LandzichtError]] = []
    waiting = [LandzichtError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        found.append(kind)
    return sorted(found[1:], key=lambda kind: kind.__name__)


ERRORS = _all()


def test_there_are_seven_families() -> None:
    assert set(LandzichtError.__subclasses__()) == set(FAMILIES)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ERRORS]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
class TestError:
    def test_says_what_and_what_to_do_in_both_languages(self, kind: type[LandzichtError]) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", kind.code)
        assert kind.__doc__
        for text in (kind.what, kind.todo, kind.why):
            if text is not None:
                assert len(text.nl.strip()) >= 5
                assert len(text.en.strip()) >= 5

    def test_both_languages_use_the_same_facts(self, kind: type[LandzichtError]) -> None:
        for text in (kind.what, kind.todo, kind.why):
            if text is not None:
                places = re.compile(r"\{(\w+)\}")
                assert set(places.findall(text.nl)) == set(places.findall(text.en))

    def test_travels_to_another_process(self, kind: type[LandzichtError]) -> None:
        facts = dict.fromkeys(re.findall(r"\{(\w+)\}", kind.what.en + kind.todo.en), "x")
        back = pickle.loads(pickle.dumps(kind(**facts)))
        assert type(back) is kind
        assert back.facts == facts
        assert back.say("nl") == kind(**facts).say("nl")
