"""The operators and functions of CQL2, by kind."""

from __future__ import annotations

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")
SPATIAL = (
    "s_intersects",
    "s_disjoint",
    "s_equals",
    "s_touches",
    "s_crosses",
    "s_within",
    "s_contains",
    "s_overlaps",
)
TEMPORAL = (
    "t_after",
    "t_before",
    "t_contains",
    "t_disjoint",
    "t_during",
    "t_equals",
    "t_finishedby",
    "t_finishes",
    "t_intersects",
    "t_meets",
    "t_metby",
    "t_overlappedby",
    "t_overlaps",
    "t_startedby",
    "t_starts",
)
ARRAY = ("a_contains", "a_containedby", "a_equals", "a_overlaps")
TEXTUAL = ("casei", "accenti")
LOGIC = ("and", "or", "not")
OTHER = ("like", "between", "in", "isNull")
KNOWN = frozenset(
    (*COMPARISONS, *ARITHMETIC, *SPATIAL, *TEMPORAL, *ARRAY, *TEXTUAL, *LOGIC, *OTHER)
)
"""Everything that we can evaluate."""
CONDITIONS = KNOWN - {*ARITHMETIC, *TEXTUAL}
"""What is true, false or unknown."""
SPELLINGS = {name.lower(): name for name in KNOWN} | {
    "t_startedby": "t_startedby",
    "t_overlappedby": "t_overlappedby",
}
"""Names as written in any case, to the names above."""
GEOMETRIES = {
    "point": ("Point", 1),
    "linestring": ("LineString", 2),
    "polygon": ("Polygon", 3),
    "multipoint": ("MultiPoint", 2),
    "multilinestring": ("MultiLineString", 3),
    "multipolygon": ("MultiPolygon", 4),
}
"""Name in text: name in GeoJSON, and how deep its coordinates nest."""
