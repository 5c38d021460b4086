"""One tree of errors; each says what happened, why, and what to do next, in Dutch and English."""

from landzicht.errors.base import (
    Broken,
    Denied,
    Empty,
    Invalid,
    LandzichtError,
    Missing,
    SourceFailed,
    TooLarge,
)

__all__ = [
    "Broken",
    "Denied",
    "Empty",
    "Invalid",
    "LandzichtError",
    "Missing",
    "SourceFailed",
    "TooLarge",
]
