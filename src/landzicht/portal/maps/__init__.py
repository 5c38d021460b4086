"""Pictures and values: from a view to the bytes of a tile, a window, a sheet or a film."""
