"""Errors of pictures and values: tile addresses, formulas, colour maps, sizes."""

from __future__ import annotations

from landzicht.errors.base import Denied, Empty, Invalid, Missing, TooLarge
from landzicht.text import Text


class UnknownMatrixSet(Missing):
    """There is no tile matrix set with this name."""

    code = "unknown-tile-matrix-set"
    what = Text(
        nl="Wij kennen geen tegelstelsel “{matrix}”.",
        en="There is no tile matrix set “{matrix}”.",
    )
    todo = Text(nl="Kies uit: {known}.", en="Choose one of: {known}.")


class BadMatrixSet(Invalid):
    """A file with a tile matrix set that is not one that we can serve."""

    code = "bad-tile-matrix-set"
    what = Text(
        nl="Het tegelstelsel in {name} kunnen wij niet gebruiken ({reason}).",
        en="We cannot use the tile matrix set in {name} ({reason}).",
    )
    todo = Text(
        nl="Beschrijf het als in OGC 17-083r4: vierkante tegels van 256 px vanaf linksboven; elk "
        "niveau met cellen die half zo groot zijn. Of haal het bestand weg.",
        en="Describe it as in OGC 17-083r4: square tiles of 256 px from the upper left, and each "
        "level with cells half as large. Or take the file away.",
    )


class OnlyWebMercator(Invalid):
    """TileJSON of a grid that it cannot describe."""

    code = "only-web-mercator"
    what = Text(
        nl="TileJSON beschrijft alleen tegels in WebMercatorQuad, niet in “{matrix}”.",
        en="TileJSON describes tiles in WebMercatorQuad only, not in “{matrix}”.",
    )
    todo = Text(
        nl="Vraag de tegels zelf op; het stelsel staat op /tiles/tileMatrixSets/{matrix}.",
        en="Ask for the tiles themselves; the grid is described at /tiles/tileMatrixSets/{matrix}.",
    )


class NoSuchTile(Missing):
    """A tile address outside the tile matrix set."""

    code = "no-such-tile"
    what = Text(
        nl="Tegel {z}/{x}/{y} bestaat niet in “{matrix}”.",
        en="There is no tile {z}/{x}/{y} in “{matrix}”.",
    )
    todo = Text(
        nl="Kies z van {min_zoom} tot en met {max_zoom}, en x en y binnen dat niveau.",
        en="Choose z from {min_zoom} to {max_zoom}, and x and y within that level.",
    )


class BadTileAddress(Invalid):
    """A tile address that is not made of whole numbers."""

    code = "bad-tile-address"
    what = Text(
        nl="“{value}” is geen tegeladres.",
        en="“{value}” is not a tile address.",
    )
    todo = Text(
        nl="Schrijf drie gehele getallen: zoomniveau/kolom/rij, bijvoorbeeld 12/2107/1350.",
        en="Write three whole numbers: zoom/column/row, for example 12/2107/1350.",
    )


class UnknownFormat(Missing):
    """A picture format that we do not make."""

    code = "unknown-format"
    what = Text(
        nl="Het formaat “{format}” kunnen wij hier niet maken.",
        en="We cannot make the format “{format}” here.",
    )
    todo = Text(nl="Kies uit: {known}.", en="Choose one of: {known}.")


class BadFormula(Invalid):
    """A formula that cannot be read, or that asks for more than is allowed."""

    code = "bad-formula"
    what = Text(
        nl="De formule klopt niet op positie {position}: {reason}.",
        en="The formula is wrong at position {position}: {reason}.",
    )
    todo = Text(
        nl="Gebruik getallen, bandnamen, + - * / **, haakjes, vergelijkingen, & | ! en de functies "
        "{functions}; bijvoorbeeld (B08-B04)/(B08+B04).",
        en="Use numbers, band names, + - * / **, parentheses, comparisons, & | ! and the functions "
        "{functions}; for example (B08-B04)/(B08+B04).",
    )


class UnknownIndex(Missing):
    """There is no spectral index with this name."""

    code = "unknown-index"
    what = Text(
        nl="Wij kennen geen index “{index}”.",
        en="There is no index “{index}”.",
    )
    todo = Text(
        nl="Kies uit: {known}. Of schrijf zelf een formule met expression=.",
        en="Choose one of: {known}. Or write a formula yourself with expression=.",
    )


