from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from landzicht.rules import PUBLIC, Action, Decision, Use, decide
from landzicht.text import Text

YES = Decision(True, Text(nl="ja", en="yes"))
NO = Decision(False, Text(nl="nee", en="no"))


@dataclass(frozen=True)
class Fixed:
    verdict: Decision | None

    def judge(self, use: Use, collection: str) -> Decision | None:
        return self.verdict


@given(st.sampled_from(Action), st.lists(st.sampled_from([YES, NO, None])))
def test_one_refusal_is_enough_and_silence_is_public(
    action: Action, verdicts: list[Decision | None]
) -> None:
    answer = decide(Use(action=action), "any", [Fixed(verdict) for verdict in verdicts])
    assert answer.allowed == (NO not in verdicts)
    if not any(verdicts):
        assert answer is PUBLIC
