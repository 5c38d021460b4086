"""Use case: what the series of one parcel tells: certainty, seasons, events, comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from landzicht.errors.catalogue import BadQuery
from landzicht.errors.series import NoParcels, SeriesTooLarge
from landzicht.kinds import Span
from landzicht.portal.access import visible
from landzicht.portal.parcels.peer_group import peer_values, read_peers
from landzicht.portal.parcels.seasons import day_of, rounded, told_events, told_seasons
from landzicht.portal.parcels.series import plan_series, series
from landzicht.portal.parcels.series_answer import read_series_request
from landzicht.portal.parcels.series_cost import estimate, is_small
from landzicht.portal.scenes import Selection, newest_scene
from landzicht.rules import Action
from landzicht.series import phenology, smooth
from landzicht.series.outliers import REASONS, doubts
from landzicht.series.peers import compare
from landzicht.series.statistics import parse_statistics
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from landzicht.portal.parcels.series import SeriesPlan, SeriesRequest
    from landzicht.portal.services import Services
    from landzicht.series.outliers import Doubts
    from landzicht.series.smooth import Smoothed
    from landzicht.text import Language

YEARS = 5
"""The year that is asked for, and so many less one before it."""
_FIRST_YEAR, _LAST_YEAR = 1972, 2100
_KNOWN = ("collection", "layer", "expression", "parcel", "year", "fill", "peers")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """The series of one parcel over the years."""

    moments: tuple[datetime, ...]
    """`(date,)`, UTC."""
    scenes: tuple[str, ...]
    """`(date,)`, id of the scene, empty for none."""
    days: NDArray[np.float64]
    """`(date,)`, days on Python's calendar (`date.toordinal`)."""
    values: NDArray[np.float64]
    """`(1, date)`, means; NaN = gap."""
    valid: NDArray[np.float64]
    """`(1, date)`, share that counts."""

    def of_year(self, year: int) -> list[int]:
        """Return the dates of a year."""
        return [number for number, moment in enumerate(self.moments) if moment.year == year]


