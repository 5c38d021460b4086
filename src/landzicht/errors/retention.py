"""Errors of removing old images by rule."""

from __future__ import annotations

from landzicht.errors.base import Invalid, Missing
from landzicht.text import Text


class BadRetention(Invalid):
    """The rules in `retention.toml` cannot be read."""

    code = "bad-retention"
    what = Text(
        nl="De bewaarregels in {path} kloppen niet: {reason}.",
        en="The rules in {path} are wrong: {reason}.",
    )
    todo = Text(
        nl="Verbeter het bestand; “Ruimte op de schijf” in de uitleg heeft een voorbeeld. Er is "
        "niets verwijderd.",
        en="Correct the file; “Room on the disk” in the docs has an example. Nothing was removed.",
    )


class NoRetention(Missing):
    """There are no rules."""

    code = "no-retention"
    what = Text(
        nl="Er zijn geen bewaarregels: {path} bestaat niet.",
        en="There are no rules: {path} does not exist.",
    )
    todo = Text(
        nl="Zet er per verzameling in wat blijft, bijvoorbeeld:\n"
        "[collections.sentinel-2-l2a]\nkeep_months = 24\nbest_per_month = 1",
        en="Write in it what is kept of each collection, for example:\n"
        "[collections.sentinel-2-l2a]\nkeep_months = 24\nbest_per_month = 1",
    )


class PlanChanged(Invalid):
    """What would be removed is another thing than what was shown."""

    code = "plan-changed"
    what = Text(
        nl="Plan {plan} geldt niet (meer): er zijn beelden bijgekomen of weg, of de regels zijn "
        "anders. Er is niets verwijderd.",
        en="Plan {plan} does not hold (any more): images came or went, or the rules are others. "
        "Nothing was removed.",
    )
    todo = Text(
        nl="Bekijk het nieuwe plan met `landzicht retention plan`.",
        en="Look at the new plan with `landzicht retention plan`.",
    )


class UnknownRemoval(Missing):
    """A removal that cannot be undone: unknown, or its images are gone from the bin."""

    code = "unknown-removal"
    what = Text(
        nl="Van opruiming “{run}” ligt niets meer in de prullenbak.",
        en="Nothing of removal “{run}” is in the bin any more.",
    )
    todo = Text(
        nl="`landzicht retention bin` toont wat er nog teruggezet kan worden. Wat weg is, komt "
        "terug door de bron opnieuw in te lezen.",
        en="`landzicht retention bin` shows what can still be brought back. What is gone comes "
        "back by taking its source in again.",
    )


class BinBusy(Invalid):
    """Another process is removing or bringing back images."""

    code = "bin-busy"
    what = Text(
        nl="Er wordt nu door een ander proces opgeruimd of teruggezet.",
        en="Another process is removing or bringing back images now.",
    )
    todo = Text(nl="Probeer het over een minuut opnieuw.", en="Try again in a minute.")
