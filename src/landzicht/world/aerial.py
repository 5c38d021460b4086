"""A very-high-resolution image of one quarter of a town: 0.5 m, red, green, blue, near infrared."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from landzicht.world.cover import cover
from landzicht.world.crops import CROPS
from landzicht.world.ground import spectra
from landzicht.world.landscape import Frame, mix
from landzicht.world.materials import BANDS, TEXTURES, Material, Texture
from landzicht.world.mixture import Stack
from landzicht.world.noise import blur, fractal
from landzicht.world.schedule import acquisition

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from numpy.typing import ArrayLike, NDArray

    from landzicht.world.landscape import Landscape
    from landzicht.world.schedule import Acquisition
    from landzicht.world.spec import WorldSpec

PIXEL_M = 0.5
SIDE_PX = 2000
"""Rows and columns: 1 km."""
NAMES = ("red", "green", "blue", "nir")
_INDEX = tuple(BANDS.index(band) for band in ("B04", "B03", "B02", "B08"))
SCALE = 0.45 / 255
"""Reflectance = stored number (1 to 255) times scale."""
_HEIGHT_M = {
    Material.TILE: 7.5, Material.SLATE: 8.5, Material.WHITE: 9.0, Material.STEEL: 8.0,
    Material.NEW_ROOF: 8.0, Material.NEW_ROOF_2: 8.0, Material.NEW_ROOF_3: 8.0,
    Material.GLASS: 5.0, Material.TREE: 8.0,
}  # fmt: skip
_PITCHED = (Material.TILE, Material.SLATE)
_CARS = np.array(
    [(.30, .30, .30, .32), (.05, .05, .06, .07), (.14, .14, .15, .16), (.30, .05, .04, .30),
     (.05, .08, .20, .15), (.42, .42, .43, .44)], np.float32
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One very-high-resolution image to be made."""

    spec: WorldSpec
    """The world it shows."""
    date: dt.date
    """Day of the flight; the sky is clear."""

    @property
    def moment(self) -> dt.datetime:
        """Time in the middle of the flight, UTC."""
        return dt.datetime.combine(self.date, dt.time(11, 12), dt.UTC)

    @property
    def id(self) -> str:
        """Name of the image: `SIM_VHR_20250610`."""
        return f"SIM_VHR_{self.date:%Y%m%d}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AerialImage:
    """One very-high-resolution image and the truth behind it."""

    flight: Flight
    """When."""
    frame: Frame
    """Where."""
    bands: dict[str, NDArray[np.uint8]]
    """Stored numbers by name, 1 to 255."""
    tree_truth: NDArray[np.bool_]
    """True under the crown of a tree."""
    roof_truth: NDArray[np.bool_]
    """True where a roof is."""


def flights(spec: WorldSpec) -> tuple[Flight, ...]:
    """Return one flight in each year, on 10 June."""
    years = range(spec.year, spec.year - spec.years, -1)
    return tuple(Flight(spec=spec, date=dt.date(year, 6, 10)) for year in years)


def town_frame(scene: Landscape) -> Frame:
    """Return the square kilometre around the core of the largest town."""
    middle = scene.geography.towns[0].outline.centroid
    half = SIDE_PX * PIXEL_M / 2
    last = scene.spec.extent_m - 2 * half
    x, y = (float(np.clip(10 * round((c - half) / 10), 0, last)) for c in (middle.x, middle.y))
    return Frame(size=(SIDE_PX, SIDE_PX), pixel=PIXEL_M, origin=(x, y))


