"""Collections as STAC collections."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from landzicht.errors.records import BadRecord, DamagedRecord
from landzicht.grid import Bounds
from landzicht.kinds import Collection, Mask, Span, format_instant
from landzicht.stac.fields import band_fields, read_band
from landzicht.stac.json import dump, load
from landzicht.stac.mark import ORIGINAL, mark_text
from landzicht.stac.names import COG, RENDER, STAC_VERSION, check_collection_id, extensions
from landzicht.stac.render import read_layer, read_text, write_layer, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTRA = "landzicht:extra"
"""Field that keeps what others wrote, so that reading gives back exactly that."""
_WORLD = [-180.0, -90.0, 180.0, 90.0]


def write_collection(c: Collection) -> bytes:
    """Return a collection as a STAC 1.1.0 collection, without `links`.

    STAC wants one language, so `title` and `description` are the English ones; both languages
    stand in `landzicht:title` and `landzicht:description`. Layers are `renders`.

    Raises:
        BadRecord: an id or a value that cannot be kept.
    """
    title, description = c.title, c.description
    if c.simulated:
        title, description = mark_text(title), mark_text(description)
    item_assets = {
        band.name: {"type": COG, "roles": ["data"], **band_fields(band)} for band in c.bands
    }
    bands = [band for asset in item_assets.values() for band in asset["bands"]]
    renders = {layer.name: write_layer(layer, tuple(item_assets)) for layer in c.layers}
    if (len(item_assets), len(renders)) != (len(c.bands), len(c.layers)):
        raise BadRecord(record=c.id, field="bands, layers", value="a name occurs twice")
    fields = {
        "type": "Collection",
        "stac_version": STAC_VERSION,
        "stac_extensions": extensions(*item_assets.values(), *bands)
        + ([RENDER] if c.layers else []),
        "id": check_collection_id(c.id),
        "title": title.en,
        "description": description.en,
        "keywords": c.keywords,
        "license": c.license,
        "providers": [_provider(name, roles) for name, roles in c.providers],
        "extent": _write_extent(c.bounds, c.span),
        "summaries": {"gsd": [c.resolution_m]} if c.resolution_m is not None else {},
        "item_assets": item_assets,
        "renders": renders,
        "landzicht:title": write_text(title),
        "landzicht:description": write_text(description),
        "landzicht:count": c.count,
        "landzicht:sources": c.sources,
    }
    if c.mask is not None:
        fields["landzicht:mask"] = {"asset": c.mask.asset, "valid": c.mask.valid}
    if c.bounds is None:
        fields["landzicht:unbounded"] = True
    if c.simulated:
        fields["landzicht:simulated"] = True
        fields[ORIGINAL] = {
            "title": write_text(c.title),
            "description": write_text(c.description),
        }
    return dump(_with_extra(fields, c.extra), c.id, "collection")


def _with_extra(fields: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Add what others wrote: fields of ours win, but for objects that are merged by name."""
    if not extra:
        return fields
    merged = {**{name: v for name, v in extra.items() if name != "links"}, **fields}
    facts = extra.get("providers", {})
    merged["providers"] = [{**facts.get(one["name"], {}), **one} for one in fields["providers"]]
    schemas = fields["stac_extensions"]
    merged["stac_extensions"] = [
        *schemas,
        *(one for one in extra.get("stac_extensions", ()) if one not in schemas),
    ]
    kept = dict(extra)
    for name in ("summaries", "item_assets", "renders"):
        if name in extra:  # what is ours by now is no longer theirs
            kept[name] = {n: v for n, v in extra[name].items() if n not in fields[name]}
            merged[name] = {**fields[name], **kept[name]}
    if "landzicht:unbounded" in fields and "extent" in extra:  # until there are scenes
        merged["extent"] = extra["extent"]
    return {**merged, EXTRA: kept}


def read_collection(body: bytes) -> Collection:
    """Return the collection that `write_collection` wrote; the exact inverse.

    But of `extra` comes back only what the other fields do not say as well.

    Raises:
        DamagedRecord: the bytes are not a collection of ours.
    """
    fields = load(body, "collection")
    try:
        return _read(fields)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise DamagedRecord(record=str(fields.get("id", "collection"))[:80]) from error


def _read(fields: Mapping[str, Any]) -> Collection:
    simulated = bool(fields.get("landzicht:simulated"))
    texts = {name: fields[f"landzicht:{name}"] for name in ("title", "description")}
    if simulated:
        texts = fields[ORIGINAL]
    mask = fields.get("landzicht:mask")
    extra = fields.get(EXTRA, {})
    bands = (
        v for name, v in fields["item_assets"].items() if name not in extra.get("item_assets", {})
    )
    renders = {n: v for n, v in fields["renders"].items() if n not in extra.get("renders", {})}
    return Collection(
        id=fields["id"],
        title=read_text(texts["title"]),
        description=read_text(texts["description"]),
        license=fields["license"],
        providers=tuple((p["name"], tuple(p.get("roles", ()))) for p in fields["providers"]),
        keywords=tuple(fields["keywords"]),
        bands=tuple(read_band(asset) for asset in bands),
        layers=tuple(read_layer(name, render) for name, render in renders.items()),
        mask=Mask(asset=mask["asset"], valid=tuple(mask["valid"])) if mask else None,
        resolution_m=None
        if "gsd" in extra.get("summaries", {})
        else fields["summaries"].get("gsd", [None])[0],
        simulated=simulated,
        bounds=None
        if fields.get("landzicht:unbounded")
        else Bounds(*fields["extent"]["spatial"]["bbox"][0]),
        span=None
        if fields.get("landzicht:unbounded") and "extent" in extra
        else _read_span(*fields["extent"]["temporal"]["interval"][0]),
        count=fields["landzicht:count"],
        sources=tuple(fields["landzicht:sources"]),
        extra=extra,
    )


def _provider(name: str, roles: tuple[str, ...]) -> dict[str, Any]:
    return {"name": name, "roles": roles} if roles else {"name": name}


def _write_extent(bounds: Bounds | None, span: Span | None) -> dict[str, Any]:
    first = span.start if span else None
    last = span.end if span else None
    return {
        "spatial": {"bbox": [bounds.as_list() if bounds else _WORLD]},
        "temporal": {"interval": [[moment and format_instant(moment) for moment in (first, last)]]},
    }


def _read_span(first: str | None, last: str | None) -> Span | None:
    if first is None and last is None:
        return None
    start, end = (datetime.fromisoformat(text) if text else None for text in (first, last))
    return Span(start, end)
