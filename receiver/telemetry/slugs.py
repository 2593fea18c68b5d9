"""Labels out of what others name: a few, whatever they make up."""

from __future__ import annotations

import re
from http import HTTPStatus

from ..events import EVENTS

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
STATUSES = {str(status.value) for status in HTTPStatus}


def event_label(event: str) -> str:
    """A sender may name an event as it likes."""
    return event if event in EVENTS else "other"


def failure_label(failure: str) -> str:
    """A destination chooses its statuses, and a handler its words."""
    prefix, _, status = failure.rpartition("-")
    if prefix == "refused" and status not in STATUSES:
        return "refused-other"
    return failure if not failure or SLUG.fullmatch(failure) else "other"
