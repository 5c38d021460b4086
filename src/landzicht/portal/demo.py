"""Zonderland for an empty portal: made by a process of its own, date by date.

`python -m landzicht.portal.demo` makes (or finishes) the simulated world in the data folder of
`LANDZICHT_DATA`. Its images come in by the same front door as anybody's files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landzicht.errors import LandzichtError
from landzicht.errors.disk import disk_reason
from landzicht.errors.files import DiskFailed
from landzicht.errors.portal import DemoRefused
from landzicht.kinds import Outcome
from landzicht.portal.progress import (
    Progress,
    at_work,
    is_at_work,
    read_progress,
    write_progress,
)
from landzicht.portal.settings import load_settings
from landzicht.portal.wiring import make_folder, open_catalog
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from landzicht.portal.portal import Portal
    from landzicht.portal.settings import Settings
    from landzicht.world import WorldSpec

FIRST_DATES = 4
"""Dates made as fast as possible; the others give way to visitors."""
EARLIER_DATES, RADAR_DATES, HEAT_DATES = 8, 3, 2
"""Images of the year before, to compare with, and of the other instruments; made last."""
POLITENESS = 10
"""Unix niceness of the work after the first dates."""
PARCELS_ID, MUNICIPALITIES_ID = "zonderland-parcels", "zonderland-municipalities"
"""Registered areas that come with it."""
TITLE = Text(nl="Zonderland (gesimuleerd) wordt gemaakt", en="Zonderland (simulated) is being made")


def start_demo(settings: Settings) -> subprocess.Popen[bytes] | None:
    """Start making Zonderland, when the portal is empty or a previous start was interrupted.

    Returns:
        The process that does it, or None when there is nothing to do.

    Raises:
        DiskFailed: the data folder cannot be made.
    """
    if not _is_wanted(settings):
        return None
    make_folder(settings)
    command = [sys.executable, "-m", "landzicht.portal.demo"]
    environment = os.environ | {"LANDZICHT_DATA": str(settings.data)}
    # A group of its own, so that Ctrl-C reaches the server first and it can stop us in order.
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603


def make_demo(settings: Settings, spec: WorldSpec, *, more: bool = False) -> None:
    """Make the images of `spec` that the portal does not have yet, in the order of beauty.

    Args:
        settings: of the portal.
        spec: which land.
        more: make some images of the year before and of the other instruments too, when all of
            `spec` is there.

    Raises:
        DiskFailed: the disk is full or read-only; what is done stays, the next start goes on.
    """
    from landzicht.portal.portal import open_portal
    from landzicht.world import SENSORS, Writing, acquisitions, write_acquisition

    wanted = [("s2", one) for one in acquisitions(spec)] + (further_images(spec) if more else [])
    names = {name: sensor.collection().id for name, sensor in SENSORS.items()}
    parent = os.getppid()
    with ExitStack() as stack:
        if not stack.enter_context(at_work(settings.demo_progress)):
            return
        portal = stack.enter_context(open_portal(settings))
        staging = stack.enter_context(_staging(settings))
        for done, (sensor, acquisition) in enumerate(wanted):
            _tell(settings, done, len(wanted))
            if done == FIRST_DATES:
                os.nice(POLITENESS)
                register_areas(settings, spec)
            if not portal.has_scene(names[sensor], acquisition.id):
                order = Writing(
                    acquisition=acquisition,
                    folder=staging,
                    writer=portal.services.writer,
                    truth=False,
                    sensor=sensor,
                )
                written = write_acquisition(order)
                _take_in(portal, staging / written.item)
            if os.getppid() != parent:
                return  # whoever started us is gone without saying so
        register_areas(settings, spec)
        _tell(settings, len(wanted), len(wanted))


def further_images(spec: WorldSpec) -> list[tuple[str, Any]]:
    """Return instrument and pass of what a first visit can do without but a second look wants.

    Some images of the year before, so that “compared with last year” means something, the flood
    and two more days by radar, warm ground, and the town from close by.
    """
    from landzicht.world import SENSORS

    earlier = replace(spec, years=2, dates=min(EARLIER_DATES, spec.dates))
    found = [("s2", one) for one in SENSORS["s2"].passes(earlier) if one.date.year < spec.year]
    year = replace(spec, years=1)
    few = replace(year, dates=min(RADAR_DATES, spec.dates))
    found += [("s1", one) for one in SENSORS["s1"].passes(few)]
    # Of many the first are clear days in summer; of few there would be one for each half-year.
    found += [("thermal", one) for one in SENSORS["thermal"].passes(year)[:HEAT_DATES]]
    return found + [("vhr", one) for one in SENSORS["vhr"].passes(year)]


def register_areas(settings: Settings, spec: WorldSpec) -> None:
    """Register the parcels and municipalities of `spec`, when they are not there yet.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    import pyarrow as pa

    from landzicht.portal.parcels.areas import Registering, list_areas, register
    from landzicht.series.check import check_shapes, read_features
    from landzicht.world import landscape
    from landzicht.world.register import municipalities, registered_parcels

    known = {areas.id for areas in list_areas(settings)}
    if {PARCELS_ID, MUNICIPALITIES_ID} <= known:
        return
    scene = landscape(spec)
    for name, title, told in (
        (PARCELS_ID, "Zonderland: percelen (gesimuleerd)", registered_parcels(scene)),
        (MUNICIPALITIES_ID, "Zonderland: gemeenten (gesimuleerd)", municipalities(scene, spec)),
    ):
        others = pa.Table.from_pylist([feature["properties"] for feature in told["features"]])
        order = Registering(id=name, title=title, source="landzicht world", simulated=True)
        register(settings, order, check_shapes(read_features(told)), others)


