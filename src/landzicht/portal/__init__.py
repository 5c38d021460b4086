"""The Python API of everything: settings, wiring and use cases behind one `Portal`."""

from landzicht.portal.portal import Portal, open_portal

__all__ = ["Portal", "open_portal"]