def insight(services: Services, told: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return what the series of a parcel tells, as plain values for JSON.

    Raises:
        BadQuery: a part of the question is missing or wrong.
        SeriesTooLarge: it costs more than is answered at once.
        LandzichtError: any of those of `plan_series`.
    """
    request, year, fill = _read(services, told)
    group = read_peers(services.settings, told.get("peers"))
    plan = _affordable(services, request)
    history = _history(services, request, plan)
    doubted = doubts(history.days, history.values, history.valid)
    kept = np.where(doubted.flagged, np.nan, history.values)
    answer: dict[str, Any] = {
        "parcel": request.parcels.ids[0],
        "collection": request.collection,
        "value": plan.name,
        "unit": plan.unit,
        "year": year,
        "simulated": plan.simulated,
        "series": _rows(history, doubted, year, language),
        "smoothed": None,
        "seasons": [],
        "events": _events(history, doubted, year, language),
        "earlier": None,
        "peers": None,
    }
    if history.days.size:
        line = smooth.smooth(history.days, kept, history.valid)
        answer["smoothed"] = _line(history, line, kept, year, fill=fill)
        answer["seasons"] = told_seasons(line, 0, year)
        answer["earlier"] = _earlier(history, line, kept, year)
    if group is not None:
        asked = replace(request, span=_span(year, year), parcels=group.parcels)
        values = peer_values(services, asked, _affordable(services, asked))
        answer["peers"] = _peers(history, kept, values, year) | {"group": group.name}
    return answer


def _read(services: Services, told: Mapping[str, Any]) -> tuple[SeriesRequest, int, bool]:
    """Return which parcel is asked for, in which year, and whether gaps are filled."""
    for name in told:
        if name not in _KNOWN:
            _wrong(str(name)[:40], "dit kennen wij hier niet", "we do not know this here")
    parcel, fill, year = told.get("parcel"), told.get("fill", False), told.get("year")
    if not isinstance(parcel, dict) or parcel.get("type") == "FeatureCollection":
        _wrong("parcel", "geef één GeoJSON Feature", "give one GeoJSON Feature")
    if not isinstance(fill, bool):
        _wrong("fill", "kies true of false", "choose true or false")
    whole = isinstance(year, int) and not isinstance(year, bool)
    if year is not None and not (whole and _FIRST_YEAR <= year <= _LAST_YEAR):
        _wrong("year", "geef een jaar als getal: 2025", "give a year as a number: 2025")
    asked = {key: told[key] for key in ("collection", "layer", "expression") if key in told}
    request, checked = read_series_request(services, asked | {"parcels": parcel})
    if checked.refused:
        raise NoParcels(count=1, row=1, reason=checked.refused[0].reason)
    request = replace(request, statistics=parse_statistics(["mean"]))
    if year is None:
        # Through the same gate as the values: who may not measure gets no year either.
        collection = visible(services, request.collection, Action.MEASURE, request.who)
        newest = newest_scene(services, collection, Selection())
        year = newest.moment.year if newest else datetime.now(UTC).year
    return replace(request, span=_span(year - YEARS + 1, year)), year, fill


def _span(first: int, last: int) -> Span:
    return Span.parse(f"{first}-01-01/{last}-12-31")


def _affordable(services: Services, request: SeriesRequest) -> SeriesPlan:
    plan = plan_series(services, request)
    if is_small(services, plan):
        return plan
    price = estimate(services, plan, request.statistics)
    if not price.direct:
        most = services.settings.series_direct_mpx
        raise SeriesTooLarge(pixels=price.cost.pixels // 1_000_000, most=most)
    return plan


def _history(services: Services, request: SeriesRequest, plan: SeriesPlan) -> History:
    tables = list(series(services, request, plan))
    values, valid = np.full((1, len(tables)), np.nan), np.zeros((1, len(tables)))
    scenes = [""] * len(tables)
    for number, table in enumerate(tables):
        if table.parcels.size:
            values[0, number], valid[0, number] = table.values[0, 0], table.valid[0]
            scenes[number] = table.scenes[0]
    moments = tuple(table.moment.astimezone(UTC) for table in tables)
    return History(
        moments=moments,
        scenes=tuple(scenes),
        days=np.array([moment.toordinal() for moment in moments], np.float64),
        values=values,
        valid=valid,
    )


def _rows(history: History, doubted: Doubts, year: int, language: Language) -> list[dict[str, Any]]:
    """Return the raw values of a year, each with what is doubted about it."""
    rows = []
    for number in history.of_year(year):
        reason = REASONS[doubted.code[0, number]]
        rows.append(
            {
                "datetime": history.moments[number].isoformat().replace("+00:00", "Z"),
                "scene": history.scenes[number] or None,
                "mean": rounded(history.values[0, number]),
                "valid": rounded(history.valid[0, number]),
                "flagged": reason is not None,
                "reason": reason.say(language) if reason else None,
            }
        )
    return rows


def _line(
    history: History, line: Smoothed, kept: NDArray[np.float64], year: int, *, fill: bool
) -> dict[str, Any]:
    """Return the smooth line of a year: where something was seen, or every day when asked."""
    seen = set(history.days[np.isfinite(kept[0])])
    points = [
        {
            "date": day_of(line.days[number]),
            "smoothed": rounded(line.values[0, number]),
            "low": rounded(line.low[0, number]),
            "high": rounded(line.high[0, number]),
            "gap_days": int(line.gap[0, number]),
        }
        for number in _places(line, year)
        if np.isfinite(line.values[0, number]) and (fill or line.days[number] in seen)
    ]
    return {
        "method": smooth.METHOD,
        "coverage": smooth.COVERAGE,
        "gaps_filled": fill,
        "points": points,
    }


def _events(
    history: History, doubted: Doubts, year: int, language: Language
) -> list[dict[str, Any]]:
    told = told_events(history.days, history.values, doubted, 0, language)
    return [event for event in told if date.fromisoformat(event["before"]).year == year]


def _earlier(
    history: History, line: Smoothed, kept: NDArray[np.float64], year: int
) -> dict[str, Any] | None:
    """Return the lines of earlier years on the same days of the year, or None without any."""
    places = {int(day): place for place, day in enumerate(line.days)}
    found, off = [], []
    for number in history.of_year(year):
        day = history.moments[number].date()
        usual = []
        for before in range(year - YEARS + 1, year):
            place = places.get(_same_day(day, before).toordinal())
            if place is not None and line.gap[0, place] <= phenology.LONGEST_GAP:
                usual.append(line.values[0, place])
        if not usual or not np.isfinite(kept[0, number]):
            continue
        middle = float(np.median(usual))
        off.append(float(kept[0, number]) - middle)
        found.append(
            {
                "date": day.isoformat(),
                "years": len(usual),
                "lowest": rounded(min(usual)),
                "median": rounded(middle),
                "highest": rounded(max(usual)),
            }
        )
    return {"mean_difference": rounded(float(np.mean(off))), "dates": found} if found else None


def _peers(
    history: History,
    kept: NDArray[np.float64],
    group: Mapping[date, NDArray[np.float64]],
    year: int,
) -> dict[str, Any]:
    numbers = [n for n in history.of_year(year) if history.moments[n].date() in group]
    if not numbers:
        return {"dates": []}
    days = [history.moments[number].date() for number in numbers]
    own = kept[0, numbers]
    told = compare(own, np.stack([group[day] for day in days], axis=1))
    return {
        "dates": [
            {
                "date": day.isoformat(),
                "parcels": int(told.size[place]),
                "p10": rounded(told.low[place]),
                "p50": rounded(told.middle[place]),
                "p90": rounded(told.high[place]),
                "percentile": rounded(told.percentile[place]),
            }
            for place, day in enumerate(days)
            if np.isfinite(told.size[place])
        ]
    }


def _same_day(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _places(line: Smoothed, year: int) -> list[int]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return [number for number, day in enumerate(line.days) if first <= day <= last]


def _wrong(name: str, nl: str, en: str) -> NoReturn:
    raise BadQuery(name=name, reason=Text(nl=nl, en=en))
