"""Errors of running a portal: settings, ports, folders."""

from __future__ import annotations

from landzicht.errors.base import Invalid, SourceFailed
from landzicht.text import Text


class BadSettings(Invalid):
    """A setting that cannot be read."""

    code = "bad-settings"
    what = Text(
        nl="De instelling “{name}” ({origin}) klopt niet.",
        en="The setting “{name}” ({origin}) is wrong.",
    )
    todo = Text(nl="Mogelijk is: {known}.", en="Possible: {known}.")


class PortInUse(SourceFailed):
    """Another program listens on the address already."""

    code = "port-in-use"
    what = Text(
        nl="Op {host}:{port} draait al een ander programma.",
        en="Another program already uses {host}:{port}.",
    )
    todo = Text(
        nl="Stop dat programma, of kies een andere poort: `landzicht up --port {other}`.",
        en="Stop that program, or choose another port: `landzicht up --port {other}`.",
    )
