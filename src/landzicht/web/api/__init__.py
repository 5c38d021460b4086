"""Our own API, as the page uses it."""

from landzicht.web.api.routes import router

__all__ = ["router"]
