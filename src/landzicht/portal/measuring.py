"""The part of `Portal` that measures parcels, keeps jobs and registers areas."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from landzicht.portal.parcels.areas import Areas, AreasQuery
    from landzicht.portal.parcels.areas_add import AreasFile, OfficialOrder
    from landzicht.portal.parcels.cluster import Cluster
    from landzicht.portal.parcels.job_keeper import JobKeeper
    from landzicht.portal.parcels.jobs import Job
    from landzicht.portal.parcels.series import SeriesRequest, SeriesTable
    from landzicht.portal.parcels.series_answer import Form, SeriesAnswer
    from landzicht.portal.parcels.series_cost import Estimate
    from landzicht.portal.parcels.series_files import SeriesOrder
    from landzicht.portal.parcels.series_parcels import ParcelFile
    from landzicht.portal.services import Services
    from landzicht.series.check import Checked
    from landzicht.text import Language

_making = threading.Lock()


class Measuring:
    """Methods of `Portal`; see the modules that do the work."""

    services: Services
    _keeper: JobKeeper | None = None
    _cluster: Cluster | None = None

    def series(self, request: SeriesRequest) -> Iterator[SeriesTable]:
        """Yield the numbers of parcels, one overpass after the other, the oldest first."""
        from landzicht.portal.parcels.series import series

        return series(self._measuring(), request)

    def _measuring(self) -> Services:
        """Return the services for long questions: on the cluster when the portal has one.

        What is answered over HTTP at once is measured here, whatever becomes of the cluster.

        Raises:
            ClusterMissing: the extra is not installed.
            ClusterFailed: the cluster does not answer, or cannot do the work.
        """
        if not self.services.settings.cluster:
            return self.services
        from landzicht.portal.parcels.cluster import Cluster

        with _making:
            if self._cluster is None:
                self._cluster = Cluster()
        return self._cluster.services(self.services)

    def leave_cluster(self) -> None:
        """Hang up, when the portal measures on a cluster."""
        if self._cluster is not None:
            self._cluster.close()

    def ask_series(
        self,
        told: Mapping[str, Any],
        form: Form,
        *,
        later: bool = False,
        file: ParcelFile | None = None,
    ) -> SeriesAnswer | Job:
        """Answer the JSON of `POST /api/v1/series` as a stream, or as a job.

        Args:
            told: the question.
            form: how to give the answer.
            later: make it a job, however small; a large one becomes a job anyway.
            file: with the parcels, instead of those in `told`; may go when this returns.
        """
        from landzicht.portal.parcels.jobs import submit
        from landzicht.portal.parcels.series_answer import answer_series, read_question
        from landzicht.portal.parcels.series_cost import affordable, is_direct, is_small

        services = self.services
        asked = read_question(services, told, file)
        request, plan = asked.request, asked.plan
        if not later:
            cost = None
            if not is_small(services, plan):
                keeps = form.smooth or form.seasons
                cost = affordable(services, plan, request.statistics, smooth=keeps)
            if cost is None or is_direct(services, cost):
                return answer_series(services, request, asked.checked, form, plan=plan)
        job = submit(services, asked, form.language)
        self.start_jobs()
        return job

    def series_answer(
        self, told: Mapping[str, Any], media_type: str, language: Language = "en"
    ) -> SeriesAnswer:
        """Return the answer to the JSON of `POST /api/v1/series` as a stream of bytes."""
        from landzicht.portal.parcels.series_answer import (
            answer_series,
            form_of,
            read_series_request,
        )

        request, checked = read_series_request(self.services, told)
        return answer_series(self.services, request, checked, form_of(told, media_type, language))

    def series_table(self, told: Mapping[str, Any]) -> pa.Table:
        """Return the answer to the JSON of `POST /api/v1/series` as an Arrow table.

        However large it is: who calls this decides. Metadata of the table tell the collection, the
        value and its unit, the licence, the method, and whether it is simulated.
        """
        import pyarrow as pa

        from landzicht.formats.tables import ARROW
        from landzicht.portal.parcels.series_answer import answer_series, form_of, read_question

        form, asked = form_of(told, ARROW, "en"), read_question(self.services, told)
        services = self._measuring()
        answer = answer_series(services, asked.request, asked.checked, form, plan=asked.plan)
        return pa.ipc.open_stream(b"".join(answer.chunks)).read_all()

    def insight(self, told: Mapping[str, Any], language: Language = "en") -> dict[str, Any]:
        """Answer the JSON of `POST /api/v1/series/insight`: what the year of a parcel tells."""
        from landzicht.portal.parcels.compare import insight

        return insight(self.services, told, language)

    def series_cost(self, told: Mapping[str, Any], file: ParcelFile | None = None) -> Estimate:
        """Return what the answer to the JSON of `POST /api/v1/series` costs."""
        from landzicht.portal.parcels.series_answer import form_of, read_question
        from landzicht.portal.parcels.series_cost import estimate

        form = form_of(told, "", "en")
        asked = read_question(self.services, told, file)
        keeps = form.smooth or form.seasons
        return estimate(self.services, asked.plan, asked.request.statistics, smooth=keeps)

    def series_file(
        self,
        order: SeriesOrder,
        progress: Callable[[str, int, int], None],
        told: Callable[[Estimate], None] | None = None,
    ) -> tuple[Checked, Iterator[bytes]]:
        """Measure the parcels of a file; see `parcels.series_files.series_file`."""
        from landzicht.portal.parcels.series_files import series_file

        return series_file(self._measuring(), order, progress, told)

    def series_file_cost(self, order: SeriesOrder) -> Estimate:
        """Return what `series_file` costs."""
        from landzicht.portal.parcels.series_files import series_file_cost

        return series_file_cost(self.services, order)

    # -- jobs ---------------------------------------------------------------------------------

    def start_jobs(self) -> None:
        """Work on jobs in the background, also on those that a crash left unfinished."""
        from landzicht.portal.parcels.job_keeper import JobKeeper

        with _making:
            if self._keeper is None:
                self._keeper = JobKeeper(self.services, self._measuring)
        self._keeper.wake()

    def stop_jobs(self) -> None:
        """Stop after the part under way; the next start goes on there."""
        if self._keeper is not None:
            self._keeper.close()

    def job(self, id: str) -> Job:
        """Return a job; raises `UnknownJob`."""
        from landzicht.portal.parcels.jobs import job_of

        return job_of(self.services, id)

    def job_result(self, id: str, media_type: str) -> Iterator[bytes]:
        """Return the answer of a job; raises `UnknownJob` or `JobNotDone`."""
        from landzicht.portal.parcels.jobs import result_of

        return result_of(self.services, id, media_type)

    def cancel_job(self, id: str) -> None:
        """Stop and remove a job; raises `UnknownJob`."""
        from landzicht.portal.parcels.jobs import cancel

        cancel(self.services, id)

    # -- registered areas ---------------------------------------------------------------------

    def areas(self) -> tuple[Areas, ...]:
        """Return the registered areas, by id."""
        from landzicht.portal.parcels.areas import list_areas

        return list_areas(self.services.settings)

    def areas_of(self, id: str) -> Areas:
        """Return one set of areas; raises `UnknownAreas`."""
        from landzicht.portal.parcels.areas import one_of

        return one_of(self.services.settings, id)

    def area_items(self, query: AreasQuery) -> dict[str, Any]:
        """Return some of the areas as GeoJSON."""
        from landzicht.portal.parcels.areas import area_items

        return area_items(self.services.settings, query)

    def area_item(self, id: str, item: str) -> dict[str, Any]:
        """Return one area as a GeoJSON Feature; raises `UnknownAreas` or `UnknownArea`."""
        from landzicht.portal.parcels.areas import area_item

        return area_item(self.services.settings, id, item)

    def read_own_areas(self, body: bytes, name: str, language: Language) -> dict[str, Any]:
        """Return the areas in a file as GeoJSON; see `landzicht.portal.parcels.own_areas`."""
        from landzicht.portal.parcels.own_areas import read_own_areas

        return read_own_areas(body, name, language)

    def add_areas(self, order: AreasFile) -> Areas:
        """Register the areas in a file; see `landzicht.portal.parcels.areas_add.add_file`."""
        from landzicht.portal.parcels.areas_add import add_file

        return add_file(self.services.settings, order)

    def add_official_areas(
        self, order: OfficialOrder, progress: Callable[[str, int, int], None] | None = None
    ) -> Areas:
        """Register official areas; see `landzicht.portal.parcels.areas_add.add_official`."""
        from landzicht.portal.parcels.areas_add import add_official

        return add_official(self.services.settings, order, progress)

    @property
    def series_most_bytes(self) -> int:
        """Longest file with parcels that comes in over HTTP with a question."""
        return self.services.settings.series_upload_mb * 1_000_000

    @property
    def areas_most_bytes(self) -> int:
        """Longest file with areas that comes in over HTTP."""
        return self.services.settings.areas_upload_mb * 1_000_000

    def add_areas_bytes(self, body: bytes, told: Mapping[str, str | None]) -> Areas:
        """Register areas that came as bytes.

        Args:
            body: a file.
            told: `id` and `title`, `layer`, `key`, `crs` or None.
        """
        from landzicht.portal.parcels.areas import check_id
        from landzicht.portal.parcels.areas_add import AreasFile

        name = check_id(told.get("id") or "")
        with tempfile.TemporaryDirectory(prefix="landzicht-upload-") as folder:
            path = Path(folder, name)
            path.write_bytes(body)
            return self.add_areas(
                AreasFile(
                    path=path,
                    id=name,
                    title=told.get("title"),
                    layer=told.get("layer"),
                    key=told.get("key"),
                    crs=told.get("crs"),
                )
            )

    def remove_areas(self, id: str) -> Areas:
        """Remove registered areas; raises `UnknownAreas`."""
        from landzicht.portal.parcels.areas import remove_areas

        return remove_areas(self.services.settings, id)
