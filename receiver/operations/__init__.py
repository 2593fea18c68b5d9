"""What people do with what is kept: find, show, replay, cancel, pause, resume, and how it all stands.

Functions that take a database and return data; nothing is printed here.
"""

from .integrity import damage, inspect

__all__ = ["damage", "inspect"]
