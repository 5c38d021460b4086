"""Use case: begin to follow a source, pause it, stop following it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from landzicht.errors.disk import read_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.series import UnknownAreas
from landzicht.errors.sources import BadSource, NoCredential, UnknownSource
from landzicht.formats.remote import KeyKind, Permissions, find_keys, read_address
from landzicht.grid.crs import WGS84, transformer
from landzicht.sources.profile import Profile, Theme, profile_at, profile_named, profiles
from landzicht.sources.register import keep_source, one_source
from landzicht.sources.source import NAME, Kind, Mode, Source, name_of
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.portal.services import Services

_COLLECTION = re.compile(r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$")
_BOX = re.compile(r"^-?[0-9.]+(,-?[0-9.]+){3}$")
_MOST_FILE = 20_000_000
_MOST_CORNERS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What somebody wants to follow, as it is said on the command line."""

    place: str
    """Address of a STAC API, name of a profile, or path of a folder."""
    collection: str = ""
    """Id of the collection there."""
    into: str = ""
    """Id of the collection here; empty = as the profile says, else the same."""
    area: str = ""
    """Name of registered areas, `west,south,east,north`, or a GeoJSON file; empty = everywhere."""
    cloud: float | None = None
    """Most cloud cover in percent."""
    since: str = ""
    """First day."""
    link: bool = False
    """Whether files stay where they are."""
    only_area: bool = False
    """Whether only blocks inside the area are copied."""
    bands: tuple[str, ...] = ()
    """Our names of the bands that are wanted; empty = all."""
    profile: str = ""
    """Name of a profile; empty = found by the address."""
    every_s: float = 900.0
    """Seconds between looks."""
    bandwidth_mbs: float = 0.0
    """Most megabytes a second; 0 = as fast as it goes."""
    by_hand: bool = False
    """Whether it is only followed when somebody asks."""
    settle_s: float | None = None
    """Seconds that a delivery in a folder must stand still before it counts as whole; None = the
    usual."""


def is_address(place: str) -> bool:
    """Whether a source is an API and not a folder."""
    return re.match(r"^https?://", place, re.IGNORECASE) is not None


def add_source(services: Services, order: Following) -> Source:
    """Keep what is to be followed; the same source with the same wishes stays the same.

    Nobody is asked for anything yet.

    Raises:
        BadSource: it makes no sense; the reason says why.
        BadAddress: the address is none.
        AddressNotAllowed: a private computer that the settings do not name.
        UnknownAreas: there are no areas of this name, and no such file.
    """
    order = replace(order, place=_address_of(order.place))
    source = (_api if is_address(order.place) else _folder)(services, order)
    data = services.settings.data
    known = _known(data, source.id)
    if known is not None:
        # What was asked before keeps going, whatever is said now of how often and how fast.
        source = replace(source, by_hand=known.by_hand and source.by_hand)
    keep_source(data, source)
    return source


def _address_of(place: str) -> str:
    """Return the address that a profile's name stands for (`earth-search`); others as they are.

    A folder of that name wins: it is here.
    """
    named = next((one for one in profiles() if one.id == place and one.addresses), None)
    return place if named is None or Path(place).exists() else named.addresses[0]


def _known(data: Path, id: str) -> Source | None:
    try:
        return one_source(data, id)
    except UnknownSource:
        return None


def _api(services: Services, order: Following) -> Source:
    place = order.place.rstrip("/")
    profile = profile_named(order.profile) if order.profile else profile_at(place)
    if not _COLLECTION.fullmatch(order.collection):
        known = ", ".join(sorted(profile.themes)) if profile else ""
        raise BadSource(reason=_NO_COLLECTION.fill(known=known or "?"))
    theme = profile.themes.get(order.collection) if profile else None
    into = order.into or (theme.collection.id if theme else order.collection)
    if not _COLLECTION.fullmatch(into):
        raise BadSource(reason=_BAD_INTO)
    if theme is not None and theme.refused is not None:
        raise BadSource(reason=theme.refused)
    if profile is not None and theme is not None and theme.without_keys is not None:
        _check_keys(profile, theme.without_keys, order.collection)
    _check_numbers(order)
    _check_bands(order, theme)
    permissions_of(services, place, profile).check(read_address(f"{place}/"))
    if order.link:
        _check_link(services, profile, order.collection)
    shape = read_area(services, order.area) if order.area else None
    if order.only_area and (shape is None or order.link):
        raise BadSource(reason=_ONLY_AREA)
    further = (order.area, into, sorted(order.bands))
    return Source(
        id=name_of(place, order.collection, *further),
        kind=Kind.STAC,
        place=place,
        collection=order.collection,
        into=into,
        mode=Mode.LINK if order.link else Mode.MIRROR,
        profile=profile.id if profile else "",
        area=shape,
        area_name=order.area,
        only_area=order.only_area,
        cloud=order.cloud,
        since=order.since,
        every_s=order.every_s,
        bandwidth_mbs=order.bandwidth_mbs,
        by_hand=order.by_hand,
        extra={"bands": list(order.bands)} if order.bands else None,
    )


