"""Looks at everything that has to be right before and after going live. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..registry import Activation
from ..settings import Settings
from .destinations import looks_at
from .finding import ADVICE, OK, PROBLEM, Finding, advice
from .public import check_url, is_ours, plain_twin
from .redirects import check_plain
from .redis import check_redis
from .refused import check_refused
from .secret import check_secret
from .storage import check_storage
from .together import TOTAL_S, Look, together
from .worker import check_worker

__all__ = ["ADVICE", "OK", "PROBLEM", "Finding", "advice", "look"]


def look(
    settings: Settings,
    env: Mapping[str, str],
    activations: Sequence[Activation],
    *,
    url: str,
    offline: bool,
    total_s: float = TOTAL_S,
) -> Iterator[Finding]:
    """What each check finds, in the order in which a person would mend it. `offline` asks nobody but the database."""
    looks: dict[str, Look] = {
        "signing secret": lambda: check_secret(settings, env),
        "database": lambda: check_storage(settings, env),
        "worker": lambda: check_worker(settings, activations),
        "refused": lambda: check_refused(settings),
    }
    if not offline:
        looks["Redis"] = lambda: check_redis(settings)
        looks |= {"public URL": lambda: check_url(settings, url)} if url else {}
        looks |= (
            {"http:// address": lambda: check_plain(twin, is_ours)}
            if (twin := plain_twin(url)) and not settings.allow_unsigned
            else {}
        )
        looks |= looks_at(activations)
    yield from together(looks, total_s=total_s)
