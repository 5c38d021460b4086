"""The landscape as one value: shapes, fields, and what every pixel is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

from landzicht.grid import Grid
from landzicht.world.cover import Coverage, cover
from landzicht.world.crops import MOWN, TULIP, column
from landzicht.world.drawing import Turned
from landzicht.world.fields import make_fields
from landzicht.world.geography import make_geography
from landzicht.world.materials import PETALS, TEXTURES, Material, Texture
from landzicht.world.mixture import Stack
from landzicht.world.noise import fractal
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.fields import Fields
    from landzicht.world.geography import Geography
    from landzicht.world.mixture import Mixture
    from landzicht.world.spec import WorldSpec

CRS = "EPSG:32631"
CORNER = (648_000.0, 5_831_240.0)
"""North-west corner, UTM metres: in the Markermeer, where the polder Markerwaard was planned but
never built. Every real map shows water there, so nobody can take Zonderland for a place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patch:
    """A part of a field where the crop is unwell."""

    parcel: int
    """Index of the parcel."""
    x: float
    """Middle, metres from the west edge."""
    y: float
    """Middle, metres from the north edge."""
    radius: float
    """Metres."""
    start: int
    """Day of the year on which it is half as bad as it gets."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Landscape:
    """Zonderland on the ground, before any weather or satellite."""

    spec: WorldSpec
    """What was asked for, with the year shown; its numbers of dates and years mean nothing."""
    geography: Geography
    """All shapes."""
    fields: Fields
    """The season on all parcels."""
    soil: NDArray[np.float32]
    """(parcels, 2) Brightness of the soil, and how brown instead of grey; both around 1."""
    strips: NDArray[Any]
    """Shapes of the strips of one colour in tulip fields."""
    mixture: Mixture
    """What each 10 m pixel is made of. Materials: `Material`, then parcels, then tulip strips."""
    parent: NDArray[np.int32]
    """(parcels + strips,) Parcel to which each of the materials after `Material` belongs."""
    hue: NDArray[np.int8]
    """(parcels + strips,) Row of `materials.PETALS`, for tulips."""
    parcel: NDArray[np.int32]
    """(height, width) Parcel that covers more than half of the pixel, or -1."""
    texture: NDArray[np.float32]
    """(height, width) Unevenness of the ground, mean about 0, standard deviation about 1."""
    patches: tuple[Patch, ...]
    """Where crops are unwell."""
    stress: NDArray[np.float32]
    """(height, width) How unwell when it is worst, 0 to 1."""
    lowland: NDArray[np.float32]
    """(height, width) Height of the forelands above the usual river, metres; inf elsewhere."""

    @property
    def grid(self) -> Grid:
        """The 10 m grid of the images."""
        return world_grid(self.spec, PIXEL_M)


def world_grid(spec: WorldSpec, pixel: float) -> Grid:
    """Return the grid of a world with pixels of `pixel` metres."""
    count = round(spec.extent_m / pixel)
    transform = Affine(pixel, 0, CORNER[0], 0, -pixel, CORNER[1])
    return Grid(crs=CRS, transform=transform, height=count, width=count)


def landscape(spec: WorldSpec, year: int | None = None) -> Landscape:
    """Return the landscape of a world in one year; in one process it is made once.

    It depends on the seed, size, year and difficulty, not on the number of dates or years.

    Args:
        spec: the world.
        year: the season; None = the last year of the world.
    """
    return _landscape(replace(spec, dates=1, years=1, year=year or spec.year))


@lru_cache(maxsize=2)
def _geography(spec: WorldSpec) -> Geography:
    return make_geography(spec)


@lru_cache(maxsize=2)
def _landscape(spec: WorldSpec) -> Landscape:
    geography = _geography(replace(spec, year=2025, difficulty="real"))
    fields = make_fields(spec, geography.zone, spec.year)
    shape = (spec.size, spec.size)
    strips, owner = _tulip_strips(spec, geography, fields)
    count = len(geography.parcels)
    frame = Frame(size=shape, pixel=PIXEL_M, origin=(0.0, 0.0))
    found = cover(geography.parcels, shape, PIXEL_M)
    mixture = _mix(geography, strips, owner, frame, found)
    parcel = np.full(spec.size**2, -1, np.int32)
    most = found.share > 0.5
    parcel[found.pixel[most]] = found.shape[most]
    rng = spec.rng(4)
    parent = np.concatenate([np.arange(count), owner]).astype(np.int32)
    patches = _patches(spec, geography, fields)
    soil = np.stack([rng.normal(1, 0.10, count), rng.normal(1, 0.05, count)], -1)
    return Landscape(
        spec=spec,
        geography=geography,
        fields=fields,
        strips=strips,
        soil=np.clip(soil, 0.75, 1.25).astype(np.float32),
        mixture=mixture,
        parent=parent,
        hue=rng.integers(0, len(PETALS), len(parent)).astype(np.int8),
        parcel=parcel.reshape(shape),
        texture=_texture(spec, geography, mixture, len(parent)),
        patches=patches,
        stress=_stress(spec, patches, parcel.reshape(shape)),
        lowland=_lowland(spec, geography),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A raster somewhere on the map."""

    size: tuple[int, int]
    """`(height, width)`."""
    pixel: float
    """Size of a pixel, metres."""
    origin: tuple[float, float]
    """`(x, y)` of the upper-left corner, metres from the north-west corner of the map."""


