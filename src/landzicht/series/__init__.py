"""Numbers for parcels: which pixels, which scenes, which statistics."""
