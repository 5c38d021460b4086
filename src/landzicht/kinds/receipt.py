"""What became of each file that was offered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from landzicht.text import Text


class Outcome(StrEnum):
    """The end of one draft."""

    ADDED = "added"
    """A new scene is in the catalogue."""
    KNOWN = "known"
    """The same source with the same recipe was in already; nothing changed."""
    REFUSED = "refused"
    """Not taken in; the findings say why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check noticed about a source."""

    code: str
    """Stable, kebab-case."""
    message: Text
    """What, why and what to do."""
    path: str
    """The file or folder, as the user named it."""
    blocks: bool = True
    """True when it stops the scene from being taken in; False for a remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof of what happened to one source."""

    path: str
    """File or folder, as the user named it."""
    outcome: Outcome
    """What became of it."""
    collection: str | None = None
    """Where it went."""
    scene: str | None = None
    """Id of the scene."""
    source: str | None = None
    """SHA-256 of the source bytes plus recipe."""
    assets: Mapping[str, str] | None = None
    """Asset key → SHA-256 of the stored file."""
    bytes_in: int = 0
    """Size of the source."""
    bytes_out: int = 0
    """Size of what was stored."""
    seconds: float = 0.0
    """Wall time."""
    findings: tuple[Finding, ...] = ()
    """Everything that was noticed, also for scenes that were taken in."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, texts in both languages."""
        return {
            "path": self.path,
            "outcome": self.outcome.value,
            "collection": self.collection,
            "scene": self.scene,
            "source": self.source,
            "assets": dict(self.assets) if self.assets is not None else None,
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "seconds": round(self.seconds, 3),
            "findings": [
                {
                    "code": f.code,
                    "nl": f.message.nl,
                    "en": f.message.en,
                    "path": f.path,
                    "blocks": f.blocks,
                }
                for f in self.findings
            ],
        }
