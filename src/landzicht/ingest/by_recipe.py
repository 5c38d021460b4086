"""Files that a recipe describes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.ingest.bands import header_band
from landzicht.ingest.dates import when_given, when_in, when_since
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding, from_error
from landzicht.ingest.naming import band_name, scene_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from landzicht.ingest.dates import When
    from landzicht.ingest.recipe import Recipe
    from landzicht.ingest.recipe_fields import BandRule
    from landzicht.kinds import Band, Finding, RasterBand, RasterInfo
    from landzicht.ports import Inspector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """One band of one file, before pieces are put together to scenes."""

    path: Path
    scene: str | None
    when: When | None
    step: int
    asset: DraftAsset
    simulated: bool


def drafts_by_recipe(
    files: Sequence[tuple[Path, str]], recipe: Recipe, inspector: Inspector, given: When | None
) -> Iterator[Draft]:
    """Yield a draft for each scene among `files`, and one for each file that cannot be read.

    Args:
        files: `(path, name to match)`; the name is the path below the folder that was given.
        recipe: how to read them.
        inspector: reads headers.
        given: the date from the command line; wins over all others.
    """
    pieces: list[_Piece] = []
    matched = False
    for path, name in files:
        found = recipe.pattern.search(path.name) or recipe.pattern.search(name)
        if found is None:
            continue
        matched = True
        groups = found.groupdict()
        try:
            pieces += _pieces(path, groups, recipe, inspector, given)
        except LandzichtError as error:
            yield _empty(recipe, path, from_error(error, path))
    if not matched:
        where = files[0][0].parent if files else "."
        yield _empty(recipe, where, finding("no-match", where, pattern=recipe.pattern.pattern))
    for group in _scenes(pieces):
        yield _draft(group, recipe)


def _pieces(
    path: Path,
    groups: dict[str, str | None],
    recipe: Recipe,
    inspector: Inspector,
    given: When | None,
) -> Iterator[_Piece]:
    rules = _rules_for(groups.get("band"), recipe)
    if rules is not None and not rules:
        return  # the recipe names its bands, and this file is another one
    info = inspector.inspect(path)
    for rule, header in _planes(path, info, rules, groups.get("band"), inspector):
        for step, plane in _steps(header, rule, rules, recipe):
            name = rule.band.name if rule else _file_band_name(plane, header, groups.get("band"))
            band = _merged(name, plane, rule)
            asset = DraftAsset(key=name, info=header, index=plane.index, band=band)
            when = given or _when(groups, recipe, header, plane)
            yield _Piece(
                path=path,
                scene=groups.get("scene"),
                when=when,
                step=step,
                asset=asset,
                simulated=header.tags.get("SIMULATED") == "YES",
            )


def _rules_for(band: str | None, recipe: Recipe) -> tuple[BandRule, ...] | None:
    """Rules for a file: those its name matches; None when the recipe describes no bands."""
    if not recipe.bands:
        return None
    if band is None:
        return recipe.bands
    return tuple(rule for rule in recipe.bands if rule.match == band)


def _planes(
    path: Path,
    info: RasterInfo,
    rules: tuple[BandRule, ...] | None,
    band: str | None,
    inspector: Inspector,
) -> Iterator[tuple[BandRule | None, RasterInfo]]:
    """Yield the header that each band of the recipe is read from."""
    if not info.subdatasets:
        for rule in rules or (None,):
            yield rule, info
        return
    if rules is None:
        for array in info.subdatasets if band is None else [band]:
            yield None, inspector.inspect(path, array)
        return
    for rule in rules:
        yield rule, inspector.inspect(path, rule.array or rule.match)


def _steps(
    header: RasterInfo,
    rule: BandRule | None,
    rules: tuple[BandRule, ...] | None,
    recipe: Recipe,
) -> Iterator[tuple[int, RasterBand]]:
    """Yield `(time step, band of the file)`; step 0 when the file has no time axis."""
    axis = f"NETCDF_DIM_{recipe.time}" if recipe.time else None
    if axis and header.bands and axis in header.bands[0].tags:
        for plane in header.bands:
            yield plane.index, plane
        return
    planes = header.bands[:-1] if header.mask == "alpha" else header.bands
    if rule is None:
        for plane in planes:
            yield 0, plane
        return
    place = rule.index
    if place is None:
        place = 1 if len(planes) == 1 or len(rules or ()) == 1 else (rules or ()).index(rule) + 1
    for plane in planes:
        if plane.index == place:
            yield 0, plane


def _file_band_name(plane: RasterBand, header: RasterInfo, band: str | None) -> str:
    if band and len(header.bands) == 1:
        return band_name(band)
    if header.subdataset:
        return band_name(header.subdataset)
    return band_name(plane.description or (band or f"band{plane.index}"))


def _merged(name: str, plane: RasterBand, rule: BandRule | None) -> Band:
    """Return the header's band with what the recipe says on top."""
    band = header_band(name, plane)
    if rule is None:
        return band
    fields: dict[str, Any] = {
        field: getattr(rule.band, field)
        for field in rule.said
        if field not in ("match", "index", "array")
    }
    # A recipe that scales a palette's numbers says that they are measurements after all.
    if "kind" not in rule.said and {"scale", "offset", "unit"} & rule.said:
        fields["kind"] = rule.band.kind
    return replace(band, **fields)


