"""The colour of every material on one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landzicht.world.crops import CROPS, TULIP
from landzicht.world.growth import canopy
from landzicht.world.husbandry import trodden
from landzicht.world.materials import BANDS, NEW_ROOFS, PETALS, SPECTRA, TEXTURES, Material
from landzicht.world.spectra import canopy_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from landzicht.world.landscape import Landscape
    from landzicht.world.schedule import Acquisition
    from landzicht.world.spectra import CanopyTable

SITE_CLEARED, ROOFS_READY = 150, (205, 235, 270)
"""Days of the last year on which the building site becomes sand, and on which the roofs of each
of its phases are there."""
_BROWN = np.array([-1.0, -0.6, 0.2, 0.4, 0.5, 0.6, 0.7, 0.7, 0.5, 0.4], np.float32)
"""How bands change when a soil is browner and less grey."""
_CLAY = np.array([0.97, 0.95, 0.93, 0.94, 0.95, 0.96, 0.96, 0.96, 0.98, 0.98], np.float32)
"""The soils of the table are a little pink; young marine clay is grey-brown."""
_PETAL_NEAR = np.array([0.30, 0.42, 0.44, 0.46, 0.46, 0.24, 0.13], np.float32)
"""Petals in B05 to B12: bright in the near infrared, as all plants."""


def spectra(
    scene: Landscape, acquisition: Acquisition
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return reflectance of every material and how much it varies within the pixel field.

    Returns:
        `(materials, 10)` mean reflectance, and `(materials, 10)` what one standard deviation of
        `Landscape.texture` adds to it.
    """
    table = canopy_table(acquisition.sun_zenith, acquisition.wetness)
    fixed, uneven = _fixed(acquisition, table)
    grown, rough = _fields(scene, acquisition, table)
    return np.concatenate([fixed, grown]), np.concatenate([uneven, rough])


