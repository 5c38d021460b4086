"""The STAC API 1.0: catalogue, collections, items, search, and the files themselves."""

from landzicht.web.stac.routes import router

__all__ = ["router"]
