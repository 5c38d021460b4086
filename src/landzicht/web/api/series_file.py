"""`POST /api/v1/series/file`: numbers of the parcels in a file that is the body."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import anyio.to_thread
import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from landzicht.errors.catalogue import BadQuery
from landzicht.portal.parcels.series_answer import SERIES_TYPES, form_of
from landzicht.portal.parcels.series_parcels import ParcelFile
from landzicht.text import Text, preferred_language
from landzicht.web.api.accept import chosen_type, prefers_later
from landzicht.web.api.series import ANSWERS, PLAN, answered
from landzicht.web.bodies import save_body

if TYPE_CHECKING:
    from landzicht.portal import Portal

MOST_AT_ONCE = 2
"""Most files that are read at the same time: each takes a process."""
_NUMBERS = Text(nl="getallen met komma's ertussen", en="numbers with commas between")
_FORMS = "GeoPackage, FlatGeobuf, GeoParquet, zip with a shapefile, GeoJSON, KML or GML"
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"{_FORMS}, in any coordinate system.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_ANSWERS: dict[int | str, Any] = {
    **ANSWERS,
    400: {"description": "The question is wrong, or the file cannot be read; `detail` says why."},
    413: {"description": "The file is too large, or it costs more than the operator allows."},
}


class FileQuestion(BaseModel):
    """What is asked of the parcels in a file, in the query of the address."""

    model_config = ConfigDict(extra="forbid")

    collection: str = Field(max_length=200)
    layer: str | None = Field(None, description="A layer with one value for each pixel.")
    expression: str | None = Field(None, description="Or a formula: `(B08-B04)/(B08+B04)`.")
    datetime: str | None = Field(None, description="Day, month, year or period: `2025-04/2025-09`.")
    stats: str | None = Field(None, description="`mean,median,p90`")
    histogram: str | None = Field(None, description="Rising edges of bins: `0,0.2,1`")
    mask: bool | None = Field(None, description="Leave out clouds; usual where we know them.")
    raw: bool = Field(False, description="Stored numbers instead of physical values.")
    smooth: bool = Field(False, description="Add doubts and a smooth line.")
    seasons: bool = Field(False, description="Seasons and events instead of values.")
    geometry: bool = Field(False, description="Rows have the shape of their parcel.")
    name: str | None = Field(None, description="Column with the names of the parcels.")
    parcel_layer: str | None = Field(None, description="Layer of the file; usually the first.")
    crs: str | None = Field(None, description="`EPSG:…` of a file that does not tell its own.")
    plan: bool = Field(False, description=PLAN)

    def told(self) -> dict[str, Any]:
        """Return the question as `POST /api/v1/series` has it, without parcels.

        Raises:
            BadQuery: the edges are no numbers.
        """
        told = self.model_dump(exclude={"name", "parcel_layer", "crs", "plan"}, exclude_none=True)
        if self.stats:
            told["stats"] = [part.strip() for part in self.stats.split(",")]
        if self.histogram:
            told["histogram"] = _numbers(self.histogram)
        return told

    def file(self, path: Path) -> ParcelFile:
        """Return the file, and how to read it."""
        return ParcelFile(path=path, layer=self.parcel_layer, name=self.name, crs=self.crs)


def router(portal: Portal) -> APIRouter:
    """Return the route that measures the parcels in a file."""
    routes = APIRouter(tags=["Landzicht"])
    gate = anyio.Semaphore(MOST_AT_ONCE)

    @routes.post(
        "/api/v1/series/file",
        summary="Numbers of the parcels in a file",
        responses=_ANSWERS,
        openapi_extra=_FILE,
        response_model=None,
    )
    async def series_file(request: Request, question: Annotated[FileQuestion, Query()]) -> Response:
        """Measure the areas and points in a file, which is the body, as `/api/v1/series` does.

        The file is read in a process of its own. It is kept with a job until that is removed, and
        else not at all; nobody but who knows the job can see what comes of it.
        """
        told = question.told()
        language = preferred_language(request.headers.get("accept-language"))
        kind = chosen_type(request.headers.get("accept", ""), SERIES_TYPES)
        form = form_of(told, kind, language)
        later = prefers_later(request.headers.get("prefer", ""))
        with tempfile.TemporaryDirectory(prefix="landzicht-parcels-") as folder:
            path = Path(folder, "parcels")
            await save_body(request, path, portal.series_most_bytes)
            file = question.file(path)
            async with gate:
                if question.plan:
                    ask = partial(portal.series_cost, told, file)
                    price = await anyio.to_thread.run_sync(ask)
                    return Response(orjson.dumps(price.as_dict()), media_type="application/json")
                return await answered(
                    request, partial(portal.ask_series, told, form, later=later, file=file)
                )

    return routes


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise BadQuery(name="histogram", reason=_NUMBERS) from error
