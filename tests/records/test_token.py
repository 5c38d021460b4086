"""Page tokens: there and back, and nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.catalogue import BadQuery
from landzicht.records.token import Place, read_token, write_token
from landzicht.testing import strategies

places = st.builds(
    Place, t=st.integers(-(2**62), 2**62), collection=strategies.ids, id=strategies.ids
)


@given(places)
def test_reading_is_the_inverse_of_writing(place):
    token = write_token(place)
    assert read_token(token) == place
    assert token.replace("-", "").replace("_", "").isalnum()


@given(places, st.data())
def test_a_changed_token_is_refused(place, data):
    token = write_token(place)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCxyz012-_").filter(lambda c: c != token[at]))
    with pytest.raises(BadQuery):
        read_token(token[:at] + other + token[at + 1 :])


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")))
def test_any_other_text_is_refused(text):
    with pytest.raises(BadQuery) as failure:
        read_token(text)
    assert failure.value.code == "bad-query"
