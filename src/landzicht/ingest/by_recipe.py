"""Files that a recipe describes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from landzicht.ingest.bands import header_band
from landzicht.ingest.dates import when_given, when_in, when_since
from landzicht.ingest.draft import Draft, DraftAsset
from landzicht.ingest.findings import finding
from landzicht.ingest.guard import drafted, found_in
from landzicht.ingest.naming import band_name, scene_id
from landzicht.ingest.paths import obstacle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from landzicht.ingest.dates import When
    from landzicht.ingest.recipe import Recipe
    from landzicht.ingest.recipe_fields import BandRule
    from landzicht.kinds import Band, Finding, RasterBand, RasterInfo
    from landzicht.ports import Inspector


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that may fit the recipe."""

    path: Path
    """Where it is."""
    name: str
    """What the pattern is tried on, besides the file's own name: the path below the folder."""
    root: Path | None = None
    """Folder that was given and that it must really lie in; None = the file itself was given."""


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
    files: Sequence[Source], recipe: Recipe, inspector: Inspector, given: When | None
) -> Iterator[Draft]:
    """Yield a draft for each scene among `files`, and one for each file that cannot be read.

    Args:
        files: what was given, or found in a folder that was given.
        recipe: how to read them.
        inspector: reads headers.
        given: the date from the command line; wins over all others.
    """
    pieces: list[_Piece] = []
    matched: list[tuple[Source, dict[str, str | None]]] = []
    for file in files:
        match = recipe.pattern.search(file.path.name) or recipe.pattern.search(file.name)
        if match is not None:
            matched.append((file, match.groupdict()))
    where = files[0].path.parent if files else "."
    if not matched:
        yield _empty(recipe, where, finding("no-match", where, pattern=recipe.pattern.pattern))
        return
    wanted = [(file, groups) for file, groups in matched if _is_wanted(groups, recipe)]
    if not wanted:
        bands = sorted({str(groups["band"]) for _, groups in matched})
        yield _empty(recipe, where, finding("no-band", where, bands=", ".join(bands[:20])))
    for file, groups in wanted:
        refused: list[Finding] = []
        try:
            pieces += _pieces(file, groups, recipe, inspector, given, refused)
        except Exception as error:  # noqa: BLE001 - whatever one file does; it is told and logged
            refused.append(found_in(error, file.path))
        if refused:
            yield replace(_empty(recipe, file.path, refused[0]), findings=tuple(refused))
    remarks = tuple(_bare_layers(recipe, pieces, where))
    refuse = partial(_empty, recipe)
    for group in _scenes(pieces):
        draft = drafted(partial(_draft, group, recipe), group[0].path, refuse)
        yield replace(draft, findings=(*draft.findings, *remarks))


def _is_wanted(groups: dict[str, str | None], recipe: Recipe) -> bool:
    """Whether the recipe knows the band that a file's name tells, if it tells one."""
    rules = _rules_for(groups.get("band"), recipe)
    return rules is None or bool(rules)


def _bare_layers(recipe: Recipe, pieces: Sequence[_Piece], where: object) -> Iterator[Finding]:
    """Yield a remark for each band of a layer that no file has.

    A recipe that describes its bands was checked when it was read. One that leaves the names to
    the files is only known to be wrong for these files: a later delivery may have the band.
    """
    if recipe.bands or not pieces:
        return
    known = list(dict.fromkeys(piece.asset.key for piece in pieces))
    collection = recipe.collection
    named = [(f"layers.{each.name}", key) for each in collection.layers for key in each.assets]
    if collection.mask:
        named.append(("mask.asset", collection.mask.asset))
    for place, key in named:
        if key not in known:
            facts = {"place": place, "band": key, "known": ", ".join(known[:20])}
            yield finding("layer-without-band", where, blocks=False, **facts)


def _pieces(
    file: Source,
    groups: dict[str, str | None],
    recipe: Recipe,
    inspector: Inspector,
    given: When | None,
    refused: list[Finding],
) -> list[_Piece]:
    """Return the bands of one file; none, and why in `refused`, when one is not there."""
    path = file.path
    blocked = obstacle(path, file.root)
    if blocked:
        refused.append(blocked)
        return []
    rules = _rules_for(groups.get("band"), recipe)
    info = inspector.inspect(path)
    pieces: list[_Piece] = []
    missing: list[str] = []
    count = 0
    for rule, header in _planes(path, info, rules, groups.get("band"), inspector):
        steps = list(_steps(header, rule, rules, recipe))
        if rule and not steps:
            missing.append(rule.band.name + (f" ({rule.index})" if rule.index else ""))
            count = len(header.bands) - (header.mask == "alpha")
        for step, plane in steps:
            name = rule.band.name if rule else _file_band_name(plane, header, groups.get("band"))
            band = _merged(name, plane, rule)
            asset = DraftAsset(key=name, info=header, index=plane.index, band=band)
            when = given or _when(groups, recipe, header, plane)
            piece = _Piece(
                path=path,
                scene=groups.get("scene"),
                when=when,
                step=step,
                asset=asset,
                simulated=header.tags.get("SIMULATED") == "YES",
            )
            pieces.append(piece)
    if missing:
        refused.append(finding("no-such-band", path, count=count, bands=", ".join(missing)))
        return []
    return pieces


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
