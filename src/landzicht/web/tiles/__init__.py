"""Map tiles, values at a point, legends and grids over HTTP."""

from landzicht.web.tiles.routes import router, tile_route

__all__ = ["router", "tile_route"]
