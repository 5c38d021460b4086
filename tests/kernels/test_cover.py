"""Shares of pixels and statistics of parcels, against shapely, numpy and exactextract."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from landzicht.kernels.cover import cover
from landzicht.kernels.zonal import (
    COUNT,
    HIGHEST,
    LOWEST,
    MEAN,
    STD,
    histograms,
    moments,
    quantiles,
)

HEIGHT, WIDTH = 12, 17


def ragged(shapes):
    """Corners, rings and parcels as the kernel wants them; shells and holes turn opposite ways."""
    xs, ys, rings, parcels = [], [], [0], [0]
    for shape in shapes:
        for polygon in getattr(shape, "geoms", [shape]):
            turned = shapely.geometry.polygon.orient(polygon)
            for ring in [turned.exterior, *turned.interiors]:
                x, y = ring.coords.xy
                xs.extend(x)
                ys.extend(y)
                rings.append(len(xs))
        parcels.append(len(rings) - 1)
    return (
        np.array(xs, np.float64),
        np.array(ys, np.float64),
        np.array(rings, np.int64),
        np.array(parcels, np.int64),
    )


def shares(shape, height=HEIGHT, width=WIDTH):
    starts, index, share = cover(*ragged([shape]), height, width)
    assert starts[0] == 0
    assert starts[-1] == index.size == share.size
    assert np.all(np.diff(index) > 0), "row by row, each pixel once"
    out = np.zeros(height * width)
    out[index] = share
    return out.reshape(height, width)


def exact(shape, height=HEIGHT, width=WIDTH):
    """Area of the shape in each pixel, by GEOS."""
    rows, columns = np.mgrid[:height, :width]
    pixels = shapely.box(columns, rows, columns + 1, rows + 1)
    return shapely.area(shapely.intersection(pixels, shape))


numbers = st.floats(-6, 24, allow_nan=False).map(lambda number: round(number, 3))
points = st.tuples(numbers, numbers)


@st.composite
def polygons(draw):
    """Convex shapes with perhaps a hole, in and around the grid, slivers included."""
    shape = shapely.convex_hull(shapely.multipoints(draw(st.lists(points, min_size=3, max_size=9))))
    assume(shape.geom_type == "Polygon" and shape.area > 1e-6)
    if draw(st.booleans()):
        shape = shape.difference(shapely.affinity.scale(shape, 0.5, 0.3))
    if draw(st.booleans()):
        other = shapely.affinity.translate(shape, draw(st.floats(0.5, 9)), 3)
        shape = shape.union(other)
    assume(shape.geom_type in ("Polygon", "MultiPolygon") and shape.is_valid)
    return shape


@settings(deadline=None)
@given(polygons())
def test_shares_are_the_areas_in_each_pixel(shape):
    np.testing.assert_allclose(shares(shape), exact(shape), atol=2e-7)


@pytest.mark.parametrize(
    "shape",
    [
        box(2, 3, 5, 4),  # whole pixels
        box(2.25, 3.5, 2.75, 3.75),  # within one pixel
        box(-4, -4, 40, 40),  # around the grid
        box(-4, 2.5, 40, 2.51),  # a sliver from side to side
        Polygon([(-3, 5), (25, 5.2), (25, 5.3), (-3, 5.1)]),
        Polygon([(1, 1), (9, 1), (9, 9), (1, 9)], [[(3, 3), (3, 6), (6, 6), (6, 3)]]),
        MultiPolygon([box(0, 0, 2.5, 2.5), box(16.5, 11.5, 30, 30)]),
        box(40, 40, 50, 50),  # elsewhere
        box(-9, 3, -2, 5),
        Polygon([(WIDTH, 0), (WIDTH + 4, 0), (WIDTH, 5)]),  # touches the edge
    ],
)
def test_shares_of_special_shapes(shape):
    np.testing.assert_allclose(shares(shape), exact(shape), atol=2e-7)


def test_many_parcels_do_not_mix():
    shapes = [box(1, 1, 3, 3), box(50, 50, 60, 60), box(3, 1, 4.5, 3)]
    starts, index, share = cover(*ragged(shapes), HEIGHT, WIDTH)
    assert np.diff(starts).tolist() == [4, 0, 4]
    assert share.sum() == pytest.approx(4 + 3)
    assert set(index[:4]).isdisjoint(index[4:])


def test_corners_that_are_no_numbers_cover_nothing():
    xs, ys, rings, parcels = ragged([box(1, 1, 3, 3)])
    xs[:] = np.nan
    starts, _, _ = cover(xs, ys, rings, parcels, HEIGHT, WIDTH)
    assert starts.tolist() == [0, 0]


groups = st.lists(
    st.lists(
        st.tuples(st.floats(-1e3, 1e3), st.floats(0.0078125, 1, width=32), st.booleans()),
        max_size=12,
    ),
    max_size=6,
)


def flat(told):
    starts = np.cumsum([0, *(len(group) for group in told)]).astype(np.int64)
    rows = [row for group in told for row in group]
    values = np.array([row[0] for row in rows], np.float64)
    share = np.array([row[1] for row in rows], np.float32)
    usable = np.array([row[2] for row in rows], np.bool_)
    return starts, values, share, usable


@settings(deadline=None)
@given(groups)
def test_moments_equal_numpy(told):
    arrays = flat(told)
    out = moments(*arrays)
    for number, group in enumerate(told):
        kept = [(value, np.float32(weight)) for value, weight, good in group if good]
        if not kept:
            assert out[number, COUNT] == 0
            assert np.isnan(out[number, MEAN:]).all()
            continue
        values, weights = np.array(kept, np.float64).T
        mean = np.average(values, weights=weights)
        spread = np.sqrt(np.average((values - mean) ** 2, weights=weights))
        expected = [weights.sum(), mean, spread, values.min(), values.max()]
        assert out[number, [COUNT, MEAN, STD, LOWEST, HIGHEST]] == pytest.approx(
            expected, rel=1e-9, abs=1e-9
        )


@settings(deadline=None)
@given(groups, st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_quantiles_of_equal_weights_are_those_of_numpy(told, wanted):
    told = [[(value, 0.5, good) for value, _, good in group] for group in told]
    out = quantiles(*flat(told), np.array(wanted))
    for number, group in enumerate(told):
        kept = [value for value, _, good in group if good]
        if kept:
            assert out[number] == pytest.approx(np.quantile(kept, wanted), rel=1e-9, abs=1e-9)
        else:
            assert np.isnan(out[number]).all()


@settings(deadline=None)
@given(groups)
def test_histograms_equal_numpy(told):
    edges = np.array([-500.0, -1.0, 0.0, 0.5, 700.0])
    out = histograms(*flat(told), edges)
    for number, group in enumerate(told):
        kept = [(value, np.float32(weight)) for value, weight, good in group if good]
        values = [value for value, _ in kept]
        expected, _ = np.histogram(
            values, edges, weights=[float(weight) for _, weight in kept] or None
        )
        assert out[number] == pytest.approx(expected, rel=1e-6)


def test_statistics_equal_exactextract():
    exactextract = pytest.importorskip("exactextract")
    made = np.random.default_rng(7)
    values = made.normal(0.4, 0.2, (HEIGHT, WIDTH))
    values[made.random(values.shape) < 0.2] = np.nan
    shapes = [
        shapely.affinity.rotate(box(x, y, x + 3.7, y + 2.2), turn)
        for x, y, turn in made.uniform((0, 0, 0), (13, 9, 180), (40, 3))
    ]
    shapes[0] = shapes[0].difference(shapes[0].centroid.buffer(0.6))
    shapes[1] = shapes[1].union(box(12, 9, 13.5, 10.25))
    starts, index, share = cover(*ragged(shapes), HEIGHT, WIDTH)
    picked = values.reshape(-1)[index]
    usable = ~np.isnan(picked)
    ours = np.column_stack(
        [
            moments(starts, picked, share, usable),
            quantiles(starts, picked, share, usable, np.array([0.1, 0.5, 0.9])),
        ]
    )
    features = [
        {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(flipped(shape))}
        for shape in shapes
    ]
    raster = exactextract.raster.NumPyRasterSource(values, 0, 0, WIDTH, HEIGHT)
    ops = ["count", "mean", "stdev", "min", "max", "quantile(q=0.1)", "median", "quantile(q=0.9)"]
    theirs = exactextract.exact_extract(raster, features, ops)
    keys = ["count", "mean", "stdev", "min", "max", "quantile_10", "median", "quantile_90"]
    expected = np.array(
        [[row["properties"].get(key) for key in keys] for row in theirs], np.float64
    )
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-6)


def flipped(shape):
    """Rows count down, northing up."""
    return shapely.transform(
        shape, lambda corners: np.column_stack((corners[:, 0], HEIGHT - corners[:, 1]))
    )