def mix(scene: Landscape, frame: Frame) -> Mixture:
    """Return what the pixels of another raster are made of, from the same shapes."""
    owner = scene.parent[len(scene.geography.parcels) :]
    found = cover(scene.geography.parcels, frame.size, frame.pixel, frame.origin)
    return _mix(scene.geography, scene.strips, owner, frame, found)


def _mix(
    geography: Geography,
    strips: NDArray[Any],
    owner: NDArray[np.int32],
    frame: Frame,
    found: Coverage,
) -> Mixture:
    # Nothing lies on a parcel: whatever is drawn over it was cut out of it before. So parcels
    # come first and keep their exact shares; in a field of tulips its strips stand for it.
    stack = Stack(frame.size, frame.pixel, frame.origin)
    count = len(geography.parcels)
    whole = ~np.isin(found.shape, owner)
    parts = cover(strips, frame.size, frame.pixel, frame.origin)
    stack.lay(
        Coverage(
            shape=np.concatenate([found.shape[whole], parts.shape + np.int32(count)]),
            pixel=np.concatenate([found.pixel[whole], parts.pixel]),
            share=np.concatenate([found.share[whole], parts.share]),
        ),
        np.arange(count + len(strips), dtype=np.int32) + len(Material),
    )
    stack.under(geography.layers)
    return stack.finish(Material.VERGE)


