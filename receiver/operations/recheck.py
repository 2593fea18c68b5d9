"""Refused requests that were kept aside: why, and taking in those that are genuine after all."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from .. import inbox
from ..errors import ConfigurationError, MissingSetting, NotFound, RejectedRequest
from ..events import Delivery
from ..inbox import Penned
from ..locales import Text
from ..settings import Settings
from ..sources import Source
from ..store import Database, Transaction
from ..verify import Budget, Mistake, Verifier, mistakes
from . import audit
from .businesses import sealer, source_of
from .commands import typed
from .documents import columns_to_json
from .reception import last_delivery
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


@dataclass(frozen=True, kw_only=True)
class Known:
    """A source with the secrets that count for it, and those that did once: these explain, and prove nothing."""

    source: Source
    old: tuple[bytes, ...] = ()


def known_sources(db: Database, settings: Settings, only: str | None = None) -> dict[str, Known]:
    """By name, disabled ones too; one, or all. Raises StoreError, ConfigurationError."""
    own, made = source_in_use(settings), made_secret(settings)
    known = {"": Known(source=own, old=tuple({made} - {b"", *own.secrets}))}
    seal, now_us = sealer(settings), db.now_us()
    for row in inbox.stored_sources(db) if only != "" else ():
        if only in (None, row.name):
            source = source_of(row, seal, now_us)
            ended = {seal.open(secret.sealed).encode() for secret in row.secrets} - {*source.secrets}
            known[row.name] = Known(source=source, old=tuple(ended))
    return known


def recheck(
    db: Database,
    settings: Settings,
    *,
    source: str | None = None,
    dry_run: bool = False,
    by: audit.Actor = audit.NOBODY,
) -> Rechecked:
    """Verify what is in the pen with today's secrets of its source, and keep what is genuine as a delivery.

    Of one source, or of all. A timestamp is compared with the time at which the request was received. With `dry_run`
    nothing changes. Raises MissingSetting where there is no secret to verify with, NotFound, ConfigurationError,
    StoreError.
    """
    known = known_sources(db, settings, source)
    if source is not None and source not in known:
        raise NotFound(f"There is no source {source}.")
    if not any(each.source.secrets for name, each in known.items() if source in (None, name)):
        raise MissingSetting("INBOUNDFLOW_SIGNING_SECRET is not set: without it no refused request can be verified.")
    checked = [
        check(db, settings, known[request.source], request, dry_run=dry_run)
        for request in reversed(inbox.penned(db, source))
        if request.source in known and known[request.source].source.secrets
    ]
    if not dry_run and any(request.result != LEFT_ASIDE for request in checked):
        note(db, checked, by)
        db.nudge()
    return Rechecked(requests=tuple(checked), dry_run=dry_run)


def check(db: Database, settings: Settings, known: Known, request: Penned, *, dry_run: bool) -> Checked:
    delivery = genuine(settings, known.source, request)
    if delivery is None:
        return checked(request, LEFT_ASIDE, explain(known, request))
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
    """In the history of each source what was done for it."""
    details = {}
    for source in sorted({request.source for request in requests}):
        of_source = [request for request in requests if request.source == source]
        taken = [request.delivery_id for request in of_source if request.result == STORED]
        left = sum(request.result == LEFT_ASIDE for request in of_source)
        details[source] = {"keys": taken, "left": left}

    def write(tx: Transaction) -> None:
        for source, detail in details.items():
            audit.note(tx, db.now_us(), "recheck", detail, source=source, by=by)

    db.commit(write)


def explain(known: Known, request: Penned) -> tuple[Mistake, ...]:
    """What explains that its signature does not match; nothing does of a stranger's."""
    return mistakes(
        request.headers,
        request.body,
        request.received_us,
        secrets=known.source.secrets,
        tolerance_s=known.source.tolerance_s,
        old_secrets=known.old,
    )


def explained(db: Database, settings: Settings, *, source: str = "", limit: int) -> Mapping[tuple[Mistake, ...], int]:
    """How many of a source's newest refused requests have which mistakes, most frequent first.

    Raises StoreError, ConfigurationError.
    """
    requests = inbox.penned(db, source, limit=limit)
    known = known_sources(db, settings, source).get(source) if requests else None
    counts: dict[tuple[Mistake, ...], int] = {}
    for request in requests:
        why = alike(explain(known, request)) if known else ()
        counts[why] = counts.get(why, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


@dataclass(frozen=True, kw_only=True)
class RefusedNow:
    """InboundFlow's reports that were turned away and that nothing has ended yet; `why` is what most have in common."""

    number: int
    lost: int  # of the ten lives
    reason: str  # a slug, "" where none is known
    why: tuple[Mistake, ...]


def refused_now(db: Database, settings: Settings, *, source: str = "", limit: int) -> RefusedNow | None:
    """Those that cost lives; of an organisation that is not known yet, those that a secret of ours explains.

    None where the last report was taken. Raises StoreError.
    """
    lost, last = inbox.lost_lives(db, source), last_delivery(db, source)
    requests = [
        each for each in inbox.penned(db, source, limit=limit) if not last or each.received_us > last.received_us
    ]
    met: Counter[tuple[Mistake, ...]] = Counter()
    with contextlib.suppress(ConfigurationError):
        known = known_sources(db, settings, source).get(source) if requests else None
        met.update(why for each in requests if known and (why := alike(explain(known, each))))
    if not (number := max(lost.lost, met.total())):
        return None
    why, _ = met.most_common(1)[0] if met else ((), 0)
    return RefusedNow(number=number, lost=lost.lost, reason=next(iter(lost.reasons), ""), why=why)


def sources_aside(db: Database) -> list[str]:
    """Those of which refused requests are kept aside, in order. Raises StoreError."""
    return [row["source"] for row in db.read("SELECT DISTINCT source FROM pen ORDER BY source")]


def mistake_text(mistake: Mistake) -> Text:
    return Text(lambda locale: typed(mistake.describe(locale.language)))


def is_genuine(why: tuple[Mistake, ...]) -> bool:
    """Whether `recheck` takes such a request in."""
    return len(why) == 1 and why[0].slug in ("right", "previous-secret")


def alike(why: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
    """The seconds of a clock differ from request to request: to the minute they are the same mistake."""
    return tuple(replace(each, seconds=each.seconds - each.seconds % 60) for each in why)
