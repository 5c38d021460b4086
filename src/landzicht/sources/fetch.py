"""Fetching the files of an item: whole or the part in the area, goes on where it was, checked."""

from __future__ import annotations

import math
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from landzicht.errors import LandzichtError
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed, QuotaReached, UnknownCrs
from landzicht.formats.remote import FarImage, Pixels, crop
from landzicht.formats.remote.parts import Changed, Lasting, NoRanges, Passing, Version
from landzicht.formats.tags import DamagedTiff, OtherProfile
from landzicht.grid.crs import WGS84, transform_bounds, transformer
from landzicht.sources.checksum import read_checksum
from landzicht.sources.state import replace_file
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from landzicht.formats.remote import Fetcher
    from landzicht.grid import Grid
    from landzicht.ports import Inspector
    from landzicht.sources.adapt import Ready

PIECE = 4 * 2**20
"""Bytes of one request."""
MOST_FILE = 200 * 10**9
"""Bytes of a file beyond which nobody can mean it."""
_RESTARTS = 3
_JP2 = re.compile(r"jp2$", re.IGNORECASE)


class NotHad(Exception):
    """Something that was wanted and could not be had."""

    def __init__(
        self, code: str, reason: Text, *, wait: float | None = None, asked: bool = True
    ) -> None:
        """Keep the reason.

        Args:
            code: stable word.
            reason: for people.
            wait: seconds that the other computer asked us to wait.
            asked: whether it was the other computer that let us down.
        """
        super().__init__(reason.en)
        self.code, self.reason, self.wait, self.asked = code, reason, wait, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where only the part inside an area is wanted."""

    shape: Any
    """Shapely geometry in degrees."""
    inspector: Inspector
    """Reads headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How files come here."""

    fetcher: Fetcher
    """Asks."""
    area: Area | None = None
    """None = whole files."""
    stop: Callable[[], bool] = lambda: False
    """Whether to end soon."""
    must_fit: Callable[[int], None] = lambda _: None
    """Raises `LandzichtError` when so many bytes may not come in."""


def fetch_item(ready: Ready, way: Way, folder: Path) -> Path:
    """Fetch the files of an item into a folder and write the item beside them.

    What is there already, of this run or one that was killed, is not fetched again.

    Args:
        ready: the item.
        way: how.
        folder: of this version of this item alone.

    Returns:
        The file of the item; its assets lie beside it.

    Raises:
        NotHad: a file cannot be had.
        DiskFailed: the disk does not let us.
        LandzichtError: as `way.must_fit`.
        InterruptedError: `way.stop` said so; what was fetched stays.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        assets = {}
        for band, fields in ready.assets.items():
            ending = "jp2" if _JP2.search(str(fields.get("type"))) else "tif"
            target = folder / f"{band}.{ending}"
            if not target.exists():
                _fetch_one(way, fields, target)
            kept = {**fields, "href": f"./{target.name}"}
            for name in ("file:checksum", "file:size", "proj:shape", "proj:transform"):
                kept.pop(name, None)
            assets[band] = kept
        path = folder / "item.json"
        replace_file(path, orjson.dumps({**ready.fields, "assets": assets}))
    except InterruptedError:
        raise
    except OSError as error:
        raise DiskFailed(path=folder, reason=disk_reason(error)) from error
    return path


def _fetch_one(way: Way, fields: Mapping[str, Any], target: Path) -> None:
    href, part = str(fields["href"]), target.with_name(f"{target.name}.part")
    try:
        if way.area is not None and target.suffix == ".tif":
            try:
                _fetch_part(way.fetcher, href, part, way.area)
            except (OtherProfile, DamagedTiff):
                part.unlink(missing_ok=True)  # a kind that we do not cut: the whole file then
            else:
                part.replace(target)
                return
        _fetch_whole(way, href, part, _size_told(fields))
        _check(part, fields)
    except Passing as error:
        raise NotHad("asset-failed", _said(error.reason, target), wait=error.wait) from error
    except Lasting as error:
        raise NotHad("asset-failed", _said(error.reason, target)) from error
    except NoRanges as error:
        raise NotHad("asset-failed", _said(_NO_PIECES, target)) from error
    except (DiskFailed, QuotaReached):
        raise
    except LandzichtError as error:
        reason = Text(nl=error.say("nl"), en=error.say("en"))
        raise NotHad(error.code, reason) from error
    part.replace(target)
    with suppress(OSError):
        _note_file(part).unlink()


# ------------------------------------------------------------------ whole files


def _fetch_whole(way: Way, href: str, part: Path, told: int | None) -> None:
    """Fetch a file piece by piece; a part of the same version is gone on with."""
    for _ in range(_RESTARTS):
        try:
            _go_on(way, href, part, told)
        except Changed:
            part.unlink(missing_ok=True)
            _note_file(part).unlink(missing_ok=True)
            continue
        except NoRanges as error:
            _stream(way, href, part, error.size or told)
        return
    raise NotHad("asset-changes", _CHANGES.fill(href=href[:200]))


def _go_on(way: Way, href: str, part: Path, told: int | None) -> None:
    known = _known(part)
    start = part.stat().st_size if known is not None and part.exists() else 0
    if known is not None and start > known.size:
        raise Changed
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while known is None or start < known.size:
            if way.stop():
                raise InterruptedError
            stop_at = start + PIECE if known is None else min(start + PIECE, known.size)
            piece = way.fetcher.piece(href, start, stop_at, known)
            if known is None:
                known = piece.version
                _check_size(known.size, told)
                way.must_fit(known.size)
                # Before the bytes, so that a part is never gone on with as another version.
                kept = {"tag": known.tag, "size": known.size, "href": href}
                replace_file(_note_file(part), orjson.dumps(kept))
            file.write(piece.content)
            file.flush()
            start += len(piece.content)


