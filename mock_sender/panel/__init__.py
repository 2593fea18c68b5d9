"""InboundFlow's panel, played: Configuración → Integraciones, in a browser, on this machine."""

from __future__ import annotations

from .app import create_app
from .business import Business

__all__ = ["Business", "create_app"]
