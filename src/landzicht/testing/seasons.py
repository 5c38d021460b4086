"""What series say of a simulated year, and what was true: for tests of measuring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from landzicht.series.check import check_shapes
from landzicht.series.measure import cover_of
from landzicht.series.shapes import in_pixels
from landzicht.world import WorldSpec, acquisitions, landscape, observe
from landzicht.world.brdf import Light
from landzicht.world.collection import collection
from landzicht.world.fields import NEVER
from landzicht.world.ground import spectra
from landzicht.world.growth import canopy
from landzicht.world.husbandry import TURNS
from landzicht.world.materials import BANDS
from landzicht.world.msi import OFFSET, SCALE
from landzicht.world.sky import CLEAR
from landzicht.world.spectra import canopy_table
from landzicht.world.truth import on_earth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.series.check import Checked
    from landzicht.series.measure import Cover
    from landzicht.world import Acquisition, Landscape

_RED, _NEAR = BANDS.index("B04"), BANDS.index("B08")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Season:
    """NDVI of every parcel of a Zonderland in a year; arrays are `(parcel, date)`."""

    scene: Landscape
    """The landscape, with what farmers did."""
    days: NDArray[np.float64]
    """`(date,)`, days of the year from 1."""
    values: NDArray[np.float64]
    """Mean of what the satellite saw where its own classification calls it usable; NaN = none."""
    valid: NDArray[np.float64]
    """Share of the parcel that is."""
    state: NDArray[np.float64]
    """The truth: no sky, no noise, no blur, no unevenness."""
    clear: NDArray[np.float64]
    """Share of the parcel that truly has no cloud or shadow; 0 outside the swath."""
    settled: NDArray[np.bool_]
    """True where `state` is all there is: no sick patch, no flood."""

    @property
    def ndvi_by_day(self) -> NDArray[np.float64]:
        """`(parcel, 366)`: NDVI of the crop alone on each day, in the same light each day."""
        fields = self.scene.fields
        table = canopy_table(45.0, 0.4)
        out = np.empty((len(self.values), 366))
        for day in range(1, 367):
            state = canopy(fields, min(day, 365))
            colour = table(state.leaf_area, state.chlorophyll, state.brown, state.leaf_angle)
            red, near = colour[: len(out), _RED], colour[: len(out), _NEAR]
            out[:, day - 1] = (near - red) / (near + red)
        return out

    def events(self, name: str) -> list[NDArray[np.float64]]:
        """Return the days of `mowing`, `harvest` or `ploughing` of each parcel."""
        told = np.asarray(getattr(self.scene.fields, name), float)[: len(self.values)]
        rows = told.reshape(len(self.values), -1)
        return [row[row < min(NEVER, 366.0)] for row in rows]

    @property
    def grazed(self) -> NDArray[np.bool_]:
        """`(parcel,)`: whether animals eat there."""
        stays = self.scene.fields.grazing[: len(self.values)].reshape(-1, TURNS, 2)
        return np.asarray((stays[..., 0] < NEVER).any(axis=1))


def known_parcels(scene: Landscape) -> Checked:
    """Return the parcels of a landscape as people send them: degrees, by number."""
    shapes = on_earth(scene.geography.parcels)
    return check_shapes([(str(number), shape) for number, shape in enumerate(shapes)], "EPSG:4326")


def cover_on(scene: Landscape) -> Cover:
    """Return which pixels of the map each parcel has."""
    side = scene.spec.size
    return cover_of(in_pixels(known_parcels(scene).parcels, scene.grid), side, side)


def true_state(scene: Landscape, cover: Cover, taken: Acquisition) -> NDArray[np.float64]:
    """Return the NDVI `(parcel,)` that a perfect sensor without a sky sees."""
    light = Light.of(taken, scene.sheet)
    mean = light.on(spectra(scene, taken)[0])
    red, near = (scene.mixture.paint(mean[:, band]) * light.across(band) for band in (_RED, _NEAR))
    values, _ = _means(cover, (near - red) / (near + red), np.ones(red.shape, np.bool_))
    return values


@lru_cache(maxsize=4)
def season(seed: int = 7, size: int = 256, dates: int = 60, year: int = 2025) -> Season:
    """Return what a year shows; some ten seconds of work for 256 pixels and 60 dates."""
    spec = WorldSpec(seed=seed, size=size, dates=dates, year=year)
    scene, passes = landscape(spec), sorted(acquisitions(spec), key=lambda taken: taken.day)
    cover = cover_on(scene)
    mask = collection().mask
    usable = np.isin(np.arange(256), sorted(mask.valid if mask else ()))
    rows: list[tuple[Any, ...]] = []
    for taken in passes:
        image = observe(scene, taken)
        red, near = (image.bands[band] * SCALE + OFFSET for band in ("B04", "B08"))
        good = usable[image.scl].repeat(2, 0).repeat(2, 1) & (image.bands["B04"] > 0)
        values, valid = _means(cover, (near - red) / (near + red), good)
        nothing = np.zeros((size, size), np.bool_)
        wet = nothing if image.flood_truth is None else image.flood_truth
        everywhere = np.ones((size, size), np.bool_)
        clear = _means(cover, (image.cloud_truth == CLEAR).astype(float), everywhere)[0]
        dry = _means(cover, wet.astype(float), everywhere)[0] == 0
        rows.append((values, valid, true_state(scene, cover, taken), clear, dry))
    values, valid, state, clear, dry = (np.stack(each, axis=1) for each in zip(*rows, strict=True))
    sick = np.zeros(len(values), np.bool_)
    sick[[patch.parcel for patch in scene.patches]] = True
    return Season(
        scene=scene,
        days=np.array([taken.day for taken in passes], np.float64),
        values=values,
        valid=valid,
        state=state,
        clear=clear,
        settled=dry & ~sick[:, None],
    )


def _means(
    cover: Cover, values: NDArray[Any], usable: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weighted mean of each parcel, NaN when nothing counts, and the share counted."""
    weight = cover.share * usable.reshape(-1)[cover.index]
    taken = np.where(weight > 0, values.reshape(-1)[cover.index], 0.0)
    firsts = cover.starts[:-1]
    total = np.add.reduceat(weight.astype(float), firsts)
    every = np.add.reduceat(cover.share.astype(float), firsts)
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float64] = np.add.reduceat(weight * taken, firsts) / total
    return mean, total / every
