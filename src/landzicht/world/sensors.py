"""The simulated instruments: what each is called, when it passes, and what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from landzicht.errors.world import BadWorld
from landzicht.world.aerial import flights
from landzicht.world.aerial_product import aerial_collection, aerial_product
from landzicht.world.collection import collection
from landzicht.world.msi_product import msi_product
from landzicht.world.radar import radar_passes
from landzicht.world.radar_product import radar_collection, radar_product
from landzicht.world.schedule import acquisitions
from landzicht.world.thermal import thermal_passes
from landzicht.world.thermal_product import thermal_collection, thermal_product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from landzicht.kinds import Collection
    from landzicht.world.product import Product
    from landzicht.world.spec import WorldSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One simulated instrument."""

    name: str
    """`s2`, `s1`, `thermal` or `vhr`."""
    collection: Callable[[], Collection]
    """Describes its images."""
    passes: Callable[[WorldSpec], tuple[Any, ...]]
    """Returns the images to be made, in the order of making."""
    make: Callable[[Any], Product]
    """Makes one of them."""


SENSORS = {
    sensor.name: sensor
    for sensor in (
        Sensor(name="s2", collection=collection, passes=acquisitions, make=msi_product),
        Sensor(name="s1", collection=radar_collection, passes=radar_passes, make=radar_product),
        Sensor(
            name="thermal",
            collection=thermal_collection,
            passes=thermal_passes,
            make=thermal_product,
        ),
        Sensor(name="vhr", collection=aerial_collection, passes=flights, make=aerial_product),
    )
}
"""By name."""


def chosen_sensors(names: Iterable[str]) -> tuple[Sensor, ...]:
    """Return the sensors with these names, in an order of our own: equal wishes, equal bytes.

    Raises:
        BadWorld: there is none with such a name, or none was asked for.
    """
    wanted = set(names)
    for name in sorted(wanted) or ("",):
        if name not in SENSORS:
            raise BadWorld(name="sensors", value=str(name)[:40], known=", ".join(SENSORS))
    return tuple(sensor for name, sensor in SENSORS.items() if name in wanted)
