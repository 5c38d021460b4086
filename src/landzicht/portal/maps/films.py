"""Films of a place: one frame for each date on which it can be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from landzicht.errors.catalogue import BadQuery, NothingHere
from landzicht.errors.pixels import NoUsableDates
from landzicht.grid import Bounds
from landzicht.grid.crs import WGS84
from landzicht.grid.frame import box_in
from landzicht.kinds import Query, Span
from landzicht.portal.access import visible
from landzicht.portal.catalogue.place import USABLE_CLOUD, USABLE_COVERAGE, usable_dates
from landzicht.portal.maps import sheet_words
from landzicht.portal.maps.legends import TileSetRequest, legend
from landzicht.portal.maps.pictures import Unchanged, etag_of
from landzicht.portal.maps.places import framed, local_system
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.portal.scenes import Selection
from landzicht.render.animate import film_maker
from landzicht.render.caption import Caption, Moment, draw_frame
from landzicht.render.encode import jpeg_pixels
from landzicht.render.picture import Picture
from landzicht.rules import Action
from landzicht.text import Language, Text, long_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Collection as Several

    from landzicht.kinds import Collection
    from landzicht.portal.services import Services
    from landzicht.render.animate import Frame

MOST_FRAMES = 60
"""Most frames of a film; of more dates some are left out, evenly."""
LEAST_SIDE, MOST_SIDE = 160, 1_280
"""Shortest and longest longer side of the map in a film, in pixels."""
SIDE = 800
LEAST_MS, MOST_MS = 100, 5_000
FRAME_MS = 900
MOST_PIXELS = 30_000_000
"""Most pixels of all maps of a film together."""
_LAST_STAYS = 2
"""How many times as long the last frame stays."""
_PER_MM = 4.0
_LEAST_RATIO, _MOST_RATIO = 0.5, 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmRequest:
    """A film of a place."""

    collection: str
    """Id of the collection."""
    box: Bounds | None = None
    """Place in degrees (WGS84); None = all of the collection."""
    view: View = field(default_factory=View)
    """What to show."""
    span: Span | None = None
    """Only dates in this period; None = all."""
    ending: str = "webp"
    """`webp` or `gif`."""
    side: int = SIDE
    """Pixels of the longer side of the map; fewer when there are many frames."""
    frame_ms: int = FRAME_MS
    """How long a frame stays, in milliseconds."""
    cloud: float = USABLE_CLOUD
    """Most cloud in the place on a date that is used, in percent."""
    language: Language = "en"
    """Of the words."""
    mark: bool = True
    """Draw the words that simulated data carry."""
    who: str = "public"
    """Whom we serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film that is ready."""

    picture: Picture
    """Its bytes."""
    dates: tuple[str, ...]
    """Dates (ISO, UTC) of its frames."""


def film(
    services: Services,
    request: FilmRequest,
    known: Several[str] = (),
    tell: Callable[[int, int], None] = lambda _done, _total: None,
) -> Film | Unchanged:
    """Make a film of the dates on which a place can be seen.

    Args:
        services: adapters of the portal.
        request: which place, and how.
        known: etags of films that the caller has.
        tell: hears how many frames are ready, and how many there will be; first that none is. What
            it raises stops the work.

    Raises:
        UnknownCollection: there is none with this id, or not for this use.
        UnknownFormat: we make no such films.
        BadQuery: a size, time or share that is not one.
        NothingHere: the collection has no place yet.
        NoUsableDates: the place is nowhere free enough of clouds.
        TooManyScenes: more scenes than are looked at for one place.
        LandzichtError: any of those of `landzicht.portal.maps.windows.window`.
    """
    collection = visible(services, request.collection, Action.VIEW, request.who)
    media_type, make = film_maker(request.ending)
    _check(request)
    shown = request.box or collection.bounds
    if shown is None:
        raise NothingHere(collection=collection.id)
    place = box_in(shown, WGS84, WGS84)
    etag = etag_of(services, request)
    if etag in known:
        return Unchanged(etag)
    dates = _dates(services, request, _seen(place, collection))
    tell(0, len(dates))
    scenes: dict[str, None] = {}
    simulated: list[bool] = []
    frames = _frames(services, collection, request, (place, dates), (scenes, simulated))
    content = make(_told(frames, tell, len(dates)))
    picture = Picture(
        content=content,
        media_type=media_type,
        etag=etag,
        scenes=tuple(scenes),
        simulated=any(simulated),
    )
    return Film(picture=picture, dates=tuple(dates))


def _check(request: FilmRequest) -> None:
    for name, value, low, high in (
        ("max_size", request.side, LEAST_SIDE, MOST_SIDE),
        ("frame_ms", request.frame_ms, LEAST_MS, MOST_MS),
        ("cloud", request.cloud, 0, 100),
    ):
        if not low <= value <= high:
            reason = Text(nl=f"kies {low} tot en met {high}", en=f"choose {low} to {high}")
            raise BadQuery(name=name, reason=reason)


def _seen(place: Bounds, collection: Collection) -> Bounds:
    """Return the part of a place where there are images: the rest cannot be clouded."""
    box = collection.bounds
    if box is None or box.west > box.east or not place.touches(box):
        return place
    return Bounds(
        max(place.west, box.west),
        max(place.south, box.south),
        min(place.east, box.east),
        min(place.north, box.north),
    )


def _dates(services: Services, request: FilmRequest, place: Bounds) -> list[str]:
    """Return the dates to show, the oldest first."""
    query = Query(collections=(request.collection,), bounds=place, span=request.span)
    days = usable_dates(services, query, USABLE_COVERAGE / 2, request.cloud, request.who)
    # Where the collection tells nothing of clouds, every date counts.
    masked = any(day["cloud_cover"] is not None for day in days)
    found = [day["date"] for day in days[::-1] if day["usable"] or not masked]
    if not found:
        raise NoUsableDates(cloud=f"{request.cloud:g}", dates=len(days))
    if len(found) <= MOST_FRAMES:
        return found
    last = len(found) - 1
    return [found[round(number * last / (MOST_FRAMES - 1))] for number in range(MOST_FRAMES)]


def _told(frames: Iterator[Frame], tell: Callable[[int, int], None], total: int) -> Iterator[Frame]:
    for number, frame in enumerate(frames, 1):
        tell(number, total)
        yield frame


def _frames(
    services: Services,
    collection: Collection,
    request: FilmRequest,
    shown: tuple[Bounds, list[str]],
    told: tuple[dict[str, None], list[bool]],
) -> Iterator[Frame]:
    """Yield the frames, and tell on the way which scenes they are of."""
    place, dates = shown
    scenes, simulated = told
    crs = local_system(place)
    flat = box_in(place, WGS84, crs)
    ratio = (flat.east - flat.west) / (flat.north - flat.south)
    ratio = min(max(ratio, _LEAST_RATIO), _MOST_RATIO)
    box = framed(place, crs, ratio)
    width = request.side if ratio >= 1 else round(request.side * ratio)
    width = min(width, int((MOST_PIXELS / len(dates) * ratio) ** 0.5))
    caption = None
    for number, date in enumerate(dates):
        wanted = WindowRequest(
            collection=request.collection,
            box=box,
            crs=crs,
            width=width,
            height=max(1, round(width / ratio)),
            ending="jpg",
            view=request.view,
            selection=Selection(span=Span.parse(date)),
            resampling="bilinear",
            mark=request.mark,
            who=request.who,
        )
        found = window(services, wanted)
        assert isinstance(found, Picture)
        scenes.update(dict.fromkeys(found.scenes))
        simulated.append(found.simulated)
        if caption is None:
            caption = _caption(services, collection, request, simulated=found.simulated)
        day = long_date(datetime.fromisoformat(date), request.language)
        moment = Moment(date=day, share=(number + 1) / len(dates))
        stays = request.frame_ms * (_LAST_STAYS if number == len(dates) - 1 else 1)
        yield draw_frame(jpeg_pixels(found.content), caption, moment, _PER_MM), stays


def _caption(
    services: Services, collection: Collection, request: FilmRequest, *, simulated: bool
) -> Caption:
    wanted = TileSetRequest(collection=request.collection, view=request.view, who=request.who)
    told = legend(services, wanted)
    say = request.language
    return Caption(
        language=say,
        title=f"{told.title.say(say)} · {collection.title.say(say)}",
        key=sheet_words.key_of(told, say),
        source=sheet_words.source_line(collection, say),
        badge=sheet_words.BADGE.say(say) if simulated else "",
    )
