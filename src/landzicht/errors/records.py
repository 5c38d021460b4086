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


class AlreadyThere(Invalid):
    """Something with this name is in the catalogue already."""

    code = "already-there"
    what = Text(
        nl="“{record}” staat al in de catalogus.", en="“{record}” is in the catalogue already."
    )
    todo = Text(
        nl="Gebruik PUT om het te vervangen, of kies een andere naam.",
        en="Use PUT to replace it, or choose another name.",
    )


class Changed(Invalid):
    """Somebody else changed the record since it was read."""

    code = "changed"
    what = Text(
        nl="“{record}” is gewijzigd sinds u het las.",
        en="“{record}” has changed since you read it.",
    )
    todo = Text(
        nl="Lees het opnieuw, breng uw wijziging opnieuw aan, en probeer het dan nog eens.",
        en="Read it again, make your change again, and then try once more.",
    )


class CatalogueServerFailed(SourceFailed):
    """The PostgreSQL server that keeps the catalogue cannot be reached, or refuses."""

    code = "catalogue-server-failed"
    what = Text(
        nl="De catalogusserver {server} doet het nu niet.",
        en="The catalogue server {server} does not work now.",
    )
    why = Text(nl="De melding was: {reason}.", en="The message was: {reason}.")
    todo = Text(
        nl="Controleer of PostgreSQL draait en of adres, naam en wachtwoord in "
        "`LANDZICHT_CATALOGUE` kloppen. Het portaal gaat vanzelf verder zodra de server er is.",
        en="Check that PostgreSQL runs and that address, name and password in "
        "`LANDZICHT_CATALOGUE` are right. The portal goes on by itself once the server is back.",
    )


class DriverMissing(SourceFailed):
    """The libraries that speak to PostgreSQL are not installed."""

    code = "driver-missing"
    what = Text(
        nl="De bibliotheken voor een catalogus op PostgreSQL zijn hier niet geïnstalleerd.",
        en="The libraries for a catalogue on PostgreSQL are not installed here.",
    )
    todo = Text(
        nl="Voer `pip install 'landzicht[postgres]'` uit.",
        en="Run `pip install 'landzicht[postgres]'`.",
    )


class MoveDiffers(SourceFailed):
    """After a move the two catalogues are not equal."""

    code = "move-differs"
    what = Text(
        nl="Na het verhuizen zijn de catalogi niet gelijk, in “{collection}” bij “{scene}”.",
        en="After the move the catalogues are not equal, in “{collection}” at “{scene}”.",
    )
    why = Text(
        nl="Waarschijnlijk schreef een ander programma er intussen in.",
        en="Probably another program wrote in them meanwhile.",
    )
    todo = Text(
        nl="Stop `landzicht up`, `follow` en `ingest`, en voer de opdracht nog eens uit: hij gaat "
        "verder waar hij was. De oude catalogus is onveranderd.",
        en="Stop `landzicht up`, `follow` and `ingest`, and run the command again: it goes on "
        "where it was. The old catalogue is unchanged.",
    )


class BadItem(Invalid):
    """A STAC item from elsewhere that cannot go in, with every reason at once."""

    code = "bad-item"
    what = Text(
        nl="Het item “{record}” kan niet in de catalogus: {told}.",
        en="The item “{record}” cannot go into the catalogue: {told}.",
    )
    todo = Text(
        nl="Verbeter deze velden en probeer het opnieuw.",
        en="Correct these fields and try again.",
    )


class BadExchange(Invalid):
    """A file or folder with items that cannot be read."""

    code = "bad-exchange"
    what = Text(
        nl="{path} kan niet als catalogus worden gelezen: {reason}.",
        en="{path} cannot be read as a catalogue: {reason}.",
    )
    todo = Text(
        nl="Geef een stac-geoparquet-bestand (.parquet), een bestand met een item per regel "
        "(.ndjson), een ItemCollection (.json) of een map met een statische STAC-catalogus.",
        en="Give a stac-geoparquet file (.parquet), a file with an item per line (.ndjson), an "
        "ItemCollection (.json) or a folder with a static STAC catalogue.",
    )


class NothingToKeep(Invalid):
    """Cleaning up would remove every file: the catalogue does not belong to the folder."""

    code = "nothing-to-keep"
    what = Text(
        nl="De map {path} heeft bestanden, maar de catalogus heeft geen enkele opname.",
        en="The folder {path} has files, but the catalogue has no scenes at all.",
    )
    todo = Text(
        nl="Er is niets verwijderd. Controleer --data en `LANDZICHT_CATALOGUE`.",
        en="Nothing was removed. Check --data and `LANDZICHT_CATALOGUE`.",
    )


class BackupInTheWay(Invalid):
    """A backup would take the place of a catalogue that is in use."""

    code = "backup-in-the-way"
    what = Text(
        nl="{path} is een catalogus in gebruik; een reservekopie komt daar niet overheen.",
        en="{path} is a catalogue in use; a backup does not take its place.",
    )
    todo = Text(
        nl="Kies een andere naam. Terugzetten: stop eerst het portaal, en haal ook de bestanden op "
        "-wal en -shm ernaast weg.",
        en="Choose another name. To restore: stop the portal first, and remove the files in -wal "
        "and -shm beside it too.",
    )


class NotEmbedded(Invalid):
    """Something that only the embedded catalogue can do."""

    code = "not-embedded"
    what = Text(
        nl="Deze catalogus staat op PostgreSQL; daar maakt `pg_dump` de reservekopie.",
        en="This catalogue is on PostgreSQL; there `pg_dump` makes the backup.",
    )
    todo = Text(
        nl="Of zet hem over naar een bestand: `landzicht catalogue move --to MAP`.",
        en="Or copy it into a file: `landzicht catalogue move --to DIR`.",
    )
