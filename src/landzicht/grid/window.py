"""A rectangle of pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of a grid, from `(row, column)`, `height` by `width` pixels."""

    row: int
    column: int
    height: int
    width: int

    @property
    def stop_row(self) -> int:
        """First row below the window."""
        return self.row + self.height

    @property
    def stop_column(self) -> int:
        """First column right of the window."""
        return self.column + self.width
