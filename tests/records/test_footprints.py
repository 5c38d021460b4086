"""Many footprints at once are what each gives alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landzicht.errors.records import BadRecord
from landzicht.grid import Bounds
from landzicht.records.footprint import scene_footprint
from landzicht.records.footprints import scene_footprints
from landzicht.testing.scenes import make_scene
from landzicht.testing.strategies import scenes as any_scenes

numbers = st.sampled_from([-180.0, -10.0, 0.0, 5.5, 5.5000001, 90.0, 179.9, 180.0])
points = st.tuples(numbers, numbers.map(lambda y: y / 2)).map(list)


@st.composite
def odd_scenes(draw):
    """Rings that cross themselves, close or not, have three numbers, or are no ring at all."""
    ring = draw(st.lists(points, min_size=2, max_size=7))
    if draw(st.booleans()):
        ring = [*ring, ring[0]]
    if draw(st.integers(0, 5)) == 0:
        ring = [[*point, 3.0] for point in ring]
    rings = [ring] * draw(st.sampled_from([1, 1, 1, 2]))
    return make_scene(footprint={"type": "Polygon", "coordinates": rings})


def alone(scene):
    try:
        return scene_footprint(scene)
    except BadRecord:
        return None


@settings(max_examples=40, deadline=None)
@given(st.lists(odd_scenes() | odd_scenes() | any_scenes(), max_size=4))
def test_together_is_as_one_by_one(scenes):
    each = [alone(scene) for scene in scenes]
    if None in each:
        with pytest.raises(BadRecord):
            scene_footprints(scenes)
    good = [scene for scene, one in zip(scenes, each, strict=True) if one]
    assert scene_footprints(good) == [one for one in each if one]


def test_over_the_antimeridian_and_not_a_number():
    fiji = make_scene(bounds=Bounds(177.0, -19.0, -178.0, -16.0))
    assert scene_footprints([make_scene(), fiji])[1] == scene_footprint(fiji)
    ring = [[5.0, 52.0], [6.0, 52.0], [float("nan"), 53.0], [5.0, 52.0]]
    bad = replace(
        fiji, bounds=Bounds(5, 52, 6, 53), footprint={"type": "Polygon", "coordinates": [ring]}
    )
    with pytest.raises(BadRecord):
        scene_footprints([make_scene(), bad])