def _tulip_strips(
    spec: WorldSpec, geography: Geography, fields: Fields
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Return the strips of one colour in the tulip fields, and the parcel of each."""
    rng = spec.rng(5)
    made: list[NDArray[Any]] = []
    owner: list[NDArray[np.int64]] = []
    for index in np.flatnonzero(fields.crop == TULIP):
        shape = geography.parcels[index]
        ring = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
        sides = np.diff(ring[:3], axis=0)
        along = sides[int(np.hypot(*sides.T).argmax())]
        middle = shape.centroid
        own = Turned(x=middle.x, y=middle.y, angle=float(np.arctan2(along[1], along[0])))
        points = own.from_map(ring)
        low, high = points.min(0), points.max(0)
        widths = rng.choice([9.0, 13.5, 18.0, 27.0, 45.0], int((high[1] - low[1]) / 9) + 1)
        edges = low[1] + np.concatenate([[0], np.cumsum(widths)])
        edges = np.append(edges[edges < high[1]], high[1])
        boxes = own.boxes(low[0], high[0], edges[:-1], edges[1:])
        parts = shapely.intersection(boxes, shape)
        made.append(parts)
        owner.append(np.full(len(parts), index))
    if not made:
        return np.zeros(0, object), np.zeros(0, np.int32)
    return np.concatenate(made), np.concatenate(owner).astype(np.int32)


def _texture(
    spec: WorldSpec, geography: Geography, mixture: Mixture, fields: int
) -> NDArray[np.float32]:
    rng, size = spec.rng(6), spec.size
    large = fractal(rng, size, 2.3, 0.006 if size >= 256 else 0.0)
    creeks = fractal(rng, size, 3.2)
    small = fractal(rng, size, 0.8)
    # Old creek beds, filled with lighter silt, still show in the fields of a polder.
    beds = np.exp(-((creeks / 0.09) ** 2)) - 0.11
    down, across = np.mgrid[0:size, 0:size].astype(np.float32)
    angle = geography.angle
    rows = across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))
    lines = rng.standard_normal(2 * size + 8, dtype=np.float32)
    lines = lines[(rows * np.float32(1.4)).astype(np.int32) % len(lines)]
    field = np.float32(0.55) * large + np.float32(0.38) * small + np.float32(0.28) * lines
    field -= np.float32(0.9) * beds.astype(np.float32)
    kinds = np.full(len(Material) + fields, int(Texture.FIELD))
    for material, (kind, _) in TEXTURES.items():
        kinds[material] = kind
    out: NDArray[np.float32] = field * mixture.paint(kinds == Texture.FIELD)
    out += fractal(rng, size, 0.7) * mixture.paint(kinds == Texture.CANOPY)
    out += fractal(rng, size, 2.9) * mixture.paint(kinds == Texture.WATER)
    return out


def _patches(spec: WorldSpec, geography: Geography, fields: Fields) -> tuple[Patch, ...]:
    """Return unwell patches in large arable fields, about one for each 8 km²."""
    rng = spec.rng(7)
    arable = ~column("permanent").astype(bool)[fields.crop] & ~np.isin(fields.crop, (TULIP, *MOWN))
    large = np.flatnonzero(arable & (shapely.area(geography.parcels) > 30_000))
    wanted = min(len(large), max(2, round(spec.extent_m**2 / 8e6)))
    made = []
    for parcel in rng.choice(large, wanted, replace=False) if len(large) else ():
        shape = geography.parcels[parcel]
        inner = shape.buffer(-25)
        at = (inner if not inner.is_empty else shape).representative_point()
        radius, start = float(rng.uniform(28, 60)), int(rng.integers(152, 176))
        made.append(Patch(parcel=int(parcel), x=at.x, y=at.y, radius=radius, start=start))
    return tuple(made)


def _stress(
    spec: WorldSpec, patches: tuple[Patch, ...], parcel: NDArray[np.int32]
) -> NDArray[np.float32]:
    out = np.zeros((spec.size, spec.size), np.float32)
    for patch in patches:
        row, col = patch.y / PIXEL_M - 0.5, patch.x / PIXEL_M - 0.5
        reach = int(2.2 * patch.radius / PIXEL_M) + 2
        top, left = max(int(row) - reach, 0), max(int(col) - reach, 0)
        part = np.s_[top : int(row) + reach + 1, left : int(col) + reach + 1]
        down, across = np.ogrid[top : top + out[part].shape[0], left : left + out[part].shape[1]]
        far = np.hypot(down - row, across - col) * PIXEL_M / patch.radius
        here = np.exp(-2 * far**2) * (parcel[part] == patch.parcel)
        out[part] = np.maximum(out[part], here)
    return out


def _lowland(spec: WorldSpec, geography: Geography) -> NDArray[np.float32]:
    shape = (spec.size, spec.size)
    found = cover([geography.forelands], shape, PIXEL_M)
    height = np.full(spec.size**2, np.inf, np.float32)
    inside = found.pixel[found.share > 0.5]
    relief = fractal(spec.rng(8), spec.size, 2.6, 0.01 if spec.size >= 256 else 0.0).ravel()
    height[inside] = np.maximum(0.9 + 0.38 * relief[inside], 0.35)
    channel = cover([geography.channel], shape, PIXEL_M)
    height[channel.pixel[channel.share > 0.5]] = np.inf
    return height.reshape(shape)
