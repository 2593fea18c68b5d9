"""What is done every few seconds so that somebody is told: by the worker that leads, else by a web process."""

from __future__ import annotations

from collections.abc import Sequence

from ..registry import Activation
from ..settings import Settings
from ..store import Database
from .attending import attend
from .concerns import concerns
from .day_line import tell_the_day
from .outbox import channels_of


def watch(db: Database, settings: Settings, notifiers: Sequence[Activation]) -> str:
    """A chore: put into the outbox what is to be told. Raises StoreError."""
    channels = channels_of(notifiers)
    attend(db, concerns(db, settings), channels, settings.language)
    return tell_the_day(db, settings, channels)
