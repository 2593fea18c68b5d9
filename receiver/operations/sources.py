"""The businesses that this receiver works for."""

from __future__ import annotations

from ..settings import Settings
from ..sources import Source


def single_source(settings: Settings) -> Source:
    """The business that the environment describes."""
    return Source(
        secrets=settings.secrets.values,
        tolerance_s=settings.tolerance_s,
        zone=settings.zone,
        language=settings.language,
    )
