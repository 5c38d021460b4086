"""Pictures and values of any place and size: a box, an area, or a whole scene."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from affine import Affine

from landzicht.blocks.resample import RESAMPLINGS
from landzicht.errors.catalogue import BadQuery, NothingHere
from landzicht.errors.files import UnknownCrs
from landzicht.errors.pixels import WindowTooLarge
from landzicht.grid import Grid
from landzicht.grid.crs import WGS84, canonical_crs
from landzicht.grid.frame import box_in, frame, pixel_near
from landzicht.grid.outline import inside
from landzicht.grid.place import world_boxes
from landzicht.mosaic.fill import Want
from landzicht.mosaic.judge import SAMPLES, best_first
from landzicht.portal.access import visible
from landzicht.portal.maps.best import judging_mask
from landzicht.portal.maps.finish import VALUES, Order, action_of, make
from landzicht.portal.maps.pictures import Unchanged, etag_of
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.scenes import BEST, Selection, find_scenes, mask_of, newest_scene
from landzicht.render.bands import DEPTHS
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several

    from landzicht.grid import Bounds
    from landzicht.grid.outline import Outline
    from landzicht.kinds import Collection, Scene
    from landzicht.portal.services import Services
    from landzicht.render.picture import Picture
    from landzicht.render.style import Style

MOST_SIDE = 16_000
"""Most pixels along a side."""
_LARGE = 2_000_000
PREVIEW = 1_024
"""Longest side of a preview, when nothing is said."""
_CODE = re.compile(
    r"(?:urn:ogc:def:crs:)?(?P<who>EPSG|OGC|ESRI|IGNF):{1,2}(?P<code>\w{1,20})", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"https?://www\.opengis\.net/def/crs/(?P<who>EPSG|OGC)/[0-9.]+/(?P<code>\w{1,20})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRequest:
    """A picture of a box, of an area, or (with neither) of a whole scene."""

    collection: str
    """Id of the collection."""
    box: Bounds | None = None
    """Edges in `crs`; `west > east` in degrees crosses the antimeridian."""
    outline: Outline | None = None
    """Area; pixels with their centre outside are empty."""
    crs: str = WGS84
    """System of `box`: `EPSG:28992`."""
    out_crs: str | None = None
    """System of the picture; None = that of `box`, or of the scene."""
    height: int | None = None
    """Pixels from north to south; None = from the width, or as fine as the data."""
    width: int | None = None
    """Pixels from west to east; None = from the height, or as fine as the data."""
    max_size: int | None = None
    """Longest side, when neither height nor width is given; None = as fine as the data."""
    ending: str = "png"
    """`png`, `webp`, `jpg`, `npy`, `tif` or `bands`."""
    view: View = field(default_factory=View)
    """What to show."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes."""
    resampling: str = "nearest"
    """One of `RESAMPLINGS`."""
    raw: bool = False
    """Stored numbers instead of physical values."""
    depth: int = DEPTHS[0]
    """Bits of a number in `.bands`: 8 (rounded, for looking) or 16."""
    mark: bool = True
    """Draw the words that simulated data carry."""
    who: str = "public"
    """Whom we serve."""


def window(
    services: Services, request: WindowRequest, known: Several[str] = ()
) -> Picture | Unchanged:
    """Make a picture, or a file of values, of a place.

    Args:
        services: adapters of the portal.
        request: which place, and how.
        known: etags of pictures that the caller has; no pixel is read when ours is one of them.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        NothingHere: no scene of the selection touches the place.
        WindowTooLarge: it would have more pixels than we make; nothing was read.
        TooManyPixels: it would need more source pixels than we read; nothing was read.
        BadBox: the box has no place in the system asked for.
        BadOutline: the area has no place in the system asked for.
        BadQuery: a size or system that is not one.
        LandzichtError: any of those of `landzicht.portal.maps.view.resolve`.
    """
    collection = visible(services, request.collection, action_of(request.ending), request.who)
    _check(request)
    style = resolve(
        collection,
        request.view,
        lambda: newest_scene(services, collection, request.selection),
        raw=request.raw,
        values_only=request.ending in VALUES,
    ).style
    etag = etag_of(services, request)
    if etag in known:
        return Unchanged(etag)
    target, scenes = _place(services, collection, request, style)
    bands = max(len(style.keys), len(style.channels))
    _check_size(services, target, bands)
    large = target.height * target.width * bands > _LARGE
    with services.large if large else nullcontext():
        want = Want(
            keys=style.keys,
            target=target,
            resampling=request.resampling,
            mask=mask_of(collection, request.selection),
            raw=request.raw,
            most_pixels=services.settings.max_pixels,
            only=inside(request.outline, target) if request.outline else None,
        )
        order = Order(
            ending=request.ending,
            style=style,
            want=want,
            etag=etag,
            mark=request.mark,
            rule=request.selection.rule,
            depth=request.depth,
        )
        return make(services, collection, scenes, order)


