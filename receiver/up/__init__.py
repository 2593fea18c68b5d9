"""Everything on one machine: a Redis, the web process and the worker, started, watched and stopped together."""

from .demo import demonstrate
from .main import serve

__all__ = ["demonstrate", "serve"]
