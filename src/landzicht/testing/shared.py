"""Real satellite files beside the repository, where they are present."""

from __future__ import annotations

from pathlib import Path


def shared_data(name: str) -> Path:
    """Return the folder `../shared/data/NAME` beside the repository that the tests run in.

    Skips the running test when it is absent: the files are not ours to pass on.
    """
    folder = _repository().parent / "shared" / "data" / name
    if not folder.is_dir():
        import pytest

        pytest.skip(f"shared/data is not here ({name})")
    return folder


def _repository() -> Path:
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file():
            return folder
    return here
