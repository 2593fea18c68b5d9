"""The worker: a parent that starts and watches, and its children: a dispatcher, the chores, one for each handler."""

from .parent import serve

__all__ = ["serve"]
