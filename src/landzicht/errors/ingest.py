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