def _when(
    groups: dict[str, str | None], recipe: Recipe, header: RasterInfo, plane: RasterBand
) -> When | None:
    amount = plane.tags.get(f"NETCDF_DIM_{recipe.time}") if recipe.time else None
    if amount is not None:
        return when_since(header.tags.get(f"{recipe.time}#units", ""), amount)
    if recipe.datetime_tag:
        text = header.tags.get(recipe.datetime_tag) or plane.tags.get(recipe.datetime_tag) or ""
        axis = recipe.datetime_tag.partition("#")[0]
        found = _formatted(text, recipe)
        return found or when_since(text, plane.tags.get(f"NETCDF_DIM_{axis}"))
    text = groups.get("date") or ""
    if text:
        return _formatted(text, recipe) or when_in(text)
    return when_given(recipe.datetime) if recipe.datetime else None


def _formatted(text: str, recipe: Recipe) -> When | None:
    if recipe.datetime_format is None or not text:
        return None
    try:
        moment = datetime.strptime(text, recipe.datetime_format)  # noqa: DTZ007 - made UTC below
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)), None


def _scenes(pieces: Iterable[_Piece]) -> Iterator[list[_Piece]]:
    """Put pieces of the same scene and moment together, in the order in which they came."""
    groups: dict[object, list[_Piece]] = {}
    for piece in pieces:
        # Without a date a file stands alone: it will be refused by its own name.
        key = (piece.scene, piece.when or (piece.path, piece.step))
        groups.setdefault(key, []).append(piece)
    yield from groups.values()


def _draft(group: list[_Piece], recipe: Recipe) -> Draft:
    first = group[0]
    paths = {piece.path for piece in group}
    when = first.when
    if first.scene:
        name = first.scene
    elif when is None or (len(paths) == 1 and not first.step):
        name = first.path.stem
    else:
        name = f"{recipe.collection.id}-{when[0]:%Y%m%d}"
        name += f"T{when[0]:%H%M%S}" if when[0].time().isoformat() != "00:00:00" else ""
    path = first.path if len(paths) == 1 else first.path.parent
    found = []
    if when is None:
        found.append(finding("date-missing", path))
    return Draft(
        path=str(path),
        collection=recipe.collection,
        id=scene_id(name),
        moment=when[0] if when else None,
        end=when[1] if when else None,
        assets=_in_order([piece.asset for piece in group], recipe),
        simulated=recipe.collection.simulated or any(piece.simulated for piece in group),
        by_recipe=True,
        findings=tuple(found),
    )


def _in_order(assets: list[DraftAsset], recipe: Recipe) -> tuple[DraftAsset, ...]:
    """Sort bands as the recipe lists them."""
    places = {rule.band.name: place for place, rule in enumerate(recipe.bands)}
    return tuple(sorted(assets, key=lambda asset: places.get(asset.key, len(places))))


def _empty(recipe: Recipe, path: object, found: Finding) -> Draft:
    return Draft(path=str(path), collection=recipe.collection, id="x", findings=(found,))
