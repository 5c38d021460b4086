"""Reading files with areas: GeoPackage, FlatGeobuf, shapefile, KML, GML, GeoJSON, GeoParquet."""

from landzicht.formats.vectors.read import VectorFile, read_vectors

__all__ = ["VectorFile", "read_vectors"]
