"""Maps on paper: one page with the map, what it means, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery, NothingHere
from landzicht.errors.pixels import UnknownFormat
from landzicht.grid.crs import WGS84
from landzicht.grid.frame import box_in, frame
from landzicht.grid.place import world_boxes
from landzicht.portal.access import visible
from landzicht.portal.maps import sheet_words
from landzicht.portal.maps.legends import TileSetRequest, legend
from landzicht.portal.maps.pictures import Unchanged, etag_of
from landzicht.portal.maps.places import framed, ground_scale, local_system, north_turn, shares
from landzicht.portal.maps.view import View, resolve
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.portal.scenes import Selection, find_scenes
from landzicht.render.drawing import Photo
from landzicht.render.encode import jpeg_pixels, png
from landzicht.render.paint import Canvas
from landzicht.render.paper import PAPERS, beside, paper_of
from landzicht.render.pdf import MEDIA_TYPE, pdf
from landzicht.render.picture import Picture
from landzicht.render.raster import rasterize
from landzicht.render.sheet import SheetFacts, draw_sheet
from landzicht.rules import Action
from landzicht.text import Language, Text

if TYPE_CHECKING:
    from collections.abc import Collection as Several

    from landzicht.grid import Bounds
    from landzicht.grid.outline import Outline
    from landzicht.kinds import Collection, Scene
    from landzicht.portal.maps.legends import Legend
    from landzicht.portal.services import Services
    from landzicht.render.paper import Frame, Paper

FORMATS = ("pdf", "png")
LEAST_DPI, MOST_DPI = 72, 300
DPI = {"pdf": 200, "png": 150}
"""Dots per inch when nothing is said."""
MOST_TITLE = 120
_AROUND = 0.08
"""Room around an area of one's own, as a share of its size."""
_INCH_MM = 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRequest:
    """A map on paper."""

    collection: str
    """Id of the collection."""
    box: Bounds | None = None
    """Place in degrees (WGS84); None = around the area, or all of the collection."""
    outline: Outline | None = None
    """Area of the reader's own; its edge is drawn."""
    view: View = field(default_factory=View)
    """What to show."""
    selection: Selection = field(default_factory=Selection)
    """Of which scenes."""
    compared: Selection | None = None
    """Of which scenes the map is that stands left of the other, to compare; None = one map."""
    ending: str = "pdf"
    """One of `FORMATS`."""
    paper: str = "a4"
    """One of `PAPERS`."""
    upright: bool = False
    """Whether the page is higher than wide."""
    dpi: int | None = None
    """Dots per inch of the map; None = `DPI`. Fewer when it would be more pixels than we make."""
    title: str = ""
    """Of the page; empty = the name of the layer."""
    link: str = ""
    """Address of the same map on screen, to print."""
    is_link_long: bool = False
    """Whether the address is too long to print; the page says so."""
    language: Language = "en"
    """Of the words."""
    mark: bool = True
    """Draw the words that simulated data carry."""
    who: str = "public"
    """Whom we serve."""


def sheet(
    services: Services, request: SheetRequest, known: Several[str] = ()
) -> Picture | Unchanged:
    """Make a page with a map.

    Args:
        services: adapters of the portal.
        request: which map, and on which paper.
        known: etags of pages that the caller has.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        UnknownFormat: we make no such pages.
        BadQuery: a paper, size or title that is not one.
        NothingHere: no scene of the selection touches the place.
        BadBox: the box has no place on a map.
        LandzichtError: any of those of `landzicht.portal.maps.windows.window`.
    """
    collection = visible(services, request.collection, Action.VIEW, request.who)
    if request.ending not in FORMATS:
        raise UnknownFormat(format=request.ending[:20], known=", ".join(FORMATS))
    _check(request)
    etag = etag_of(services, request)
    if etag in known:
        return Unchanged(etag)
    paper = paper_of(request.paper, upright=request.upright)
    shots = _shots(services, collection, request, paper)
    told = legend(
        services,
        TileSetRequest(
            collection=request.collection,
            view=request.view,
            selection=request.selection,
            who=request.who,
        ),
    )
    drawing = draw_sheet(paper, _facts(collection, request, told, shots))
    if request.ending == "pdf":
        content, media_type = pdf(drawing), MEDIA_TYPE
    else:
        pixels = rasterize(drawing, (request.dpi or DPI["png"]) / _INCH_MM)
        content, media_type = png(_canvas(pixels)), "image/png"
    return Picture(
        content=content,
        media_type=media_type,
        etag=etag,
        scenes=tuple(dict.fromkeys(each for shot in shots for each in shot.picture.scenes)),
        simulated=any(shot.picture.simulated for shot in shots),
    )


def used_scenes(
    services: Services,
    collection: Collection,
    selection: Selection,
    place: tuple[Bounds, str],
    picture: Picture,
) -> list[Scene]:
    """Return the scenes whose pixels are in a picture of a place, the newest first."""
    box, crs = place
    boxes = world_boxes(frame(box, crs, 1.0, (1, 1)))
    found = find_scenes(services, collection, selection, boxes)
    used = [scene for scene in found if scene.id in picture.scenes]
    return sorted(used, key=lambda scene: scene.moment, reverse=True)


