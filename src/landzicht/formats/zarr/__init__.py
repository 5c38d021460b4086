"""Reading Zarr stores, versions 2 and 3, by our own path.

The GDAL that rasterio carries has no Zarr driver, and GDAL 3.10's knows no sharding. What chunks
are packed with is what our own TIFF path unpacks already, so a reader of our own is small, its
chunks are cached like all blocks, and its memory is bounded.
"""
