"""Refused requests that were kept aside: why, and taking in those that are genuine after all."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from .. import inbox
from ..errors import MissingSetting, RejectedRequest
from ..events import Delivery
from ..inbox import Penned
from ..locales import Text
from ..settings import Settings
from ..sources import Source
from ..store import Database, Transaction
from ..verify import Budget, Mistake, Verifier, mistakes
from . import audit
from .commands import typed
from .documents import columns_to_json
from .sources import made_secret, source_in_use

STORED, DUPLICATE, LEFT_ASIDE = "stored", "duplicate", "left"
RECHECKED = "rechecked"  # among a delivery's problems: it was refused at first


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A request of the pen, and what became of it. `mistakes` say why it is left; nobody vouches for `event`."""

    source: str
    received_us: int
    reason: str
    event: str
    delivery_id: str
    result: str
    mistakes: tuple[Mistake, ...] = ()

    def to_json(self) -> dict[str, Any]:
        why = {"mistakes": [asdict(mistake) for mistake in self.mistakes]}
        return columns_to_json(asdict(self) | {"mistakes": ()}) | why


@dataclass(frozen=True, kw_only=True)
class Rechecked:
    requests: tuple[Checked, ...] = ()
    dry_run: bool = False

    def count(self, result: str) -> int:
        return sum(request.result == result for request in self.requests)

    def to_json(self) -> dict[str, Any]:
        counts = {result: self.count(result) for result in (STORED, DUPLICATE, LEFT_ASIDE)}
        return {"dry_run": self.dry_run, **counts, "requests": [request.to_json() for request in self.requests]}


def recheck(db: Database, settings: Settings, *, dry_run: bool = False, by: audit.Actor = audit.NOBODY) -> Rechecked:
    """Verify what is in the pen with today's secrets, and keep what is genuine as a delivery.

    A timestamp is compared with the time at which the request was received. With `dry_run` nothing changes.
    Raises MissingSetting where there is no secret to verify with, StoreError.
    """
    source = source_in_use(settings)
    if not source.secrets:
        raise MissingSetting("INBOUNDFLOW_SIGNING_SECRET is not set: without it no refused request can be verified.")
    sources = {source.name: source}
    checked = [
        check(db, settings, sources[request.source], request, dry_run=dry_run)
        for request in reversed(inbox.penned(db))
        if request.source in sources
    ]
    if not dry_run and any(request.result != LEFT_ASIDE for request in checked):
        note(db, checked, by)
        db.nudge()
    return Rechecked(requests=tuple(checked), dry_run=dry_run)


def check(db: Database, settings: Settings, source: Source, request: Penned, *, dry_run: bool) -> Checked:
    delivery = genuine(settings, source, request)
    if delivery is None:
        return checked(request, LEFT_ASIDE, explain(settings, source, request))
    if dry_run:
        return checked(request, DUPLICATE if is_kept(db, delivery) else STORED)
    return checked(request, db.commit(lambda tx: inbox.take_in(tx, request, delivery)) or DUPLICATE)


def genuine(settings: Settings, source: Source, request: Penned) -> Delivery | None:
    """The delivery that would have been kept with today's settings; None where it would have been refused."""
    verifier = Verifier(
        source=source,
        strict_bytes=settings.strict_bytes,
        max_body_bytes=settings.max_body_bytes,
        now=lambda: request.received_us / 1e6,
        budget=Budget(),  # for each: what is in the pen is little
    )
    with contextlib.suppress(RejectedRequest):
        delivery = verifier.read(request.headers, request.body)
        if source.secrets and not delivery.stale:
            problems = (*delivery.problems, RECHECKED)
            return replace(delivery, received_us=request.received_us, problems=problems)
    return None


def is_kept(db: Database, delivery: Delivery) -> bool:
    sql = "SELECT 1 FROM deliveries WHERE source = ? AND key = ?"
    return bool(db.read(sql, (delivery.source, delivery.key)))


def checked(request: Penned, result: str, why: tuple[Mistake, ...] = ()) -> Checked:
    return Checked(
        source=request.source,
        received_us=request.received_us,
        reason=request.reason,
        event=printable(request.headers.get("X-InboundFlow-Event", "")),
        delivery_id=printable(request.headers.get("X-InboundFlow-Delivery-Id", "")),
        result=result,
        mistakes=why,
    )


def printable(header: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in header)


def note(db: Database, requests: Sequence[Checked], by: audit.Actor) -> None:
    taken = [request.delivery_id for request in requests if request.result == STORED]

    def write(tx: Transaction) -> None:
        left = sum(one.result == LEFT_ASIDE for one in requests)
        audit.note(tx, db.now_us(), "recheck", {"keys": taken, "left": left}, by=by)

    db.commit(write)


def explain(settings: Settings, source: Source, request: Penned) -> tuple[Mistake, ...]:
    """What explains that its signature does not match; nothing does of a stranger's."""
    return mistakes(
        request.headers,
        request.body,
        request.received_us,
        secrets=source.secrets,
        tolerance_s=source.tolerance_s,
        old_secrets=tuple({made_secret(settings)} - {b"", *source.secrets}),
    )


def explained(db: Database, settings: Settings, *, limit: int) -> Mapping[tuple[Mistake, ...], int]:
    """How many of the newest refused requests have which mistakes, most frequent first. Raises StoreError."""
    source = source_in_use(settings)
    counts: dict[tuple[Mistake, ...], int] = {}
    for request in inbox.penned(db, source.name, limit=limit):
        why = alike(explain(settings, source, request))
        counts[why] = counts.get(why, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def mistake_text(mistake: Mistake) -> Text:
    return Text(lambda locale: typed(mistake.describe(locale.language)))


def is_genuine(why: tuple[Mistake, ...]) -> bool:
    """Whether `recheck` takes such a request in."""
    return len(why) == 1 and why[0].slug in ("right", "previous-secret")


def alike(why: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
    """The seconds of a clock differ from request to request: to the minute they are the same mistake."""
    return tuple(replace(each, seconds=each.seconds - each.seconds % 60) for each in why)
