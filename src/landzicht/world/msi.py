"""A Sentinel-2-like image: ten bands and a scene classification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.brdf import Light
from landzicht.world.classify import classify
from landzicht.world.ground import sick, spectra, stressed
from landzicht.world.materials import BANDS, SPECTRA, Material
from landzicht.world.noise import blur, halve
from landzicht.world.ships import make_ships, ship_cover
from landzicht.world.sky import THICK, UNSEEN, make_sky
from landzicht.world.spec import PIXEL_M
from landzicht.world.swath import is_seen, unseen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.landscape import Landscape
    from landzicht.world.schedule import Acquisition
    from landzicht.world.sheets import Sheet
    from landzicht.world.ships import Ship

FINE = frozenset({"B02", "B03", "B04", "B08"})
"""Bands with pixels of 10 m; the others have 20 m."""
SCALE, OFFSET = 0.0001, -0.1
"""Reflectance = stored number times scale plus offset, as since processing baseline 04.00."""
_SNR = np.array([154, 168, 142, 117, 89, 105, 174, 72, 100, 100], np.float32)
"""Signal to noise at reflectance 0.1, as specified for the real instrument."""
_BLUR = 0.055
"""Share of the light of a 10 m pixel that falls on each of its four neighbours."""
_SHIP = np.array([.20, .20, .21, .21, .21, .21, .21, .21, .19, .17], np.float32)  # fmt: skip
_WAKE = np.float32(0.085)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """One image and the truth behind it."""

    acquisition: Acquisition
    """When and how it was taken."""
    bands: dict[str, NDArray[np.uint16]]
    """Stored numbers by band, 1 to 65535, 0 outside the swath; 10 m or 20 m pixels (`FINE`)."""
    scl: NDArray[np.uint8]
    """Scene classification on the 20 m grid, made from the image and not from the truth."""
    cloud_truth: NDArray[np.uint8]
    """10 m: `sky.CLEAR`, `THIN`, `THICK`, `SHADOW` or `UNSEEN`."""
    flood_truth: NDArray[np.bool_] | None
    """10 m: True where the river stands on its forelands; None when it does not."""
    ships: tuple[Ship, ...]
    """Every ship, also those under clouds."""

    @property
    def cloud_share(self) -> float:
        """Share of what was seen that is under thick cloud, 0 to 1."""
        seen = self.cloud_truth[self.cloud_truth != UNSEEN]
        return float((seen == THICK).mean())


def observe(scene: Landscape, acquisition: Acquisition) -> Observation:
    """Return what a satellite sees of a landscape; the same input gives equal bits.

    Args:
        scene: the landscape in the year of the image.
        acquisition: when and how.
    """
    if scene.fields.year != acquisition.date.year:
        message = f"landscape of {scene.fields.year}, image of {acquisition.date.year}"
        raise ValueError(message)
    size, sheet = scene.mixture.size, scene.sheet
    light = Light.of(acquisition, sheet)
    mean, rough = (light.on(values) for values in spectra(scene, acquisition))
    at, unwell, colour = _unwell(scene, acquisition)
    colour = colour * light.middle
    flooded = scene.lowland < acquisition.river
    any_flood = bool(flooded.any())
    ships = make_ships(acquisition.rng(1), scene.geography, scene.spec.extent_m)
    hulls, wakes = ship_cover(ships, size, PIXEL_M, sheet)
    sky = sheet.under(make_sky(acquisition)) if sheet else make_sky(acquisition)
    noise = acquisition.rng(4 if sheet else 2)
    seen: dict[str, NDArray[np.float32]] = {}
    for index, band in enumerate(BANDS):
        ground = scene.mixture.paint_uneven(mean[:, index], rough[:, index], scene.texture)
        ground *= light.across(index)
        if any_flood:
            water = np.float32(SPECTRA[Material.RIVER][index])
            ground[flooded] = water * (1 + np.float32(0.1) * scene.texture[flooded])
        flat = ground.reshape(-1)
        flat[at] += unwell * (colour[:, index] - flat[at])
        flat[wakes.pixel] += np.float32(0.5) * wakes.share * (_WAKE - flat[wakes.pixel])
        flat[hulls.pixel] += hulls.share * (_SHIP[index] - flat[hulls.pixel])
        seen[band] = _sense(sky.over(ground, index), index, band, noise)
    coarse = {band: halve(seen[band]) for band in ("B02", "B03", "B04")}
    image = Observation(
        acquisition=acquisition,
        bands={band: _stored(values) for band, values in seen.items()},
        scl=classify(coarse | {band: seen[band] for band in ("B8A", "B11", "B12")}),
        cloud_truth=sky.truth(size),
        flood_truth=flooded if any_flood else None,
        ships=ships,
    )
    return _cut_off(image, sheet)


def _cut_off(image: Observation, sheet: Sheet | None) -> Observation:
    """Return the image without what lies beyond the edge of the swath or of the map."""
    outside = unseen(image.acquisition, sheet)
    if outside is None:
        return image
    finer = outside.repeat(2, 0).repeat(2, 1)
    for band, values in image.bands.items():
        values[finer if band in FINE else outside] = 0
    image.scl[outside] = 0
    image.cloud_truth[finer] = UNSEEN
    flood = image.flood_truth
    return replace(
        image,
        flood_truth=flood & ~finer if flood is not None else None,
        ships=tuple(ship for ship in image.ships if is_seen(ship, image.acquisition, sheet)),
    )


def _unwell(
    scene: Landscape, acquisition: Acquisition
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return flat pixels of the patches, how unwell each is, and `(pixel, 10)` how that looks."""
    at, patch = stressed(scene)
    if not len(at):
        return at, np.zeros(0, np.float32), np.zeros((0, len(BANDS)), np.float32)
    colour, strength = sick(scene, acquisition)
    return at, scene.stress.reshape(-1)[at] * strength[patch], colour[patch]


def _sense(
    values: NDArray[np.float32], index: int, band: str, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return reflectance as the instrument measures it: blurred, in its pixels, with noise."""
    sensed = blur(values, _BLUR) if band in FINE else blur(halve(values), _BLUR / 2)
    noise = rng.standard_normal(sensed.shape, dtype=np.float32)
    noise *= np.sqrt(np.maximum(sensed, np.float32(0.005)) * np.float32(0.1)) / _SNR[index]
    sensed += noise
    return sensed


def _stored(reflectance: NDArray[np.float32]) -> NDArray[np.uint16]:
    numbers = reflectance * np.float32(1 / SCALE)
    numbers += np.float32(-OFFSET / SCALE + 0.5)
    out: NDArray[np.uint16] = np.clip(numbers, 1, 65535).astype(np.uint16)
    return out