class IndexNotPossible(Invalid):
    """An index that needs bands which the collection does not have."""

    code = "index-not-possible"
    what = Text(
        nl="{index} kan hier niet: deze gegevens hebben geen band voor {missing}.",
        en="{index} is not possible here: these data have no band for {missing}.",
    )
    todo = Text(
        nl="Kies een andere index; /tiles/VERZAMELING/indices noemt wat kan.",
        en="Choose another index; /tiles/COLLECTION/indices lists what is possible.",
    )


class UnknownColormap(Invalid):
    """There is no colour map with this name."""

    code = "unknown-colormap"
    what = Text(
        nl="Wij kennen geen kleurenschaal “{colormap}”.",
        en="There is no colour map “{colormap}”.",
    )
    todo = Text(nl="Kies uit: {known}.", en="Choose one of: {known}.")


class RescaleNeeded(Invalid):
    """Values without a natural range, and no range given."""

    code = "rescale-needed"
    what = Text(
        nl="Voor “{channel}” weten wij niet welke waarden donker en licht moeten zijn.",
        en="For “{channel}” we do not know which values to show dark and light.",
    )
    todo = Text(
        nl="Geef rescale=laag,hoog, bijvoorbeeld rescale=-1,1.",
        en="Give rescale=low,high, for example rescale=-1,1.",
    )


class TooManyPixels(TooLarge):
    """A picture that needs more source pixels than this portal reads in one go."""

    code = "too-many-pixels"
    what = Text(
        nl="Voor dit beeld moeten {pixels} pixels worden gelezen; wij lezen er hoogstens {most}.",
        en="This picture needs {pixels} pixels to be read; we read at most {most}.",
    )
    why = Text(
        nl="Het bestand heeft geen verkleinde kopieën (overviews) voor dit zoomniveau.",
        en="The file has no overviews for this zoom level.",
    )
    todo = Text(
        nl="Zoom verder in, of voeg het bestand opnieuw toe met `landzicht ingest`.",
        en="Zoom in further, or add the file again with `landzicht ingest`.",
    )


class BadOutline(Invalid):
    """An area that is not one, or has no place."""

    code = "bad-outline"
    what = Text(
        nl="Dit gebied kunnen wij niet gebruiken: {reason}.",
        en="We cannot use this area: {reason}.",
    )
    todo = Text(
        nl="Geef een GeoJSON Polygon of MultiPolygon in graden, gesloten, zonder kruisende lijnen.",
        en="Give a GeoJSON Polygon or MultiPolygon in degrees, closed, without crossing lines.",
    )


class OutlineTooLarge(TooLarge):
    """An area with more corners than we take."""

    code = "outline-too-large"
    what = Text(
        nl="Dit gebied heeft meer dan {most} hoekpunten.",
        en="This area has more than {most} corners.",
    )
    todo = Text(nl="Vereenvoudig het gebied.", en="Simplify the area.")


class WindowTooLarge(TooLarge):
    """A picture with more pixels than this portal makes in one go."""

    code = "window-too-large"
    what = Text(
        nl="Dit beeld krijgt {width} × {height} pixels in {bands} banden; te veel voor ons.",
        en="This picture gets {width} × {height} pixels in {bands} bands; too many for us.",
    )
    why = Text(
        nl="Hoogstens {most} waarden per beeld, en {side} pixels langs een zijde.",
        en="At most {most} values in a picture, and {side} pixels along a side.",
    )
    todo = Text(
        nl="Vraag een kleiner gebied, of geef max_size, bijvoorbeeld max_size=1024.",
        en="Ask for a smaller area, or give max_size, for example max_size=1024.",
    )


class MarkNeeded(Denied):
    """Somebody asked for pictures of simulated data without their mark."""

    code = "mark-needed"
    what = Text(
        nl="Beelden van gesimuleerde gegevens krijgen altijd het woord GESIMULEERD.",
        en="Pictures of simulated data always carry the word SIMULATED.",
    )
    todo = Text(
        nl="Laat `mark=false` weg; het werkt alleen voor tests op dezelfde computer.",
        en="Leave out `mark=false`; it works only for tests on the same computer.",
    )


class NoUsableDates(Empty):
    """A film of a place that cannot be seen on any date."""

    code = "no-usable-dates"
    what = Text(
        nl="Op geen van de {dates} dagen is deze plek te zien met hoogstens {cloud}% wolken.",
        en="On none of the {dates} days this place can be seen with at most {cloud}% clouds.",
    )
    todo = Text(
        nl="Sta meer wolken toe (cloud=60), kies een langere periode of een andere plek.",
        en="Allow more clouds (cloud=60), or choose a longer period or another place.",
    )