def _known(part: Path) -> Version | None:
    """Return the version that a part was begun of, when the other computer can prove it."""
    try:
        told = orjson.loads(_note_file(part).read_bytes())
        version = Version(str(told["tag"]), int(told["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return version if version.tag else None


def _stream(way: Way, href: str, part: Path, told: int | None) -> None:
    """Fetch a file of a server that gives whole files only; it begins anew each time."""
    if told is not None:
        _check_size(told, None)
        way.must_fit(told)
    with part.open("wb") as file:
        way.fetcher.stream(href, min(told or MOST_FILE, MOST_FILE), file.write)


def _check_size(size: int, told: int | None) -> None:
    if told is not None and told != size:
        raise NotHad("wrong-size", _SIZE.fill(told=told, found=size))
    if size > MOST_FILE:
        raise NotHad("wrong-size", _HUGE.fill(found=size))


def _size_told(fields: Mapping[str, Any]) -> int | None:
    size = fields.get("file:size")
    return size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None


def _check(path: Path, fields: Mapping[str, Any]) -> None:
    """Compare a file with what the item told of it; a wrong one is removed."""
    told = read_checksum(str(fields.get("file:checksum") or ""))
    wrong: NotHad | None = None
    size = _size_told(fields)
    if size is not None and path.stat().st_size != size:
        found = path.stat().st_size
        wrong = NotHad("wrong-size", _SIZE.fill(told=size, found=found))
    elif told is not None:
        with path.open("rb") as file:
            if not told.is_of(file):
                wrong = NotHad("wrong-checksum", _CHECKSUM.fill(name=path.name))
    if wrong is not None:
        path.unlink()
        _note_file(path).unlink(missing_ok=True)
        raise wrong


def cannot_compare(ready: Ready) -> tuple[str, ...]:
    """Return the bands whose checksum is told in a way that nobody can compare."""
    told = ((band, fields.get("file:checksum")) for band, fields in ready.assets.items())
    return tuple(band for band, text in told if text and read_checksum(str(text)) is None)


def _note_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


# ------------------------------------------------------------------ the part in an area


def _fetch_part(fetcher: Fetcher, href: str, part: Path, area: Area) -> None:
    for _ in range(_RESTARTS):
        try:
            image = FarImage(fetcher, href)
            info = image.inspect(area.inspector)
            if info.grid is None:
                raise OtherProfile("lies on no map")
            window = pixels_of(area.shape, info.grid)
            if window is None:
                raise NotHad("outside-area", _OUTSIDE.fill(name=part.name), asked=False)
            crop(image, window, part)
        except Changed:
            continue
        return
    raise NotHad("asset-changes", _CHANGES.fill(href=href[:200]))


def pixels_of(shape: Any, grid: Grid) -> Pixels | None:  # noqa: ANN401 - a shapely geometry
    """Return the pixels of a grid that the box around an area touches; None when there are none.

    Args:
        shape: in degrees.
        grid: of the image.
    """
    import numpy as np
    import shapely

    try:
        around = transform_bounds(grid.bounds, grid.crs, WGS84)
        change = transformer(WGS84, grid.crs)
    except UnknownCrs:
        return None

    def to_pixels(points: Any) -> Any:  # noqa: ANN401 - numpy (n, 2)
        xs, ys = change.transform(points[:, 0], points[:, 1])
        return np.stack(~grid.transform @ (np.asarray(xs), np.asarray(ys)), axis=1)

    # Near the image only: a map has no place for the other side of the earth.
    edges = (around.west - 0.1, around.south - 0.1, around.east + 0.1, around.north + 0.1)
    near = shapely.make_valid(shape).intersection(shapely.box(*edges))
    if near.is_empty:
        return None
    dense = shapely.segmentize(near, 0.02)  # a straight line in degrees is bent on a map
    placed = shapely.make_valid(shapely.transform(dense, to_pixels))
    inside = placed.intersection(shapely.box(0, 0, grid.width, grid.height))
    if inside.is_empty:
        return None
    bounds = inside.bounds
    left, top = max(0, math.floor(bounds[0])), max(0, math.floor(bounds[1]))
    right, bottom = min(math.ceil(bounds[2]), grid.width), min(math.ceil(bounds[3]), grid.height)
    if left >= right or top >= bottom:
        return None
    return Pixels(left=left, top=top, right=right, bottom=bottom)


def remove_folder(folder: Path) -> None:
    """Remove the files of an item that is in; never fails."""
    shutil.rmtree(folder, ignore_errors=True)


def _said(reason: Text, target: Path) -> Text:
    return _OF.fill(name=target.stem, nl=reason.nl, en=reason.en)


_OF = Text(nl="{name}: {nl}", en="{name}: {en}")
_NO_PIECES = Text(
    nl="de andere computer geeft geen stukken van bestanden",
    en="the other computer gives no pieces of files",
)
_CHANGES = Text(
    nl="het bestand {href} verandert terwijl wij het ophalen",
    en="the file {href} changes while we fetch it",
)
_SIZE = Text(
    nl="het bestand heeft {found} bytes en de API zegt {told}",
    en="the file has {found} bytes and the API says {told}",
)
_HUGE = Text(
    nl="het bestand zou {found} bytes groot zijn", en="the file would be {found} bytes large"
)
_CHECKSUM = Text(nl="de controlesom van {name} klopt niet", en="the checksum of {name} is wrong")
_OUTSIDE = Text(nl="{name} ligt buiten het gebied", en="{name} lies outside the area")
