"""The web process: built from its parts, and served. The front door loads neither Flask nor gunicorn."""

from __future__ import annotations

from ..settings import Settings
from .door import bind, narrow

__all__ = ["bind", "narrow", "serve"]


def serve(settings: Settings, listen_fd: int | None = None) -> None:
    """Serve until SIGTERM, on an inherited listening socket or on HOST and PORT. Raises ConfigurationError."""
    from . import server

    server.serve(settings, listen_fd)
