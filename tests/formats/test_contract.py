from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landzicht.formats import CogReader, CogWriter, GdalInspector, Sandbox
from landzicht.testing.contracts import FilesContract
from landzicht.testing.contracts.files import Files


class TestOurFiles(FilesContract):
    """Foreign files in this process (`direct`) and in a child (`sandbox`)."""

    @pytest.fixture(params=["direct", "sandbox"])
    def files(self, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Files]:
        sandbox = Sandbox()
        yield Files(
            writer=CogWriter(sandbox if request.param == "sandbox" else None),
            inspector=GdalInspector(sandbox),
            reader=CogReader(tmp_path),
            folder=tmp_path,
        )
        sandbox.close()
