"""For tests of this project, of plug-ins and of anybody who builds on it."""

from landzicht.testing.shared import shared_data

__all__ = ["shared_data"]
