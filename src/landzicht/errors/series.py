"""Errors of measuring parcels."""

from __future__ import annotations

from landzicht.errors.base import Invalid, Missing, SourceFailed, TooLarge
from landzicht.text import Text


class BadStatistic(Invalid):
    """A statistic that we do not compute."""

    code = "bad-statistic"
    what = Text(nl="De maat “{name}” kunnen wij niet berekenen.", en="We cannot compute “{name}”.")
    todo = Text(
        nl="Kies hoogstens 40 uit mean, std, min, max, median, count en p0 tot p100; de randen van "
        "een histogram lopen op, hoogstens 257.",
        en="Choose at most 40 of mean, std, min, max, median, count and p0 to p100; the edges of a "
        "histogram rise, at most 257.",
    )


class SeriesTooHeavy(TooLarge):
    """A question about parcels that takes more memory than the operator allows."""

    code = "series-too-heavy"
    what = Text(
        nl="Dit vraagt {memory} MB geheugen; dit portaal geeft een vraag er hoogstens {most}.",
        en="This takes {memory} MB of memory; this portal gives a question {most} at most.",
    )
    why = Text(
        nl="Voor de mediaan en percentielen van een groot gebied zijn alle pixels tegelijk nodig.",
        en="The median and percentiles of a large area need all of its pixels at once.",
    )
    todo = Text(
        nl="Vraag alleen mean, std, min, max of count, kies minder of kleinere gebieden, of vraag "
        "de beheerder om meer (series_memory_mb).",
        en="Ask for mean, std, min, max or count alone, choose fewer or smaller areas, or ask the "
        "operator for more (series_memory_mb).",
    )


class SeriesTooLarge(TooLarge):
    """A question about parcels that costs more than the operator allows."""

    code = "series-too-large"
    what = Text(
        nl="Dit zou {pixels} miljoen pixels lezen of tellen; dit portaal doet er hoogstens {most} "
        "miljoen.",
        en="This would read or count {pixels} million pixels; this portal does {most} million at "
        "most.",
    )
    todo = Text(
        nl="Kies een kortere periode of minder percelen, of vraag de beheerder om meer "
        "(series_most_mpx).",
        en="Choose a shorter period or fewer parcels, or ask the operator for more "
        "(series_most_mpx).",
    )


class TooManyCorners(TooLarge):
    """Shapes that have too many corners and long edges together."""

    code = "too-many-corners"
    what = Text(
        nl="De randen van deze vormen samen zijn {corners} miljoen stukjes; wij doen er hoogstens "
        "{most} miljoen.",
        en="The edges of these shapes together are {corners} million pieces; we do {most} million "
        "at most.",
    )
    why = Text(
        nl="Lange randen worden in stukjes geknipt, omdat ze in een ander stelsel krom zijn.",
        en="Long edges are cut into pieces, because they bend in another coordinate system.",
    )
    todo = Text(
        nl="Deel de vraag op, of geef de vormen in het stelsel van de beelden.",
        en="Divide the question, or give the shapes in the system of the images.",
    )


class NoParcels(Invalid):
    """Nothing that can be measured."""

    code = "no-parcels"
    what = Text(
        nl="Van de {count} vormen kan er geen worden gemeten. De eerste, rij {row}: {reason}.",
        en="None of the {count} shapes can be measured. The first, row {row}: {reason}.",
    )
    todo = Text(
        nl="Stuur vlakken of punten, met de lengtegraad voor de breedtegraad.",
        en="Send areas or points, longitude before latitude.",
    )


class UnknownJob(Missing):
    """There is no job with this id."""

    code = "unknown-job"
    what = Text(nl="Er is geen opdracht “{job}”.", en="There is no job “{job}”.")
    todo = Text(
        nl="Opdrachten worden na enkele dagen opgeruimd; stel de vraag opnieuw.",
        en="Jobs are removed after some days; ask again.",
    )


class JobNotDone(Invalid):
    """The answer of a job that has not ended well."""

    code = "job-not-done"
    what = Text(
        nl="De opdracht “{job}” heeft nog geen antwoord: {status}.",
        en="The job “{job}” has no answer yet: {status}.",
    )
    todo = Text(
        nl="Kijk op /api/v1/jobs/{job} hoe ver hij is.", en="See /api/v1/jobs/{job} for how far."
    )


class TooManyJobs(TooLarge):
    """More jobs than this portal keeps (429)."""

    code = "too-many-jobs"
    what = Text(
        nl="Er zijn al {most} opdrachten, en meer bewaart dit portaal er niet.",
        en="There are {most} jobs already, and this portal keeps no more.",
    )
    todo = Text(
        nl="Wacht tot er een klaar en opgehaald is, en verwijder die met DELETE.",
        en="Wait until one is done and fetched, and remove it with DELETE.",
    )


class UnknownAreas(Missing):
    """There are no registered areas with this id."""

    code = "unknown-areas"
    what = Text(
        nl="Er zijn geen gebieden “{areas}” geregistreerd.",
        en="No areas “{areas}” are registered.",
    )
    todo = Text(nl="Kijk op /api/v1/areas welke er zijn.", en="See /api/v1/areas for the list.")


class UnknownArea(Missing):
    """A set of registered areas has no area with this id."""

    code = "unknown-area"
    what = Text(
        nl="In “{areas}” is geen gebied “{area}” geregistreerd.",
        en="No area “{area}” is registered in “{areas}”.",
    )
    todo = Text(
        nl="Zoek het op met /api/v1/areas/{areas}/items?q=…",
        en="Look it up with /api/v1/areas/{areas}/items?q=…",
    )


class AreasFailed(SourceFailed):
    """A server of official areas that does not give them."""

    code = "areas-failed"
    what = Text(
        nl="De gebieden van {host} komen niet binnen: {reason}.",
        en="The areas of {host} do not come in: {reason}.",
    )
    todo = Text(
        nl="Probeer het later opnieuw, of geef een bestand: `landzicht areas add BESTAND`.",
        en="Try again later, or give a file: `landzicht areas add FILE`.",
    )
