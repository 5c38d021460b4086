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
from landzicht.world.fields import make_fields
from landzicht.world.geography import make_geography
from landzicht.world.materials import PETALS, TEXTURES, Material, Texture
from landzicht.world.mixture import Stack
from landzicht.world.noise import fractal
from landzicht.world.parts import both, tulip_strips, two_crops
from landzicht.world.spec import PIXEL_M

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from landzicht.world.fields import Fields
    from landzicht.world.geography import Geography
    from landzicht.world.mixture import Mixture
    from landzicht.world.parts import Parts
    from landzicht.world.sheets import Sheet
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
    """The season on all parcels, and on the second field of mixed ones."""
    soil: NDArray[np.float32]
    """(fields, 2) Brightness of the soil, and how brown instead of grey; both around 1."""
    parts: Parts
    """What stands for a parcel that is not one field: strips of tulips, two crops."""
    mixture: Mixture
    """What each 10 m pixel is made of. Materials: `Material`, then parcels, then parts."""
    parent: NDArray[np.int32]
    """(parcels + parts,) Field to which each of the materials after `Material` belongs."""
    hue: NDArray[np.int8]
    """(parcels + parts,) Row of `materials.PETALS`, for tulips."""
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
    sheet: Sheet | None = None
    """Where the pixels lie when they are not those of the map itself."""

    @property
    def grid(self) -> Grid:
        """The 10 m grid of the images."""
        return self.sheet.grid if self.sheet else world_grid(self.spec, PIXEL_M)


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
    return _landscape(replace(spec, dates=1, years=1, zones=1, year=year or spec.year))


@lru_cache(maxsize=2)
def _geography(spec: WorldSpec) -> Geography:
    return make_geography(spec)


@lru_cache(maxsize=2)
def _landscape(spec: WorldSpec) -> Landscape:
    geography = _geography(replace(spec, year=2025, difficulty="real"))
    parcels = geography.parcels
    fields, pieces = two_crops(spec, parcels, make_fields(spec, geography.zone, spec.year))
    parts = both(tulip_strips(spec, parcels, fields), pieces)
    count = len(parcels)
    frame = Frame(size=(spec.size, spec.size), pixel=PIXEL_M, origin=(0.0, 0.0))
    mixture, parcel = draw(geography, parts, fields, frame)
    rng = spec.rng(4)
    parent = np.concatenate([np.arange(count), parts.field]).astype(np.int32)
    patches = _patches(spec, geography, fields)
    soil = np.stack([rng.normal(1, 0.10, count), rng.normal(1, 0.05, count)], -1)
    return Landscape(
        spec=spec,
        geography=geography,
        fields=fields,
        parts=parts,
        soil=np.clip(soil, 0.75, 1.25).astype(np.float32)[fields.parcel],
        mixture=mixture,
        parent=parent,
        hue=rng.integers(0, len(PETALS), len(parent)).astype(np.int8),
        parcel=parcel,
        texture=_texture(spec, geography, mixture, len(parent)),
        patches=patches,
        stress=_stress(spec, patches, parcel),
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
    return draw(scene.geography, scene.parts, scene.fields, frame)[0]


def draw(
    geography: Geography,
    parts: Parts,
    fields: Fields,
    frame: Frame,
    moved: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
) -> tuple[Mixture, NDArray[np.int32]]:
    """Return what pixels are made of, and which parcel covers more than half of each, or -1.

    Args:
        geography: shapes of parcels and of everything else.
        parts: what stands for a parcel that is not one field.
        fields: the season.
        frame: the pixels.
        moved: brings shapes of the map to where the frame is measured from.
    """

    def seen(shapes: NDArray[Any]) -> Coverage:
        return cover(moved(shapes) if moved else shapes, frame.size, frame.pixel, frame.origin)

    found = seen(geography.parcels)
    parcel = np.full(frame.size[0] * frame.size[1], -1, np.int32)
    most = found.share > 0.5
    parcel[found.pixel[most]] = found.shape[most]
    # Nothing lies on a parcel: whatever is drawn over it was cut out of it before. So parcels
    # come first and keep their exact shares; where a parcel has parts, those stand for it.
    stack = Stack(frame.size, frame.pixel, frame.origin)
    count = len(geography.parcels)
    whole = ~np.isin(found.shape, fields.parcel[parts.field])
    pieces = seen(parts.shapes)
    stack.lay(
        Coverage(
            shape=np.concatenate([found.shape[whole], pieces.shape + np.int32(count)]),
            pixel=np.concatenate([found.pixel[whole], pieces.pixel]),
            share=np.concatenate([found.share[whole], pieces.share]),
        ),
        np.arange(count + len(parts.shapes), dtype=np.int32) + len(Material),
    )
    layers = geography.layers
    stack.under(((kind, moved(shapes)) for kind, shapes in layers) if moved else layers)
    return stack.finish(Material.VERGE), parcel.reshape(frame.size)


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
    crop = fields.crop[: len(geography.parcels)].copy()
    crop[fields.parcel[len(crop) :]] = TULIP  # patches lie in fields of one crop and one colour
    arable = ~column("permanent").astype(bool)[crop] & ~np.isin(crop, (TULIP, *MOWN))
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
