"""The application for a worker process or any ASGI server: settings come from the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.portal import open_portal
from landzicht.web.app import create_app

if TYPE_CHECKING:
    from fastapi import FastAPI


def create() -> FastAPI:
    """Make the application of the portal in `LANDZICHT_DATA`."""
    return create_app(open_portal())
