"""Examining this machine and this portal: what works, what is missing, what to do."""

from __future__ import annotations

import importlib.util
import math
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from landzicht.errors import LandzichtError
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from landzicht.portal.settings import Settings

LITTLE_SPACE_GB = 2.0
EXTRAS = (("dask", "landzicht[dask]", Text(nl="rekenen op meer machines", en="many machines")),)


@dataclass(frozen=True, slots=True)
class Checkup:
    """One thing that was looked at."""

    name: str
    """What was looked at."""
    state: Literal["ok", "warn", "fail"]
    """`fail` = the portal cannot run without it."""
    message: Text
    """What was found, and what to do."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "state": self.state,
            "nl": self.message.nl,
            "en": self.message.en,
        }


def examine(settings: Settings) -> tuple[Checkup, ...]:
    """Look at everything the portal needs; nothing is changed but a probe file that is removed."""
    checks: tuple[tuple[str, Callable[[Settings], Checkup]], ...] = (
        ("python", _python),
        ("data folder", _data_folder),
        ("disk space", _disk_space),
        ("catalogue", _catalogue),
        ("linked files", _linked_files),
        ("GDAL limits", _gdal_limits),
        ("page", _page),
        ("compile cache", _compile_cache),
    )
    found = [_safely(name, check, settings) for name, check in checks]
    return (*found, *(_extra(*extra) for extra in EXTRAS))


def _safely(name: str, check: Callable[[Settings], Checkup], settings: Settings) -> Checkup:
    """A check that fails is a finding, not the end of the examination."""
    try:
        return check(settings)
    except LandzichtError as error:
        return Checkup(name, "fail", Text(nl=error.say("nl"), en=error.say("en")))
    except OSError as error:
        failed = DiskFailed(path=error.filename or settings.data, reason=disk_reason(error))
        return Checkup(name, "fail", Text(nl=failed.say("nl"), en=failed.say("en")))
    except (ImportError, RuntimeError) as error:
        said = f"{type(error).__name__}: {error}"
        return Checkup(name, "fail", Text(nl=said, en=said))


def _python(_: Settings) -> Checkup:
    said = sys.version.split()[0]
    good = sys.version_info >= (3, 11)
    todo = (
        Text(nl=f"{said}", en=f"{said}")
        if good
        else Text(
            nl=f"{said}: neem Python 3.11 of nieuwer.", en=f"{said}: use Python 3.11 or newer."
        )
    )
    return Checkup("python", "ok" if good else "fail", todo)


def _data_folder(settings: Settings) -> Checkup:
    folder = settings.data
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
        pass
    return Checkup("data folder", "ok", Text(nl=f"{folder}", en=f"{folder}"))


def _disk_space(settings: Settings) -> Checkup:
    free = shutil.disk_usage(settings.data).free / 1e9
    if free < LITTLE_SPACE_GB:
        message = Text(
            nl=f"Nog {free:.1f} GB vrij; maak ruimte.", en=f"{free:.1f} GB free; make room."
        )
        return Checkup("disk space", "warn", message)
    return Checkup("disk space", "ok", Text(nl=f"{free:.0f} GB vrij", en=f"{free:.0f} GB free"))


def _catalogue(settings: Settings) -> Checkup:
    from landzicht.portal.wiring import open_catalog

    found = open_catalog(settings).collections()
    scenes = sum(collection.count for collection in found)
    message = Text(
        nl=f"{len(found)} collecties, {scenes} opnamen",
        en=f"{len(found)} collections, {scenes} scenes",
    )
    return Checkup("catalogue", "ok", message)


def _linked_files(settings: Settings) -> Checkup:
    """Tell from where files may be linked, and how full the cache of their pieces is."""
    from landzicht.formats.remote.disk import DiskCache

    bytes_kept, count = DiskCache(settings.remote_cache, settings.remote_cache_mb).usage()
    facts = {
        "hosts": settings.remote_hosts or "–",
        "roots": ", ".join(settings.roots) or "–",
        "megabytes": math.ceil(bytes_kept / 1e6),
        "most": settings.remote_cache_mb,
        "count": count,
    }
    return Checkup("linked files", "ok", _LINKED.fill(**facts))


def _gdal_limits(_: Settings) -> Checkup:
    from landzicht.formats.gdal import check_limits

    check_limits()
    message = Text(
        nl="GDAL leest alleen de soorten bestanden die veilig zijn.",
        en="GDAL reads only the kinds of files that are safe.",
    )
    return Checkup("GDAL limits", "ok", message)


def _page(_: Settings) -> Checkup:
    web = importlib.util.find_spec("landzicht.web")
    places = list(web.submodule_search_locations or ()) if web else []
    if any((Path(place) / "dist" / "index.html").is_file() for place in places):
        return Checkup("page", "ok", Text(nl="gebouwd", en="built"))
    message = Text(
        nl="Niet gebouwd: voer `make setup` uit in de bron van Landzicht. De rest werkt wel.",
        en="Not built: run `make setup` in Landzicht's source. Everything else works.",
    )
    return Checkup("page", "warn", message)


def _compile_cache(_: Settings) -> Checkup:
    """Look where compiled kernels are kept between starts: beside the source, else elsewhere."""
    place = os.environ.get("NUMBA_CACHE_DIR") or str(Path(__file__).parents[1] / "kernels")
    if os.access(place, os.W_OK):
        return Checkup("compile cache", "ok", Text(nl=place, en=place))
    message = Text(
        nl=f"{place} is niet schrijfbaar; de cache staat in uw eigen map, of stel "
        "NUMBA_CACHE_DIR in.",
        en=f"{place} is not writable; the cache is in your own folder, or set NUMBA_CACHE_DIR.",
    )
    return Checkup("compile cache", "warn", message)


def _extra(package: str, extra: str, purpose: Text) -> Checkup:
    try:
        said = version(package)
        message = Text(nl=f"{said} ({purpose.nl})", en=f"{said} ({purpose.en})")
        return Checkup(package, "ok", message)
    except PackageNotFoundError:
        message = Text(
            nl=f"Niet aanwezig ({purpose.nl}); zo nodig: pip install '{extra}'.",
            en=f"Not installed ({purpose.en}); if wanted: pip install '{extra}'.",
        )
        return Checkup(package, "warn", message)


_LINKED = Text(
    nl="computers: {hosts}; mappen: {roots}; bewaard {megabytes} van {most} MB ({count} stukken)",
    en="computers: {hosts}; folders: {roots}; kept {megabytes} of {most} MB ({count} pieces)",
)
