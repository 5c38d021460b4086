"""Errors of looking things up: collections, scenes, layers, dates, places."""

from __future__ import annotations

from landzicht.errors.base import Denied, Empty, Invalid, Missing
from landzicht.text import Text


class UnknownCollection(Missing):
    """There is no collection with this id."""

    code = "unknown-collection"
    what = Text(
        nl="Er is geen collectie “{collection}”.", en="There is no collection “{collection}”."
    )
    todo = Text(
        nl="Kijk op /stac/collections welke er zijn.", en="See /stac/collections for the list."
    )


class UnknownScene(Missing):
    """The collection has no scene with this id."""

    code = "unknown-scene"
    what = Text(
        nl="De collectie “{collection}” heeft geen opname “{scene}”.",
        en="The collection “{collection}” has no scene “{scene}”.",
    )
    todo = Text(nl="Zoek de opname met /stac/search.", en="Find the scene with /stac/search.")


class UnknownLayer(Missing):
    """The collection has no layer with this name."""

    code = "unknown-layer"
    what = Text(
        nl="De collectie “{collection}” heeft geen laag “{layer}”.",
        en="The collection “{collection}” has no layer “{layer}”.",
    )
    todo = Text(nl="Kies uit: {known}.", en="Choose one of: {known}.")


class UnknownBand(Missing):
    """The collection or scene has no band (asset) with this name."""

    code = "unknown-band"
    what = Text(
        nl="De collectie “{collection}” heeft geen band “{band}”.",
        en="The collection “{collection}” has no band “{band}”.",
    )
    todo = Text(nl="Kies uit: {known}.", en="Choose one of: {known}.")


class NothingHere(Empty):
    """No scene covers this place in this period."""

    code = "nothing-here"
    what = Text(
        nl="Op deze plek en in deze periode is er geen beeld in “{collection}”.",
        en="“{collection}” has no image at this place in this period.",
    )
    todo = Text(nl="Kies een andere datum of plek.", en="Choose another date or place.")


class BadDatetime(Invalid):
    """A date or period that cannot be read."""

    code = "bad-datetime"
    what = Text(
        nl="“{value}” is geen datum of periode die wij kunnen lezen.",
        en="“{value}” is not a date or period that we can read.",
    )
    todo = Text(
        nl="Schrijf 2025-06-08T10:40:00Z of 2025-06-01T00:00:00Z/2025-06-30T23:59:59Z, het begin "
        "eerst, en + in een adres als %2B; buiten /stac mag ook 2025-06-08.",
        en="Write 2025-06-08T10:40:00Z or 2025-06-01T00:00:00Z/2025-06-30T23:59:59Z, the start "
        "first, and + in an address as %2B; outside /stac 2025-06-08 will do too.",
    )


class BadBox(Invalid):
    """A bounding box that cannot be read or makes no sense."""

    code = "bad-bbox"
    what = Text(nl="Het gebied (bbox) klopt niet: {reason}.", en="The bbox is wrong: {reason}.")
    todo = Text(
        nl="Geef vier getallen: west,zuid,oost,noord in graden.",
        en="Give four numbers: west,south,east,north in degrees.",
    )


class BadQuery(Invalid):
    """A parameter that cannot be read."""

    code = "bad-query"
    what = Text(
        nl="De waarde van “{name}” klopt niet: {reason}.", en="“{name}” is wrong: {reason}."
    )
    todo = Text(nl="Kijk op /docs wat er kan.", en="See /docs for what is possible.")


class NotAllowed(Denied):
    """The rules of the data do not allow this use."""

    code = "not-allowed"
    what = Text(
        nl="Deze gegevens mogen niet op deze manier worden gebruikt: {reason}.",
        en="These data may not be used in this way: {reason}.",
    )
    todo = Text(nl="Vraag toegang aan de eigenaar.", en="Ask the owner for access.")
