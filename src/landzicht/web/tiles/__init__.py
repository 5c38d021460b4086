"""Map tiles, values at a point, legends and grids over HTTP."""

from landzicht.web.tiles.direct import DirectTiles
from landzicht.web.tiles.routes import router, tile_handler, tile_route
from landzicht.web.tiles.sheets import router as sheet_router

__all__ = ["DirectTiles", "router", "sheet_router", "tile_handler", "tile_route"]
