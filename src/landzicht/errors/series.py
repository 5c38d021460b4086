"""Errors of measuring parcels."""

from __future__ import annotations

from landzicht.errors.base import Invalid, TooLarge
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


class ParcelTooLarge(TooLarge):
    """A parcel with more pixels than fit in memory for percentiles."""

    code = "parcel-too-large"
    what = Text(
        nl="Perceel {parcel} heeft {pixels} pixels; wij meten er hoogstens {most} tegelijk.",
        en="Parcel {parcel} has {pixels} pixels; we measure at most {most} at once.",
    )
    todo = Text(
        nl="Deel het gebied op in kleinere delen.", en="Divide the area into smaller parts."
    )
