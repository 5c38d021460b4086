"""The tile matrix sets that this portal knows: those of the program and those of its operator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from landzicht.errors.pixels import BadMatrixSet
from landzicht.grid.custom import read_matrix_set
from landzicht.grid.matrix import MATRIX_SETS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from landzicht.grid.matrix import TileMatrixSet
    from landzicht.portal.services import Services

FOLDER = "tile-matrix-sets"
"""Below the data folder; each `.json` file in it describes one set (OGC 17-083r4)."""
_MOST_FILES = 100
_MOST_BYTES = 1_000_000


def read_matrix_sets(data: Path) -> Mapping[str, TileMatrixSet]:
    """Read the sets of the operator, by name.

    Args:
        data: the data folder.

    Raises:
        BadMatrixSet: a file is not such a definition, or takes a name that is in use.
    """
    found: dict[str, TileMatrixSet] = {}
    for path in sorted((data / FOLDER).glob("*.json"))[:_MOST_FILES]:
        try:
            with path.open("rb") as file:
                told = json.loads(file.read(_MOST_BYTES))
        except (OSError, ValueError, RecursionError) as error:
            raise BadMatrixSet(name=path.name, reason=str(error)[:200]) from error
        matrix = read_matrix_set(told, path.name)
        if matrix.id in MATRIX_SETS or matrix.id in found:
            raise BadMatrixSet(name=path.name, reason=f"“{matrix.id}” × 2")
        found[matrix.id] = matrix
    return found


def matrix_sets(services: Services) -> tuple[TileMatrixSet, ...]:
    """Return every set, those of the program first."""
    return (*MATRIX_SETS.values(), *services.matrices.values())
