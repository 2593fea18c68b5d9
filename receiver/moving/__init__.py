"""The move of a SQLite inbox to Postgres, while the receiver works."""

from .copy import Compared, Copy

__all__ = ["Compared", "Copy"]
