"""Zonderland: a simulated Dutch polder whose truth is known. Nothing in it is an observation."""

from landzicht.world.collection import COLLECTION_ID, bands, collection
from landzicht.world.landscape import Landscape, landscape
from landzicht.world.making import (
    Manifest,
    Writing,
    Written,
    make_world,
    write_acquisition,
    write_collections,
    write_ground_truth,
)
from landzicht.world.msi import Observation, observe
from landzicht.world.schedule import Acquisition, acquisition, acquisitions
from landzicht.world.sensors import SENSORS
from landzicht.world.spec import WorldSpec

__all__ = [
    "COLLECTION_ID",
    "SENSORS",
    "Acquisition",
    "Landscape",
    "Manifest",
    "Observation",
    "WorldSpec",
    "Writing",
    "Written",
    "acquisition",
    "acquisitions",
    "bands",
    "collection",
    "landscape",
    "make_world",
    "observe",
    "write_acquisition",
    "write_collections",
    "write_ground_truth",
]
