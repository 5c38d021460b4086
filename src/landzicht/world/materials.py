"""What the ground is made of, apart from crops: names, spectra and how even it looks."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BANDS = ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
"""Order of the spectra everywhere in this room: Sentinel-2 bands, short to long waves."""


class Texture(IntEnum):
    """Which random field makes a material uneven."""

    FIELD = 0
    """Soil and crop: large patches, old creek beds, rows of the sowing machine."""
    CANOPY = 1
    """Trees and gardens: coarse grain."""
    WATER = 2
    """Clouds of silt."""


class Material(IntEnum):
    """Ground that is not a parcel. Parcels follow after the last of these."""

    VERGE = 0
    """Rough grass along roads, ditches and on dykes; also whatever nobody drew."""
    TREE = 1
    REED = 2
    GARDEN = 3
    """Between terraced houses: paving, lawn, shed."""
    LEAFY = 4
    """Between villas and in parks: lawn and large trees."""
    YARD = 5
    """Paved business ground and farmyards."""
    RIVER = 6
    SEA = 7
    DITCH = 8
    POOL = 9
    ASPHALT = 10
    BRICK = 11
    """Paved streets."""
    TILE = 12
    """Orange-red roofs."""
    SLATE = 13
    """Dark roofs."""
    WHITE = 14
    """Light flat roofs."""
    STEEL = 15
    """Grey sheds and halls."""
    GLASS = 16
    SAND = 17
    SOLAR = 18
    STONE = 19
    """Concrete, quays, groynes."""
    HEAP = 20
    """The building site: a field until building starts, then sand."""
    NEW_ROOF = 21
    """Roofs on the building site of the first phase: sand until they are there."""
    NEW_ROOF_2 = 22
    """Roofs of the second phase."""
    NEW_ROOF_3 = 23
    """Roofs of the third phase."""
    SHALLOWS = 24
    """Sea over the bars before the coast, full of sand."""
    SURF = 25
    """Breaking waves."""
    FORESHORE = 26
    """Wet beach."""
    MARRAM = 27
    """The first row of dunes: sand with tufts of marram grass."""
    DUNE = 28
    """Grey dunes: dry grass, moss and bare sand."""
    SCRUB = 29
    """Thickets of sea buckthorn in the dunes."""


WATERS = (
    Material.RIVER,
    Material.SEA,
    Material.POOL,
    Material.SHALLOWS,
    Material.SURF,
)
"""Open water."""
NEW_ROOFS = (Material.NEW_ROOF, Material.NEW_ROOF_2, Material.NEW_ROOF_3)
"""Phases of the building site."""


SPECTRA: dict[Material, tuple[float, ...]] = {
    Material.RIVER: (.050, .068, .047, .038, .023, .021, .018, .016, .008, .006),
    Material.SEA: (.043, .058, .036, .027, .015, .014, .012, .011, .006, .004),
    Material.SHALLOWS: (.062, .084, .070, .055, .027, .024, .020, .018, .007, .005),
    Material.SURF: (.145, .165, .155, .14, .115, .11, .105, .10, .045, .03),
    Material.FORESHORE: (.085, .112, .135, .145, .15, .152, .155, .155, .13, .095),
    Material.POOL: (.030, .040, .026, .022, .016, .015, .013, .012, .007, .005),
    Material.ASPHALT: (.078, .088, .096, .101, .106, .111, .116, .119, .140, .135),
    Material.BRICK: (.095, .115, .148, .165, .178, .187, .194, .198, .225, .210),
    Material.TILE: (.068, .096, .182, .220, .242, .260, .274, .284, .330, .300),
    Material.SLATE: (.068, .074, .080, .083, .086, .089, .094, .097, .120, .115),
    Material.WHITE: (.40, .43, .45, .45, .46, .46, .46, .46, .41, .37),
    Material.STEEL: (.185, .20, .205, .21, .215, .22, .225, .225, .22, .20),
    Material.GLASS: (.20, .235, .225, .25, .29, .31, .32, .32, .24, .20),
    Material.SAND: (.17, .225, .285, .315, .335, .35, .365, .375, .46, .42),
    Material.SOLAR: (.052, .048, .046, .050, .072, .082, .092, .097, .080, .070),
    Material.STONE: (.165, .18, .19, .20, .21, .215, .22, .225, .24, .22),
}  # fmt: skip
"""Reflectance of things that do not grow, rounded from published spectral libraries."""

PETALS: NDArray[np.float32] = np.array(
    [
        (.060, .055, .400), (.230, .130, .420), (.045, .330, .420), (.130, .065, .230),
        (.330, .350, .380), (.045, .150, .440), (.120, .040, .300),
    ],
    np.float32,
)  # fmt: skip
"""Tulips from above, B02 B03 B04: red, pink, yellow, purple, white, orange, dark red."""

TEXTURES: dict[Material, tuple[Texture, float]] = {
    Material.VERGE: (Texture.FIELD, 0.07),
    Material.TREE: (Texture.CANOPY, 0.20),
    Material.REED: (Texture.FIELD, 0.14),
    Material.GARDEN: (Texture.CANOPY, 0.16),
    Material.LEAFY: (Texture.CANOPY, 0.20),
    Material.YARD: (Texture.CANOPY, 0.10),
    Material.RIVER: (Texture.WATER, 0.10),
    Material.SEA: (Texture.WATER, 0.17),
    Material.SHALLOWS: (Texture.WATER, 0.15),
    Material.SURF: (Texture.CANOPY, 0.22),
    Material.FORESHORE: (Texture.FIELD, 0.10),
    Material.MARRAM: (Texture.CANOPY, 0.11),
    Material.DUNE: (Texture.CANOPY, 0.10),
    Material.SCRUB: (Texture.CANOPY, 0.16),
    Material.POOL: (Texture.WATER, 0.10),
    Material.SAND: (Texture.FIELD, 0.06),
    Material.HEAP: (Texture.FIELD, 0.06),
}
"""Random field and relative size of the unevenness (one standard deviation); others are even."""
