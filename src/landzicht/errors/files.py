"""Errors of files: what came in, what is stored, and the disk they live on."""

from __future__ import annotations

from landzicht.errors.base import Invalid, SourceFailed, TooLarge
from landzicht.text import Text


class UnknownCrs(Invalid):
    """A coordinate reference system that we do not know, or that is not on Earth."""

    code = "unknown-crs"
    what = Text(
        nl="Het coördinatenstelsel “{crs}” kunnen wij niet gebruiken.",
        en="We cannot use the coordinate reference system “{crs}”.",
    )
    why = Text(
        nl="Het is onbekend, niet van de aarde, of past niet bij deze plek.",
        en="It is unknown, not of the Earth, or does not fit this place.",
    )
    todo = Text(
        nl="Geef het bestand een EPSG-stelsel, bijvoorbeeld met gdal_edit of QGIS.",
        en="Give the file an EPSG system, for example with gdal_edit or QGIS.",
    )


class UnreadableFile(Invalid):
    """A file that is not what its name says, is cut short, or is of a kind we do not read."""

    code = "unreadable-file"
    what = Text(nl="Het bestand {path} is niet te lezen.", en="The file {path} cannot be read.")
    why = Text(nl="{reason}", en="{reason}")
    todo = Text(
        nl="Haal het bestand opnieuw op, of zet het om naar GeoTIFF.",
        en="Fetch the file again, or convert it to GeoTIFF.",
    )


class FileTooLarge(TooLarge):
    """A header that declares more pixels or larger blocks than we open."""

    code = "file-too-large"
    what = Text(
        nl="Het bestand {path} is te groot: {reason}.", en="The file {path} is too large: {reason}."
    )
    todo = Text(nl="Knip het in stukken.", en="Cut it into pieces.")


class DiskFailed(SourceFailed):
    """The disk is full, read-only or failing."""

    code = "disk-failed"
    what = Text(
        nl="Schrijven naar {path} lukt niet: {reason}.", en="Cannot write to {path}: {reason}."
    )
    todo = Text(
        nl="Maak ruimte vrij of geef schrijfrecht, en voer de opdracht nog eens uit: "
        "hij gaat verder waar hij was.",
        en="Free some space or give write permission, and run the command again: "
        "it goes on where it was.",
    )


class WorkStopped(SourceFailed):
    """Somebody stopped the program in the middle of a conversion."""

    code = "work-stopped"
    what = Text(nl="Het werk is halverwege gestopt.", en="The work was stopped half-way.")
    todo = Text(
        nl="Voer de opdracht nog eens uit: hij gaat verder waar hij was.",
        en="Run the command again: it goes on where it was.",
    )


class QuotaReached(SourceFailed):
    """There is no room for more images, by the operator's quota or the disk."""

    code = "quota-reached"
    what = Text(
        nl="Er is geen ruimte voor meer beelden: {reason}.",
        en="There is no room for more images: {reason}.",
    )
    todo = Text(
        nl="Maak ruimte (`landzicht retention plan`, `landzicht catalogue clean`) of verhoog "
        "`quota_mb`; wat gevolgd wordt gaat dan vanzelf verder.",
        en="Make room (`landzicht retention plan`, `landzicht catalogue clean`) or raise "
        "`quota_mb`; what is followed then goes on by itself.",
    )


class StoredFileFailed(SourceFailed):
    """A file of the portal's own store is gone or damaged."""

    code = "stored-file-failed"
    what = Text(
        nl="Een bestand van deze opname is beschadigd of weg ({path}).",
        en="A file of this scene is damaged or gone ({path}).",
    )
    todo = Text(
        nl="Voer `landzicht ingest` op het bronbestand opnieuw uit.",
        en="Run `landzicht ingest` on the source file again.",
    )
