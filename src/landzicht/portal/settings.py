"""What an operator can set: flags over environment over `landzicht.toml` in the data folder."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from landzicht.errors.portal import BadSettings
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDERS = Text(
    nl="hele paden van mappen, elk met een eigen naam aan het eind",
    en="whole paths of folders, each with a name of its own at its end",
)
_ENDPOINT = Text(
    nl="https://naam, zonder gebruiker of pad", en="https://name, without user or path"
)
_WHOLE = Text(nl="een geheel getal, 0 of meer", en="a whole number, 0 or more")
_SECRET = Text(
    nl="20 tot 500 letters, cijfers en leestekens, zonder spaties",
    en="20 to 500 letters, digits and signs, without spaces",
)
BASE_MAPS = {"brt": "https://service.pdok.nl"}
"""Base maps of others by name, with the server that the page may then ask for pictures."""
_CATALOGUES = "sqlite, postgresql://…"
_CLUSTER = "tcp://host:8786, tls://host:8786"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one portal. Passed along, never read from a global."""

    data: Path
    """Data folder: catalogue, files, caches."""
    threads: int = 0
    """Worker threads for pixels; 0 = one for each processor core, at most 8."""
    block_cache_mb: int = 256
    """Decoded blocks kept in memory, in MB."""
    picture_cache_mb: int = 64
    """Encoded tiles kept in memory, in MB."""
    max_pixels: int = 16_000_000
    """Most pixels in one picture or window."""
    max_scenes_per_tile: int = 32
    """Most scenes read for one tile; the newest are used."""
    max_items: int = 10_000
    """Most items on a page of search results."""
    remote_hosts: str = ""
    """Computers whose files may be linked, with commas between: `data.example.org`,
    `*.example.org`, `host:8443`, `http://host:8080` (not encrypted), `s3://bucket`, `s3://*`;
    `*` = every public computer; empty = none."""
    remote_private: str = ""
    """Names of these computers that may lie in your own network or be this computer."""
    remote_timeout_s: int = 20
    """Seconds that one read of a linked file may take, with all its tries."""
    remote_connections: int = 16
    """Most requests to other computers at the same time, in each process."""
    remote_cache_mb: int = 2_000
    """Pieces of linked files kept on disk, in MB; 0 = none."""
    remote_whole_mb: int = 200
    """Largest linked file that is fetched as a whole when it cannot be read in pieces, in MB."""
    s3_endpoint: str = ""
    """Address of the store of `s3://` files; empty = Amazon's. Keys: the `AWS_*` variables."""
    s3_region: str = ""
    """Region of these buckets; empty = `AWS_REGION`, or us-east-1."""
    linked_roots: str = ""
    """Folders of this computer whose files may be linked, with commas between; no two of the same
    name."""
    series_cache_mb: int = 2_000
    """Answers about parcels, and their weights, kept on disk, in MB; 0 = none."""
    series_direct_mpx: int = 20_000
    """Largest question about parcels that is answered at once, in million pixels to decode or to
    count; a larger one becomes a job."""
    series_most_mpx: int = 2_000_000
    """Largest question about parcels at all, in million pixels to decode or to count."""
    series_memory_mb: int = 4_000
    """Most memory for one question about parcels, in MB; one that takes more than a quarter of it
    becomes a job, of which one runs at a time."""
    series_upload_mb: int = 200
    """Largest file with parcels that comes in over HTTP with a question, in MB."""
    cluster: str = ""
    """Scheduler of a Dask cluster that measures parcels, as `tcp://host:8786` or
    `tls://host:8786`; its workers see the same data folder under the same path; empty = here."""
    max_jobs: int = 100
    """Jobs that are kept, finished ones too."""
    quota_mb: int = 0
    """Most stored images together, in MB; then nothing more is taken in until there is room.
    0 = as much as the disk holds."""
    bin_days: int = 7
    """Days for which removed images (`landzicht retention`) can be brought back; until then they
    count for the quota."""
    job_days: int = 7
    """Days after which a job and its answer are removed."""
    base_maps: str = ""
    """Base maps of others that readers of the page may switch on, with commas between: `brt` (the
    topographic map of PDOK, whose server then sees their addresses); empty = none."""
    areas_upload_mb: int = 500
    """Largest file with areas that comes in over HTTP (with the `write_token`), in MB."""
    theme: str = ""
    """CSS file with the colours and logo of an organisation; empty = our own look."""
    catalogue: str = field(default="sqlite", repr=False)  # it may hold a password
    """Where the catalogue is kept: `sqlite` (a file in the data folder) or
    `postgresql://user:password@host/database`."""

    write_token: str = field(default="", repr=False)
    """Secret that lets a program change the catalogue over HTTP (`Authorization: Bearer …`): 20
    letters or more; empty = nobody can."""

    @property
    def worker_threads(self) -> int:
        """The number of threads to use."""
        return self.threads or max(1, min(8, os.cpu_count() or 1))

    @property
    def allowed_base_maps(self) -> tuple[str, ...]:
        """The names in `base_maps`."""
        return tuple(part.strip() for part in self.base_maps.split(",") if part.strip())

    @property
    def files(self) -> Path:
        """Folder of stored images, named by their content."""
        return self.data / "files"

    @property
    def catalogue_file(self) -> Path:
        """File of the embedded catalogue."""
        return self.data / "catalogue.sqlite"

    @property
    def remote_cache(self) -> Path:
        """Folder of pieces of linked files."""
        return self.data / "cache" / "remote"

    @property
    def series_cache(self) -> Path:
        """Folder of answers about parcels."""
        return self.data / "cache" / "series"

    @property
    def jobs(self) -> Path:
        """Folder of jobs."""
        return self.data / "jobs"

    @property
    def areas(self) -> Path:
        """Folder of registered areas."""
        return self.data / "areas"

    @property
    def roots(self) -> dict[str, Path]:
        """The folders of `linked_roots` by name.

        Raises:
            BadSettings: two have one name, or one is not a whole path.
        """
        found: dict[str, Path] = {}
        for text in filter(None, (part.strip() for part in self.linked_roots.split(","))):
            path = Path(text).expanduser()
            if not path.is_absolute() or not path.name or path.name in found:
                raise BadSettings(name="linked_roots", origin=text, known=_FOLDERS)
            found[path.name] = path
        return found

    @property
    def demo_progress(self) -> Path:
        """File that tells how far the simulated world is."""
        return self.data / "run" / "zonderland.json"


