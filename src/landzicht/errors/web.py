"""Errors of HTTP itself: addresses, methods, bodies."""

from __future__ import annotations

from landzicht.errors.base import Denied, Invalid, Missing, TooLarge
from landzicht.text import Text


class NoSuchAddress(Missing):
    """Nothing lives at this address."""

    code = "no-such-address"
    what = Text(nl="Op {path} is niets te vinden.", en="There is nothing at {path}.")
    todo = Text(nl="Kijk op /docs welke adressen er zijn.", en="See /docs for the addresses.")


class AddressElsewhere(Missing):
    """What other servers have at this address has another one here."""

    code = "address-elsewhere"
    what = Text(nl="Op {path} is niets te vinden.", en="There is nothing at {path}.")
    todo = Text(nl="Vraag dit aan {instead}.", en="Ask {instead} for this.")


class NoSuchMethod(Invalid):
    """The address does not answer this HTTP method."""

    code = "no-such-method"
    what = Text(nl="{path} kent deze methode niet.", en="{path} does not know this method.")
    todo = Text(nl="Kijk op /docs wat er wel kan.", en="See /docs for what it does.")


class UnreadableRequest(Invalid):
    """The body or headers of the request cannot be read."""

    code = "unreadable-request"
    what = Text(
        nl="De aanvraag is niet te lezen: {reason}.", en="The request cannot be read: {reason}."
    )
    todo = Text(nl="Kijk op /docs hoe het moet.", en="See /docs for how to ask.")


class OtherForm(Invalid):
    """A body in a form that is not read here."""

    code = "other-form"
    what = Text(
        nl="Wat u stuurt heeft de vorm “{given}”; die wordt hier niet gelezen.",
        en="What you send has the form “{given}”, which is not read here.",
    )
    todo = Text(nl="Stuur het als {wanted}.", en="Send it as {wanted}.")


class RequestTooLarge(TooLarge):
    """The body of a request is larger than we read."""

    code = "request-too-large"
    what = Text(
        nl="De aanvraag is groter dan {most} bytes.",
        en="The request is larger than {most} bytes.",
    )
    todo = Text(
        nl="Vraag minder in één keer, of vereenvoudig de geometrie.",
        en="Ask for less at once, or simplify the geometry.",
    )


class NoSuchPart(Invalid):
    """The part of a file that is asked for lies beyond its end."""

    code = "no-such-part"
    what = Text(
        nl="Het bestand heeft {size} bytes; het gevraagde deel (Range) ligt daarbuiten.",
        en="The file has {size} bytes; the part asked for (Range) lies outside it.",
    )
    todo = Text(
        nl="Vraag een deel dat erbinnen begint, of het hele bestand.",
        en="Ask for a part that begins inside it, or for the whole file.",
    )


class WritingOff(Denied):
    """Nobody may change the catalogue of this portal over HTTP."""

    code = "writing-off"
    what = Text(
        nl="De catalogus van dit portaal is niet via HTTP te wijzigen.",
        en="The catalogue of this portal cannot be changed over HTTP.",
    )
    todo = Text(
        nl="De beheerder kan dit toestaan met de instelling write_token.",
        en="The operator can allow it with the setting write_token.",
    )


class NotKnown(Denied):
    """The request does not show who asks, or shows it wrongly (401)."""

    code = "not-known"
    what = Text(
        nl="U mag dit niet zonder geldig token.", en="You may not do this without a valid token."
    )
    todo = Text(
        nl="Stuur de kop “Authorization: Bearer …” mee met het token van de beheerder.",
        en="Send the header “Authorization: Bearer …” with the token of the operator.",
    )