def _folder(services: Services, order: Following) -> Source:
    path = Path(order.place).expanduser().absolute()
    try:
        inside = path.resolve().is_relative_to(services.settings.data.resolve())
        there = path.is_dir()
    except (OSError, ValueError) as error:
        raise BadSource(reason=_NO_FOLDER.fill(path=order.place[:200])) from error
    if not there:
        raise BadSource(reason=_NO_FOLDER.fill(path=order.place[:200]))
    if inside:
        raise BadSource(reason=_OWN_FOLDER)
    if order.collection and not _COLLECTION.fullmatch(order.collection):
        raise BadSource(reason=_BAD_INTO)
    _check_numbers(order)
    return Source(
        # Its last part alone: names are shown, and where a folder lies is nobody's business.
        id=name_of(f"folder {path.name}", order.collection, str(path)),
        kind=Kind.FOLDER,
        place=str(path),
        collection=order.collection,
        into=order.into or order.collection,
        mode=Mode.LINK if order.link else Mode.MIRROR,
        since=order.since,
        every_s=order.every_s,
        by_hand=order.by_hand,
        extra={"quiet_s": order.settle_s} if order.settle_s is not None else None,
    )


def permissions_of(services: Services, place: str, profile: Profile | None) -> Permissions:
    """Return whom following may ask: the API, the computers of its profile, `remote_hosts`.

    Private computers must be in `remote_private` all the same.
    """
    settings = services.settings
    allowed = Permissions.read(settings.remote_hosts, settings.remote_private)
    address = urlsplit(place)
    own = f"{address.scheme}://{address.netloc}".lower()
    return replace(allowed, hosts=(*allowed.hosts, own, *(profile.hosts if profile else ())))


def _check_numbers(order: Following) -> None:
    if order.since:
        try:
            date.fromisoformat(order.since)
        except ValueError as error:
            raise BadSource(reason=_BAD_SINCE.fill(since=order.since[:40])) from error
    if order.cloud is not None and not 0 <= order.cloud <= 100:
        raise BadSource(reason=_BAD_CLOUD)
    good = math.isfinite(order.every_s) and order.every_s >= 1
    if not good or not math.isfinite(order.bandwidth_mbs) or order.bandwidth_mbs < 0:
        raise BadSource(reason=_BAD_PACE)


def _check_bands(order: Following, theme: Theme | None) -> None:
    known = tuple(theme.assets) if theme is not None else ()
    odd = [band for band in order.bands if known and band not in known]
    if odd:
        raise BadSource(reason=_BAD_BANDS.fill(bands=", ".join(odd)[:200], known=", ".join(known)))


def _check_keys(profile: Profile, advice: Text, collection: str) -> None:
    """Make sure that the keys of a collection are there, where one can do without the collection.

    Other sources are kept without their keys and wait for them: whoever follows those has them
    somewhere, or would not have an account.
    """
    try:
        find_keys(profile.access_to(collection).keys, profile.title.en)
    except NoCredential as error:
        raise BadSource(reason=advice) from error


def _check_link(services: Services, profile: Profile | None, collection: str) -> None:
    """Make sure that linked files will be readable by whoever looks at them later."""
    if profile is not None and profile.access_to(collection).keys.kind is not KeyKind.NONE:
        raise BadSource(reason=_LINK_KEY.fill(profile=profile.title.en))
    settings = services.settings
    if not settings.remote_hosts:
        hosts = ", ".join(profile.hosts) if profile else "…"
        raise BadSource(reason=_LINK_HOSTS.fill(hosts=hosts))
    allowed = Permissions.read(settings.remote_hosts, settings.remote_private)
    for host in profile.hosts if profile else ():
        if host.startswith("s3://") or "*" in host:
            continue
        allowed.check(read_address(f"https://{host}/"))


def read_area(services: Services, text: str) -> dict[str, Any]:
    """Return the GeoJSON geometry in degrees that a name, a box or a file stands for.

    Raises:
        BadSource: it is none of these.
        UnknownAreas: there are no areas of this name, and no such file.
    """
    import shapely

    if _BOX.fullmatch(text):
        numbers = [float(part) for part in text.split(",") if part.count(".") <= 1 and part != "."]
        west, south, east, north = numbers if len(numbers) == 4 else (0.0, 0.0, 0.0, 0.0)
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise BadSource(reason=_BAD_BOX)
        shape = shapely.box(west, south, east, north)
    elif NAME.fullmatch(text) and not Path(text).is_file():
        shape = _registered(services, text)
    else:
        shape = _from_file(Path(text))
    told: dict[str, Any] = orjson.loads(shapely.to_geojson(_simple(shape)))
    return told


