"""The move of a SQLite inbox to Postgres, while the receiver works."""

from .compare import Compared
from .move import Moved, move, open_source, undo_cut_over

__all__ = ["Compared", "Moved", "move", "open_source", "undo_cut_over"]
