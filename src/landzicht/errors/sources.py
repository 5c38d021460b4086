"""Errors of sources that are followed."""

from __future__ import annotations

from landzicht.errors.base import Invalid, Missing, SourceFailed
from landzicht.text import Text


class UnknownSource(Missing):
    """A source that is not followed here."""

    code = "unknown-source"
    what = Text(
        nl="De bron “{source}” wordt hier niet gevolgd.",
        en="The source “{source}” is not followed here.",
    )
    todo = Text(
        nl="Kijk met `landzicht follow --list` welke er zijn.",
        en="See with `landzicht follow --list` which ones there are.",
    )


class SourceAtWork(Invalid):
    """A source that another process is working on."""

    code = "source-at-work"
    what = Text(
        nl="Aan de bron “{source}” wordt nu gewerkt door een ander proces.",
        en="Another process is working on the source “{source}” now.",
    )
    todo = Text(
        nl="Stop dat eerst, of zet de bron stil met `landzicht follow --pause {source}` en probeer "
        "het over een minuut opnieuw.",
        en="Stop it first, or pause the source with `landzicht follow --pause {source}` and try "
        "again in a minute.",
    )


class BadSource(Invalid):
    """What is asked of a source makes no sense."""

    code = "bad-source"
    what = Text(
        nl="Zo is de bron niet te volgen: {reason}.",
        en="The source cannot be followed like this: {reason}.",
    )
    todo = Text(
        nl="Zie `landzicht follow --help` en de bladzijde “Your own Dutch portal” van de uitleg.",
        en="See `landzicht follow --help` and the page “Your own Dutch portal” of the docs.",
    )


class ApiFailed(SourceFailed):
    """A STAC API that did not answer, or not with what it should."""

    code = "api-failed"
    what = Text(
        nl="{address} antwoordt niet zoals een STAC API: {reason}.",
        en="{address} does not answer as a STAC API does: {reason}.",
    )
    todo = Text(
        nl="Het portaal probeert het vanzelf opnieuw; blijft het zo, kijk dan of het adres klopt.",
        en="The portal tries again by itself; if it stays so, see whether the address is right.",
    )


class NoCredential(Invalid):
    """A source that wants a name and a key, and there are none."""

    code = "no-credential"
    what = Text(
        nl="{source} vraagt om een sleutel en die is er niet.",
        en="{source} asks for a key and there is none.",
    )
    todo = Text(
        nl="Zet {names} in de omgeving, of in de sleutelbos van het systeem.",
        en="Set {names} in the environment, or in the keyring of the system.",
    )
