"""Hypothesis strategies for conditions (CQL2), and for the properties that they look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from landzicht.kinds.filter import (
    Expression,
    Geometry,
    Instant,
    Interval,
    Literal,
    Operation,
    Property,
    Several,
)
from landzicht.stac.cql2.names import ARITHMETIC, ARRAY, COMPARISONS, SPATIAL, TEMPORAL, TEXTUAL

NAMES = ("eo:cloud_cover", "platform", "view:off_nadir", "some flag", "tags", "created", "é")
"""Properties that scenes may have, of any type."""
_texts = st.sampled_from(["", "a", "A", "é", "ab", "a%b", "a_b", "Straße", "STRASSE", "2025-06-08"])
_numbers = st.sampled_from([0, 1, -1, 2.5, 10, 1e300, -0.0, 3])
_days = st.sampled_from([datetime(2025, 1, day, tzinfo=UTC) for day in (1, 2, 3, 20)])
_scalars = _texts | _numbers | st.booleans()
values = (
    _scalars
    | st.none()
    | st.lists(_scalars, max_size=3)
    | st.sampled_from(["2025-01-02T00:00:00Z", "2025-01-02", "2025-01-03T12:00:00+01:00"])
    | st.just({"type": "Point", "coordinates": [5.05, 52.05]})
)
"""Values of properties."""
properties = st.dictionaries(st.sampled_from(NAMES), values, max_size=5)
"""Properties of a scene, without those about time."""

_instants = st.builds(Instant, _days, st.booleans())
_literals = st.builds(Literal, _scalars)
_names = st.builds(Property, st.sampled_from([*NAMES, "datetime", "id", "collection", "unknown"]))
_boxes = st.sampled_from(
    [(5.0, 52.0, 5.1, 52.1), (5.05, 52.0, 5.2, 52.3), (-10.0, -10.0, 0.0, 0.0)]
).map(lambda edges: Geometry("BBox", edges))
_points = st.sampled_from([(5.05, 52.05), (5.0, 52.0), (9.0, 9.0)]).map(
    lambda place: Geometry("Point", place)
)
_places = _boxes | _points | st.sampled_from([Property("geometry"), Property("tags")])
_ends = st.none() | _instants | st.sampled_from([Property("datetime"), Property("created")])
_times = (
    _instants
    | st.builds(Interval, _ends, _ends)
    | st.sampled_from([Property("datetime"), Property("created"), Literal("2025-01-02")])
)
_arrays = st.builds(Several, st.lists(_literals, max_size=3).map(tuple)) | st.just(Property("tags"))


def _operation(ops: tuple[str, ...], *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(Operation, st.sampled_from(ops), st.tuples(*args))


def _scalar(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return _literals | _names | _instants | inner


_sums = st.recursive(
    _literals | _names,
    lambda inner: _operation(ARITHMETIC, inner, inner) | _operation(TEXTUAL, inner),
    max_leaves=4,
)
_values = _sums | _instants
_lists = st.builds(Several, st.lists(_values, max_size=4).map(tuple))
_tests = st.one_of(
    _operation(COMPARISONS, _values, _values),
    _operation(("like",), _sums, _sums),
    _operation(("between",), _values, _values, _values),
    _operation(("in",), _values, _lists),
    _operation(("isNull",), _sums),
    _operation(SPATIAL, _places, _places),
    _operation(TEMPORAL, _times, _times),
    _operation(ARRAY, _arrays, _arrays),
    _names,
    st.builds(Literal, st.booleans()),
)
conditions: st.SearchStrategy[Expression] = st.recursive(
    _tests,
    lambda inner: st.one_of(
        st.builds(
            Operation,
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=2, max_size=4).map(tuple),
        ),
        st.builds(Operation, st.just("not"), st.tuples(inner)),
        st.builds(Operation, st.sampled_from(COMPARISONS), st.tuples(inner, inner)),
    ),
    max_leaves=6,
)
"""Conditions of every kind, nested."""
