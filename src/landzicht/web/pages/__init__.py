"""The page that people see: the built map page, and plain pages that need no JavaScript."""

from landzicht.web.pages.routes import mount

__all__ = ["mount"]
