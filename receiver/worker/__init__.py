"""The worker process: dispatches, and keeps a child at work for each handler and target that has work."""

from .parent import serve

__all__ = ["serve"]