def observe_aerial(scene: Landscape, flight: Flight) -> AerialImage:
    """Return a very-high-resolution image of the town; takes some seconds."""
    frame = town_frame(scene)
    taken = acquisition(flight.spec, flight.date.timetuple().tm_yday, flight.date.year)
    mean, _ = spectra(scene, taken)
    mixture = mix(scene, frame)
    rng = flight.spec.rng(40, flight.date.toordinal())
    shade = _shade(scene, frame, taken)
    roofs = _roofs(scene, frame, taken, flight.spec.rng(41))
    cars = _cars(scene, frame, rng)
    grain = _grain(flight.spec.rng(42), scene, mixture.paint)
    built = mixture.paint(np.isin(np.arange(len(mean)), list(_HEIGHT_M)[:-1]))
    crowns = mixture.paint(np.arange(len(mean)) == Material.TREE)
    light = shade * (1 - np.maximum(built, 0.5 * crowns))
    bands = {}
    for name, index in zip(NAMES, _INDEX, strict=True):
        ground = mixture.paint(mean[:, index]) * (1 + grain)
        ground *= roofs
        if cars is not None:
            pixel, share, colour = cars
            flat = ground.reshape(-1)
            flat[pixel] += share * (colour[:, NAMES.index(name)] - flat[pixel])
        ground *= 1 - light * np.float32(0.62 if name != "blue" else 0.52)
        ground = blur(ground, 0.08)
        ground += np.float32(0.0025) * rng.standard_normal(ground.shape, dtype=np.float32)
        numbers = np.clip(ground / np.float32(SCALE) + np.float32(0.5), 1, 255)
        bands[name] = numbers.astype(np.uint8)
    return AerialImage(
        flight=flight,
        frame=frame,
        bands=bands,
        tree_truth=crowns > 0.5,
        roof_truth=built > 0.5,
    )


def _near(
    scene: Landscape, frame: Frame, kinds: Container[Material], margin: float
) -> list[tuple[int, Any]]:
    """Return `(material, shapes)` of some materials in and just around the frame."""
    x, y = frame.origin
    wide = frame.size[1] * frame.pixel
    window = shapely.box(x - margin, y - margin, x + wide + margin, y + wide + margin)
    return [
        (int(material), shapes[shapely.intersects(window, shapes)])
        for material, shapes in scene.geography.layers
        if material in kinds
    ]


def _shade(scene: Landscape, frame: Frame, taken: Acquisition) -> NDArray[np.float32]:
    """Return how much of each pixel lies in the shadow of a building or a tree."""
    azimuth, length = np.radians(taken.sun_azimuth), np.tan(np.radians(taken.sun_zenith))
    thrown: list[NDArray[Any]] = []
    for material, shapes in _near(scene, frame, _HEIGHT_M, 20.0):
        # A whole wood is no single tree; its shadow would fall on itself.
        small = shapes[shapely.area(shapes) < 400] if material == Material.TREE else shapes
        far = _HEIGHT_M[Material(material)] * length
        step = np.array([-far * np.sin(azimuth), far * np.cos(azimuth)])
        moved = shapely.transform(small, lambda points, step=step: points + step)
        thrown.append(shapely.convex_hull(shapely.union(small, moved)))
    found = cover(np.concatenate(thrown), frame.size, frame.pixel, frame.origin)
    total = np.bincount(found.pixel, found.share, frame.size[0] * frame.size[1])
    return blur(np.minimum(total, 1).astype(np.float32).reshape(frame.size), 0.12)


