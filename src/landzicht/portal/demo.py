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


def make_demo(settings: Settings, spec: WorldSpec) -> None:
    """Make the images of `spec` that the portal does not have yet, in the order of beauty.

    Raises:
        DiskFailed: the disk is full or read-only; what is done stays, the next start goes on.
    """
    from landzicht.portal.portal import open_portal
    from landzicht.world import COLLECTION_ID, Writing, acquisitions, write_acquisition

    wanted, parent = acquisitions(spec), os.getppid()
    with ExitStack() as stack:
        if not stack.enter_context(at_work(settings.demo_progress)):
            return
        portal = stack.enter_context(open_portal(settings))
        staging = stack.enter_context(_staging(settings))
        for done, acquisition in enumerate(wanted):
            _tell(settings, done, len(wanted))
            if done == FIRST_DATES:
                os.nice(POLITENESS)
                register_areas(settings, spec)
            if not portal.has_scene(COLLECTION_ID, acquisition.id):
                order = Writing(
                    acquisition=acquisition,
                    folder=staging,
                    writer=portal.services.writer,
                    truth=False,
                )
                written = write_acquisition(order)
                _take_in(portal, staging / written.item)
            if os.getppid() != parent:
                return  # whoever started us is gone without saying so
        register_areas(settings, spec)
        _tell(settings, len(wanted), len(wanted))


def register_areas(settings: Settings, spec: WorldSpec) -> None:
    """Register the parcels and municipalities of `spec`, when they are not there yet.

    Raises:
        DiskFailed: the disk is full or read-only.
    """
    import pyarrow as pa

    from landzicht.portal.areas import Registering, list_areas, register
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
    """Yield an empty folder for images under way, with the description of their collection."""
    from landzicht.stac import write_collection
    from landzicht.world import collection

    staging = settings.data / "run" / "zonderland"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        (staging / "images").mkdir(parents=True)
        (staging / "images" / "collection.json").write_bytes(write_collection(collection()))
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
) -> dict[str, Any]:
    """Make Zonderland as files in `folder`; see `landzicht.world.make_world`.

    Returns:
        The manifest, as plain values.
    """
    from landzicht.formats import CogWriter
    from landzicht.runners import Inline, Processes
    from landzicht.world import make_world

    runner = Inline() if workers == 1 else Processes(workers=workers)
    return make_world(spec, folder, CogWriter(), runner, progress, sensors).as_dict()


def _is_wanted(settings: Settings) -> bool:
    if is_at_work(settings.demo_progress):
        return False
    told = read_progress(settings.demo_progress)
    return not told.is_finished if told else not open_catalog(settings).collections()


def _tell(settings: Settings, done: int, total: int, error: str | None = None) -> None:
    progress = Progress(name="zonderland", title=TITLE, done=done, total=total, error=error)
    write_progress(settings.demo_progress, progress)


def main() -> int:
    """Make the world of a first start; every failure is told in the progress file."""
    from landzicht.world import WorldSpec

    settings, spec = load_settings(), WorldSpec()
    try:
        make_demo(settings, spec)
    except OSError as error:
        return _give_up(settings, DiskFailed(path=settings.data, reason=disk_reason(error)))
    except LandzichtError as error:
        return _give_up(settings, error)
    return 0


def _give_up(settings: Settings, error: LandzichtError) -> int:
    """Tell why it stopped: people at the terminal in full, the page by the code."""
    sys.stderr.write(f"  Zonderland: {error}\n")
    told = read_progress(settings.demo_progress)
    with suppress(OSError):  # the disk may be full
        _tell(settings, told.done if told else 0, told.total if told else 1, error.code)
    return 1


if __name__ == "__main__":
    sys.exit(main())