def load_settings(data: str | Path | None = None, **flags: object) -> Settings:
    """Combine flags, `LANDZICHT_*` variables and `landzicht.toml`, in that order of weight.

    Raises:
        BadSettings: a value cannot be read, or `landzicht.toml` has a name we do not know.
    """
    folder = Path(data or os.environ.get("LANDZICHT_DATA") or default_data_folder()).expanduser()
    chosen: dict[str, Any] = {}
    known = {f.name for f in fields(Settings) if f.name != "data"}
    for origin, values in (
        ("landzicht.toml", _file_values(folder / "landzicht.toml")),
        ("LANDZICHT_*", _environment_values(known)),
        ("flags", {name: value for name, value in flags.items() if value is not None}),
    ):
        for name, value in values.items():
            if name not in known:
                raise BadSettings(name=name, origin=origin, known=", ".join(sorted(known)))
            chosen[name] = _READERS.get(name, _number)(name, value, origin)
    return Settings(data=folder.absolute(), **chosen)


def default_data_folder() -> Path:
    """Return the per-user place that the operating system has for this."""
    from platformdirs import user_data_path

    return user_data_path("landzicht", appauthor=False)


def _file_values(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (FileNotFoundError, NotADirectoryError):
        return {}  # no settings; a folder that cannot be is told by whoever makes it
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSettings(name=str(path), origin=str(error), known="TOML") from error


def _environment_values(names: set[str]) -> dict[str, str]:
    found = {name: os.environ.get(f"LANDZICHT_{name.upper()}") for name in names}
    return {name: value for name, value in found.items() if value}


def _number(name: str, value: object, origin: str) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise BadSettings(name=name, origin=origin, known=_WHOLE) from error
    if number < 0:
        raise BadSettings(name=name, origin=origin, known=_WHOLE)
    return number


def read_catalogue(name: str, value: object, origin: str) -> str:
    """Return where the catalogue is.

    Raises:
        BadSettings: it is neither; the value is not repeated, as it may hold a password.
    """
    text = str(value)
    try:
        address = urlsplit(text)
        is_server = address.scheme in {"postgresql", "postgres"} and bool(address.netloc)
    except ValueError:
        is_server = False
    if text != "sqlite" and not is_server:
        raise BadSettings(name=name, origin=origin, known=_CATALOGUES)
    return text


def _secret(name: str, value: object, origin: str) -> str:
    """Return a secret that is long enough; a wrong one is not repeated."""
    text = str(value)
    if text and not re.fullmatch(r"[!-~]{20,500}", text):
        raise BadSettings(name=name, origin=origin, known=_SECRET)
    return text


def _text(_name: str, value: object, _origin: str) -> str:
    return str(value)


def _endpoint(name: str, value: object, origin: str) -> str:
    """Return the address of a store; a wrong one is not repeated, as it may hold a password."""
    text = str(value).rstrip("/")
    if text and not re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+", text):
        raise BadSettings(name=name, origin=origin, known=_ENDPOINT)
    return text


def _scheduler(name: str, value: object, origin: str) -> str:
    """Return the address of a scheduler."""
    text = str(value).rstrip("/")
    if text and not re.fullmatch(r"(tcp|tls)://[A-Za-z0-9.\[\]:_-]+:\d{1,5}", text):
        raise BadSettings(name=name, origin=origin, known=_CLUSTER)
    return text


def _base_maps(name: str, value: object, origin: str) -> str:
    """Return names of base maps that the page knows."""
    text = str(value)
    if not {part.strip() for part in text.split(",") if part.strip()} <= BASE_MAPS.keys():
        raise BadSettings(name=name, origin=origin, known=", ".join(BASE_MAPS))
    return text


_READERS: dict[str, Callable[[str, object, str], str | int]] = {
    "base_maps": _base_maps,
    "catalogue": read_catalogue,
    "cluster": _scheduler,
    "linked_roots": _text,
    "remote_hosts": _text,
    "remote_private": _text,
    "s3_endpoint": _endpoint,
    "s3_region": _text,
    "theme": _text,
    "write_token": _secret,
}
"""How settings that are no numbers are read."""
