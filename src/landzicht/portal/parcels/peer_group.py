"""The group of registered parcels that a parcel is compared with: always the same one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.formats.areas import OWN, load_areas
from landzicht.portal.parcels.areas import one_of, read_areas
from landzicht.portal.parcels.series import series
from landzicht.series.outliers import doubts
from landzicht.series.peers import LEAST_GROUP
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    from landzicht.kinds.parcels import Parcels
    from landzicht.portal.parcels.series import SeriesPlan, SeriesRequest
    from landzicht.portal.services import Services
    from landzicht.portal.settings import Settings

MOST_PEERS = 500
"""Of a larger group so many are measured, always the same ones."""
_MOST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeerGroup:
    """Parcels of one kind; who they are is told to nobody."""

    name: str
    """What they have in common."""
    parcels: Parcels
    """The parcels."""


def read_peers(settings: Settings, told: object) -> PeerGroup | None:
    """Return the group in a question: areas of which a column has a value; None = no question.

    Raises:
        BadQuery: the question is wrong, or the group is too small to tell anything about.
        UnknownAreas: there are no such registered areas.
        DiskFailed: their file is gone or damaged.
    """
    if told is None:
        return None
    if not isinstance(told, dict):
        _wrong("peers", "geef areas, column en value", "give areas, column and value")
    areas, column, value = (_text(told, name) for name in ("areas", "column", "value"))
    found = one_of(settings, areas)
    choice = [name for name in found.columns if name.lower() not in OWN]
    if column not in choice:
        names = ", ".join(choice)[:_MOST_TEXT]
        _wrong("peers.column", f"kies een van: {names}", f"choose one of: {names}")
    try:
        table = load_areas(settings.areas / found.file, ("id", column))
    except OSError as error:
        raise DiskFailed(path=settings.areas / found.file, reason=disk_reason(error)) from error
    pairs = zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True)
    members = {name for name, each in pairs if each is not None and str(each) == value}
    parcels = read_areas(settings, areas).parcels
    numbers = [number for number, name in enumerate(parcels.ids) if name in members]
    if len(numbers) < LEAST_GROUP:
        least = str(LEAST_GROUP)
        _wrong(
            "peers",
            f"minder dan {least} percelen hebben dit; van zo weinig vertellen wij niets",
            f"fewer than {least} parcels have this; of so few we tell nothing",
        )
    # By a hash of the name: a sample that has nothing to do with place or order.
    numbers.sort(key=lambda number: hashlib.sha256(parcels.ids[number].encode()).digest())
    chosen = np.array(sorted(numbers[:MOST_PEERS]), np.intp)
    return PeerGroup(name=value, parcels=parcels.take(chosen))


def peer_values(
    services: Services, request: SeriesRequest, plan: SeriesPlan
) -> Mapping[date, NDArray[np.float64]]:
    """Return the mean of each parcel of a group `(parcel,)` by date, NaN for gaps and doubts."""
    tables = list(series(services, request, plan))
    count = len(request.parcels)
    values, valid = np.full((count, len(tables)), np.nan), np.zeros((count, len(tables)))
    for number, table in enumerate(tables):
        values[table.parcels, number] = table.values[:, 0]
        valid[table.parcels, number] = table.valid
    days = np.array([table.moment.toordinal() for table in tables], np.float64)
    if days.size:
        values[doubts(days, values, valid).flagged] = np.nan
    return {table.moment.date(): values[:, number] for number, table in enumerate(tables)}


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        _wrong(f"peers.{name}", "geef een tekst", "give a text")
    return value


def _wrong(name: str, nl: str, en: str) -> NoReturn:
    raise BadQuery(name=name, reason=Text(nl=nl, en=en))
