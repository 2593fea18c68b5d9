"""How near InboundFlow is to disabling the webhook, and what explains the requests that were refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..locales import Text, Texts, joined, stamp
from ..operations import (
    DEGRADED_FROM,
    UNSEEN,
    Finding,
    advice,
    command,
    explained,
    is_genuine,
    lives_lost,
    mistake_text,
    of_source,
    problem,
    sources_aside,
)
from ..settings import Settings
from ..store import Database
from ..verify import Mistake
from .refused import COMPARE, by_reason

EXPLAINED = 20  # of the newest refused requests: each takes a few milliseconds
# fmt: off
TEXTS = Texts({
    "lives":     ("{lives} Since {since}: {reasons}.", "{lives} Desde {since}: {reasons}."),
    "of_newest": ("{n} of the newest: {why}", "{n} de las más recientes: {why}"),
    "and":       (" and ", " y "),
    "over":      ("InboundFlow got through since, or was refused once or twice",
                  "InboundFlow ya volvió a entrar, o se le rechazó una o dos veces"),
    "recheck":   ("put it right, start the receiver again, then see what can be taken in: {command}",
                  "corrígelo, reinicia el receptor y mira qué se puede recuperar: {command}"),
    "recheck_source": ("put it right, then see what can be taken in: {command}",
                       "corrígelo y mira qué se puede recuperar: {command}"),
    "unexplained": ("{n:refused request looks|refused requests look} like InboundFlow's, and no usual mistake explains "
                    "why",
                    "{n:solicitud rechazada parece|solicitudes rechazadas parecen} de InboundFlow, y ningún error "
                    "habitual explica por qué"),
    "stranger":  ("they are a stranger's, or another secret signs them", "son de un extraño, o las firma otro secreto"),
    "compare":   ("compare INBOUNDFLOW_SIGNING_SECRET with the secret in InboundFlow, then: {command}",
                  "compara INBOUNDFLOW_SIGNING_SECRET con el secreto de firma en InboundFlow, y luego: {command}"),
    "compare_source": ("set in InboundFlow the secret that this business has here (receiver sources rotate {source} "
                       "makes another), then: {command}",
                       "pon en InboundFlow el secreto que este negocio tiene aquí (receiver sources rotate {source} "
                       "crea otro), y luego: {command}"),
})
# fmt: on


def check_lives(db: Database) -> Iterator[Finding]:
    """A problem from three lost lives on. Raises StoreError."""
    for source in lives_lost(db):
        since, reasons = stamp(source.since_us), by_reason(source.reasons)
        message = TEXTS("lives", lives=source.describe(), since=since, reasons=reasons)
        finding = problem if source.lost >= DEGRADED_FROM else advice
        yield finding("lives", message, why=UNSEEN, do=COMPARE, source=source.source)


def check_pen(db: Database, settings: Settings) -> Iterator[Finding]:
    """What was refused and kept aside, with the mistakes that explain it, of each source.

    A problem while lives are lost, and where something can be taken in; else it is over, and told for a week.
    Raises StoreError.
    """
    for source in sources_aside(db):
        yield from check_pen_of(db, settings, source)


def check_pen_of(db: Database, settings: Settings, source: str) -> Iterator[Finding]:
    requests = explained(db, settings, source=source, limit=EXPLAINED)
    named = {why: number for why, number in requests.items() if why}
    message = joined("; ", [TEXTS("of_newest", n=number, why=sentence(why)) for why, number in named.items()])
    look = command(" ".join(filter(None, ("recheck", of_source(source), "--dry-run"))))
    recheck = TEXTS("recheck_source" if source else "recheck", command=look)
    if named and (any(map(is_genuine, named)) or is_degraded(db, source)):
        yield problem("kept aside", message, do=recheck, source=source)
    elif named:
        yield advice("kept aside", message, why=TEXTS("over"), do=recheck, source=source)
    elif requests:
        yield advice(
            "kept aside",
            TEXTS("unexplained", n=sum(requests.values())),
            why=TEXTS("stranger"),
            do=TEXTS("compare_source" if source else "compare", command=look, source=source),
            source=source,
        )


def sentence(why: Iterable[Mistake]) -> Text:
    return joined(TEXTS("and"), map(mistake_text, why))


def is_degraded(db: Database, name: str) -> bool:
    return any(source.lost >= DEGRADED_FROM for source in lives_lost(db) if source.source == name)
