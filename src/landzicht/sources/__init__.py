"""Sources that are followed: STAC APIs and folders, what came of each image, and what is next."""

from landzicht.sources.source import Kind, Mode, Source
from landzicht.sources.state import Came, Outcome, State, open_state, read_summary

__all__ = ["Came", "Kind", "Mode", "Outcome", "Source", "State", "open_state", "read_summary"]