def _registered(services: Services, name: str) -> Any:  # noqa: ANN401 - a shapely geometry
    import shapely

    from landzicht.portal.parcels.areas import one_of, read_areas

    found = read_areas(services.settings, name)
    change = transformer(one_of(services.settings, name).crs, WGS84)

    def to_degrees(points: Any) -> Any:  # noqa: ANN401 - numpy (n, 2)
        xs, ys = change.transform(points[:, 0], points[:, 1])
        points = points.copy()
        points[:, 0], points[:, 1] = xs, ys
        return points

    return shapely.transform(shapely.union_all(found.shapes), to_degrees)


def _from_file(path: Path) -> Any:  # noqa: ANN401 - a shapely geometry
    import shapely
    from shapely.errors import ShapelyError
    from shapely.geometry import shape

    try:
        with path.open("rb") as file:
            content = file.read(_MOST_FILE + 1)
        told: Any = orjson.loads(content) if len(content) <= _MOST_FILE else None
    except FileNotFoundError as error:
        raise UnknownAreas(areas=str(path)[:80]) from error
    except OSError as error:
        raise DiskFailed(path=path, reason=read_reason(error)) from error
    except ValueError as error:
        raise BadSource(reason=_BAD_AREA.fill(path=path)) from error
    try:
        parts = told["features"] if told["type"] == "FeatureCollection" else [told]
        shapes = [shape(one["geometry"] if one["type"] == "Feature" else one) for one in parts]
        made = shapely.union_all(shapely.make_valid(shapes))
        west, south, east, north = made.bounds
        good = -180 <= west < east <= 180 and -90 <= south < north <= 90
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadSource(reason=_BAD_AREA.fill(path=path)) from error
    if not good:
        raise BadSource(reason=_BAD_AREA.fill(path=path))
    return made


def _simple(shape: Any) -> Any:  # noqa: ANN401 - a shapely geometry
    """Return a shape that is quick to compare with: never smaller than the one given."""
    import shapely

    if shapely.get_num_coordinates(shape) <= _MOST_CORNERS and shape.is_valid:
        return shape
    return shapely.convex_hull(shape)


_NO_COLLECTION = Text(
    nl="zeg met --collection welke verzameling; bekend zijn: {known}",
    en="say with --collection which collection; known are: {known}",
)
_BAD_INTO = Text(
    nl="de naam van de verzameling kan geen naam zijn (letters, cijfers, punt, - en _)",
    en="the name of the collection cannot be one (letters, digits, dot, - and _)",
)
_NO_FOLDER = Text(
    nl="“{path}” is geen adres (https://…), geen map en geen bekende bron (--profiles)",
    en="“{path}” is no address (https://…), no folder and no known source (--profiles)",
)
_OWN_FOLDER = Text(
    nl="die map hoort bij het portaal zelf", en="that folder belongs to the portal itself"
)
_ONLY_AREA = Text(
    nl="--only-area gaat alleen met --area en --mirror samen",
    en="--only-area goes with --area and --mirror only",
)
_BAD_SINCE = Text(
    nl="“{since}” is geen dag zoals 2025-06-08", en="“{since}” is no day such as 2025-06-08"
)
_BAD_CLOUD = Text(nl="--cloud is een percentage, 0 tot 100", en="--cloud is a percentage, 0 to 100")
_BAD_PACE = Text(
    nl="--every is 1 seconde of meer, --bandwidth 0 of meer",
    en="--every is 1 second or more, --bandwidth 0 or more",
)
_BAD_BANDS = Text(
    nl="die banden zijn er niet: {bands}; wel: {known}",
    en="there are no such bands: {bands}; there are: {known}",
)
_LINK_KEY = Text(
    nl="{profile} geeft bestanden alleen met een sleutel, en die krijgt niet wie later kijkt; "
    "gebruik --mirror",
    en="{profile} gives files for a key only, which nobody who looks later has; use --mirror",
)
_LINK_HOSTS = Text(
    nl="om bestanden te laten staan waar ze zijn moet in landzicht.toml "
    "remote_hosts = “{hosts}” staan, zodat het portaal ze daar mag lezen",
    en="to leave files where they are, landzicht.toml must have remote_hosts = “{hosts}”, so that "
    "the portal may read them there",
)
_BAD_BOX = Text(
    nl="een gebied is west,zuid,oost,noord in graden, zoals 3.3,50.7,7.3,53.6",
    en="an area is west,south,east,north in degrees, such as 3.3,50.7,7.3,53.6",
)
_BAD_AREA = Text(
    nl="{path} is geen GeoJSON met een gebied in graden",
    en="{path} is no GeoJSON with an area in degrees",
)