@contextmanager
def _staging(settings: Settings) -> Iterator[Path]:
    """Yield an empty folder for images under way, with the descriptions of their collections."""
    from landzicht.world import SENSORS, write_collections

    staging = settings.data / "run" / "zonderland"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        write_collections((sensor.collection() for sensor in SENSORS.values()), staging)
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _take_in(portal: Portal, item: Path) -> None:
    """Ingest one image and remove its files from the staging folder."""
    for receipt in portal.ingest([item]):
        if receipt.outcome is Outcome.REFUSED:
            raise DemoRefused(reason=receipt.findings[0].message)
    shutil.rmtree(item.parent)


def make_world_files(
    spec: WorldSpec,
    folder: Path,
    workers: int,
    progress: Callable[[str, int, int], None] | None = None,
    sensors: tuple[str, ...] = ("s2",),
    *,
    own_names: bool = False,
) -> dict[str, Any]:
    """Make Zonderland as files in `folder`; see `landzicht.world.make_world`.

    Returns:
        The manifest, as plain values.
    """
    from landzicht.formats import CogWriter
    from landzicht.runners import Inline, Processes
    from landzicht.world import make_world

    runner = Inline() if workers == 1 else Processes(workers=workers)
    made = make_world(spec, folder, CogWriter(), runner, progress, sensors, own_names=own_names)
    return made.as_dict()


def _is_wanted(settings: Settings) -> bool:
    if is_at_work(settings.demo_progress):
        return False
    told = read_progress(settings.demo_progress)
    return not told.is_finished if told else not open_catalog(settings).collections()


def _tell(
    settings: Settings,
    done: int,
    total: int,
    error: str | None = None,
    reason: Text | None = None,
) -> None:
    progress = Progress(
        name="zonderland", title=TITLE, done=done, total=total, error=error, reason=reason
    )
    write_progress(settings.demo_progress, progress)


def main() -> int:
    """Make the world of a first start; every failure is told in the progress file."""
    from landzicht.world import WorldSpec

    settings, spec = load_settings(), WorldSpec()
    try:
        make_demo(settings, spec, more=True)
    except OSError as error:
        return _give_up(settings, DiskFailed(path=settings.data, reason=disk_reason(error)))
    except LandzichtError as error:
        return _give_up(settings, error)
    return 0


def _give_up(settings: Settings, error: LandzichtError) -> int:
    """Tell why it stopped: people at the terminal in full, readers of the page without paths."""
    sys.stderr.write(f"  Zonderland: {error}\n")
    reason = error.facts.get("reason")
    if not isinstance(reason, Text):
        reason = Text(nl=error.say("nl"), en=error.say("en"))
    told = read_progress(settings.demo_progress)
    with suppress(OSError):  # the disk may be full
        done, total = (told.done, told.total) if told else (0, 1)
        _tell(settings, done, total, error=error.code, reason=reason)
    return 1


if __name__ == "__main__":
    sys.exit(main())
