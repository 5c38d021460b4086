"""`/metrics`: how the portal does, in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fastapi import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI

    from landzicht.portal import Portal
    from landzicht.portal.metrics import Family

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ANSWERS: dict[int | str, Any] = {
    200: {
        "description": "Newest image, lag, gaps and failures of each source, and the disk.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}


def mount(app: FastAPI, portal: Portal) -> None:
    """Add the address to an application."""

    def answer() -> Response:
        """Tell how the portal does, for Prometheus and what reads its format."""
        return Response(
            text_of(portal.metrics()),
            media_type=MEDIA_TYPE,
            headers={"cache-control": "no-store"},
        )

    app.add_api_route(
        "/metrics",
        answer,
        methods=["GET"],
        response_class=Response,
        responses=_ANSWERS,
        summary="Numbers for monitoring",
        tags=["Landzicht"],
    )


def text_of(families: Iterable[Family]) -> str:
    """Return families as lines; one without samples is left out."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines += [f"# HELP {family.name} {_plain(family.help)}", f"# TYPE {family.name} gauge"]
        for sample in family.samples:
            labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels)
            lines.append(
                f"{family.name}{{{labels}}} {_number(sample.value)}"
                if labels
                else f"{family.name} {_number(sample.value)}"
            )
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quoted(text: str) -> str:
    return _plain(text).replace('"', r"\"")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value) if value != int(value) else str(int(value))