def _roofs(
    scene: Landscape, frame: Frame, taken: Acquisition, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return how bright each pixel is because of its roof and how that slopes; 1 elsewhere."""
    sun = np.radians(taken.sun_azimuth)
    towards = np.array([np.sin(sun), -np.cos(sun)])
    halves: list[NDArray[Any]] = []
    bright: list[NDArray[np.float64]] = []
    for material, shapes in _near(scene, frame, _HEIGHT_M, 0.0):
        simple = shapes[shapely.get_num_coordinates(shapes) == 5]
        if material == Material.TREE or not len(simple):
            continue
        corners = shapely.get_coordinates(simple).reshape(-1, 5, 2)[:, :4]
        own = np.exp(rng.normal(0, 0.12, len(simple)))
        if material not in _PITCHED:
            halves.append(simple)
            bright.append(own)
            continue
        # The ridge runs along the longer side; the half that faces the sun is brighter.
        a, b, c, d = np.moveaxis(corners, 1, 0)
        turn = np.hypot(*(b - a).T) < np.hypot(*(c - b).T)
        a, b, c, d = (np.where(turn[:, None], q, p) for p, q in ((a, b), (b, c), (c, d), (d, a)))
        one, other = (a + d) / 2, (b + c) / 2
        for near, next_ in ((a, b), (d, c)):
            halves.append(shapely.polygons(np.stack([near, next_, other, one], 1)))
            slope = (near + next_) / 2 - (one + other) / 2
            slope /= np.maximum(np.hypot(*slope.T), 0.1)[:, None]
            bright.append(own * (1 + 0.34 * (slope @ towards)))
    if not halves:
        return np.ones(frame.size, np.float32)
    stack = Stack(frame.size, frame.pixel, frame.origin)
    values = np.concatenate(bright)
    found = cover(np.concatenate(halves), frame.size, frame.pixel, frame.origin)
    stack.lay(found, np.arange(len(values), dtype=np.int32))
    return stack.finish(len(values)).paint(np.append(values, 1.0))


def _cars(
    scene: Landscape, frame: Frame, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]] | None:
    """Return pixels, shares and colours of cars parked along streets."""
    streets = [s for _, s in _near(scene, frame, (Material.BRICK,), 0.0)]
    lines = shapely.get_parts(np.concatenate(streets)) if streets else np.zeros(0, object)
    lines = lines[shapely.get_num_coordinates(lines) == 5]
    if not len(lines):
        return None
    corners = shapely.get_coordinates(lines).reshape(-1, 5, 2)
    sides = np.diff(corners, axis=1)[:, :2]
    long = np.where((np.hypot(*np.moveaxis(sides, -1, 0)).argmax(1) == 0)[:, None], 0, 1)
    along = np.take_along_axis(sides, long[..., None], 1)[:, 0]
    length = np.hypot(*along.T)
    number = (length / 9).astype(int)
    which = np.repeat(np.arange(len(lines)), number)
    way = along[which] / length[which, None]
    middle = (
        corners[which, :4].mean(1)
        + way * (rng.uniform(-0.46, 0.46, len(which)) * length[which])[:, None]
    )
    across = np.stack([-way[:, 1], way[:, 0]], -1) * rng.choice([-2.1, 2.1], len(which))[:, None]
    middle = middle + across
    half, wide = way * 2.2, across / 2.1 * 0.9
    rings = np.stack(
        [middle - half - wide, middle + half - wide, middle + half + wide, middle - half + wide], 1
    )
    colour = _CARS[rng.choice(len(_CARS), len(which), p=[0.26, 0.24, 0.22, 0.08, 0.10, 0.10])]
    found = cover(shapely.polygons(rings), frame.size, frame.pixel, frame.origin)
    return found.pixel, found.share, colour[found.shape]


def _grain(
    rng: np.random.Generator, scene: Landscape, paint: Callable[[ArrayLike], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return unevenness at the scale of bushes and tiles, relative to the mean."""
    fields = np.full(len(Material) + len(scene.parent), 0.06)
    kinds = np.full(len(fields), int(Texture.FIELD))
    for material, (kind, size) in TEXTURES.items():
        fields[material], kinds[material] = size, kind
    fields[[Material.GARDEN, Material.LEAFY, Material.TREE]] = (0.34, 0.30, 0.34)
    fields[len(Material) :][scene.parent >= 0] = [
        0.10 if CROPS[scene.fields.crop[p]].kind == "grass" else 0.14 for p in scene.parent
    ]
    bushes = fractal(rng, SIDE_PX, 1.8, 0.006)
    out: NDArray[np.float32] = np.clip(bushes * paint(fields), -0.75, 1.2).astype(np.float32)
    return out
