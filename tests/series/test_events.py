"""Mowing and bare land: made series, and recall and precision against what farmers did."""

import numpy as np
import pytest

from landzicht.series.events import Kind, events_of
from landzicht.series.outliers import doubts
from landzicht.testing.seasons import season
from landzicht.world.crops import MOWN


def could_be_seen(day, clear, longest):
    before, after = clear[clear < day], clear[clear >= day]
    return bool(before.size and after.size and after[0] - before[-1] <= longest)


def covers(event, day):
    return event.after - 3 <= day <= event.before + 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_events_against_what_farmers_did(seed: int) -> None:
    """Parcels of 0.3 ha and more; a day is right within the interval and three days around it.

    Mowing of meadows without cows, of what could be seen (clear observations at most 20 days
    apart, which is a third to two thirds of all): recall 0.78-0.86, precision 0.68-0.89. Harvest,
    or ploughing: recall 0.85-0.93, precision 0.74-0.91.
    """
    year = season(seed, 192)
    doubted = doubts(year.days, year.values, year.valid)
    values = np.where(doubted.clouded, np.nan, year.values)
    area = np.array([shape.area for shape in year.scene.geography.parcels]) / 1e4
    grass = np.isin(year.scene.fields.crop[: len(area)], MOWN)
    counts = {Kind.MOWING: np.zeros(4), Kind.BARE: np.zeros(4)}
    acts = {name: year.events(name) for name in ("mowing", "harvest", "ploughing")}
    for number in np.flatnonzero(area > 0.3):
        if grass[number] and year.grazed[number]:
            continue
        kind = Kind.MOWING if grass[number] else Kind.BARE
        told = [each for each in events_of(year.days, values[number]) if each.kind is kind]
        mown, cut = acts["mowing"][number], acts["harvest"][number]
        real = mown if grass[number] else np.concatenate((cut, acts["ploughing"][number]))
        clear = year.days[np.isfinite(values[number])]
        asked = mown if grass[number] else cut
        seen = [day for day in asked if could_be_seen(day, clear, 20 if grass[number] else 35)]
        found = sum(any(covers(event, day) for event in told) for day in seen)
        right = sum(any(covers(event, day) for day in real) for event in told)
        counts[kind] += (len(seen), found, len(told), right)
    for kind, recall, precision in ((Kind.MOWING, 0.7, 0.6), (Kind.BARE, 0.75, 0.65)):
        seen, found, told, right = counts[kind]
        assert seen > 20, kind
        assert found / seen > recall, (kind, found / seen)
        assert right / told > precision, (kind, right / told)


DAYS = np.arange(100.0, 200, 10)


def test_a_cut_that_grows_back_is_mowing() -> None:
    values = np.array([0.8, 0.82, 0.5, 0.6, 0.75, 0.8, 0.8, 0.8, 0.8, 0.8])
    (event,) = events_of(DAYS, values)
    assert event.kind is Kind.MOWING
    assert (event.after, event.before) == (110, 120)
    assert event.drop == pytest.approx(0.32)
    assert event.reason.en == (
        "the index fell from 0.82 to 0.50 and was back at 0.75 within 20 days: mown, or grazed "
        "short"
    )
    assert "gemaaid" in event.reason.nl


def test_a_cut_to_the_soil_is_bare() -> None:
    values = np.array([0.8, 0.8, 0.8, 0.2, 0.2, 0.2, 0.2, 0.5, 0.8, 0.8])
    (event,) = events_of(DAYS, values)
    assert event.kind is Kind.BARE
    assert (event.after, event.before) == (120, 130)
    assert "ploughed" in event.reason.en


def test_ripening_drought_and_noise_are_no_events() -> None:
    assert events_of(DAYS, np.linspace(0.9, 0.2, 10)) == ()
    stays = np.array([0.8, 0.8, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6])
    assert events_of(DAYS, stays) == ()
    assert events_of(DAYS, 0.8 + 0.04 * np.sin(np.arange(10))) == ()
    assert events_of(DAYS, np.where(np.arange(10) == 4, 0.1, 0.4)) == ()


def test_nobody_can_date_it_in_a_long_gap() -> None:
    values = np.array([0.8, 0.82, np.nan, np.nan, np.nan, 0.2, 0.2, 0.2, 0.2, 0.2])
    assert events_of(DAYS, values) == ()
    values[3] = 0.81
    (event,) = events_of(DAYS, values)
    assert (event.after, event.before) == (130, 150)


def test_nothing_to_see_is_no_event() -> None:
    assert events_of(DAYS, np.full(10, np.nan)) == ()
    assert events_of(np.empty(0), np.empty(0)) == ()