def crs_named(text: str, name: str) -> str:
    """Return the system that a caller names by its code: `EPSG:28992`, or its OGC address.

    Nothing else is given to PROJ: its strings can name files and servers.

    Raises:
        BadQuery: not such a name, or not a system on Earth.
    """
    match = _CODE.fullmatch(text) or _ADDRESS.fullmatch(text)
    if match is not None:
        if match["code"].upper() == "CRS84":
            return WGS84
        try:
            return canonical_crs(f"{match['who'].upper()}:{match['code']}")
        except UnknownCrs:
            pass
    reason = Text(
        nl=f"“{text[:60]}” kennen wij niet; schrijf bijvoorbeeld EPSG:28992",
        en=f"“{text[:60]}” is not known; write for example EPSG:28992",
    )
    raise BadQuery(name=name, reason=reason)


def _check(request: WindowRequest) -> None:
    if request.resampling not in RESAMPLINGS:
        listed = ", ".join(RESAMPLINGS)
        reason = Text(nl=f"kies uit {listed}", en=f"choose one of {listed}")
        raise BadQuery(name="resampling", reason=reason)
    if request.depth not in DEPTHS:
        reason = Text(nl="kies 8 of 16", en="choose 8 or 16")
        raise BadQuery(name="depth", reason=reason)
    for name in ("height", "width", "max_size"):
        value = getattr(request, name)
        if value is not None and not 1 <= value <= MOST_SIDE:
            reason = Text(nl=f"kies 1 tot en met {MOST_SIDE}", en=f"choose 1 to {MOST_SIDE}")
            raise BadQuery(name=name, reason=reason)


def _check_size(services: Services, target: Grid, bands: int) -> None:
    most = services.settings.max_pixels
    if target.height * target.width * bands > most or max(target.shape) > MOST_SIDE:
        facts = {"bands": bands, "most": most, "side": MOST_SIDE}
        raise WindowTooLarge(width=target.width, height=target.height, **facts)


def _place(
    services: Services, collection: Collection, request: WindowRequest, style: Style
) -> tuple[Grid, tuple[Scene, ...]]:
    """Return the pixels to make, and the scenes to make them of."""
    size = (request.height, request.width)
    box = request.outline.bounds if request.outline else request.box
    source = request.outline.crs if request.outline else request.crs
    if box is None:
        scene = newest_scene(services, collection, request.selection)
        grid = _finest(scene, style, None, "") if scene else None
        if scene is None or grid is None:
            raise NothingHere(collection=collection.id)
        crs = request.out_crs or grid.crs
        place = box_in(grid.bounds, grid.crs, crs)
        scenes: tuple[Scene, ...] = (scene,)
    else:
        crs = request.out_crs or source
        place = box_in(box, source, crs)
        around = frame(place, crs, 1.0, (1, 1))
        scenes = find_scenes(services, collection, request.selection, world_boxes(around))
        if request.selection.order == BEST:
            mask = judging_mask(collection)
            scenes = best_first(scenes, mask, _square(place, crs), services.reader)
        found = (_finest(scene, style, place, crs) for scene in scenes)
        grid = next((each for each in found if each), None)
        if grid is None:
            raise NothingHere(collection=collection.id)
    pixel = pixel_near(grid, place, crs)
    longest = request.max_size
    if box is None and longest is None:
        longest = PREVIEW
    if pixel is None:
        pixel = max(place.east - place.west, place.north - place.south) / PREVIEW
    return frame(place, crs, pixel, size, longest), scenes


def _square(place: Bounds, crs: str) -> Grid:
    """Return a place as a grid, for judging scenes; the number of its pixels does not matter."""
    wide, high = (place.east - place.west) / SAMPLES, (place.north - place.south) / SAMPLES
    corner = Affine(wide, 0.0, place.west, 0.0, -high, place.north)
    return Grid(crs=crs, transform=corner, height=SAMPLES, width=SAMPLES)


def _finest(scene: Scene, style: Style, place: Bounds | None, crs: str) -> Grid | None:
    """Return the grid of the band with the smallest pixels; None when a band is missing."""
    if not all(key in scene.assets for key in style.keys):
        return None
    grids = [scene.assets[key].grid for key in style.keys]
    if place is None:
        return min(grids, key=lambda grid: grid.resolution)
    return min(grids, key=lambda grid: pixel_near(grid, place, crs) or float("inf"))
