"""`/docs`: every address and every error, as plain pages without JavaScript."""

from landzicht.web.reference.routes import mount

__all__ = ["mount"]
