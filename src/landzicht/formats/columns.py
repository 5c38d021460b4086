"""Arrays that were made once, kept as Arrow files in a folder, bounded in bytes."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_ENDING = ".arrow"
_SWEEP_EVERY = 64
"""Files written between two looks at the size of the folder."""
_FULL = 0.9
"""Share of the room that stays in use after a sweep."""
_OLD_S = 3_600.0
"""Half-written files older than this belong to nobody any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFolder:
    """Keeps named arrays under keys; implements `Columns`; safe for threads and processes.

    Losing what it keeps is harmless, so a full or read-only disk is no error here.
    """

    folder: Path
    """Where the files are."""
    most: int
    """Bytes to keep; 0 keeps nothing."""

    def holds(self, key: str) -> bool:
        """Return whether there is something under a key (hexadecimal)."""
        return self._path(key).is_file()

    def load(self, key: str) -> dict[str, NDArray[np.generic]] | None:
        """Return the arrays `(n,)` under a key by name, or None when they are not all there."""
        import pyarrow as pa

        path = self._path(key)
        try:
            with pa.memory_map(str(path)) as file:
                table = pa.ipc.open_file(file).read_all()
            os.utime(path)
        except (OSError, pa.ArrowInvalid):
            return None
        return {
            name: table[name].chunk(0).values.to_numpy(zero_copy_only=False)
            for name in table.column_names
        }

    def keep(self, key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep arrays `(n,)` of numbers or fixed-width text: all of them, or nothing."""
        import pyarrow as pa

        if not self.most:
            return
        columns = []
        for array in arrays.values():
            values = pa.array(array)
            ends = pa.array([0, len(values)], pa.int64())
            columns.append(pa.LargeListArray.from_arrays(ends, values))
        batch = pa.record_batch(columns, names=list(arrays))
        path = self._path(key)
        part = path.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}.part")
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with pa.ipc.new_file(str(part), batch.schema, options=options) as writer:
                writer.write_batch(batch)
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            return
        if int(key[:8], 16) % _SWEEP_EVERY == 0:
            self.sweep()

    def sweep(self) -> None:
        """Remove what was used longest ago, until there is room, and remains of a crash."""
        found = []
        for path in self.folder.glob("*/*"):
            with suppress(OSError):
                told = path.stat()
                if path.suffix == _ENDING:
                    found.append((told.st_mtime, told.st_size, path))
                elif told.st_mtime < time.time() - _OLD_S:
                    path.unlink()
        size = sum(each[1] for each in found)
        if size <= self.most:
            return
        for _, its_size, path in sorted(found):
            with suppress(OSError):
                path.unlink()
            size -= its_size
            if size <= self.most * _FULL:
                return

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}{_ENDING}"
