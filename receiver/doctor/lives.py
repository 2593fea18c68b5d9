"""How near InboundFlow is to disabling the webhook, and what explains the requests that were refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..operations import (
    DEGRADED_FROM,
    UNSEEN,
    Finding,
    advice,
    command,
    explained,
    is_genuine,
    lives_lost,
    moment,
    problem,
    typed,
)
from ..settings import Settings
from ..store import Database
from .refused import COMPARE, by_reason

EXPLAINED = 20  # of the newest refused requests: each takes a few milliseconds
OVER = "InboundFlow got through since, or was refused once or twice"
RECHECK = "put it right, start the receiver again, then see what can be taken in: "


def check_lives(db: Database) -> Iterator[Finding]:
    """A problem from three lost lives on. Raises StoreError."""
    for source in lives_lost(db):
        message = f"{source.describe()} Since {moment(source.since_us)} UTC: {by_reason(source.reasons)}."
        finding = problem if source.lost >= DEGRADED_FROM else advice
        yield finding("lives", message, why=UNSEEN, do=COMPARE, source=source.source)


def check_pen(db: Database, settings: Settings) -> Iterator[Finding]:
    """What was refused and kept aside, with the mistakes that explain it. Raises StoreError.

    A problem while lives are lost, and where something can be taken in; else it is over, and told for a week.
    """
    requests = explained(db, settings, limit=EXPLAINED)
    named = {why: number for why, number in requests.items() if why}
    message = "; ".join(f"{number} of the newest: {sentence(why)}" for why, number in named.items())
    if named and (any(map(is_genuine, named)) or is_degraded(db)):
        yield problem("kept aside", message, do=RECHECK + command("recheck --dry-run"))
    elif named:
        yield advice("kept aside", message, why=OVER, do=RECHECK + command("recheck --dry-run"))
    elif requests:
        yield advice(
            "kept aside",
            f"{sum(requests.values())} refused request(s) look like InboundFlow's, and no usual mistake explains them",
            why="they are a stranger's, or another secret signs them",
            do="compare INBOUNDFLOW_SIGNING_SECRET with the secret in InboundFlow, then: "
            + command("recheck --dry-run"),
        )


def sentence(why: Iterable[object]) -> str:
    return typed(" and ".join(map(str, why)))


def is_degraded(db: Database) -> bool:
    return any(source.lost >= DEGRADED_FROM for source in lives_lost(db))
