"""Errors of the catalogue's own records: what cannot go in, and what came out damaged."""

from __future__ import annotations

from landzicht.errors.base import Invalid, SourceFailed
from landzicht.text import Text


class BadRecord(Invalid):
    """A scene or collection with a value that the catalogue cannot keep."""

    code = "bad-record"
    what = Text(
        nl="“{record}” kan niet in de catalogus: de waarde van “{field}” klopt niet ({value}).",
        en="“{record}” cannot go into the catalogue: the value of “{field}” is wrong ({value}).",
    )
    todo = Text(
        nl="Verbeter deze waarde in het bestand of het recept, en probeer het opnieuw.",
        en="Correct this value in the file or the recipe, and try again.",
    )


class DamagedRecord(SourceFailed):
    """A stored description that cannot be read back."""

    code = "damaged-record"
    what = Text(
        nl="De beschrijving van “{record}” in de catalogus is beschadigd.",
        en="The description of “{record}” in the catalogue is damaged.",
    )
    todo = Text(
        nl="Voer `landzicht ingest` op het bronbestand opnieuw uit.",
        en="Run `landzicht ingest` on the source file again.",
    )


class DamagedCatalogue(SourceFailed):
    """The catalogue file is not ours, or is damaged."""

    code = "damaged-catalogue"
    what = Text(
        nl="De catalogus {path} is beschadigd of is geen catalogus van Landzicht.",
        en="The catalogue {path} is damaged or is not a catalogue of Landzicht.",
    )
    why = Text(nl="De melding was: {reason}.", en="The message was: {reason}.")
    todo = Text(
        nl="Zet een reservekopie terug. Of hernoem het bestand en voer `landzicht ingest` opnieuw "
        "uit op de bronbestanden: de beelden zelf zijn er nog.",
        en="Put a backup back. Or rename the file and run `landzicht ingest` again on the source "
        "files: the images themselves are still there.",
    )


class NewerCatalogue(SourceFailed):
    """The catalogue was written by a later version of Landzicht."""

    code = "newer-catalogue"
    what = Text(
        nl="De catalogus {path} is gemaakt met een nieuwere Landzicht "
        "(vorm {found}, wij kennen {known}).",
        en="The catalogue {path} was made by a newer Landzicht (form {found}, we know {known}).",
    )
    todo = Text(nl="Installeer de nieuwere versie.", en="Install the newer version.")


class CatalogueBusy(SourceFailed):
    """Another program kept the catalogue locked for too long."""

    code = "catalogue-busy"
    what = Text(
        nl="De catalogus {path} is al {seconds} seconden bezet door een ander programma.",
        en="The catalogue {path} has been in use by another program for {seconds} seconds.",
    )
    todo = Text(
        nl="Wacht tot dat programma klaar is en probeer het opnieuw.",
        en="Wait until that program is done and try again.",
    )


class SameSource(Invalid):
    """The collection has a scene made of the same source already, under another id."""

    code = "same-source"
    what = Text(
        nl="De opname “{scene}” staat al in “{collection}”, als “{known}”.",
        en="The scene “{scene}” is in “{collection}” already, as “{known}”.",
    )
    why = Text(
        nl="Het bronbestand en het recept zijn precies gelijk.",
        en="The source file and the recipe are exactly equal.",
    )
    todo = Text(nl="U hoeft niets te doen.", en="You need to do nothing.")
