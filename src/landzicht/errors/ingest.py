"""Errors of taking files in."""

from __future__ import annotations

from landzicht.errors.base import Invalid
from landzicht.text import Text


class BadRecipe(Invalid):
    """A recipe that cannot be read or contradicts itself."""

    code = "bad-recipe"
    what = Text(nl="Het recept {path} klopt niet.", en="The recipe {path} is wrong.")
    why = Text(nl="{reason}", en="{reason}")
    todo = Text(
        nl="Verbeter het recept; voorbeelden staan in docs/recipes.",
        en="Mend the recipe; there are examples in docs/recipes.",
    )


class BadMetadata(Invalid):
    """The metadata of a satellite product cannot be read."""

    code = "bad-metadata"
    what = Text(
        nl="De beschrijving van het product ({path}) is niet te lezen.",
        en="The description of the product ({path}) cannot be read.",
    )
    why = Text(nl="{reason}", en="{reason}")
    todo = Text(
        nl="Haal het product opnieuw op, of gebruik een recept (--recipe).",
        en="Fetch the product again, or use a recipe (--recipe).",
    )


class SimulatedAndReal(Invalid):
    """A simulated scene among real ones, or a real one among simulated ones."""

    code = "simulated-and-real"
    what = Text(
        nl="“{scene}” is {this}, maar in “{collection}” staan {others} beelden.",
        en="“{scene}” is {this}, but “{collection}” holds {others} images.",
    )
    why = Text(
        nl="Samen in één collectie zou niemand meer zien wat echt is.",
        en="Together in one collection nobody could tell any more what is real.",
    )
    todo = Text(
        nl="Geef een eigen collectie op: bij `landzicht ingest` met --collection NAAM.",
        en="Name a collection of its own: with `landzicht ingest` by --collection NAME.",
    )


class OtherWorld(Invalid):
    """An image of another Zonderland than the others in its collection."""

    code = "other-world"
    what = Text(
        nl="“{scene}” toont een ander Zonderland ({world}) dan de beelden die al in "
        "“{collection}” staan ({known}).",
        en="“{scene}” shows another Zonderland ({world}) than the images that are in "
        "“{collection}” already ({known}).",
    )
    why = Text(
        nl="Het is ander land op dezelfde plek; samen worden het kaarten van niets.",
        en="It is other land in the same place; together they would be maps of nothing.",
    )
    todo = Text(
        nl="Geef een eigen collectie op: bij `landzicht ingest` met --collection NAAM.",
        en="Name a collection of its own: with `landzicht ingest` by --collection NAME.",
    )


class Unforeseen(Invalid):
    """A file did something to us, or to a library, that nobody foresaw."""

    code = "unforeseen"
    what = Text(
        nl="Met dit bestand ging iets mis dat wij niet hadden voorzien ({reason}).",
        en="Something went wrong with this file that we had not foreseen ({reason}).",
    )
    todo = Text(
        nl="De rest gaat door. Maak dit bestand opnieuw, bijvoorbeeld met gdal_translate, of meld "
        "het ons.",
        en="The rest goes on. Make this file anew, for example with gdal_translate, or report it "
        "to us.",
    )
