from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.text import Text, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("nl", "nl"),
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("en-GB,en;q=0.9,nl;q=0.8", "en"),
        ("de,nl;q=0.5", "nl"),
        ("en;q=0.2, nl;q=0.3", "nl"),
        ("nl;q=zero", "en"),
        ("fr", "en"),
    ],
)
def test_language_follows_the_header(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


@given(st.text(max_size=300))
def test_any_header_gives_a_language(header: str) -> None:
    assert preferred_language(header) in {"nl", "en"}


def test_a_missing_fact_shows_as_a_gap_instead_of_failing() -> None:
    text = Text(nl="{a} en {b}", en="{a} and {b}")
    assert text.say("nl", a=1) == "1 en {b}"
    assert text.fill(a=1, b=2) == Text(nl="1 en 2", en="1 and 2")
