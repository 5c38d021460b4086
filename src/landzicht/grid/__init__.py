"""Geometry on the map: coordinate systems, bounds, grids, windows, tile matrices. Pure."""

from landzicht.grid.bounds import Bounds
from landzicht.grid.grid import Grid, can_lie_on_earth
from landzicht.grid.window import Window

__all__ = ["Bounds", "Grid", "Window", "can_lie_on_earth"]