def _check(request: SheetRequest) -> None:
    if request.paper not in PAPERS:
        listed = ", ".join(PAPERS)
        raise BadQuery(
            name="paper", reason=Text(nl=f"kies uit {listed}", en=f"choose one of {listed}")
        )
    if request.dpi is not None and not LEAST_DPI <= request.dpi <= MOST_DPI:
        reason = Text(
            nl=f"kies {LEAST_DPI} tot en met {MOST_DPI}", en=f"choose {LEAST_DPI} to {MOST_DPI}"
        )
        raise BadQuery(name="dpi", reason=reason)
    if len(request.title) > MOST_TITLE:
        reason = Text(nl=f"hoogstens {MOST_TITLE} letters", en=f"at most {MOST_TITLE} letters")
        raise BadQuery(name="title", reason=reason)


def _place(collection: Collection, request: SheetRequest) -> Bounds:
    """Return what to show, in degrees."""
    if request.box is not None:
        return box_in(request.box, WGS84, WGS84)
    if request.outline is not None:
        box = box_in(request.outline.bounds, request.outline.crs, WGS84)
        across, down = (box.east - box.west) * _AROUND, (box.north - box.south) * _AROUND
        return type(box)(box.west - across, box.south - down, box.east + across, box.north + down)
    if collection.bounds is None:
        raise NothingHere(collection=collection.id)
    return collection.bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """One of the maps on a page."""

    box: Bounds
    """Place in `crs`."""
    crs: str
    """System of the map."""
    width: float
    """Millimetres on the paper."""
    picture: Picture
    """The map as JPEG."""
    scenes: list[Scene]
    """Whose pixels are in it, the newest first."""


def _shots(
    services: Services, collection: Collection, request: SheetRequest, paper: Paper
) -> list[_Shot]:
    """Return the maps of a page, from left to right; all of the same place and size."""
    frame = paper.map if request.compared is None else beside(paper)[0]
    place = _place(collection, request)
    crs = local_system(place)
    box = framed(place, crs, frame.width / frame.height)
    shots = []
    for selection in (request.compared, request.selection):
        if selection is None:
            continue
        one = replace(request, selection=selection)
        picture = _picture(services, collection, one, (box, crs, frame))
        scenes = used_scenes(services, collection, selection, (box, crs), picture)
        shots.append(_Shot(box=box, crs=crs, width=frame.width, picture=picture, scenes=scenes))
    return shots


def _picture(
    services: Services,
    collection: Collection,
    request: SheetRequest,
    place: tuple[Bounds, str, Frame],
) -> Picture:
    """Return the map as JPEG, as fine as asked for and allowed."""
    box, crs, on_paper = place
    style = resolve(collection, request.view, lambda: None, values_only=True).style
    bands = max(len(style.keys), len(style.channels))
    per_mm = (request.dpi or DPI[request.ending]) / _INCH_MM
    pixels = on_paper.width * on_paper.height * per_mm**2 * bands
    most = services.settings.max_pixels
    if pixels > most:
        per_mm *= 0.999 * (most / pixels) ** 0.5
    wanted = WindowRequest(
        collection=request.collection,
        box=box,
        crs=crs,
        width=max(1, int(on_paper.width * per_mm)),
        height=max(1, int(on_paper.height * per_mm)),
        ending="jpg",
        view=request.view,
        selection=request.selection,
        resampling="bilinear",
        mark=request.mark,
        who=request.who,
    )
    found = window(services, wanted)
    assert isinstance(found, Picture)
    return found


def _facts(
    collection: Collection, request: SheetRequest, told: Legend, shots: list[_Shot]
) -> SheetFacts:
    say, shot = request.language, shots[-1]
    box, crs = shot.box, shot.crs
    days = [sheet_words.moments([scene.moment for scene in one.scenes], say) for one in shots]
    photos = [
        _photo(one, sheet_words.ALT.say(say, layer=told.title.say(say), date=day or "-"))
        for one, day in zip(shots, days, strict=True)
    ]
    title = request.title.strip() or told.title.say(say)
    subject = _subject(collection, told, request, say)
    under = [part for part in (subject, " – ".join(filter(None, days))) if part]
    scenes = list({scene.id: scene for one in reversed(shots) for scene in one.scenes}.values())
    simulated = any(one.picture.simulated for one in shots)
    link = sheet_words.LONG_LINK.say(say) if request.is_link_long else request.link
    return SheetFacts(
        language=say,
        title=title,
        date=" · ".join(under),
        photo=photos[-1],
        before=photos[0] if len(photos) > 1 else None,
        days=(days[0], days[-1]),
        key=sheet_words.key_of(told, say),
        metres=(box.east - box.west) * ground_scale(box, crs) / shot.width,
        north=north_turn(box, crs),
        badge=sheet_words.BADGE.say(say) if simulated else "",
        sections=sheet_words.sections(
            collection, told, scenes, request.view, simulated=simulated, language=say
        ),
        scale_word=sheet_words.SCALE.say(say),
        north_word="N",
        key_word=sheet_words.KEY.say(say),
        link=link,
        link_word=sheet_words.LINK.say(say),
        outline=shares(request.outline, box, crs) if request.outline else (),
    )


def _photo(shot: _Shot, alt: str) -> Photo:
    content = shot.picture.content
    return Photo(at=(0, 0), size=(1, 1), pixels=jpeg_pixels(content), jpeg=content, alt=alt)


def _subject(
    collection: Collection, told: Legend, request: SheetRequest, language: Language
) -> str:
    """Return what stands below the title besides the date."""
    if not request.title.strip():
        return collection.title.say(language)
    return f"{told.title.say(language)} · {collection.title.say(language)}"


def _canvas(pixels: object) -> Canvas:
    import numpy as np

    drawn = np.asarray(pixels, np.uint8)
    return Canvas(pixels=drawn, usable=np.ones(drawn.shape[:2], np.bool_))