def sick(
    scene: Landscape, acquisition: Acquisition
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how the crop looks in the middle of each patch, and how far that has come.

    Returns:
        `(patches, 10)` reflectance with much less and paler leaf, and `(patches,)` strength, 0 to
        1; nothing is left of it after harvest.
    """
    which = patch_parcels(scene)
    start = np.array([patch.start for patch in scene.patches], float)
    state = canopy(scene.fields, acquisition.day)
    table = canopy_table(acquisition.sun_zenith, acquisition.wetness)
    leaf, brown = ailing(state.leaf_area[which], state.brown[which])
    green = 0.62 * state.chlorophyll[which]
    strength = 1 / (1 + np.exp(-(acquisition.day - start) / 5.0))
    strength[acquisition.day > scene.fields.harvest[which]] = 0
    return table(leaf, green, brown, state.leaf_angle[which]), strength.astype(np.float32)


def ailing(
    leaf: NDArray[np.float32], brown: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much leaf a crop has where it is unwell, and how much of that is brown."""
    return 0.42 * leaf, np.minimum(brown + 0.22, 1)


def patch_parcels(scene: Landscape) -> NDArray[np.int64]:
    """Return `(patches,)` the parcel in which each patch lies."""
    return np.array([patch.parcel for patch in scene.patches], np.int64)


def stressed(scene: Landscape) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the flat pixels that lie in a patch, and the number of the patch of each."""
    at = np.flatnonzero(scene.stress > 0.01)
    number = np.zeros(len(scene.geography.parcels), np.int64)
    number[patch_parcels(scene)] = np.arange(len(scene.patches))
    return at, number[scene.parcel.reshape(-1)[at]]


def _fields(
    scene: Landscape, acquisition: Acquisition, table: CanopyTable
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    state = canopy(scene.fields, acquisition.day)
    leaf = state.leaf_area
    sparse, dense = (
        _with_soil(
            scene, leaf * part, table(leaf * part, state.chlorophyll, state.brown, state.leaf_angle)
        )
        for part in (0.72, 1.28)
    )
    mean = (sparse + dense) * np.float32(0.5)
    rough = (dense - sparse) * np.float32(0.36) * trodden(scene.fields, acquisition.day)[:, None]
    # Bare soil is uneven too: damp spots are darker.
    bare = np.clip(1 - leaf / 0.8, 0, 1)[:, None]
    rough -= bare * mean * np.float32(0.045)
    mean, rough = mean[scene.parent], rough[scene.parent]
    _flowers(scene, state.bloom, mean)
    return mean, rough


def _with_soil(
    scene: Landscape, leaf: NDArray[np.float32], colour: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return colours with each parcel's own soil where leaves leave it in sight."""
    bright, brown = scene.soil[:, :1], scene.soil[:, 1:]
    own = bright * _CLAY * (1 + (brown - np.float32(0.9)) * _BROWN)
    seen = np.exp(np.float32(-0.75) * leaf)[:, None]
    out: NDArray[np.float32] = colour * (1 + (own - 1) * seen)
    return out


def _flowers(scene: Landscape, bloom: NDArray[np.float32], colour: NDArray[np.float32]) -> None:
    """Colour the fields that flower, in place."""
    crop = scene.fields.crop[scene.parent]
    flower = bloom[scene.parent]
    tulips = np.flatnonzero((crop == TULIP) & (flower > 0.03))
    hue = scene.hue[tulips]
    petals = np.concatenate([PETALS[hue], np.tile(_PETAL_NEAR, (len(hue), 1))], 1)
    weight = np.float32(0.62) * flower[tulips, None]
    colour[tulips] += weight * (petals - colour[tulips])
    for number, kind in enumerate(CROPS):
        if kind.petals is not None:
            here = np.flatnonzero((crop == number) & (flower > 0.03))
            weight = np.float32(0.45) * flower[here, None]
            wanted = np.array(kind.petals, np.float32)
            colour[here, :3] += weight * (wanted - colour[here, :3])


def _fixed(
    acquisition: Acquisition, table: CanopyTable
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    day = acquisition.day
    leafy = 0.30 + 0.70 * float(np.exp(-(((day - 200) / 75.0) ** 4)))
    damp = canopy_table(acquisition.sun_zenith, 0.85)
    out = np.zeros((len(Material), len(BANDS)), np.float32)
    for material, values in SPECTRA.items():
        out[material] = values
    rich = 1.0 + 1.7 * float(np.exp(-(((day - 165) / 90.0) ** 2)))
    out[Material.VERGE] = table(rich, 37, 0.24, 57)[0]
    out[Material.TREE] = damp(4.4 * leafy, 46, 0.13 + 0.3 * (1 - leafy), 57)[0] * np.float32(0.66)
    tall = 3.2 * float(np.exp(-(((day - 205) / 60.0) ** 2))) + 0.3
    dead = 0.80 * (1 - float(np.exp(-(((day - 200) / 55.0) ** 2)))) + 0.08
    out[Material.REED] = damp(tall, 38, dead, 68)[0]
    verge, tree, brick = out[Material.VERGE], out[Material.TREE], out[Material.BRICK]
    out[Material.GARDEN] = 0.30 * verge + 0.26 * tree + 0.44 * brick
    out[Material.LEAFY] = 0.52 * verge + 0.38 * tree + 0.10 * brick
    out[Material.YARD] = 0.22 * verge + 0.48 * out[Material.STONE] + 0.30 * out[Material.ASPHALT]
    out[Material.DITCH] = 0.62 * out[Material.POOL] + 0.38 * verge
    sand, tufts = out[Material.SAND], table(0.9 * rich, 30, 0.55, 65)[0]
    out[Material.MARRAM] = 0.62 * sand + 0.38 * tufts
    out[Material.DUNE] = 0.20 * sand + 0.62 * tufts + 0.18 * table(1.4 * leafy, 30, 0.5, 57)[0]
    out[Material.SCRUB] = damp(2.8 * leafy, 34, 0.30 + 0.3 * (1 - leafy), 57)[0] * np.float32(0.80)
    field = table(2.4, 42, 0.16, 57)[0]
    building = acquisition.date.year == acquisition.spec.year
    bare = float(np.clip((day - SITE_CLEARED) / 40, 0, 1)) if building else 0.0
    out[Material.HEAP] = field + np.float32(bare) * (out[Material.SAND] - field)
    for phase, ready in zip(NEW_ROOFS, ROOFS_READY, strict=True):
        out[phase] = out[Material.SLATE if building and day >= ready else Material.HEAP]
    uneven = np.zeros_like(out)
    for material, (_, size) in TEXTURES.items():
        uneven[material] = out[material] * np.float32(size)
    return out, uneven
