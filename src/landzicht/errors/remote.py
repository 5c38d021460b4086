"""Errors of files on other computers: addresses, servers, and files that change."""

from __future__ import annotations

from landzicht.errors.base import Denied, Invalid, Missing, SourceFailed, TooLarge
from landzicht.text import Text


class BadAddress(Invalid):
    """An address that is none, or is written in a way that we do not open."""

    code = "bad-address"
    what = Text(
        nl="Het adres “{address}” openen wij niet: {reason}.",
        en="We do not open the address “{address}”: {reason}.",
    )
    todo = Text(
        nl="Geef een gewoon adres: https://naam/pad of s3://emmer/pad, zonder wachtwoord, vraag- "
        "of hekteken.",
        en="Give a plain address: https://name/path or s3://bucket/path, without password, "
        "question mark or hash sign.",
    )


class AddressNotAllowed(Denied):
    """A good address of a computer that the operator has not allowed."""

    code = "address-not-allowed"
    what = Text(
        nl="Van {host} mag dit portaal geen bestanden lezen.",
        en="This portal may not read files from {host}.",
    )
    why = Text(nl="{reason}.", en="{reason}.")
    todo = Text(
        nl="De beheerder kan dit toestaan met de instellingen remote_hosts en remote_private.",
        en="The operator can allow it with the settings remote_hosts and remote_private.",
    )


class RemoteFailed(SourceFailed):
    """Another computer did not give a file, or not the bytes that we asked for."""

    code = "remote-failed"
    what = Text(
        nl="Het bestand {address} is nu niet te lezen: {reason}.",
        en="The file {address} cannot be read now: {reason}.",
    )
    todo = Text(
        nl="Probeer het later nog eens; blijft het zo, vraag het de beheerder van die computer.",
        en="Try again later; if it stays so, ask whoever runs that computer.",
    )


class RemoteChanged(SourceFailed):
    """A file on another computer became another while it was read, more than once."""

    code = "remote-changed"
    what = Text(
        nl="Het bestand {address} verandert terwijl wij het lezen.",
        en="The file {address} changes while we read it.",
    )
    todo = Text(
        nl="Wacht tot het af is, en voer `landzicht ingest --link` nog eens uit.",
        en="Wait until it is complete, and run `landzicht ingest --link` again.",
    )


class RemoteTooLarge(TooLarge):
    """A file that can only be read when it is here as a whole, and is too large for that."""

    code = "remote-too-large"
    what = Text(
        nl="Het bestand {address} kan niet in stukken worden gelezen en is te groot om op te halen "
        "({megabytes} MB).",
        en="The file {address} cannot be read in pieces and is too large to fetch "
        "({megabytes} MB).",
    )
    why = Text(
        nl="Hoogstens {most} MB, volgens de instellingen remote_whole_mb en remote_cache_mb.",
        en="At most {most} MB, by the settings remote_whole_mb and remote_cache_mb.",
    )
    todo = Text(
        nl="Haal het bestand zelf op en neem het in met `landzicht ingest`.",
        en="Fetch the file yourself and take it in with `landzicht ingest`.",
    )


class LinkedElsewhere(Missing):
    """A file that lies elsewhere, where HTTP cannot lead."""

    code = "linked-elsewhere"
    what = Text(
        nl="Dit bestand geven wij niet uit: het ligt op {address}.",
        en="We do not hand this file out: it lies at {address}.",
    )
    todo = Text(
        nl="Haal het daar op, bijvoorbeeld met een S3-programma.",
        en="Fetch it there, for example with an S3 program.",
    )
