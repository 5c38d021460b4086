"""The classes of the standards that this API keeps to; each has a test in `tests/web/stac`."""

from __future__ import annotations

_STAC = "https://api.stacspec.org/v1.0.0"
_CANDIDATE = "https://api.stacspec.org/v1.0.0-rc.1"
_OGC = "http://www.opengis.net/spec"
_SEARCH = ("filter", "sort", "fields", "query", "free-text")
_ALWAYS = (
    f"{_STAC}/core",
    f"{_STAC}/browseable",
    f"{_STAC}-rc.2/children",
    f"{_STAC}/collections",
    f"{_STAC}/ogcapi-features",
    f"{_STAC}/item-search",
    *(f"{_STAC}/item-search#{name}" for name in ("filter", "sort", "fields", "query")),
    *(f"{_STAC}/ogcapi-features#{name}" for name in ("filter", "sort", "fields", "query")),
    f"{_CANDIDATE}/item-search#free-text",
    f"{_CANDIDATE}/ogcapi-features#free-text",
    f"{_CANDIDATE}/collection-search",
    *(f"{_CANDIDATE}/collection-search#{name}" for name in _SEARCH if name != "query"),
    "https://api.stacspec.org/v0.3.0/aggregation",
    f"{_OGC}/ogcapi-common-2/1.0/conf/simple-query",
    f"{_OGC}/ogcapi-features-1/1.0/conf/core",
    f"{_OGC}/ogcapi-features-1/1.0/conf/geojson",
    f"{_OGC}/ogcapi-features-3/1.0/conf/filter",
    f"{_OGC}/ogcapi-features-3/1.0/conf/features-filter",
    f"{_OGC}/ogcapi-features-3/1.0/conf/queryables",
    *(
        f"{_OGC}/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
            "arithmetic",
        )
    ),
)
_WRITING = (
    f"{_STAC}/ogcapi-features/extensions/transaction",
    f"{_STAC}/collections/extensions/transaction",
    f"{_OGC}/ogcapi-features-4/1.0/conf/simpletx",
)


def conforms_to(*, writable: bool) -> list[str]:
    """Return the addresses of the classes.

    Args:
        writable: whether the operator lets programs change the catalogue.
    """
    return [*_ALWAYS, *(_WRITING if writable else ())]
