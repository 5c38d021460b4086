"""What an operator can set: flags over environment over `landzicht.toml` in the data folder."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from landzicht.errors.portal import BadSettings
from landzicht.text import Text

_WHOLE = Text(nl="een geheel getal, 0 of meer", en="a whole number, 0 or more")


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

    @property
    def worker_threads(self) -> int:
        """The number of threads to use."""
        return self.threads or max(1, min(8, os.cpu_count() or 1))

    @property
    def files(self) -> Path:
        """Folder of stored images, named by their content."""
        return self.data / "files"

    @property
    def catalogue(self) -> Path:
        """File of the embedded catalogue."""
        return self.data / "catalogue.sqlite"

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
    chosen: dict[str, int] = {}
    numbers = {f.name for f in fields(Settings) if f.name != "data"}
    for origin, values in (
        ("landzicht.toml", _file_values(folder / "landzicht.toml")),
        ("LANDZICHT_*", _environment_values(numbers)),
        ("flags", {name: value for name, value in flags.items() if value is not None}),
    ):
        for name, value in values.items():
            if name not in numbers:
                raise BadSettings(name=name, origin=origin, known=", ".join(sorted(numbers)))
            chosen[name] = _number(name, value, origin)
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
