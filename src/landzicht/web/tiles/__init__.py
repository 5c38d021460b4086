"""Map tiles, values at a point, legends and grids over HTTP."""

from landzicht.web.tiles.routes import router

__all__ = ["router"]
