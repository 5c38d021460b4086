"""Map tiles, values at a point, legends and grids over HTTP."""

from landzicht.web.tiles.direct import DirectTiles
from landzicht.web.tiles.routes import router, tile_handler, tile_route

__all__ = ["DirectTiles", "router", "tile_handler", "tile_route"]
