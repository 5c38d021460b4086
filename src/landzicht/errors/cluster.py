"""Errors of measuring on a cluster."""

from __future__ import annotations

from landzicht.errors.base import Invalid, SourceFailed
from landzicht.text import Text


class ClusterMissing(Invalid):
    """A cluster is asked for, and the library for it is not installed."""

    code = "cluster-missing"
    what = Text(
        nl="Om op een cluster te meten is de uitbreiding “dask” nodig; die is hier niet "
        "geïnstalleerd.",
        en="Measuring on a cluster needs the extra “dask”, which is not installed here.",
    )
    todo = Text(
        nl="Installeer die met `pip install 'landzicht[dask]'`, of meet zonder cluster.",
        en="Install it with `pip install 'landzicht[dask]'`, or measure without a cluster.",
    )


class ClusterFailed(SourceFailed):
    """A cluster that cannot be reached, or that cannot do the work."""

    code = "cluster-failed"
    what = Text(
        nl="Het cluster op {address} kan niet meten: {reason}.",
        en="The cluster at {address} cannot measure: {reason}.",
    )
    todo = Text(
        nl="Kijk of de scheduler en de workers draaien, met dezelfde versie van Landzicht en "
        "dezelfde datamap; of meet zonder cluster. Wat gemeten is, is bewaard.",
        en="See whether the scheduler and its workers run, with the same version of Landzicht and "
        "the same data folder; or measure without a cluster. What was measured is kept.",
    )
