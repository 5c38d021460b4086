"""The tables of a recipe, read with a note of everything that is wrong in them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from landzicht.kinds import Band, BandKind, Layer
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LayerCheck: TypeAlias = "Callable[[Layer, Sequence[str]], Iterable[tuple[str, Text]]]"
"""Gets a layer and the recipe's bands (none = the files tell), yields `(key, what is wrong)`."""
_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
_COLOUR = re.compile(r"^#[0-9a-fA-F]{6}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class BandRule:
    """What a recipe says about one band."""

    band: Band
    """As it will be; `dtype` is empty until a file is opened."""
    said: frozenset[str]
    """Fields that the recipe names: only those win over the file's own header."""
    match: str
    """Value of the pattern's group `band` in names of its files; the band's name by default."""
    index: int | None
    """Band in the file, from 1; None = the only one, or the order of the recipe."""
    array: str | None
    """Array in a container file."""


class Table:
    """One table of the recipe; wrong or unknown values are noted, never raised."""

    def __init__(self, name: str, values: Any, mistakes: list[Text]) -> None:  # noqa: ANN401
        self.name = name
        self._mistakes = mistakes
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        if not isinstance(values, dict):
            self.wrong("", Text(nl="moet een tabel zijn", en="must be a table"))

    def wrong(self, key: str, reason: Text) -> None:
        """Note that a value is wrong."""
        place = ".".join(part for part in (self.name, key) if part)
        self._mistakes.append(Text(nl=f"“{place}” {reason.nl}.", en=f"“{place}” {reason.en}."))

    def only(self, *known: str) -> None:
        """Note keys that do not exist."""
        for key in self.values:
            if key not in known:
                names = ", ".join(known)
                self.wrong(
                    key,
                    Text(nl=f"bestaat niet; wel: {names}", en=f"does not exist; these do: {names}"),
                )

    def table(self, key: str, *, needed: bool = False) -> Table:
        """Return the table under `key`, empty when it is not there."""
        if key not in self.values and needed:
            self.wrong(key, Text(nl="ontbreekt", en="is missing"))
        name = f"{self.name}.{key}" if self.name else key
        return Table(name, self.values.get(key, {}), self._mistakes)

    def text(self, key: str, *, needed: bool = False) -> str | None:
        """Return a text, or None."""
        value = self.values.get(key)
        if value is None and not needed:
            return None
        if isinstance(value, str) and value:
            return value
        if key != "datetime" or value is not None:
            self.wrong(key, Text(nl="moet een tekst zijn", en="must be a text"))
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as one."""
        value = self.values.get(key, [])
        value = [value] if isinstance(value, str) else value
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.wrong(key, Text(nl="moet een lijst van teksten zijn", en="must be a list of texts"))
        return ()

    def both(self, key: str) -> Text | None:
        """Return a text in two languages: `{nl = "…", en = "…"}`, or one for both."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            return Text(nl=value, en=value)
        if isinstance(value, dict) and all(isinstance(value.get(k), str) for k in value):
            nl, en = value.get("nl"), value.get("en")
            if (nl or en) and not set(value) - {"nl", "en"}:
                return Text(nl=str(nl or en), en=str(en or nl))
        reason = 'moet {nl = "…", en = "…"} zijn', 'must be {nl = "…", en = "…"}'
        self.wrong(key, Text(nl=reason[0], en=reason[1]))
        return None

    def number(self, key: str) -> float | None:
        """Return a number, or None."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self.wrong(key, Text(nl="moet een getal zijn", en="must be a number"))
        return None

    def finite(self, key: str, otherwise: float) -> float:
        """Return a finite number, `otherwise` when it is not there."""
        value = self.number(key)
        if value is not None and not math.isfinite(value):
            self.wrong(key, Text(nl="moet een gewoon getal zijn", en="must be finite"))
            return otherwise
        return otherwise if value is None else value

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return a list of numbers."""
        value = self.values.get(key, [])
        if isinstance(value, list) and all(_is_number(part) for part in value):
            return tuple(float(part) for part in value)
        self.wrong(key, Text(nl="moet een lijst van getallen zijn", en="must be a list of numbers"))
        return ()

    def flag(self, key: str) -> bool | None:
        """Return true or false, or None."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, Text(nl="moet true of false zijn", en="must be true or false"))
        return None


def read_bands(bands: Table) -> tuple[BandRule, ...]:
    """Read `[bands.NAME]`."""
    return tuple(_band(bands.table(name), name) for name in bands.values)


def read_layers(
    layers: Table, bands: Sequence[BandRule], check: LayerCheck | None = None
) -> tuple[Layer, ...]:
    """Read `[layers.NAME]`.

    Args:
        layers: the table.
        bands: what the recipe describes; empty when the files tell which bands there are.
        check: finds further mistakes.
    """
    names = tuple(rule.band.name for rule in bands)
    found = []
    for name in layers.values:
        table = layers.table(name)
        layer = _layer(table, name)
        for key in layer.assets:
            if names and key not in names:
                table.wrong("assets", no_band(key, names))
        for key, reason in check(layer, names) if check else ():
            table.wrong(key, reason)
        found.append(layer)
    return tuple(found)


def no_band(name: str, known: Sequence[str]) -> Text:
    """Return that the recipe has no band of this name."""
    return _NO_BAND.fill(band=name[:80], known=", ".join(known[:20]))


def _band(table: Table, name: str) -> BandRule:
    table.only(
        "common_name", "unit", "scale", "offset", "nodata", "kind", "title", "wavelength_um",
        "match", "index", "array",
    )  # fmt: skip
    if not _NAME.match(name):
        table.wrong("", _NOT_A_NAME)
    kind = table.text("kind") or BandKind.CONTINUOUS.value
    if kind not in {known.value for known in BandKind}:
        table.wrong(
            "kind", Text(nl="is continuous of categorical", en="is continuous or categorical")
        )
        kind = BandKind.CONTINUOUS.value
    scale = table.finite("scale", 1.0)
    if scale == 0:
        table.wrong("scale", Text(nl="mag niet 0 zijn", en="may not be 0"))
    index = table.number("index")
    if index is not None and (index < 1 or index != int(min(index, 1e6))):
        table.wrong("index", Text(nl="telt vanaf 1", en="counts from 1"))
        index = None
    band = Band(
        name=name,
        dtype="",
        kind=BandKind(kind),
        nodata=table.number("nodata"),
        scale=scale,
        offset=table.finite("offset", 0.0),
        unit=table.text("unit"),
        common_name=table.text("common_name"),
        title=table.text("title"),
        wavelength_um=table.number("wavelength_um"),
    )
    return BandRule(
        band=band,
        said=frozenset(table.values),
        match=table.text("match") or name,
        index=None if index is None else int(index),
        array=table.text("array"),
    )


def _layer(table: Table, name: str) -> Layer:
    table.only(
        "title", "description", "assets", "expression", "rescale", "colormap_name", "colormap",
        "low", "high", "unit", "classes",
    )  # fmt: skip
    assets, expression = table.texts("assets"), table.text("expression")
    if bool(assets) == bool(expression) or len(assets) not in (0, 1, 3):
        table.wrong("", _ONE_OF)
    return Layer(
        name=name,
        title=table.both("title") or Text(nl=name, en=name),
        description=table.both("description"),
        assets=assets,
        expression=expression,
        rescale=_rescale(table),
        colormap=table.text("colormap_name") or table.text("colormap"),
        low=table.both("low"),
        high=table.both("high"),
        unit=table.text("unit"),
        classes=_classes(table),
    )


def _rescale(table: Table) -> tuple[tuple[float, float], ...]:
    value = table.values.get("rescale")
    if value is None:
        return ()
    pairs = [value] if isinstance(value, list) and value and _is_number(value[0]) else value
    if isinstance(pairs, list) and pairs and all(_is_pair(pair) for pair in pairs):
        return tuple((float(low), float(high)) for low, high in pairs)
    table.wrong("rescale", _PAIRS)
    return ()


def _classes(table: Table) -> tuple[tuple[int, str, Text], ...]:
    found = []
    for number, entry in enumerate(_list(table, "classes")):
        row = Table(f"{table.name}.classes[{number}]", entry, table._mistakes)  # noqa: SLF001
        row.only("value", "colour", "color", "title")
        value = row.number("value")
        colour = row.text("colour") or row.text("color") or ""
        if value is None or value != value // 1 or not _COLOUR.match(colour):
            row.wrong("", Text(nl='heeft value en colour "#rrggbb"', en='has value and "#rrggbb"'))
            continue
        title = row.both("title") or Text(nl=str(int(value)), en=str(int(value)))
        found.append((int(value), colour.lower(), title))
    return tuple(found)


def _list(table: Table, key: str) -> list[Any]:
    value = table.values.get(key, [])
    if isinstance(value, list):
        return value
    table.wrong(key, Text(nl="moet een lijst zijn", en="must be a list"))
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_is_number(part) and math.isfinite(part) for part in value)
        and value[0] != value[1]
    )


_NO_BAND = Text(
    nl="noemt de band “{band}”, die het recept niet beschrijft; wel: {known}",
    en="names the band “{band}”, which the recipe does not describe; these it does: {known}",
)
_NOT_A_NAME = Text(
    nl="moet met een letter beginnen en verder letters, cijfers en _ hebben",
    en="must begin with a letter and go on with letters, digits and _",
)
_ONE_OF = Text(
    nl="heeft één of drie assets nodig, of een expression",
    en="needs one or three assets, or an expression",
)
_PAIRS = Text(
    nl="moet [laag, hoog] zijn, of een lijst daarvan", en="must be [low, high] or a list of those"
)
