"""Recipes: how file names, header tags and bands of any delivery are to be read (TOML).

The shape is that of `docs/recipes`: `[collection]`, `[files]`, `[bands.NAME]`, `[layers.NAME]` and
`[mask]`. All mistakes are told at once.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from landzicht.errors.disk import read_reason
from landzicht.errors.ingest import BadRecipe
from landzicht.ingest.paths import open_file
from landzicht.ingest.recipe_fields import Table, no_band, read_bands, read_layers
from landzicht.kinds import Collection, Mask
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from landzicht.ingest.recipe_fields import BandRule, LayerCheck

MAX_BYTES = 2**20
_GROUPS = {"date", "band", "scene"}
_COLLECTION_ID = re.compile(r"^[A-Za-z0-9._-]{1,100}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A recipe, checked."""

    collection: Collection
    """The collection as it will be, with its layers and mask; bands only as far as described."""
    pattern: re.Pattern[str]
    """Finds the files, and in their names the groups `date`, `band` and `scene`."""
    datetime: str | None = None
    """The date of all files."""
    datetime_tag: str | None = None
    """Header tag in which the date stands (`t#units`)."""
    datetime_format: str | None = None
    """How the date is written, as in Python's `strptime`; None = found by itself."""
    time: str | None = None
    """Name of the time axis of a cube (`t`): each step becomes a scene."""
    bands: tuple[BandRule, ...] = ()
    """What is said about bands."""
    canonical: Mapping[str, Any] = field(default_factory=dict)
    """The recipe as plain values."""


def read_recipe(path: Path, check: LayerCheck | None = None) -> Recipe:
    """Read a recipe file.

    Args:
        path: the file.
        check: finds mistakes in layers that this room cannot see: formulas, colour maps.

    Raises:
        BadRecipe: it is not TOML, or says something wrong; all mistakes in one message.
    """
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BadRecipe(path=path, reason=_TOO_LARGE)
        return parse_recipe(content.decode("utf-8"), check)
    except OSError as error:
        raise BadRecipe(path=path, reason=_UNREADABLE.fill(reason=read_reason(error))) from error
    except UnicodeDecodeError as error:
        raise BadRecipe(path=path, reason=_NOT_UTF8) from error
    except RecipeMistakes as error:
        raise BadRecipe(path=path, reason=error.text) from error


class RecipeMistakes(ValueError):
    """All that is wrong with a recipe."""

    def __init__(self, texts: list[Text]) -> None:
        self.text = Text(nl=" ".join(t.nl for t in texts), en=" ".join(t.en for t in texts))
        super().__init__(self.text.en)


def parse_recipe(text: str, check: LayerCheck | None = None) -> Recipe:
    """Read the text of a recipe.

    Args:
        text: TOML.
        check: finds further mistakes in layers.

    Raises:
        RecipeMistakes: it is not TOML, or says something wrong.
    """
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise RecipeMistakes([_NOT_TOML.fill(detail=str(error)[:200])]) from error
    mistakes: list[Text] = []
    top = Table("", content, mistakes)
    top.only("collection", "files", "bands", "layers", "mask")
    files = top.table("files", needed=True)
    files.only("pattern", "datetime", "datetime_tag", "datetime_format", "time")
    pattern = _pattern(files)
    bands = read_bands(top.table("bands"))
    collection = _collection(top, bands, check)
    recipe = Recipe(
        collection=collection,
        pattern=pattern,
        datetime=_date_text(files),
        datetime_tag=files.text("datetime_tag"),
        datetime_format=files.text("datetime_format"),
        time=files.text("time"),
        bands=bands,
        canonical=content,
    )
    if mistakes:
        raise RecipeMistakes(mistakes)
    return recipe


def described_collection(content: Mapping[str, Any], check: LayerCheck | None = None) -> Collection:
    """Return the collection that the tables `collection`, `bands`, `layers` and `mask` describe.

    Args:
        content: these tables, as a recipe has them.
        check: finds further mistakes in layers.

    Raises:
        RecipeMistakes: something in them is wrong.
    """
    mistakes: list[Text] = []
    top = Table("", content, mistakes)
    collection = _collection(top, read_bands(top.table("bands")), check)
    if mistakes:
        raise RecipeMistakes(mistakes)
    return collection


def _pattern(files: Table) -> re.Pattern[str]:
    text = files.text("pattern", needed=True) or ""
    try:
        pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        files.wrong("pattern", Text(nl=f"{error}", en=f"{error}"))
        return re.compile("$^")
    unknown = set(pattern.groupindex) - _GROUPS
    if unknown:
        files.wrong("pattern", _GROUP.fill(names=", ".join(sorted(unknown))))
    return pattern


def _date_text(files: Table) -> str | None:
    value = files.values.get("datetime")
    if isinstance(value, date):  # TOML has dates of its own; a moment is a date as well
        return value.isoformat()
    return files.text("datetime")


def _collection(top: Table, bands: tuple[BandRule, ...], check: LayerCheck | None) -> Collection:
    head = top.table("collection", needed=True)
    head.only(
        "id",
        "title",
        "description",
        "license",
        "keywords",
        "providers",
        "resolution_m",
        "simulated",
    )
    name = head.text("id", needed=True) or "x"
    if not _COLLECTION_ID.match(name) or not name.strip(". "):
        head.wrong("id", _BAD_ID)
        name = "x"
    title = head.both("title") or Text(nl=name, en=name)
    return Collection(
        id=name,
        title=title,
        description=head.both("description") or title,
        license=head.text("license") or "other",
        keywords=head.texts("keywords"),
        providers=tuple((name, ("producer",)) for name in head.texts("providers")),
        bands=tuple(rule.band for rule in bands),
        layers=read_layers(top.table("layers"), bands, check),
        mask=_mask(top.table("mask"), [rule.band.name for rule in bands]),
        resolution_m=head.number("resolution_m"),
        simulated=bool(head.flag("simulated")),
    )


def _mask(table: Table, names: Sequence[str]) -> Mask | None:
    table.only("asset", "valid")
    asset, valid = table.text("asset"), table.numbers("valid")
    if table.values and (not asset or not valid):
        table.wrong("asset, valid", _MASK)
    if asset and names and asset not in names:
        table.wrong("asset", no_band(asset, names))
    return Mask(asset=asset, valid=tuple(int(v) for v in valid)) if asset and valid else None


_UNREADABLE = Text(nl="Het is niet te lezen: {reason}.", en="It cannot be read: {reason}.")
_NOT_UTF8 = Text(
    nl="Het is geen UTF-8; bewaar het als UTF-8.", en="It is not UTF-8; save it as UTF-8."
)
_TOO_LARGE = Text(nl="Het is te groot.", en="It is too large.")
_NOT_TOML = Text(nl="Het is geen TOML ({detail}).", en="It is not TOML ({detail}).")
_GROUP = Text(
    nl="mag alleen de groepen date, band en scene hebben, niet {names}",
    en="may have the groups date, band and scene only, not {names}",
)
_BAD_ID = Text(
    nl="mag alleen letters, cijfers, punt, - en _ bevatten",
    en="may hold letters, digits, dot, - and _ only",
)
_MASK = Text(nl="zijn allebei nodig", en="are both needed")
