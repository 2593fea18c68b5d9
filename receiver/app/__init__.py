"""Builds the web process from its parts, and serves it."""

from .build import create_app
from .server import serve

__all__ = ["create_app", "serve"]
