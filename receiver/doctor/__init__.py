"""Looks at everything that has to be right before and after going live. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..registry import Activation
from ..settings import Settings
from .destinations import check_destinations
from .finding import ADVICE, OK, PROBLEM, Finding
from .handing_out import check_redis, check_worker
from .public import check_url
from .secret import check_secret
from .storage import check_storage

__all__ = ["ADVICE", "OK", "PROBLEM", "Finding", "look"]


def look(
    settings: Settings, env: Mapping[str, str], activations: Sequence[Activation], *, url: str, offline: bool
) -> Iterator[Finding]:
    """What each check finds, in the order in which a person would mend it. `offline` asks nobody but the database."""
    yield from check_secret(settings, env)
    yield from check_storage(settings, env)
    yield from check_worker(settings)
    if offline:
        return
    yield from check_redis(settings)
    if url:
        yield from check_url(settings, url)
    yield from check_destinations(activations)
