"""What a portal remembers of one collection is never told of another."""

from __future__ import annotations

import numpy as np
from affine import Affine

from landzicht.grid import Bounds, Grid
from landzicht.kinds import Band, Layer
from landzicht.portal.maps.tiles import TileRequest, tile
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.testing.pixels import make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

GRID = Grid(
    crs="EPSG:32631", transform=Affine(10, 0, 640_000, 0, -10, 5_774_000), height=300, width=300
)
BAND = Band(name="b", dtype="uint8")
NAME = Text(nl="Proef", en="Test")


def test_collections_that_came_in_together_are_kept_apart(tmp_path):
    """They share the version of one transaction; scenes, layers and marks must not be mixed up."""
    services = make_services(tmp_path)
    layer = Layer(name="b", title=NAME, assets=("b",), rescale=((0.0, 255.0),))
    told = {}
    for number, name in enumerate(("open", "secret"), 1):
        values = np.full(GRID.shape, 50 * number, np.uint8)
        simulated = name == "secret"
        told[name] = (
            make_collection(name, bands=(BAND,), layers=(layer,), simulated=simulated),
            store_scene(
                services, name, f"{name}-1", GRID, {"b": (values, BAND)}, simulated=simulated
            ),
        )
    services.catalog.put(*(list(each) for each in zip(*told.values(), strict=True)))
    assert services.catalog.version("open") == services.catalog.version("secret")
    contents = set()
    for name in ("open", "secret", "open", "secret"):
        wanted = TileRequest(
            collection=name, z=14, x=8422, y=5405, ending="png", view=View(layer="b"), mark=False
        )
        picture = tile(services, wanted)
        assert (picture.scenes, picture.simulated) == ((f"{name}-1",), name == "secret")
        contents.add(picture.content)
        box = Bounds(640_500, 5_771_500, 641_000, 5_772_000)
        found = window(services, WindowRequest(collection=name, box=box, crs=GRID.crs))
        assert (found.scenes, found.simulated) == ((f"{name}-1",), name == "secret")
    assert len(contents) == 2
