"""Decisions about use: pure functions over who, what and which policy."""

from landzicht.rules.decide import PUBLIC, Action, Decision, Policy, Use, decide

__all__ = ["PUBLIC", "Action", "Decision", "Policy", "Use", "decide"]
