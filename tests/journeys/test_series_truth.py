"""A simulated year through the front door: the series of every parcel against what was true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

import numpy as np
import pytest

from landzicht.formats.writer import CogWriter
from landzicht.kinds import Outcome
from landzicht.portal import open_portal
from landzicht.portal.maps.view import View
from landzicht.portal.parcels.series import SeriesRequest
from landzicht.portal.settings import Settings
from landzicht.runners import Inline
from landzicht.series.statistics import parse_statistics
from landzicht.testing.seasons import cover_on, known_parcels, season, true_state
from landzicht.testing.truth import read_truth
from landzicht.world import COLLECTION_ID, WorldSpec, acquisitions, landscape, make_world
from landzicht.world.sky import CLEAR

SPEC = WorldSpec(seed=7, size=256, dates=24)


@dataclass(frozen=True)
class Journey:
    """Arrays `(parcel, date)`: what the portal says, and what was true."""

    days: np.ndarray
    mean: np.ndarray
    valid: np.ndarray
    count: np.ndarray
    state: np.ndarray
    clear: np.ndarray
    dry: np.ndarray
    hectares: np.ndarray
    healthy: np.ndarray


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("journey")
    make_world(SPEC, folder / "world", CogWriter(), Inline())
    truth, scene = read_truth(folder / "world"), landscape(SPEC)
    checked = known_parcels(scene)
    with open_portal(Settings(data=folder / "data")) as portal:
        receipts = portal.ingest([folder / "world" / "images"])
        assert all(receipt.outcome is not Outcome.REFUSED for receipt in receipts)
        request = SeriesRequest(
            collection=COLLECTION_ID,
            parcels=checked.parcels,
            view=View(layer="ndvi"),
            statistics=parse_statistics(["mean"]),
        )
        tables = list(portal.series(request))
    shape = (len(checked.parcels), len(tables))
    mean, valid, count = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
    for number, table in enumerate(tables):
        mean[table.parcels, number] = table.values[:, 0]
        valid[table.parcels, number] = table.valid
        count[table.parcels, number] = table.count
    passes = {taken.date: taken for taken in acquisitions(SPEC)}
    cover = cover_on(scene)
    state, clear, dry = np.empty(shape), np.empty(shape), np.empty(shape, bool)
    for number, table in enumerate(tables):
        taken = passes[table.moment.astimezone(UTC).date()]
        state[:, number] = true_state(scene, cover, taken)
        cloud, flood = truth.raster(taken.id, "cloud"), truth.raster(taken.id, "flood")
        assert cloud is not None
        clear[:, number] = _share(cover, cloud == CLEAR)
        dry[:, number] = _share(cover, np.zeros_like(cloud) if flood is None else flood) == 0
    known = truth.parcels(SPEC.year)
    healthy = np.ones(shape[0], bool)
    healthy[[each.facts["parcel"] for each in truth.patches(SPEC.year)]] = False
    return Journey(
        days=np.array([float(f"{table.moment:%j}") for table in tables]),
        mean=mean,
        valid=valid,
        count=count,
        state=state,
        clear=clear,
        dry=dry,
        hectares=np.array([each.facts["area_ha"] for each in known]),
        healthy=healthy,
    )


def _share(cover, yes):
    weights = cover.share * (np.asarray(yes).reshape(-1)[cover.index] > 0)
    return np.add.reduceat(weights, cover.starts[:-1]) / np.add.reduceat(
        cover.share, cover.starts[:-1]
    )


def test_every_parcel_has_a_row_for_every_pass_that_met_it(journey: Journey) -> None:
    assert journey.mean.shape[1] == SPEC.dates
    seen = np.isfinite(journey.mean)
    assert seen.any(axis=1).all(), "a parcel without any value"
    assert (journey.count[seen] > 0).all()
    assert (journey.count[~seen] == 0).all()
    # Pixels are 0.01 ha, so count / valid is the area of the parcel.
    told = journey.count / np.where(journey.valid > 0.05, journey.valid, np.nan) / 100
    assert np.nanmax(np.abs(told - journey.hectares[:, None])) < 0.011


def test_under_a_clear_sky_every_series_is_the_true_state(journey: Journey) -> None:
    """Bounds: bias 0.01, 90 % within 0.04, 99 % within 0.08, all within 0.15 of NDVI.

    What is left is haze, noise, blur over the edge of the parcel and unevenness within it.
    """
    clear = (journey.clear > 0.999) & (journey.valid > 0.5) & journey.dry
    clear &= journey.healthy[:, None]
    off = (journey.mean - journey.state)[clear]
    assert off.size > 800
    assert abs(np.median(off)) < 0.01
    assert np.quantile(np.abs(off), 0.90) < 0.04
    assert np.quantile(np.abs(off), 0.99) < 0.08
    assert np.abs(off).max() < 0.15
    # And for each parcel by itself, so that no parcel hides among the others.
    judged = clear.sum(axis=1) >= 3
    assert judged[journey.healthy].mean() >= 0.9, "most parcels are seen often enough to judge"
    for number in np.flatnonzero(judged):
        mine = (journey.mean - journey.state)[number, clear[number]]
        assert abs(np.median(mine)) < 0.08, number


def test_the_shape_of_each_season_is_the_true_one(journey: Journey) -> None:
    clear = (journey.clear > 0.999) & (journey.valid > 0.5) & journey.dry
    told = []
    for number in np.flatnonzero((clear.sum(axis=1) >= 6) & journey.healthy):
        here = clear[number]
        if np.ptp(journey.state[number, here]) > 0.3:
            told.append(np.corrcoef(journey.mean[number, here], journey.state[number, here])[0, 1])
    assert len(told) > 50
    assert np.median(told) > 0.995
    assert min(told) > 0.95


def test_the_mask_removes_most_cloud_but_not_all(journey: Journey) -> None:
    """Without it the picture would be far worse; what it missed is left to the series itself."""
    spoilt = (journey.clear < 0.5) & journey.healthy[:, None]
    assert (journey.valid[spoilt] < 0.5).mean() > 0.6
    left = spoilt & (journey.valid > 0.5) & np.isfinite(journey.mean)
    assert np.median((journey.mean - journey.state)[left]) < -0.05


def test_the_quick_season_of_tests_says_the_same_as_the_portal(journey: Journey) -> None:
    """Tests elsewhere measure in memory: this holds their shortcut against the long way."""
    quick = season(SPEC.seed, SPEC.size, SPEC.dates)
    assert quick.days.tolist() == journey.days.tolist()
    # Degrees of seven decimals: a parcel on the edge of the map sticks out by a millimetre.
    np.testing.assert_allclose(quick.valid, journey.valid, atol=1e-4)
    np.testing.assert_allclose(quick.values, journey.mean, atol=2e-6)
    np.testing.assert_allclose(quick.state, journey.state, atol=1e-9)
