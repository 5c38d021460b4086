"""The part of `Portal` that follows sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.text import Text

if TYPE_CHECKING:
    import threading
    from datetime import datetime

    from landzicht.portal.following.following import Say
    from landzicht.portal.following.source_order import Following
    from landzicht.portal.following.source_status import SourceStatus
    from landzicht.portal.services import Services
    from landzicht.sources.source import Source


class Sourcing:
    """Methods of `Portal`; see the modules that do the work."""

    services: Services

    def add_source(self, order: Following) -> Source:
        """Keep what is to be followed; see `landzicht.portal.following.source_order.add_source`."""
        from landzicht.portal.following.source_order import add_source

        return add_source(self.services, order)

    def pause_source(self, id: str) -> Source:
        """Let a source wait; raises `UnknownSource`."""
        from landzicht.sources.register import pause_source

        return pause_source(self.services.settings.data, id, paused=True)

    def resume_source(self, id: str) -> Source:
        """Let a source go on; raises `UnknownSource`."""
        from landzicht.sources.register import pause_source

        return pause_source(self.services.settings.data, id, paused=False)

    def remove_source(self, id: str) -> Source:
        """Stop following a source; its images stay. Raises `UnknownSource`, `SourceAtWork`."""
        from landzicht.sources.register import remove_source

        return remove_source(self.services.settings.data, id)

    def sources(self, now: datetime | None = None) -> tuple[SourceStatus, ...]:
        """Return how each followed source does, by name."""
        from landzicht.portal.following.source_status import source_status

        return source_status(self.services, now)

    def follow_once(
        self, names: frozenset[str] | None, say: Say, stop: threading.Event
    ) -> dict[str, Text]:
        """Take in what the sources have, and return those that failed with the reason.

        Args:
            names: which; None = all that are not paused or by hand.
            say: hears what came of each item.
            stop: ends it after the item under way.
        """
        from landzicht.portal.following.following import follow_once, is_wanted
        from landzicht.sources.register import folder_of, list_sources
        from landzicht.sources.state import read_summary

        data = self.services.settings.data
        failed: dict[str, Text] = {}
        for source in list_sources(data):
            if not is_wanted(source, names):
                continue
            while not stop.is_set():
                told = follow_once(self.services, source, say, stop.is_set)
                if told is None:
                    failed[source.id] = _BUSY
                elif told.failed:
                    error = read_summary(folder_of(data, source.id)).get("error") or {}
                    failed[source.id] = Text(nl=error.get("nl", "?"), en=error.get("en", "?"))
                if told is None or told.failed or not told.more:
                    break
        return failed

    def follow_all(
        self, say: Say, stop: threading.Event, names: frozenset[str] | None = None
    ) -> None:
        """Follow sources until `stop`; see `landzicht.portal.following.following.follow_all`."""
        from landzicht.portal.following.following import follow_all

        follow_all(self.services, say, stop, names)


_BUSY = Text(
    nl="een ander proces is er al mee bezig", en="another process is working on it already"
)
